import Specs
import Testing

@testable import Reconciler

@Suite("The order of steps", .timeLimit(.minutes(20)))
struct ExecuteStepTests {
    typealias FaultMaker = @Sendable (ExecuteWorld.Visit, inout ExecuteWorld.State) -> ExecuteWorld.Fault?

    private func world(
        _ count: Int,
        _ seed: UInt64 = 1,
        fault: @escaping FaultMaker = { _, _ in nil }
    ) -> ExecuteWorld {
        var node = SimulatedNode()
        node.services["agent"] = SimulatedNode.Daemon(port: 5051)
        let nodes = Dictionary(Lab.nodes(count).map { ($0, node) }) { first, _ in first }
        return ExecuteWorld(nodes, seed: seed, time: SimulatedTime(seed: seed), fault: fault)
    }

    /// A random plan: writes on random nodes, some with a layer, each needing some earlier ones.
    private func randomPlan(_ numbers: inout SeededNumbers, nodes: [NodeName]) -> Plan {
        Plan(
            (1...Int.random(in: 5...20, using: &numbers)).map { id in
                let layers: [Layer?] = [nil, nil, .engine, .zooKeeper, .masters, .agents]
                let needs = (1..<max(id, 2)).filter { $0 < id && Int.random(in: 0...($0 + 2), using: &numbers) == 0 }
                return .write(
                    "/etc/f\(id)",
                    "x\n",
                    on: nodes.randomElement(using: &numbers) ?? "n1",
                    layer: layers.randomElement(using: &numbers) ?? nil,
                    needs: needs
                )
            }
        )
    }

    @Test("any plan, with any steps failing, is reported whole and in order", arguments: seeds(150))
    func randomPlans(seed: UInt64) async throws {
        var numbers = SeededNumbers(seed)
        let nodes = Lab.nodes(4)
        let plan = randomPlan(&numbers, nodes: nodes)
        let failing = Set(plan.steps.map(\.id).filter { _ in Int.random(in: 0..<6, using: &numbers) == 0 })
        let world = world(4, seed) { visit, _ in
            failing.contains { visit.writes("/etc/f\($0)") } ? .fail(0, "broken") : nil
        }
        let limit = Int.random(in: 1...4, using: &numbers)
        let witness = Witness()
        let report = try await world.run(plan, parallelism: limit, witness: witness).get()

        #expect(report.steps.map(\.id) == plan.steps.map(\.id))
        #expect(report.ending == .completed)
        let ended = Dictionary(report.steps.map { ($0.id, $0.outcome) }) { first, _ in first }
        for step in plan.steps {
            let needsMet = step.needs.allSatisfy { ended[$0] == .applied }
            switch ended[step.id] {
            case .applied: #expect(needsMet && !failing.contains(step.id))
            case .failed: #expect(needsMet && failing.contains(step.id))
            case .notReached:
                let isHalted =
                    step.layer?.isEnsemble == true
                    && plan.steps.contains {
                        $0.id < step.id && $0.layer?.isEnsemble == true && failing.contains($0.id)
                            && ended[$0.id] != .applied
                    }
                #expect(!needsMet || isHalted)
            default: Testing.Issue.record("step \(step.id): \(String(describing: ended[step.id]))")
            }
        }
        expectOrder(witness.events, plan, limit)
        #expect(world.violations == [])
        #expect(world.mostVisitsAtOnce <= limit)
    }

