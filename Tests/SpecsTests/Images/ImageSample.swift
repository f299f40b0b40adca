import Testing

@testable import Specs

/// A cluster with three agents, and apps on Docker's engine.
enum ImageSample {
    static func cluster(_ images: String, more: String = "") -> String {
        """
        version: 1
        cluster: one
        nodes:
          m: {address: 10.0.0.1, roles: [zookeeper, mesos-master, marathon]}
          a1: {address: 10.0.0.11, roles: [mesos-agent, docker], hostname: agent-1.example.org, attributes: {rack: r1}}
          a2: {address: 10.0.0.12, roles: [mesos-agent, docker], attributes: {rack: r2, ssd: 1}}
          a3: {address: 10.0.0.13, roles: [mesos-agent], flags: {mesos-agent: {containerizers: mesos}}}
          d: {address: 10.0.0.20, roles: [docker]}
        zookeeper: {ensemble: {1: m}}
        mesos:
          quorum: 1
          agent: {containerizers: [docker, mesos], executor_registration_timeout: 5mins, attributes: {zone: east}}
        marathon: {flags: {task_launch_timeout: 300000}}
        apps: [apps/*]
        \(more)
        images:
        \(images.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n"))

        """
    }

    static func app(_ id: String, _ image: String, _ constraints: String = "[]", type: String = "DOCKER") -> String {
        let docker = #""container": {"type": "\#(type)", "docker": {"image": "\#(image)"}}"#
        return #"{"id": "\#(id)", "cpus": 1, "mem": 8, "constraints": \#(constraints), \#(docker)}"#
    }

    static func read(_ cluster: String, _ apps: [String] = [], files: [String] = []) -> SpecReading {
        var all = ["cluster.yaml": cluster, "apps/all.json": "[\(apps.joined(separator: ","))]"]
        for file in files { all[file] = "" }
        return SpecReader.read("cluster.yaml", from: MemorySource(all))
    }

    static func desired(
        _ images: String,
        _ apps: [String] = [],
        files: [String] = [],
        more: String = ""
    ) throws -> DesiredImages {
        let reading = read(cluster(images, more: more), apps, files: files)
        return try #require(try reading.checked().desiredImages(for: reading.apps), "\(reading.diagnostics)")
    }
}
