import Specs
import Testing

@testable import Reconciler

@Suite("Gates that ask Mesos and Marathon over REST")
struct MesosGateTests {
    private let masters = (1...3).map { ServicePlace(NodeName("m\($0)"), address: "10.0.0.\($0)", port: 5050) }
    private let agents = (1...3).map {
        ServicePlace(NodeName("mesos-slave\($0)"), address: "10.0.0.1\($0)", port: 5051)
    }
    private let zk = "zk://10.0.0.1:2181/mesos"

    /// What each master answers; nil takes no connection.
    private struct Master {
        var isElected = false
        var quorum = 2
        var zk = "zk://10.0.0.1:2181/mesos"
        var recovered: Bool? = true
        var size: Int? = 3
        var health = 200
        var agents: RESTReply = .answered(status: 307, body: "", location: "//10.0.0.1:5050/master/slaves")
        var agentCount = 0
        var summary: RESTReply = .answered(status: 307, body: "")

        static func leader(_ addresses: [String], inactive: Set<String> = []) -> Master {
            Master(
                isElected: true,
                agents: .answered(status: 200, body: MesosBodies.slaves(addresses, inactive: inactive)),
                agentCount: addresses.count - inactive.count
            )
        }
    }

    private func answers(
        _ condition: GateCondition,
        _ states: [Master?],
        agents: [String: RESTReply] = [:]
    ) -> GateAnswers {
        var answers = GateAnswers()
        for question in condition.questions.rest {
            guard let index = masters.firstIndex(where: { $0.node == question.node }) else {
                answers.add(agents[question.node.text] ?? .absent, to: question)
                continue
            }
            answers.add(reply(states[index], question.paths[0]), to: question)
        }
        return answers
    }

    private func reply(_ master: Master?, _ path: String) -> RESTReply {
        guard let master else { return .absent }
        switch path {
        case "/health": return .answered(status: master.health, body: "")
        case "/flags": return .answered(status: 200, body: MesosBodies.flags(quorum: master.quorum, zk: master.zk))
        case "/slaves": return master.agents
        case "/state-summary": return master.summary
        default:
            let body = MesosBodies.metrics(
                elected: master.isElected,
                agents: master.agentCount,
                recovered: master.recovered,
                size: master.size
            )
            return .answered(status: 200, body: body)
        }
    }

    private var gate: MasterGate { MasterGate(masters: masters, quorum: 2, zk: zk, agents: agents) }
    private let all = ["10.0.0.11", "10.0.0.12", "10.0.0.13"]

    private func judge(
        _ states: [Master?],
        before: [Master?]? = nil,
        remaining: Set<NodeName> = [],
        at second: Int = 0
    ) -> GateVerdict {
        let condition = GateCondition.mesosMasters(gate)
        var watch = GateWatch(condition, before: before.map { answers(condition, $0) }, remaining: remaining)
        let seen = answers(condition, states)
        _ = watch.judge(seen, asked: .zero, answered: .zero)
        return watch.judge(seen, asked: .seconds(second), answered: .seconds(second))
    }

    private func missing(_ verdict: GateVerdict) -> String {
        switch verdict {
        case .holds: "holds"
        case .notYet(let words): words
        case .impossible(let words): "never: \(words)"
        case .assumptionFailed(let words): "assumption: \(words)"
        }
    }

    @Test func `masters hold with one leader, the declared quorum, a recovered log and all agents back`() {
        #expect(judge([.leader(all), Master(), Master()], before: [.leader(all), Master(), Master()]) == .holds)
        var old = [Master.leader(all), Master(), Master()]
        for index in 0..<3 { (old[index].recovered, old[index].size) = (nil, nil) }
        #expect(judge(old) == .holds, "0.21 has no metrics of its log")
    }