    /// Each step begins at most once, after its needs, and ends exactly once; layers do not overlap.
    private func expectOrder(_ events: [RunEvent], _ plan: Plan, _ limit: Int) {
        var (open, ended, layered): (Set<Int>, Set<Int>, [Int]) = ([], [], [])
        for event in events {
            switch event {
            case .stepStarted(let id, _, _):
                let step = plan.steps[id - 1]
                #expect(ended.isSuperset(of: step.needs) && !ended.contains(id))
                if step.layer != nil {
                    #expect(!open.contains { plan.steps[$0 - 1].layer != nil })
                    layered.append(id)
                }
                #expect(!open.contains { plan.steps[$0 - 1].nodes == step.nodes })
                #expect(open.insert(id).inserted)
                #expect(open.count <= limit)
            case .stepEnded(let id, _, _, let outcome, _):
                if open.remove(id) == nil { #expect(!outcome.isSuccess) }
                #expect(ended.insert(id).inserted)
            case .progress(let id, _, _), .waiting(let id, _, _, _, _), .transfer(let id, _, _, _):
                #expect(open.contains(id))
            case .leaseTaken: #expect(open.isEmpty && ended.isEmpty)
            case .interrupting: break
            case .ended: #expect(ended.count == plan.steps.count)
            }
        }
        #expect(layered == layered.sorted())
        #expect(events.last == .ended(.completed))
    }

    @Test("unrelated steps run beside each other")
    func parallel() async throws {
        let world = world(4)
        let plan = Plan(Lab.nodes(4).map { .write("/etc/a", "x\n", on: $0) })
        _ = try await world.run(plan, parallelism: 4).get()
        #expect(world.mostVisitsAtOnce == 4)
    }

    @Test("a plan with refusals is not begun")
    func refused() async {
        let world = world(3)
        var plan = Plan([.write("/etc/a", "x\n", on: "n1")])
        plan.refusals = [Refusal(rule: "zookeeper-membership", nodes: ["n1"], reason: "r")]
        let refusal = await world.run(plan).refusal
        #expect(refusal == .planRefused(plan.refusals))
        #expect(world.visits.isEmpty)
    }

    @Test("needs that can never be met are reported, not waited for")
    func impossibleNeeds() async throws {
        let world = world(3)
        let plan = Plan([
            .write("/etc/a", "x\n", on: "n1", needs: [99]), .write("/etc/b", "x\n", on: "n1", needs: [3]),
            .write("/etc/c", "x\n", on: "n1", needs: [2]), .write("/etc/d", "x\n", on: "n1"),
        ])
        let report = try await world.run(plan).get()
        #expect(report.words == ["not reached", "not reached", "not reached", "applied"])
    }

    @Test("a start takes all members at once and then waits for the gate")
    func start() async throws {
        let nodes = Lab.nodes(3)
        let ring = Lab.ring(nodes)
        var node = SimulatedNode()
        node.services[.zooKeeper] = SimulatedNode.Daemon(boot: .masked)
        let world = ExecuteWorld(
            Dictionary(nodes.map { ($0, node) }) { first, _ in first },
            ring: ["n1": 1, "n2": 2, "n3": 3],
            seed: 1,
            time: SimulatedTime(seed: 1)
        )
        let members = nodes.map { node in
            Act.Member(
                node: node,
                actions: ServiceIntent.start.lower(.zooKeeper, to: .systemd).map(NodeAction.service)
            )
        }
        var step = Step(
            id: 1,
            layer: .zooKeeper,
            title: "start zookeeper",
            act: .start(.zooKeeper, members),
            changes: nodes.map { .running(.zooKeeper, on: $0) },
            gate: .quorum(ring)
        )
        let witness = Witness()
        let report = try await world.run(Plan([step]), parallelism: 1, witness: witness).get()
        #expect(report.words == ["applied"])
        let times = world.restarts.map(\.at)
        #expect((times.max() ?? .zero) - (times.min() ?? .zero) < .seconds(1))
        #expect(nodes.allSatisfy { world[$0].applied["service:zookeeper"] != nil })
        #expect(witness.events.contains { if case .waiting = $0 { true } else { false } })
        step.title = "again"
        let again = try await world.run(Plan([step]), as: "r2").get()
        #expect(again.words == ["applied"], "enabling is repeated")
        #expect(world.restarts.count == 3)
    }

    @Test("a member that does not start fails the step, and the gate is not waited for")
    func startFails() async throws {
        let world = world(3)
        let members = ["agent", "nothing"].map { name in
            Act.Member(node: name == "agent" ? "n1" : "n2", actions: [.service(.startUnit(ServiceName(name)))])
        }
        let gate = Gate(.serviceOff("agent", node: "n1"), deadlineSeconds: 600, words: "never")
        let step = Step(id: 1, layer: .agents, title: "start", act: .start("agent", members), gate: gate)
        let report = try await world.run(Plan([step])).get()
        #expect(report.steps[0].outcome == .failed("n2: could not start nothing: unit nothing not found"))
        #expect(report.steps[0].seconds < 10)
    }

    @Test("an assumption that does not hold ends the whole run")
    func assumption() async throws {
        let world = world(3)
        let expected = Platform(
            os: "debian-12",
            initSystem: .systemd,
            packageManager: .apt,
            packages: ["mesos": "1.11.0-2"]
        )
        world.change { state in
            state.nodes["n1"]?.packages["mesos"] = "1.11.0-9"
            state.nodes["n2"]?.packages["mesos"] = "1.9.0-1"
        }
        func step(_ node: NodeName, needs: [Int]) -> Step {
            let gate = Gate(.platform(node: node, expected), deadlineSeconds: 60, words: "as assumed")
            return .visit(node, [], needs: needs, gate: gate)
        }
        let plan = Plan([
            step("n1", needs: []), step("n2", needs: [1]), .write("/etc/a", "x\n", on: "n3", needs: [1, 2]),
        ])
        let report = try await world.run(plan).get()
        #expect(report.words == ["in place", "failed", "not reached"])
        #expect(report.ending == .assumptionFailed("package mesos on n2 is 1.9.0-1, not 1.11.0-2"))
        #expect(report.steps[1].seconds < 10)
    }
}
