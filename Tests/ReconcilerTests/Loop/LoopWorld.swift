import Reconciler
import Specs
import Synchronization

/// A cluster of which only the differing resources are told, and everything the loop does to it, under simulated time.
final class LoopWorld: Sendable {
    struct State {
        /// Resources of node a1 that differ, with their cause.
        var different: [String: Change.Cause] = [:]
        var disruptive: Set<String> = []
        var offer: LoopOffer?
        var revision = "r1"
        var pause: Observation<LoopPause> = .absent
        var resumed: [LoopItem?] = []
        var memory = LoopMemory()
        var failing = false
        var isHeld = false
        /// Each resource is a step of its own that takes that many seconds, if any; else all of a run takes `waits`.
        var stepSeconds = 0
        /// No look comes to anything.
        var isCutOff = false
        /// Node a1 does not answer.
        var isSilent = false
        /// A rule forbids every plan.
        var isForbidden = false
        /// Seconds that a run waits for something that does not come.
        var waits = 0
        var corrects = true
        var interval = 300
        /// What an earlier process had read whole.
        var kept: String?
        /// 0..<1, of the tenth that a loop waits longer.
        var jitter = 0.0
        /// Seconds that a look takes.
        var looking = 0
        // What happened.
        var runs: [(at: Int, revision: String, resources: [String])] = []
        var looks: [(at: Int, revision: String)] = []
        var notices: [LoopNotice] = []
        var statuses: [LoopStatus] = []
        var wrote = 0
        /// When the loop itself came to its end.
        var ended: Int?
    }

    let state = Mutex(State())
    let time: SimulatedTime

    init(seed: UInt64 = 1) { time = SimulatedTime(seed: seed) }

    var now: Int { Int(time.now.components.seconds) }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
    func read<Value>(_ body: (State) -> Value) -> Value { state.withLock { body($0) } }

    /// Waits, in simulated time.
    func wait(_ seconds: Int) async { try? await time.clock.sleep(for: .seconds(seconds)) }

