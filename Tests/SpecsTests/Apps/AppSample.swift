import Testing

@testable import Specs

/// Apps in a small cluster, with a Marathon of some release or none.
enum AppSample {
    static func cluster(marathon release: String? = nil, flags: String = "", more: String = "") -> String {
        """
        version: 1
        cluster: one
        \(release.map { "versions: {marathon: \($0)}" } ?? "")
        vars: {n: 3, name: web, yes: true}
        nodes:
          m: {address: 10.0.0.1, roles: [zookeeper, mesos-master, marathon]}
          a: {address: 10.0.0.2, roles: [mesos-agent, docker]}
        zookeeper: {ensemble: {1: m}}
        mesos: {quorum: 1, agent: {containerizers: [docker, mesos], executor_registration_timeout: 5mins}}
        marathon: {flags: {task_launch_timeout: 300000\(flags.isEmpty ? "" : ", " + flags)}}
        images: {web: {to: agents}}
        apps: [apps/*]
        \(more)

        """
    }

    static func read(
        _ files: [String: String],
        marathon release: String? = nil,
        flags: String = "",
        more: String = ""
    ) -> SpecReading {
        let cluster = cluster(marathon: release, flags: flags, more: more)
        return SpecReader.read(
            "cluster.yaml",
            from: MemorySource(files.merging(["cluster.yaml": cluster]) { a, _ in a })
        )
    }

    /// The members of an app beside its id, in JSON; a `cmd` is added where they say nothing to run.
    static func body(_ members: String) -> String {
        let runs = ["\"cmd\"", "\"args\"", "\"container\""].contains { members.contains($0) }
        return "{\"id\": \"a\"" + (runs ? "" : ", \"cmd\": \"run it\"") + (members.isEmpty ? "" : ", " + members) + "}"
    }
}