    @Test func `masters do not hold otherwise, and what is missing is said`() {
        let leader = Master.leader(all)
        var changed = Master()
        #expect(missing(judge([Master(), Master(), Master()])) == "no master is elected")
        #expect(missing(judge([leader, leader, Master()])) == "2 masters are elected: m1, m2")
        #expect(missing(judge([leader, nil, Master()])) == "the master on m2: takes no connection")
        changed.health = 503
        #expect(missing(judge([leader, changed, Master()])) == "the master on m2: /health answers 503")
        changed = Master(recovered: false)
        #expect(missing(judge([leader, changed, Master()])) == "the master on m2 has not recovered its replicated log")
        changed = Master(size: 2)
        #expect(missing(judge([leader, changed, Master()])) == "the master on m2 sees 2 of 3 replicas of the log")
        changed = Master(size: 4)
        #expect(missing(judge([leader, changed, Master()])) == "the master on m2 sees 4 of 3 replicas of the log")
    }

    @Test func `a wrong quorum ends the wait once the process has settled, on whichever master it is`() {
        let wrong = Master(quorum: 1)
        let words = "the master on m3 runs with quorum 1 instead of 2"
        #expect(judge([.leader(all), Master(), wrong]) == .notYet(missing: words))
        #expect(judge([.leader(all), Master(), wrong], at: 15) == .impossible(words))
        #expect(judge([.leader(all), Master(), wrong], remaining: ["m3"], at: 15) == .impossible(words))
    }