    /// The loop over this world, for as long as `body` goes on.
    func loop(
        until stop: Interruption = Interruption(),
        rounds: Int? = nil,
        _ body: @escaping @Sendable () async -> Void
    ) async {
        await time.run { [self] in
            var loop = WatchLoop(cluster: "test", source: Source(world: self), tools: tools)
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await body()
                    stop.trip()
                }
                await loop.run(until: stop, rounds: rounds)
                change { $0.ended = now }
            }
        }
    }

    private var tools: LoopTools {
        LoopTools(
            clock: time.clock,
            now: { [self] in now },
            local: { TimeWindow.Instant(weekday: $0 / 86_400 % 7, minute: $0 / 60 % 1440) },
            jitter: { [self] in read { $0.jitter } },
            pause: { [self] in read { $0.pause } },
            resumed: { [self] in
                state.withLock { state in
                    defer { state.resumed = [] }
                    return state.resumed
                }
            },
            load: { [self] in read { $0.memory } },
            save: { [self] memory in change { $0.memory = memory } },
            publish: { [self] status, _ in change { $0.statuses.append(status) } },
            notify: { [self] notice in change { $0.notices.append(notice) } }
        )
    }

    private struct Source: LoopSource {
        let world: LoopWorld

        func newest() async -> LoopOffer {
            let (offer, revision, corrects, interval) = world.read {
                ($0.offer, $0.revision, $0.corrects, $0.interval)
            }
            return offer ?? .declared(world.declaration(revision, corrects: corrects, interval: interval))
        }

        func lastGood() async -> LoopDeclaration? {
            let (kept, corrects, interval) = world.read { ($0.kept, $0.corrects, $0.interval) }
            return kept.map { world.declaration($0, corrects: corrects, interval: interval) }
        }
    }

    private func declaration(_ revision: String, corrects: Bool, interval: Int) -> LoopDeclaration {
        LoopDeclaration(
            cluster: "test",
            identity: "\(revision) \(corrects)",
            revision: revision,
            limits: LoopLimits(corrects: corrects),
            ignore: [ResourcePattern("file:/ignored/*")],
            intervalSeconds: interval,
            open: { [self] writes, interruption, body in
                if read({ $0.isCutOff }) { throw LoopTrouble("a secret has no value") }
                if writes {
                    change { $0.wrote += 1 }
                    if read({ $0.isHeld }) { throw LoopTrouble(isBusy: true, "held by somebody") }
                }
                try await body(reconciliation(revision, interruption))
            }
        )
    }

    private func reconciliation(_ revision: String, _ interruption: Interruption) -> Reconciliation {
        Reconciliation(
            observe: { [self] in
                let at = now
                change { $0.looks.append((at, revision)) }
                await wait(read { $0.looking })
                return ObservedCluster(nodes: [:])
            },
            difference: { [self] _ in plan() },
            execute: { [self] plan in try await execute(plan, revision, interruption) }
        )
    }

    private func plan() -> Plan {
        let (different, disruptive, isSilent, isForbidden) = read {
            ($0.isSilent || $0.isForbidden ? [:] : $0.different, $0.disruptive, $0.isSilent, $0.isForbidden)
        }
        let steps = different.sorted { $0.key < $1.key }.enumerated().map { index, entry in
            Step(
                id: index + 1,
                title: "write \(entry.key)",
                act: .visit(NodeName("a1"), []),
                changes: [
                    Change(
                        node: NodeName("a1"),
                        resource: entry.key,
                        kind: .update,
                        cause: entry.value,
                        summary: "edited"
                    )
                ],
                impact: disruptive.contains(entry.key) ? .disruptive("restarts it") : .none
            )
        }
        return Plan(
            cluster: "test",
            source: .init(file: "cluster.yaml"),
            nodes: [
                Plan.NodeSummary(
                    name: NodeName("a1"),
                    failure: isSilent ? NodeAccessError(.timedOut, "timed out") : nil
                ), Plan.NodeSummary(name: NodeName("a2")),
            ],
            steps: steps,
            refusals: isForbidden ? [Refusal(rule: "prune-guard", nodes: [], reason: "it would be lost")] : []
        )
    }

    private func execute(_ plan: Plan, _ revision: String, _ interruption: Interruption) async throws -> RunReport {
        let begun = now
        change { state in
            state.runs.append((begun, revision, plan.steps.flatMap(\.changes).map(\.resource)))
        }
        if read({ $0.stepSeconds > 0 }) { return await stepByStep(plan, interruption) }
        for _ in 0..<read({ $0.waits }) where interruption.level != .cancelNow { await wait(1) }
        let failing = read { $0.failing }
        let wasCut = interruption.level == .cancelNow
        if !failing, !wasCut {
            change { state in
                for resource in plan.steps.flatMap(\.changes).map(\.resource) { state.different[resource] = nil }
            }
        }
        let outcome: StepOutcome = wasCut ? .unknown("cut short") : failing ? .failed("disk full") : .applied
        return RunReport(
            run: RunID("run"),
            cluster: "test",
            steps: plan.steps.map { StepReport(id: $0.id, title: $0.title, nodes: $0.nodes, outcome: outcome) },
            ending: wasCut ? .interrupted(stepFinished: false) : .completed
        )
    }

    /// Ends after the step in hand when it is asked to.
    private func stepByStep(_ plan: Plan, _ interruption: Interruption) async -> RunReport {
        var reports: [StepReport] = []
        for step in plan.steps {
            let isOver = interruption.level != .none
            if !isOver {
                await wait(read { $0.stepSeconds })
                change { state in for change in step.changes { state.different[change.resource] = nil } }
            }
            let outcome: StepOutcome = isOver ? .notReached("stopped") : .applied
            reports.append(StepReport(id: step.id, title: step.title, nodes: step.nodes, outcome: outcome))
        }
        let isWhole = interruption.level == .none
        return RunReport(
            run: RunID("run"),
            cluster: "test",
            steps: reports,
            ending: isWhole ? .completed : .interrupted(stepFinished: true)
        )
    }
}
