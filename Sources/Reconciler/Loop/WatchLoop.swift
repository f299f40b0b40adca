internal import Specs

/// The daily loop: looks every interval and at once on a new commit, tells what differs, and corrects what it may.
///
/// A revision that cannot be read never replaces the last good one; a newer one ends the waiting of an older.
public struct WatchLoop {
    /// How often the source is asked.
    public static let pollSeconds = 10
    /// How often a round asks whether somebody has paused the loop.
    public static let pausePollSeconds = 2
    /// How long a run may go on with the step in hand once a newer revision is there, before its waiting is cut short.
    public static let graceSeconds = 20
    /// The longest time between rounds after failures.
    public static let longestBackOffSeconds = 3600

    private let source: any LoopSource
    private let tools: LoopTools
    private let clock: RunClock
    private var memory: LoopMemory
    private var current: LoopDeclaration?
    /// As published last.
    public private(set) var status: LoopStatus
    private var plan: Plan?
    private var nextRound: Duration = .zero

    /// - Parameters:
    ///   - cluster: For the status until the first declaration was read.
    ///   - source: Asked every `pollSeconds`.
    ///   - tools: The machine.
    public init(cluster: String, source: any LoopSource, tools: LoopTools) {
        self.source = source
        self.tools = tools
        clock = Self.runClock(tools.clock)
        memory = tools.load()
        status = LoopStatus(cluster: cluster, mode: .report, started: tools.now(), intervalSeconds: 0)
    }

    private static func runClock(_ clock: some Clock<Duration>) -> RunClock { RunClock(clock) }

    /// Goes on until `stop` is tripped or the task is cancelled, or for that many rounds.
    ///
    /// A first trip lets the step in hand finish and calls off a round that only looks; a second cuts the step too.
    public mutating func run(until stop: Interruption, rounds: Int? = nil) async {
        tools.publish(status, nil)
        var offer: LoopOffer? = await source.newest()
        while stop.level == .none, !Task.isCancelled {
            if let offer { await take(offer) }
            offer = nil
            if let rounds, status.counters.rounds >= rounds { return }
            if let current, clock.now() >= nextRound {
                offer = await round(of: current, until: stop)
            } else {
                await pause(until: stop)
                if stop.level == .none, !Task.isCancelled { offer = await source.newest() }
            }
        }
    }

    // MARK: Declarations

    private mutating func take(_ offer: LoopOffer) async {
        switch offer {
        case .declared(let declaration):
            status.revision.bad = nil
            adopt(declaration)
            tellGood(declaration)
        case .unreadable(let revision, let reason):
            await fallBack()
            tellBad(LoopStatus.Revision.Bad(revision: revision, reason: reason))
        case .unreachable(let reason):
            await fallBack()
            tellBad(LoopStatus.Revision.Bad(revision: nil, reason: reason))
        }
        publish()
    }

    private mutating func adopt(_ declaration: LoopDeclaration) {
        guard declaration.identity != current?.identity else { return }
        current = declaration
        memory.goodRevision = declaration.revision
        memory.failures = 0
        tools.save(memory)
        status.cluster = declaration.cluster
        status.mode = declaration.limits.corrects ? .correct : .report
        status.intervalSeconds = declaration.intervalSeconds
        status.revision.good = declaration.revision
        nextRound = clock.now()
    }

    /// A loop that starts while the newest revision is broken goes on with what it had before it was stopped.
    private mutating func fallBack() async {
        guard current == nil, let declaration = await source.lastGood() else { return }
        adopt(declaration)
    }

    private mutating func tellBad(_ bad: LoopStatus.Revision.Bad) {
        guard status.revision.bad != bad else { return }
        status.revision.bad = bad
        status.counters.badRevisions += 1
        memory.hasToldBadRevision = true
        tools.save(memory)
        let good = current?.revision.map { "; \($0) stays" } ?? ""
        tell([
            LoopNotice(
                kind: .badRevision,
                cluster: status.cluster,
                at: tools.now(),
                revision: bad.revision,
                messages: [bad.reason + good]
            )
        ])
    }

    private mutating func tellGood(_ declaration: LoopDeclaration) {
        guard memory.hasToldBadRevision == true else { return }
        memory.hasToldBadRevision = nil
        tools.save(memory)
        tell([
            LoopNotice(
                kind: .goodRevision,
                cluster: status.cluster,
                at: tools.now(),
                revision: declaration.revision,
                messages: ["in use from now on"]
            )
        ])
    }

    // MARK: Rounds

    private enum Happening: Sendable {
        /// nil: called off before anything was judged or done.
        case ended(LoopLook.Result?)
        case newer(LoopOffer)
        case stopped(Interruption.Level)
        case graceOver
        case paused
    }

