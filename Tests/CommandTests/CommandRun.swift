import Reconciler
import Rendering
import Specs
import Synchronization

@testable import Command

/// Runs the command in this process against a declaration, an observation and a run of the test's choosing.
struct CommandRun {
    var spec: ClusterSpec? = CommandRun.sixNodes
    var diagnostics: [Diagnostic] = []
    var plans: [Plan] = [CommandRun.plan()]
    var report: @Sendable (Plan, Connection) async -> RunReport = { plan, _ in CommandRun.report(plan) }
    var answers: [String] = []
    var canAsk = true
    var isTerminal = false
    var interrupts = Interrupts()
    /// In place of what the above stands for.
    var wholeWiring: Wiring?
    var environment: [String: String] = [:]
    /// Hears standard error while the command goes on.
    var hear: @Sendable (String) -> Void = { _ in }

    struct Result: Sendable {
        var status: ExitStatus
        var output = ""
        var log = ""
        /// How many plans were carried out.
        var runs = 0
    }

    func run(_ arguments: String...) async -> Result { await run(list: arguments) }

    func run(list arguments: [String]) async -> Result {
        let world = World(plans: plans, answers: answers)
        let surroundings = Surroundings(
            console: console(world),
            interrupts: interrupts,
            wiring: wholeWiring ?? wiring(world)
        )
        let status = await Surroundings.$current.withValue(surroundings) { await ReconcilerCommand.run(arguments) }
        return world.state.withLock { Result(status: status, output: $0.output, log: $0.log, runs: $0.runs) }
    }

    private func console(_ world: World) -> Console {
        Console(
            write: { text in world.state.withLock { $0.output += text } },
            log: { [hear] text in
                world.state.withLock { $0.log += text }
                hear(text)
            },
            readLine: { _ in world.state.withLock { $0.answers.isEmpty ? nil : $0.answers.removeFirst() } },
            canAsk: canAsk,
            outputIsTerminal: isTerminal,
            logIsTerminal: isTerminal,
            logWidth: { 80 },
            environment: { [environment] name in environment[name] },
            time: { "2024-05-01T12:00:00Z" }
        )
    }

    private func wiring(_ world: World) -> Wiring {
        Wiring(
            read: { [spec, diagnostics] _ in Declaration(spec: spec, diagnostics: diagnostics, revision: "3f1c2aa") },
            connect: { [report] _, connection, body in
                let loop = Reconciliation(
                    observe: { ObservedCluster(nodes: [:]) },
                    difference: { _ in world.nextPlan() },
                    execute: { plan in
                        world.state.withLock { $0.runs += 1 }
                        return await report(plan, connection)
                    }
                )
                try await body(loop)
            },
            look: { [spec] _, _, body in
                try await body(
                    ClusterLook(
                        observe: { ObservedCluster(nodes: [:]) },
                        observeOnly: { _ in ObservedCluster(nodes: [:]) },
                        desire: { observed in
                            spec.map { DesiredCluster($0, observed: observed) }
                                ?? DesiredCluster(name: "none", nodes: [], leaseHolders: [])
                        },
                        difference: { _ in world.nextPlan() }
                    )
                )
            }
        )
    }

    private final class World: Sendable {
        struct State {
            var plans: [Plan]
            var answers: [String]
            var output = ""
            var log = ""
            var runs = 0
        }

        let state: Mutex<State>

        init(plans: [Plan], answers: [String]) { state = Mutex(State(plans: plans, answers: answers)) }

        /// The last one again when there is no other.
        func nextPlan() -> Plan {
            state.withLock { $0.plans.count > 1 ? $0.plans.removeFirst() : $0.plans[0] }
        }
    }
}

extension CommandRun {
    static let place = SourcePosition(file: "cluster.yaml", line: 3, column: 1)

    static let sixNodes = ClusterSpec(
        file: "cluster.yaml",
        cluster: Located("east", at: place),
        nodes: (1...6).map {
            NodeSpec(name: Located(NodeName("n\($0)"), at: place), address: Located("10.0.0.\($0)", at: place))
        }
    )

    static func step(_ id: Int, _ title: String = "file /etc/x", disruptive: Bool = false) -> Step {
        Step(
            id: id,
            title: title,
            act: .visit("n1", []),
            impact: disruptive ? .disruptive("it is away for a while") : .none
        )
    }

    static func plan(
        _ steps: [Step] = [step(1)],
        silent: Bool = false,
        refused: Bool = false,
        blocked: [Blocked] = []
    ) -> Plan {
        let failure = NodeAccessError(.timedOut, "timed out")
        return Plan(
            cluster: "east",
            source: Plan.Source(file: "cluster.yaml"),
            nodes: [Plan.NodeSummary(name: "n1"), Plan.NodeSummary(name: "n2", failure: silent ? failure : nil)],
            steps: steps,
            blocked: blocked,
            refusals: refused ? [Refusal(rule: "prune-guard", nodes: ["n1"], reason: "it would be lost")] : []
        )
    }

    static func report(
        _ plan: Plan,
        _ outcomes: [StepOutcome] = [],
        ending: RunReport.Ending = .completed
    ) -> RunReport {
        let steps = plan.steps.enumerated().map { index, step in
            StepReport(
                id: step.id,
                title: step.title,
                nodes: step.nodes,
                outcome: index < outcomes.count ? outcomes[index] : .applied
            )
        }
        return RunReport(run: RunID("r1"), cluster: plan.cluster, steps: steps, ending: ending)
    }
}