    @Test func `another zk is wrong where a master was restarted already, and its login is not shown`() {
        let old = Master(zk: "zk://ops:pw@10.0.0.9:2181/mesos")
        #expect(judge([.leader(all), Master(), old], remaining: ["m3"], at: 15) == .holds)
        #expect(
            missing(judge([.leader(all), Master(), old], at: 15))
                == "never: the master on m3 runs with zk zk://•••@10.0.0.9:2181/mesos instead of \(zk)"
        )
    }

    @Test func `agents that were registered before must be again, by name, whoever leads now`() {
        let before: [Master?] = [.leader(all), Master(), Master()]
        let now: [Master?] = [Master(), .leader(["10.0.0.11", "10.0.0.12"]), Master()]
        #expect(missing(judge(now, before: before)) == "2 of 3 agents registered again; mesos-slave3 not")
        let inactive: [Master?] = [Master(), .leader(all, inactive: ["10.0.0.12"]), Master()]
        #expect(missing(judge(inactive, before: before)) == "2 of 3 agents registered again; mesos-slave2 not")
        #expect(judge([Master(), .leader(all), Master()], before: before) == .holds)
        // One that was away before the step is not waited for.
        #expect(judge(now, before: [.leader(["10.0.0.11"]), Master(), Master()]) == .holds)
        #expect(judge(now, before: [nil, nil, nil]) == .holds, "before the first start there are none")
    }

    @Test func `where lists cannot be read agents are counted`() {
        var before = Master.leader(all)
        before.agents = .unknown("larger than 64 KiB")
        var now = before
        #expect(judge([now, Master(), Master()], before: [before, Master(), Master()]) == .holds)
        now.agentCount = 2
        #expect(
            missing(judge([now, Master(), Master()], before: [before, Master(), Master()]))
                == "2 of 3 agents registered again"
        )
    }

    @Test func `a declared master that need not answer may be the elected one`() {
        let condition = GateCondition.mesosMasters(
            MasterGate(masters: Array(masters.dropFirst()), others: [masters[0]], quorum: 2, zk: zk)
        )
        var watch = GateWatch(condition)
        #expect(
            watch.judge(answers(condition, [.leader(all), Master(), Master()]), asked: .zero, answered: .zero) == .holds
        )
        let gone = watch.judge(answers(condition, [nil, Master(), Master()]), asked: .zero, answered: .zero)
        #expect(missing(gone) == "no master is elected")
    }

    // MARK: Agents

    private func judge(agent reply: RESTReply, _ states: [Master?]) -> String {
        let condition = GateCondition.mesosAgents(AgentGate(agents: [.init(agents[2])], masters: masters))
        var watch = GateWatch(condition)
        let seen = answers(condition, states, agents: ["mesos-slave3": reply])
        return missing(watch.judge(seen, asked: .zero, answered: .zero))
    }

    private func agent(registered: Int, errors: Int = 0) -> RESTReply {
        .answered(status: 200, body: #"{"slave\/registered":\#(registered).0,"slave\/recovery_errors":\#(errors)}"#)
    }

    @Test func `an agent holds when it says so, and the elected master too`() {
        let well: [Master?] = [nil, .leader(all), Master()]
        #expect(judge(agent: agent(registered: 1), well) == "holds")
        #expect(judge(agent: agent(registered: 0), well) == "the agent on mesos-slave3 has not registered")
        #expect(
            judge(agent: agent(registered: 1, errors: 2), well)
                == "the agent on mesos-slave3 has 2 errors of recovery: read its log"
        )
        #expect(judge(agent: .absent, well) == "the agent on mesos-slave3 takes no connection")
        #expect(judge(agent: .answered(status: 401, body: ""), well).hasSuffix("answers 401: it asks for a login"))
        #expect(
            judge(agent: agent(registered: 1), [Master(), .leader(["10.0.0.11"]), Master()])
                == "the elected master (m2) does not list the agent on mesos-slave3"
        )
        #expect(
            judge(agent: agent(registered: 1), [Master(), .leader(all, inactive: ["10.0.0.13"]), Master()])
                == "the elected master (m2) does not take the agent on mesos-slave3 for active"
        )
        #expect(judge(agent: agent(registered: 1), [Master(), Master(), Master()]) == "no master is elected")
    }

    // MARK: Marathon

    private func info(_ framework: String?, leader: String? = "10.0.0.1:8080") -> RESTReply {
        let id = framework.map { #""\#($0)""# } ?? "null"
        let leader = leader.map { #""\#($0)""# } ?? "null"
        return .answered(
            status: 200,
            body:
                #"{"name":"marathon","version":"1.4.13","frameworkId":\#(id),"leader":\#(leader),"marathon_config":{}}"#
        )
    }

    private func judge(marathon now: RESTReply, before: RESTReply, frameworks: String) -> String {
        let place = ServicePlace("web", address: "10.0.0.21", port: 8080)
        let condition = GateCondition.marathon(MarathonGate(marathons: [place], masters: masters))
        var leader = Master.leader(all)
        leader.summary = .answered(status: 200, body: #"{"frameworks":[\#(frameworks)]}"#)
        let states: [Master?] = [leader, Master(), Master()]
        var watch = GateWatch(condition, before: answers(condition, states, agents: ["web": before]))
        let seen = answers(condition, states, agents: ["web": now])
        return missing(watch.judge(seen, asked: .zero, answered: .zero))
    }

    private func framework(_ id: String, isActive: Bool = true) -> String {
        #"{"id":"\#(id)","name":"marathon","active":\#(isActive)}"#
    }

    @Test func `Marathon holds with a leader and the one active framework it had`() {
        let (good, old) = (info("F-0000"), info("F-0000"))
        #expect(judge(marathon: good, before: old, frameworks: framework("F-0000")) == "holds")
        #expect(judge(marathon: good, before: .absent, frameworks: "") == "holds", "a first start has none before")
        #expect(
            judge(marathon: info("F-0000", leader: nil), before: old, frameworks: "")
                == "Marathon on web knows no leader"
        )
        #expect(
            judge(marathon: info(nil), before: old, frameworks: "")
                == "Marathon on web has not registered as framework F-0000 again"
        )
        #expect(
            judge(marathon: info("F-0001"), before: old, frameworks: "").hasPrefix("never: Marathon on web registered")
        )
        #expect(
            judge(marathon: good, before: old, frameworks: framework("F-0000", isActive: false))
                == "Mesos has no active framework F-0000"
        )
        #expect(
            judge(marathon: good, before: old, frameworks: framework("F-0000") + "," + framework("F-0000"))
                == "Mesos has 2 active frameworks F-0000"
        )
        #expect(judge(marathon: .absent, before: old, frameworks: "") == "Marathon on web takes no connection")
    }
}
