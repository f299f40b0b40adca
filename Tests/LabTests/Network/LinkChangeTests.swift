import Daemons
import Reconciler
import Specs
import Testing

@testable import Lab

@Suite("A link changed on the lab", .timeLimit(.minutes(20)))
struct LinkChangeTests {
    private static let wider =
        "{interface: eth0, netmask: 255.255.254.0, gateway: 10.16.40.254, nameservers: [8.8.8.8], enforce: true}"
    /// No router of the segment has this address.
    private static let wrongGateway =
        "{interface: eth0, netmask: 255.255.255.0, gateway: 10.16.40.253, enforce: true}"

    @Test
    func `a good change is confirmed node by node, and a second plan has nothing to do`() async throws {
        let links = try await LinkLab(Self.wider)
        let plan = try await links.plan()
        #expect(plan.refusals == [] && plan.blocked == [])
        let steps = plan.links
        // Members before agents, as cluster.yaml has them; of the members, who leads goes last.
        try #require(steps.count == 4 && steps.allSatisfy { $0.nodes.count == 1 })
        #expect(Set(steps.prefix(3).flatMap(\.nodes)) == ["m1", "m2", "m3"] && steps[3].nodes == ["a1"])
        let status = try links.lab.read { $0.status }
        let leaders = [status.zooKeeperLeader, status.mesosLeader, status.marathonLeader].compactMap(\.self)
        #expect(leaders.contains { $0 == steps[2].nodes[0] }, "\(steps.map(\.nodes)) \(leaders)")
        #expect(steps.allSatisfy { $0.needsAttendance })
        #expect(zip(steps, steps.dropFirst()).allSatisfy { $1.needs.contains($0.id) })
        #expect(
            steps.first { $0.nodes == ["m1"] }?.changes.map(\.summary)
                == ["address 10.16.40.1/24 → 10.16.40.1/23, name servers none → 8.8.8.8"]
        )
        let report = try await links.apply(plan)
        #expect(report.links(of: plan) == [.applied, .applied, .applied, .applied], "\(report.steps)")
        #expect(try links.link("m1").address == "10.16.40.1/23")
        #expect(try links.link("a1").file.contains("dns-nameservers 8.8.8.8"))
        let second = try await links.plan()
        #expect(second.links == [] && second.blocked == [], "\(second.blocked)")
        // Nothing is left that would take it back.
        try await links.pass(300)
        #expect(try links.link("m1").address == "10.16.40.1/23")
    }

    @Test
    func `agents wait for half the time after which masters give them up`() async throws {
        let plan = try await LinkLab(Self.wider).plan()
        let seconds = plan.links.map { step in
            if case .network(let act) = step.act { act.seconds } else { 0 }
        }
        #expect(seconds == [90, 90, 90, 45])
    }

    @Test
    func `a change that cuts the operator off is taken back by the node, and the run says so`() async throws {
        let links = try await LinkLab(Self.wrongGateway)
        let before = try links.link("m1").file
        let plan = try await links.plan()
        let outcomes = try await links.apply(plan).links(of: plan)
        guard case .failed(let words)? = outcomes.first else {
            Issue.record("\(outcomes)")
            return
        }
        #expect(words.contains("taken back by the node"), "\(words)")
        for outcome in outcomes.dropFirst() {
            guard case .notReached = outcome else {
                Issue.record("\(outcome)")
                continue
            }
        }
        #expect(try links.link("m1").file == before)
        #expect(try links.link("m1").gateway == "10.16.40.254")
        let next = try await links.plan()
        #expect(next.notes.contains { $0.node == "m1" && $0.text.contains("took its last change of a link back") })
        #expect(next.links.count == 4)
    }

    @Test
    func `a run that is killed after arming leaves the old link, and the next plan waits until it is over`()
        async throws
    {
        let links = try await LinkLab(Self.wrongGateway)
        let before = try links.link("m2").file
        try await links.armAndDie(try #require(try await links.plan(linksOf: ["m2"]).steps.first))
        let early = try await links.plan()
        let blocked = early.blocked.first { $0.node == "m2" }
        #expect(blocked?.because.contains("not confirmed") == true, "\(early.blocked)")
        try await links.pass(120)
        #expect(try links.state("m2", "dead-1") == "reverted\nnobody confirmed the change within 90 s\n")
        #expect(try links.link("m2").file == before)
        #expect(try await links.plan().links.count == 4)
    }

    @Test
    func `a node that reboots meanwhile comes up with its old link`() async throws {
        let links = try await LinkLab(Self.wrongGateway)
        let before = try links.link("a1").file
        try await links.armAndDie(try #require(try await links.plan(linksOf: ["a1"]).steps.first))
        try await links.pass(10)
        #expect(try links.link("a1").gateway == "10.16.40.253")
        try links.lab.change { world throws(LabError) in try world.inject(.reboot("a1")) }
        try await links.pass(100)
        #expect(try links.state("a1", "dead-1") == "reverted\nthe node booted before the change was confirmed\n")
        #expect(try links.link("a1").file == before)
        #expect(try links.link("a1").gateway == "10.16.40.254")
    }

    @Test
    func `a link that is NetworkManager's is checked and never changed`() async throws {
        let links = try await LinkLab(Self.wider)
        try links.change("m3") { node in
            var wiring = node.networkAnswer
            wiring.links[1].owner = .networkManager
            node.wiring = wiring
        }
        let plan = try await links.plan()
        let blocked = try #require(plan.blocked.first { $0.node == "m3" })
        #expect(blocked.because.contains("NetworkManager's"), "\(blocked.because)")
        #expect(!plan.steps.contains { $0.nodes.contains("m3") && $0.layer == .network })
    }

    @Test
    func `the seed's change from DHCP to a fixed address is made with the address that is there`() async throws {
        let links = try await LinkLab("{interface: eth0, netmask: 255.255.255.0, gateway: 10.16.40.254, enforce: true}")
        try links.change("a1") { node in
            node.files.write("/etc/network/interfaces", "auto eth0\niface eth0 inet dhcp\n", at: .init(milliseconds: 0))
        }
        let plan = try await links.plan()
        #expect(plan.links.map(\.nodes) == [["a1"]], "\(plan.blocked)")
        let report = try await links.apply(plan)
        #expect(report.links(of: plan) == [.applied])
        #expect(try links.link("a1").file.hasPrefix("auto eth0\n#iface eth0 inet dhcp\niface eth0 inet static\n"))
    }

    @Test
    func `no second member of a quorum is cut while one is down`() async throws {
        let links = try await LinkLab(Self.wider)
        try links.lab.change { world throws(LabError) in try world.inject(.stop(.zooKeeper, on: "m3")) }
        try await links.pass(5)
        let plan = try await links.plan()
        let blocked = plan.blocked.filter { $0.layer == .network }
        #expect(blocked.map(\.node).prefix(2) == ["m1", "m2"], "\(plan.blocked)")
        #expect(blocked.first?.because.contains("does not run on m3") == true)
    }

    @Test
    func `another address than the declared one is never written`() async throws {
        let links = try await LinkLab(Self.wider)
        try links.change("m1") { node in
            let text = "auto eth0\niface eth0 inet static\n    address 10.16.40.9/24\n"
            node.files.write("/etc/network/interfaces", text, at: .init(milliseconds: 0))
        }
        let plan = try await links.plan()
        let blocked = try #require(plan.blocked.first { $0.node == "m1" && $0.layer == .network })
        #expect(blocked.rule == "network-address")
    }
}
