import Testing

@testable import Specs

@Suite struct ClusterNetworkTests {
    /// Two nodes in 10.16.40.0/23, with `network:` lines.
    static func read(
        _ network: [String],
        second: String = "address: 10.16.40.2"
    ) -> (spec: ClusterSpec?, said: [String]) {
        let text = """
            version: 1
            cluster: c
            nodes:
              m1: {address: 10.16.40.1, roles: [docker]}
              m2: {\(second), roles: [docker]}
            network:
            \(network.map { "  " + $0 + "\n" }.joined())
            """
        let reading = SpecReader.read("cluster.yaml", from: MemorySource(["cluster.yaml": text]), named: "cluster.yaml")
        return (reading.spec, reading.diagnostics.filter { $0.severity == .error }.map(\.description))
    }

    @Test(
        "what does not fit is an error at its place",
        arguments: [
            (["netmask: 255.255.254.0", "gateway: 10.16.42.254"], "10.16.40.1 is not in one network with the gateway"),
            (["gateway: 10.16.40.2"], "the gateway 10.16.40.2 is the node `m2`"),
            (["netmask: 255.255.255.254", "gateway: 10.16.41.254"], "is not in one network"),
            (["nameservers: [8.8.8.8, 8.8.8.8]"], "name server 8.8.8.8 stands twice"),
            (["nameservers: [0.0.0.0]"], "no name server has the address 0.0.0.0"),
            (["hosts: {m1: 10.16.40.9}"], "`m1` is the node with the address 10.16.40.1"),
            (["hosts: {localhost: 10.16.40.9}"], "`localhost` is every node's own"),
        ] as [([String], String)]
    )
    func misfits(network: [String], says: String) {
        let said = Self.read(network).said
        #expect(said.contains { $0.contains(says) }, "\(said)")
    }

    @Test("addresses that no host can have, and host names of others, are errors")
    func nodes() {
        let broadcast = Self.read(["netmask: 255.255.254.0"], second: "address: 10.16.41.255").said
        #expect(broadcast.contains { $0.contains("10.16.41.255 is no host's address") }, "\(broadcast)")
        let taken = Self.read(["netmask: 255.255.254.0"], second: "address: 10.16.40.2, hostname: m1").said
        #expect(taken.contains { $0.contains("the host name `m1` belongs to `m1`") }, "\(taken)")
    }

    @Test("names that differ by case alone are one name")
    func spellings() {
        let hosts = Self.read(["hosts: {Web.local: 10.16.40.9, web.local: 10.16.40.8}"]).said
        #expect(hosts.contains { $0.contains("are one name to whoever looks it up") }, "\(hosts)")
        let alike = Self.read(["hosts: {Web.local: 10.16.40.9, web.local: 10.16.40.9}"]).said
        #expect(alike == [])
        let taken = Self.read(["netmask: 255.255.254.0"], second: "address: 10.16.40.2, hostname: M1").said
        #expect(taken.contains { $0.contains("the host name `M1` belongs to `m1`") }, "\(taken)")
    }

    @Test("host name and hosts are files where they are enforced, and not where they are only declared")
    func files() throws {
        let lines = ["netmask: 255.255.254.0", "gateway: 10.16.41.254", "hosts: {registry.local: 10.16.40.9}"]
        let declared = Self.read(lines)
        let checked = DesiredCluster(try #require(declared.spec, "\(declared.said)"), platforms: [:])
        #expect(checked.nodes[0].files.allSatisfy { !["/etc/hosts", "/etc/hostname"].contains($0.path) })
        #expect(checked.nodes[0].network?.prefix?.value == 23 && checked.nodes[0].network?.enforces == false)
        let spec = try #require(
            Self.read(lines + ["enforce: true"], second: "address: 10.16.40.2, hostname: 10.16.40.2").spec
        )
        let desired = DesiredCluster(spec, platforms: [:])
        let hosts = try #require(desired.nodes[0].files.first { $0.path == "/etc/hosts" })
        guard case .keyed(let edit) = hosts.body else {
            Issue.record("\(hosts.body)")
            return
        }
        #expect(edit.set.map(\.key) == ["m1", "m2", "registry.local"])
        let names = desired.nodes.map { node in node.files.first { $0.path == "/etc/hostname" }?.body }
        #expect(names == [.whole("m1\n"), .whole("10.16.40.2\n")])
        #expect(desired.advice.count { $0.contains("`hostname -s` says 10") } == 1, "\(desired.advice)")
    }

    @Test("neighbours are told by their leading bits")
    func subnets() throws {
        func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }
        let own = try address("10.16.40.1")
        #expect(try own.isNeighbour(of: address("10.16.41.254"), prefix: 23))
        #expect(try !own.isNeighbour(of: address("10.16.41.254"), prefix: 24))
        #expect(try own.isNeighbour(of: address("192.0.2.1"), prefix: 0))
        #expect(try !own.isNeighbour(of: address("10.16.40.2"), prefix: 32))
        #expect(try !own.isNeighbour(of: address("fd00::1"), prefix: 0))
        #expect(try address("255.255.254.0").prefixLength == 23 && own.prefixLength == nil)
    }
}
