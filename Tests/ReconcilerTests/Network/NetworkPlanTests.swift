import Specs
import Testing

@testable import Reconciler

@Suite struct NetworkPlanTests {
    static let here = SourcePosition(file: "cluster.yaml", line: 9, column: 3)

    static func spec(enforce: Bool = false, agents: Int = 1) -> ClusterSpec {
        func at<Value>(_ value: Value) -> Located<Value> { Located(value, at: here) }
        var spec = Samples.spec(agents: agents)
        spec.other.network = NetworkSpec(
            position: here,
            interface: at("eth0"),
            netmask: at("255.255.254.0"),
            gateway: at("10.16.41.254"),
            nameservers: [at("8.8.8.8"), at("8.8.4.4")],
            enforce: at(enforce)
        )
        return spec
    }

    /// Everything as declared, the network too.
    static func converged(_ spec: ClusterSpec) -> (desired: DesiredCluster, observed: ObservedCluster) {
        let desired = Samples.desired(spec)
        var observed = Samples.converged(desired)
        for node in desired.nodes {
            observed = observed.changing(node.name) { seen in
                seen.network = .found(network(node))
                seen.files["/etc/hostname"] = .found(Samples.observedFile("/etc/hostname", Content("\(node.name)\n")))
                if spec.other.network?.enforce?.value != true {
                    seen.files["/etc/hosts"] = .found(Samples.observedFile("/etc/hosts", "127.0.0.1 localhost\n"))
                }
                for other in desired.nodes { seen.addresses[other.name.text] = .found([other.address]) }
                let peers = spec.node(node.name).map { RequiredPorts.of($0, in: spec) } ?? []
                for port in peers { seen.reached[port] = .found(.connected) }
                seen.clockOffset = ClockOffset(atLeast: 999.5, atMost: 1000)
                seen.directories[NetworkStanding.directory] = .absent
                seen.directories["/etc/network"] = .found([interfaces(node)])
            }
        }
        return (desired, observed)
    }

    private static func interfaces(_ node: DesiredNode) -> ObservedFile {
        Samples.observedFile(
            "/etc/network/interfaces",
            Content(
                """
                auto eth0
                iface eth0 inet static
                    address \(node.address)
                    netmask 255.255.254.0
                    gateway 10.16.41.254
                    dns-nameservers 8.8.8.8 8.8.4.4

                """
            )
        )
    }

    static func network(_ node: DesiredNode) -> NetworkAnswer {
        NetworkAnswer(
            links: [
                .init(name: "lo", isUp: true, addresses: ["127.0.0.1/8", "::1/128"], owner: .ifupdown),
                .init(
                    name: "eth0",
                    isUp: true,
                    addresses: ["10.16.40.99/24", "\(node.address)/23", "fd00::5/64"],
                    owner: .ifupdown,
                    file: "/etc/network/interfaces",
                    dynamicAddresses: ["fd00::5/64"]
                ),
                .init(name: "docker0", isUp: false, addresses: ["172.17.0.1/16"], owner: .unknown),
            ],
            gateways: [.init(address: "10.16.41.254", interface: "eth0")],
            nameservers: ["8.8.8.8", "8.8.4.4"],
            hostname: node.name.text
        )
    }

    /// What is told of a1 after a change of what was seen there, and of no node.
    static func told(
        spec: ClusterSpec = spec(),
        on name: NodeName = "a1",
        _ change: (inout ObservedNode) -> Void
    ) -> [String] {
        let (desired, observed) = converged(spec)
        let plan = Samples.plan(desired, observed.changing(name, change))
        return plan.notes.filter { $0.node == name || $0.node == nil }.map(\.text)
    }

    private static func link(_ change: @escaping (inout NetworkAnswer) -> Void) -> (inout ObservedNode) -> Void {
        { seen in
            guard var network = seen.network.value else { return }
            change(&network)
            seen.network = .found(network)
        }
    }

    @Test("a network that is as declared is not spoken of, whatever else the node has", arguments: [false, true])
    func nothing(enforce: Bool) {
        let (desired, observed) = Self.converged(Self.spec(enforce: enforce))
        let plan = Samples.plan(desired, observed)
        #expect(plan.isEmpty, "\(plan.steps.map(\.title)) \(plan.blocked)")
        #expect(plan.notes == [], "\(plan.notes)")
    }

