import Specs
import Testing

@testable import Reconciler

@Suite("Links that are to change, in a plan")
struct LinkPlanTests {
    /// All links have another gateway than the declared one, and `change` what else differs.
    private static func plan(
        agents: Int = 1,
        text: String = "auto eth0\niface eth0 inet static\n",
        path: String = "/etc/network/interfaces",
        _ change: (inout ObservedNode) -> Void = { _ in }
    ) -> Plan {
        let (desired, converged) = NetworkPlanTests.converged(NetworkPlanTests.spec(enforce: true, agents: agents))
        var observed = converged
        for node in desired.nodes {
            observed = observed.changing(node.name) { seen in
                let text = "\(text)    address \(node.address)/23\n    gateway 10.16.41.1\n"
                seen.directories["/etc/network"] = .found([Samples.observedFile(path, Content(text))])
                guard var network = seen.network.value else { return }
                for index in network.links.indices where network.links[index].name == "eth0" {
                    network.links[index].file = path
                }
                seen.network = .found(network)
                change(&seen)
            }
        }
        return Samples.plan(desired, observed)
    }

    private static func links(_ plan: Plan) -> [Step] { plan.steps.filter { $0.layer == .network } }

    @Test("the leader's link is changed after those of the other members")
    func leaderLast() {
        for leader in ["m1", "m2", "m3"] as [NodeName] {
            let plan = Self.plan { seen in
                guard case .found(var server) = seen.zooKeeper else { return }
                server.mode = seen.name == leader ? .leader : .follower
                seen.zooKeeper = .found(server)
                if seen.masterElected.value != nil { seen.masterElected = .found(seen.name == leader) }
            }
            let members = Self.links(plan).flatMap(\.nodes).filter { $0.text.hasPrefix("m") }
            #expect(members.count == 3 && members.last == leader, "\(members) \(plan.blocked)")
        }
    }

    @Test("an agent confirms well before the masters' own limit, and where that is too short nothing is changed")
    func pingTimeouts() {
        func seconds(_ ping: String, _ count: String) -> (seconds: Int?, blocked: [String]) {
            let plan = Self.plan { seen in
                guard case .found(var master)? = seen.services[.mesosMaster] else { return }
                master.reportedFlags = ["agent_ping_timeout": Content(ping), "max_agent_ping_timeouts": Content(count)]
                seen.services[.mesosMaster] = .found(master)
            }
            let acts = Self.links(plan).filter { $0.nodes == ["a1"] }.map(\.act)
            let seconds: Int? = if case .network(let act)? = acts.first { act.seconds } else { nil }
            return (seconds, plan.blocked.filter { $0.node == "a1" }.map(\.because))
        }
        #expect(seconds("15secs", "5").seconds == 45)
        #expect(seconds("1mins", "5").seconds == 45)
        #expect(seconds("10secs", "5").seconds == 30)
        let short = seconds("2secs", "5")
        #expect(short.seconds == nil && short.blocked.contains { $0.contains("too soon") }, "\(short)")
    }

    @Test(
        "what cloud-init writes anew is not changed",
        arguments: [
            ("auto eth0\niface eth0 inet static\n", "/etc/network/interfaces.d/50-cloud-init"),
            (
                "# This file is generated from information provided by the datasource.\niface eth0 inet static\n",
                "/etc/network/interfaces"
            ),
        ]
    )
    func cloudInit(text: String, path: String) {
        let plan = Self.plan(text: text, path: path)
        #expect(Self.links(plan) == [])
        let blocked = plan.blocked.filter { $0.layer == .network }
        #expect(!blocked.isEmpty && blocked.allSatisfy { $0.because.contains("cloud-init's") }, "\(plan.blocked)")
    }

    @Test("a change that was armed long ago and never begun is told and holds nothing; a fresh one does")
    func neverBegun() {
        func blocked(_ age: Int) -> (blocked: [NodeName?], notes: [String]) {
            let plan = Self.plan { seen in
                let place = NetworkStanding.directory + "/t-0"
                var state = Samples.observedFile(place + "/state", "armed\n\n")
                state.modified = 1_700_000_000 - age
                seen.clock = .found(1_700_000_000)
                seen.directories[NetworkStanding.directory] = .found([state])
            }
            return (plan.blocked.filter { $0.layer == .network }.map(\.node), plan.notes.map(\.text))
        }
        #expect(blocked(30).blocked.count == 4)
        let old = blocked(600)
        #expect(old.blocked == [] && old.notes.contains { $0.contains("never begun") }, "\(old)")
    }
}
