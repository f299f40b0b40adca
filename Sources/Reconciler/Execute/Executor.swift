public import Specs

/// Carries a plan out: the lease first, then every step whose needs have succeeded, each followed by its gate.
///
/// Nothing here decides what to do: that is the plan's. What is decided here is when to stop.
public struct Executor: Sendable {
    private let context: @Sendable (HaltCheck, Plan) -> RunContext
    private let lease: @Sendable () -> Lease
    private let clock: RunClock
    private let parallelism: Int
    private let runID: RunID
    private let holder: LeaseHolder
    private let events: @Sendable (RunEvent) -> Void

    /// - Parameters:
    ///   - access: The way to the nodes.
    ///   - targets: Every node that the plan, its gates and the lease name.
    ///   - transport: The way to REST APIs, for gates; nil: they are asked on their nodes, without a login.
    ///   - logins: For those APIs.
    ///   - secrets: For late edits, logins, and to see whether a conflicting file holds what is wanted.
    ///   - lease: Who takes the cluster, where and for how long.
    ///   - parallelism: Steps at once; at least 1. Members of one `start` go together whatever it is.
    ///   - clock: One that goes on while the machine sleeps (`ContinuousClock`).
    ///   - run: Unique to this run.
    ///   - journal: Where what is about to be done is written first; nil: nowhere.
    ///   - marathon: For steps on apps; their records are kept where the lease is.
    ///   - masters: Asked over `transport` why an app does not come up; empty: that part of the reason is not told.
    ///   - courier: For steps on images.
    ///   - images: As declared; what a plan says of one is enough but for its architecture.
    ///   - editText: How keys are set in a file's text.
    ///   - events: Called one at a time, from any task; must not block.
    public init(
        access: any NodeAccess,
        targets: [NodeName: NodeTarget],
        transport: (any HTTPTransport)? = nil,
        logins: RESTLogins = RESTLogins(),
        secrets: SecretStore = SecretStore(),
        lease: LeasePlan,
        parallelism: Int,
        clock: some Clock<Duration>,
        run: RunID,
        journal: (any RunJournal)?,
        marathon: MarathonClient? = nil,
        masters: [ServicePlace] = [],
        courier: (any ImageCourier)? = nil,
        images: [DesiredImage] = [],
        editText: @escaping EditText,
        events: @escaping @Sendable (RunEvent) -> Void
    ) {
        let runClock = RunClock(clock)
        let events = inOrder(events)
        self.clock = runClock
        self.parallelism = max(parallelism, 1)
        runID = run
        holder = lease.holder
        self.events = events
        let keepers = lease.nodes
        self.lease = { Lease(plan: lease, access: access, targets: targets, run: run, clock: runClock) }
        let reach = transport.map { RESTReach($0, logins: logins, secrets: secrets) }
        context = { halt, plan in
            let recorder = RunRecorder(journal, signal: halt.signal)
            return RunContext(
                visits: NodeVisits(
                    access: access,
                    targets: targets,
                    run: run,
                    clock: runClock,
                    reach: reach,
                    recorder: recorder
                ),
                clock: runClock,
                secrets: secrets,
                editText: editText,
                emit: events,
                halt: halt,
                recorder: recorder,
                apps: marathon.map { marathon in
                    AppTools(
                        marathon: marathon,
                        masters: reach.map { MastersReach(reach: $0, places: masters) },
                        ledger: AppLedger(nodes: keepers),
                        ownDeployments: OwnDeployments()
                    )
                },
                images: plan.steps.contains(where: \.isAboutAnImage)
                    ? courier.map { ImageTools(courier: $0, images: images, plan: plan) } : nil
            )
        }
    }

    /// Carries `plan` out and gives the lease back; the report names every step once, in the order of the plan.
    ///
    /// A cancelled task is taken as two trips of `interruption`.
    /// - Throws: Why nothing at all was done.
    public func run(_ plan: Plan, interruption: Interruption) async throws(RunRefusal) -> RunReport {
        guard plan.refusals.isEmpty else { throw .planRefused(plan.refusals) }
        let lease = lease()
        let report: Result<RunReport, RunRefusal> = await withTaskCancellationHandler {
            await carryOut(plan, under: lease, interruption)
        } onCancel: {
            interruption.trip()
            interruption.trip()
        }
        let finished = try report.get()
        events(.ended(finished.ending))
        return finished
    }

    private func carryOut(
        _ plan: Plan,
        under lease: Lease,
        _ interruption: Interruption
    ) async -> Result<RunReport, RunRefusal> {
        var loop = RunLoop(plan: plan, lease: lease, interruption: interruption, clock: clock, limit: parallelism)
        let context = context(loop.halt, plan)
        if !plan.steps.isEmpty {
            do throws(RunRefusal) {
                guard let nodes = try await acquire(lease, interruption) else {
                    await uncancelled { await lease.release() }
                    return .success(loop.finish(context, runID))
                }
                if !nodes.isEmpty { events(.leaseTaken(nodes: nodes)) }
            } catch {
                return .failure(error)
            }
            context.recorder.begin(plan, by: holder)
            await loop.carryOut(context)
            if let images = context.images { await uncancelled { await images.close(context) } }
            await uncancelled { await lease.release() }
        }
        return .success(loop.finish(context, runID))
    }

    private func acquired(_ lease: Lease) async -> Result<[NodeName], RunRefusal> {
        do throws(RunRefusal) { return .success(try await lease.acquire()) } catch { return .failure(error) }
    }

    /// nil when it was interrupted while waiting.
    private func acquire(_ lease: Lease, _ interruption: Interruption) async throws(RunRefusal) -> [NodeName]? {
        let result = await withTaskGroup(of: Result<[NodeName], RunRefusal>?.self) { group in
            group.addTask { await acquired(lease) }
            group.addTask {
                _ = await interruption.next(after: .none)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        return interruption.level == .none ? try result?.get() : nil
    }

    /// To its end also in a cancelled task: a lease left behind blocks the next run for its whole period.
    private func uncancelled(_ body: @escaping @Sendable () async -> Void) async {
        guard Task.isCancelled else { return await body() }
        // Where this task runs: simulated time does not wait for any other place.
        let executor = withUnsafeCurrentTask { $0?.unownedTaskExecutor?.asTaskExecutor() }
        await Task(executorPreference: executor) { await body() }.value
    }
}