    @Test("each difference is told with what is there, what is declared, and where")
    func differences() {
        func expect(_ parts: String..., change: @escaping (inout NetworkAnswer) -> Void) {
            let said = Self.told(Self.link(change))
            let isTold = said.count == 1 && parts.allSatisfy { said[0].contains($0) }
            #expect(isTold, "\(parts): \(said)")
        }
        expect("none of its links has the address 10.16.40.11", "eth0 has 10.16.40.12/23", "nodes.a1.address") {
            $0.links[1].addresses = ["10.16.40.12/23"]
        }
        expect("10.16.40.11 is on ens3, and there is no eth0", "cluster.yaml:9:3") { $0.links[1].name = "ens3" }
        expect("eth0 has 10.16.40.11/24", "/23") { $0.links[1].addresses = ["10.16.40.11/24"] }
        expect("eth0, which has 10.16.40.11, is down") { $0.links[1].isUp = false }
        expect("is a lease (DHCP)") { $0.links[1].dynamicAddresses = ["10.16.40.11/23"] }
        expect("it has no default route") { $0.gateways = [] }
        expect("leads to 10.16.40.254 on eth0", "10.16.41.254") { $0.gateways[0].address = "10.16.40.254" }
        expect("it has no name server") { $0.nameservers = [] }
        expect("in another order: 8.8.4.4, 8.8.8.8") { $0.nameservers.reverse() }
        expect("it asks 1.1.1.1") { $0.nameservers = ["1.1.1.1"] }
        expect("a resolver of its own (127.0.0.53)") { $0.nameservers = ["127.0.0.53"] }
        expect("its host name is debian", "/etc/hostname makes it a1 at the next boot") { $0.hostname = "debian" }
        let named = Self.told { seen in
            Self.link { $0.hostname = "debian" }(&seen)
            seen.files["/etc/hostname"] = .found(Samples.observedFile("/etc/hostname", "debian\n"))
        }
        #expect(named.count == 1 && named[0].contains("is debian, and a1 is declared (cluster.yaml:"), "\(named)")
    }

    @Test("a longer form of the declared host name is the same host")
    func longNames() {
        let said = Self.told { seen in
            Self.link { $0.hostname = "A1.example.com" }(&seen)
            seen.files["/etc/hostname"] = .found(Samples.observedFile("/etc/hostname", "# m\nA1.example.com\n"))
        }
        #expect(said == [])
    }

    @Test("an unknown network is told as such and holds nothing")
    func unknown() {
        let said = Self.told { $0.network = .unknown("ip is not here (iproute2)") }
        #expect(said == ["its network could not be compared: ip is not here (iproute2)"])
    }

    @Test("a missing address keeps what binds to it from starting, and nothing that runs from running")
    func missingAddress() {
        let (desired, observed) = Self.converged(Self.spec())
        let gone = observed.changing("a1", Self.link { $0.links[1].addresses = [] })
        #expect(Samples.plan(desired, gone).blocked == [])
        let stopped = gone.changing("a1") { seen in
            guard case .found(var agent)? = seen.services[.mesosAgent] else { return }
            (agent.run, agent.pid, agent.started) = (.stopped, nil, nil)
            seen.services[.mesosAgent] = .found(agent)
        }
        let plan = Samples.plan(desired, stopped)
        #expect(plan.steps.allSatisfy { !$0.nodes.contains("a1") }, "\(plan.steps.map(\.title))")
        #expect(plan.blocked.contains { $0.node == "a1" && $0.because.contains("is to bind to it") }, "\(plan.blocked)")
    }