    /// Returns what the source offered meanwhile, if it is news.
    private mutating func round(of declaration: LoopDeclaration, until stop: Interruption) async -> LoopOffer? {
        let began = tools.now()
        status.nextRound = nil
        status.pause = currentPause()
        publish()
        memory.closeUnderWay(within: Breaker.period(interval: declaration.intervalSeconds))
        for item in tools.resumed() { memory.breaker.resume(item) }
        let interruption = Interruption()
        let look = LoopLook(
            declaration: declaration,
            tools: tools,
            breaker: memory.breaker,
            pause: status.pause,
            wasCut: memory.cut != nil
        ) {
            [tools, memory] underWay in
            var memory = memory
            memory.underWay = underWay
            tools.save(memory)
        }
        var news: LoopOffer?
        var attempt: LoopLook.Result?
        var hasEnded = false
        await withTaskGroup(of: Happening.self) { group in
            group.addTask { .ended(await look.carryOut(interruption)) }
            group.addTask { [source, clock] in
                await Self.newer(than: declaration, from: source, clock).map(Happening.newer) ?? .graceOver
            }
            group.addTask { .stopped(await stop.next(after: .none)) }
            if status.pause == nil {
                group.addTask { [tools, clock] in
                    await Self.paused(tools, clock)
                    return .paused
                }
            }
            while !hasEnded, let happening = await group.next() {
                switch happening {
                case .ended(let ended):
                    attempt = ended
                    hasEnded = true
                case .newer(let offer):
                    news = offer
                    guard case .declared = offer else { break }
                    interruption.trip()
                    group.addTask { [clock] in
                        try? await clock.sleep(.seconds(Self.graceSeconds))
                        return .graceOver
                    }
                case .stopped(let level):
                    while interruption.level < level { interruption.trip() }
                    if level == .finishStep { group.addTask { .stopped(await stop.next(after: .finishStep)) } }
                case .graceOver: if news != nil { interruption.trip() }
                // Whoever pauses the loop means the run in hand too, but for its step.
                case .paused where interruption.level == .none: interruption.trip()
                case .paused: break
                }
            }
            group.cancelAll()
        }
        if let attempt {
            settle(attempt, of: declaration, began: began)
        } else {
            // Whoever called it off says what comes next; a look that came to nothing is due again.
            nextRound = clock.now()
        }
        return news
    }

    /// The first offer that differs from what is carried out; nil when cancelled.
    private static func newer(
        than declaration: LoopDeclaration,
        from source: any LoopSource,
        _ clock: RunClock
    ) async -> LoopOffer? {
        while !Task.isCancelled {
            try? await clock.sleep(.seconds(pollSeconds))
            guard !Task.isCancelled else { return nil }
            let offer = await source.newest()
            switch offer {
            case .declared(let newer) where newer.identity != declaration.identity: return offer
            case .declared, .unreachable, .unreadable: continue
            }
        }
        return nil
    }

    /// Back when the loop is paused, or when it is cancelled.
    private static func paused(_ tools: LoopTools, _ clock: RunClock) async {
        while !Task.isCancelled {
            try? await clock.sleep(.seconds(pausePollSeconds))
            switch tools.pause() {
            case .found(let pause) where pause.holds(at: tools.now()): return
            case .unknown: return
            case .found, .absent: continue
            }
        }
    }

    private mutating func settle(_ attempt: LoopLook.Result, of declaration: LoopDeclaration, began: Int) {
        let now = tools.now()
        let round = attempt.round
        memory.breaker = attempt.breaker
        memory.failures = round.isFailure ? memory.failures + 1 : 0
        let cut = attempt.hasHeld ? memory.cut : nil
        if attempt.hasHeld { memory.cut = nil }
        tools.save(memory)
        var news = LoopNotice.news(
            after: round,
            before: status,
            raised: attempt.raised,
            revision: declaration.revision,
            at: now
        )
        if let cut {
            news += LoopNotice.settled(cut, after: round, cluster: status.cluster, declaration.revision, at: now)
        }
        count(round, before: status)
        if let seen = attempt.plan, let at = attempt.lookedAt {
            plan = seen
            status.lastLook = LoopStatus.Look(at: at, revision: declaration.revision)
        }
        status.items = round.standing(after: status.items)
        status.lastRound = LoopStatus.Round(
            began: began,
            ended: now,
            revision: declaration.revision,
            outcome: round.outcome,
            messages: round.messages
        )
        if [.inSync, .reported, .corrected, .paused].contains(round.outcome) { status.lastSuccess = now }
        let wait = waiting(declaration.intervalSeconds)
        nextRound = clock.now() + .seconds(wait)
        status.nextRound = now + wait
        tell(news)
        publish()
    }

    private mutating func count(_ round: LoopRound, before: LoopStatus) {
        status.counters.rounds += 1
        if round.isFailure { status.counters.failedRounds += 1 }
        status.counters.corrections += round.corrected.count
        let known = Set(before.items.filter { $0.state != .corrected }.map(\.item))
        // As `drift` counts: without a record nobody knows of a commit either.
        status.counters.driftFound += round.items.count { item in
            item.cause != .git && item.state != .blocked && !known.contains(item.item)
        }
    }

    /// The interval and up to a tenth of it more, so that several loops do not ask in step; longer after each failure.
    private func waiting(_ interval: Int) -> Int {
        let doubled = interval << min(memory.failures, 10)
        let seconds = memory.failures == 0 ? interval : max(interval, min(doubled, Self.longestBackOffSeconds))
        return seconds + Int(Double(seconds) * 0.1 * tools.jitter())
    }

    // MARK: Outside

    private func currentPause() -> LoopPause? {
        let now = tools.now()
        switch tools.pause() {
        case .found(let pause): return pause.holds(at: now) ? pause : nil
        case .absent: return nil
        case .unknown(let reason):
            return LoopPause(
                reason: "whether the loop is paused cannot be read: \(reason)",
                by: "-",
                since: now,
                until: now + 1
            )
        }
    }

    private func tell(_ notices: [LoopNotice]) {
        for notice in notices { tools.notify(notice) }
    }

    private func publish() { tools.publish(status, plan) }

    /// Until the next poll, the next round or the end.
    private func pause(until stop: Interruption) async {
        let poll = Duration.seconds(Self.pollSeconds)
        let limit = current == nil ? poll : min(poll, max(nextRound - clock.now(), .milliseconds(10)))
        _ = await clock.within(limit) { _ = await stop.next(after: .none) }
    }
}
