import Testing

@testable import Specs

/// A cluster of three nodes with files and services of the site's own.
enum SiteSample {
    static func cluster(_ more: String, node: String = "", role: String = "") -> String {
        """
        version: 1
        cluster: one
        ssh: {user: erichan}
        nodes:
          m: {address: 10.0.0.1, roles: [zookeeper, mesos-master, marathon, haproxy]}
          a:
            address: 10.0.0.2
            roles: [mesos-agent, docker]
            \(node.isEmpty ? "hostname: a" : node)
          plain: {address: 10.0.0.3, roles: []}
        roles:
          mesos-agent:
            \(role.isEmpty ? "flags: {}" : role)
        zookeeper: {ensemble: {1: m}, dataDir: /data/zookeeper}
        mesos: {quorum: 1, master: {workDir: /data/mesos}}
        marathon: {}
        haproxy: {marathons: [localhost:8080]}
        repositories: {mesosphere: {uri: https://repos.example.org, suite: trusty, components: [main]}}
        vars: {region: east}
        \(more)

        """
    }

    static func read(
        _ more: String,
        node: String = "",
        role: String = "",
        files: [String: String] = [:]
    ) -> (reading: SpecReading, marks: [SourcePosition]) {
        let marked = MarkedText(cluster(more, node: node, role: role))
        let source = MemorySource(files.merging(["cluster.yaml": marked.text]) { first, _ in first })
        return (SpecReader.read("cluster.yaml", from: source), marked.marks)
    }

    static func desired(_ reading: SpecReading) throws -> DesiredCluster {
        DesiredCluster(try reading.checked(), platforms: [:])
    }
}

extension DesiredNode {
    var siteFiles: [DesiredFile] { files.filter(\.isSite) }
    var siteServices: [Service] { services.filter { $0.wish != nil } }
}