    @Test("loopback, foreign and missing names are told without any declaration")
    func names() {
        let spec = Samples.spec(agents: 1)
        #expect(Self.told(spec: spec) { _ in } == [])
        let trap = Self.told(spec: spec) { $0.addresses["a1"] = .found(["127.0.1.1"]) }
        #expect(trap.count == 1 && trap[0].contains("its own name a1 leads to 127.0.1.1 there"), "\(trap)")
        let renamed = Self.told(spec: spec) { seen in
            Self.link { $0.hostname = "debian" }(&seen)
            seen.files["/etc/hosts"] = .found(Samples.observedFile("/etc/hosts", "127.0.1.1 debian.lan debian\n"))
        }
        #expect(renamed.count == 1 && renamed[0].contains("its own name debian leads to 127.0.1.1"), "\(renamed)")
        let foreign = Self.told(spec: spec) { $0.addresses["m1"] = .found(["192.0.2.7"]) }
        #expect(foreign.count == 1 && foreign[0].contains("m1 leads to 192.0.2.7 on a1 and not to 10.16.40.1"))
        let missing = Self.told(spec: spec) { $0.addresses["m1"] = .absent }
        #expect(
            missing.count == 1 && missing[0].contains("m1 is not known on a1 and leads to 10.16.40.1 on m1, m2, m3")
        )
        #expect(Self.told(spec: spec) { $0.addresses["m1"] = .unknown("no answer within 10 s") } == [])
    }

    @Test("declared names beyond the nodes' own lead to their addresses on every node")
    func declaredHosts() {
        var spec = Self.spec()
        let name = Located("registry.local", at: Self.here)
        spec.other.network?.hosts = [Setting(name: name, value: Located("10.16.40.9", at: Self.here))]
        let (desired, converged) = Self.converged(spec)
        func said(_ answer: (NodeName) -> Observation<[String]>) -> [String] {
            var observed = converged
            for node in desired.nodes {
                observed = observed.changing(node.name) { $0.addresses["registry.local"] = answer(node.name) }
            }
            return Samples.plan(desired, observed).notes.map(\.text)
        }
        #expect(said { _ in .found(["10.16.40.9"]) } == [])
        #expect(said { _ in .found(["fd00::9", "10.16.40.9"]) } == [])
        #expect(said { _ in .unknown("no getent") } == [])
        #expect(said { _ in .absent }.contains { $0.hasPrefix("registry.local is not known on") })
        let other = said { .found([$0 == "a1" ? "10.16.40.8" : "10.16.40.9"]) }
        #expect(other.contains { $0.hasPrefix("registry.local leads to 10.16.40.8 on a1 and not to 10.16.40.9") })
        // Whoever asks a1 may be sent elsewhere; the order of the answers is nobody's.
        let more = said { .found($0 == "a1" ? ["10.16.40.9", "10.16.40.8"] : ["10.16.40.9"]) }
        #expect(more.contains { $0.hasPrefix("registry.local leads to 10.16.40.8 as well on a1") }, "\(more)")
        let pair = said { .found($0 == "a1" ? ["10.16.40.9", "10.16.40.8"] : ["10.16.40.8", "10.16.40.9"]) }
        #expect(pair == [])
    }

    @Test("a file of hosts that cloud-init writes anew is told where names are enforced")
    func rewrittenHosts() {
        let (desired, observed) = Self.converged(Self.spec(enforce: true))
        let text = observed["a1"]?.files["/etc/hosts"]?.value?.content?.plainText ?? ""
        let plan = Samples.plan(
            desired,
            observed.changing("a1") { seen in
                let head = "# Your system has configured 'manage_etc_hosts' as True.\n"
                seen.files["/etc/hosts"] = .found(Samples.observedFile("/etc/hosts", Content(head + text)))
            }
        )
        #expect(plan.notes.map(\.text).contains { $0.contains("manage_etc_hosts: false") }, "\(plan.notes)")
    }

    @Test("names that nobody knows but their owner are no difference: everything goes by addresses")
    func unusedNames() {
        var (desired, observed) = Self.converged(Samples.spec(agents: 1))
        for node in desired.nodes {
            observed = observed.changing(node.name) { seen in
                for other in desired.nodes where other.name != node.name { seen.addresses[other.name.text] = .absent }
            }
        }
        #expect(Samples.plan(desired, observed).notes == [])
    }

    @Test("silence of a node that is up is told, refusal and silence of a dead one are not")
    func ports() {
        let (desired, observed) = Self.converged(Samples.spec(agents: 1))
        let refusing = observed.changing("m1") { seen in
            for port in seen.reached.keys { seen.reached[port] = .found(.refused) }
        }
        #expect(Samples.plan(desired, refusing).notes == [])
        let silent = observed.changing("m1") { seen in
            for port in seen.reached.keys where port.address == "10.16.40.2" {
                seen.reached[port] = .found(.silent("no answer within 3 s"))
            }
        }
        let notes = Samples.plan(desired, silent).notes
        #expect(notes.map(\.node) == ["m1"])
        #expect(notes.first?.text.contains("m2 at 10.16.40.2 port 2181, 2888, 3888, 5050, 8080 (no answer") == true)
        let dead = Samples.plan(desired, silent.silencing("m2")).notes
        #expect(!dead.contains { $0.text.contains("no answer from m2") })
    }

    @Test("each role knocks at the ports it needs of others, both ways")
    func required() throws {
        let spec = Samples.spec(agents: 2)
        func ports(_ name: NodeName) throws -> [String] {
            RequiredPorts.of(try #require(spec.node(name)), in: spec).map(\.description)
        }
        let peers = ["10.16.40.2", "10.16.40.3"]
        let own = [2181, 2888, 3888, 5050].flatMap { port in peers.map { "\($0):\(port)" } }
        #expect(
            try ports("m1") == own + ["10.16.40.11:5051", "10.16.40.12:5051"] + peers.map { "\($0):8080" }
        )
        let masters = ["10.16.40.1"] + peers
        #expect(try ports("a1") == masters.map { "\($0):2181" } + masters.map { "\($0):5050" })
    }

    @Test("a clock is told only where it is surely off, and loudly where it is far off")
    func clocks() {
        func said(_ least: Double, _ most: Double) -> [String] {
            Self.told(spec: Samples.spec(agents: 1)) { $0.clockOffset = ClockOffset(atLeast: least, atMost: most) }
        }
        #expect(said(1000, 1010) == [])
        #expect(said(1001.9, 1002) == [])
        #expect(said(990, 1000) == [])
        let ahead = said(1003, 1003.5)
        #expect(ahead.count == 1 && ahead[0].contains("at least 3 s ahead of m"), "\(ahead)")
        let behind = said(900, 900.5)
        #expect(behind.count == 1 && behind[0].contains("at least 99 s behind m"), "\(behind)")
        #expect(behind[0].contains("far off") && !ahead[0].contains("far off"))
    }

    @Test("enforced names are a step of their own, before anything is installed, for somebody who is there")
    func enforced() throws {
        let spec = Self.spec(enforce: true)
        let (desired, observed) = Self.converged(spec)
        let drifted = observed.changing("a1") { seen in
            Self.link { $0.hostname = "debian" }(&seen)
            seen.addresses["a1"] = .found(["127.0.1.1"])
            seen.files["/etc/hostname"] = .found(Samples.observedFile("/etc/hostname", "debian\n"))
            seen.files["/etc/hosts"] = .found(
                Samples.observedFile("/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 a1\n")
            )
        }
        let plan = Samples.plan(desired, drifted)
        #expect(plan.blocked == [] && plan.notes == [], "\(plan.notes)")
        let step = try #require(plan.steps.first)
        #expect(plan.steps.count == 1 && step.title == "host name a1 and /etc/hosts")
        #expect(step.needsAttendance && step.layer == nil)
        guard case .visit("a1", let acts) = step.act else { throw Surprise() }
        #expect(acts.count == 3 && acts.last == .action(.setHostName("a1")))
        guard case .action(.writeFile(let hosts))? = acts.first else { throw Surprise() }
        #expect(hosts.path == "/etc/hosts" && hosts.content.shown.contains("10.16.40.11 a1\n10.16.40.1\tm1\n"))
        #expect(step.changes.map(\.resource).sorted() == ["file:/etc/hostname", "file:/etc/hosts", "hostname"])
        let bare = Samples.bare(Samples.desired(spec, installed: false))
        let first = Samples.plan(
            Samples.desired(spec, installed: false),
            bare.changing("a1") {
                $0.network = .found(Self.network(desired.nodes[3]))
            }
        )
        let install = try #require(first.steps.first { $0.title.hasPrefix("install") && $0.nodes == ["a1"] })
        let names = try #require(first.steps.first { $0.needsAttendance && $0.nodes == ["a1"] })
        #expect(install.needs.contains(names.id))
    }

    @Test("a host name whose present one is unknown is not set")
    func unknownHostName() {
        let (desired, observed) = Self.converged(Self.spec(enforce: true))
        let plan = Samples.plan(desired, observed.changing("a1") { $0.network = .unknown("ip is not here") })
        #expect(plan.steps == [])
        #expect(Set(plan.blocked.map(\.title)) == ["host name a1", "change eth0"])
        #expect(plan.blocked.allSatisfy { $0.isByUnknown && $0.node == "a1" })
    }

    private struct Surprise: Error {}
}
