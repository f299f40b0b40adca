internal import Specs

/// One write, over locks that pass, elections and answers that got lost; never repeated without having looked.
struct AppRequest {
    /// A lock may outlive its deployment for that long (marathon-api.md 5.5).
    private static let linger = Duration.seconds(10)
    /// Within this time of answers a write that arrived shows (marathon-api.md 5.3).
    private static let window = Duration.seconds(10)
    private static let electionPatience = Duration.seconds(60)
    private static let attempts = 3

    let run: AppRun
    /// As seen right before.
    let before: AppSight
    let goal: AppGoal
    /// Method and path, such as `PUT /v2/apps/shop/cart`, for the journal.
    let line: String
    let perform: @Sendable (_ force: Bool) async throws(MarathonFault) -> MarathonClient.Ticket

    enum Ending {
        /// Without a deployment where the answer got lost.
        case accepted(MarathonClient.Ticket)
        case ended(StepOutcome)
    }

    private var context: RunContext { run.context }
    private var id: String { run.act.id }

    /// Sends it until it is accepted or cannot be.
    ///
    /// - Parameters:
    ///   - deadline: In the run's time; a lock of this run's own deployments is waited for until then.
    ///   - force: Whether a deployment that holds the app is overridden; nil: as the act says.
    /// - Returns: The ticket, or why there is none.
    func send(until deadline: Duration, force: Bool? = nil) async -> Ending {
        let began = context.clock.now()
        var (attemptsLeft, lockedSince, wasLost) = (Self.attempts, Duration?.none, false)
        var force = force ?? run.act.isForced
        while true {
            if let fence = context.halt.fence { return .ended(.notReached("\(id): \(fence.words)")) }
            if Task.isCancelled { return .ended(.notReached("\(id): the run was interrupted")) }
            let number: Int
            do throws(RunRecorder.Unwritten) {
                number = try context.recorder.begin(step: run.step.id, at: "Marathon", ["\(line)?force=\(force)"])
            } catch {
                let words = "\(id): \(error.words)"
                return .ended(wasLost ? .unknown(words) : .failed("\(words); nothing was written"))
            }
            do throws(MarathonFault) {
                let ticket = try await perform(force)
                context.recorder.end(number, [ticket.deployment.map { "accepted as deployment \($0)" } ?? "accepted"])
                run.tools.ownDeployments.insert(ticket.deployment)
                return .accepted(ticket)
            } catch {
                context.recorder.end(number, [error.journaled])
                let now = context.clock.now()
                if error.mayHaveBeenDone {
                    wasLost = true
                    attemptsLeft -= 1
                    switch await lookAgain(until: deadline) {
                    case .done(let deployment):
                        return .accepted(MarathonClient.Ticket(deployment: deployment, version: nil))
                    case .notDone where attemptsLeft > 0: continue
                    case .notDone, .unknown:
                        return .ended(.unknown("\(id): \(error.message); whether it was done is not known"))
                    }
                }
                switch error.kind {
                case .locked(let ids):
                    if wasLost, let own = await newDeployment() {
                        return .accepted(MarathonClient.Ticket(deployment: own, version: nil))
                    }
                    if !force, await isGivenUp(ids) {
                        force = true
                        continue
                    }
                    let since = lockedSince ?? now
                    lockedSince = since
                    if let words = await blocked(by: ids, since: since, until: deadline) { return .ended(words) }
                case .unreachable where now - began < Self.electionPatience && now < deadline:
                    let limit = min(began + Self.electionPatience, deadline)
                    run.tellWait("a Marathon that takes the write on \(id)", error.message, since: began, until: limit)
                    try? await context.clock.sleep(.seconds(1))
                // The first one came late; following looks whether the app is gone.
                case .missing where wasLost && goal.definition == nil:
                    return .accepted(MarathonClient.Ticket(deployment: nil, version: nil))
                case .cancelled:
                    return .ended(.notReached("\(id): the run was interrupted before anything was written"))
                case .unreachable, .unauthorized, .forbidden, .exists, .invalid, .missing, .unreadable, .failed:
                    return .ended(.failed("\(id): \(error.message)"))
                }
            }
        }
    }

    // MARK: Locks

    /// Waits a moment where the lock may pass; else why it does not.
    private func blocked(by ids: [String], since: Duration, until deadline: Duration) async -> StepOutcome? {
        let now = context.clock.now()
        let all = (try? await run.tools.marathon.deployments()) ?? []
        let blockers = all.filter { ids.contains($0.id) || $0.touches(id) }
        let isOwn =
            ids.contains(where: run.tools.ownDeployments.contains)
            || blockers.contains { run.tools.ownDeployments.contains($0.id) }
        let limit = isOwn ? deadline : min(since + Self.linger, deadline)
        guard now >= limit else {
            let missing = blockers.first?.place ?? "the deployment before it is over"
            run.tellWait("the lock on \(id) to be released", missing, since: since, until: limit)
            try? await context.clock.sleep(min(.seconds(isOwn ? 2 : 1), max(limit - now, .milliseconds(100))))
            return nil
        }
        return .failed(await LockWords(run: run).words(ids, blockers, all))
    }

    /// Whether all that holds the app are deployments that an earlier run of this program has caused and given up: the
    /// declaration they were for is no longer the one that holds, so nobody else is hurt where they are overridden.
    private func isGivenUp(_ ids: [String]) async -> Bool {
        guard !ids.isEmpty, !ids.contains(where: run.tools.ownDeployments.contains) else { return false }
        for deployment in ids {
            guard await run.tools.ledger.remembers(deployment, of: id, context) else { return false }
        }
        run.progress("overrides deployment \(ids.joined(separator: ", ")), which an earlier run began and gave up")
        return true
    }

    // MARK: Lost answers

    private enum Found {
        case done(deployment: String?)
        case notDone
        case unknown
    }

    /// Whether a write whose answer got lost was done: looks until it shows, or until enough answers do not show it.
    private func lookAgain(until deadline: Duration) async -> Found {
        let began = context.clock.now()
        var answeredSince: Duration?
        while !Task.isCancelled {
            let look = await run.look(before: deadline)
            let now = context.clock.now()
            var missing = "nothing of it shows yet"
            switch look {
            case .failure(let fault):
                if case .cancelled = fault.kind { return .unknown }
                answeredSince = nil
                missing = fault.message
            case .success(let sight):
                if let deployment = caused(sight) { return .done(deployment: deployment) }
                if sight.app?.version != before.app?.version { return .done(deployment: nil) }
                let since = answeredSince ?? now
                answeredSince = since
                if now - since >= Self.window { return .notDone }
            }
            guard now < deadline else { return .unknown }
            run.tellWait("whether the write on \(id) was done", missing, since: began, until: deadline)
            try? await context.clock.sleep(.seconds(1))
        }
        return .unknown
    }

    private func newDeployment() async -> String? {
        guard case .success(let sight) = await run.look() else { return nil }
        return caused(sight)
    }

    /// A deployment that was not there before: this run's own only where the definition is what was written, since somebody
    /// else may have written at that moment too.
    private func caused(_ sight: AppSight) -> String? {
        let deployment = new(sight)
        if goal.differingFields(sight)?.isEmpty == true { run.tools.ownDeployments.insert(deployment) }
        return deployment
    }

    private func new(_ sight: AppSight) -> String? {
        let ids = sight.deployments.map(\.id) + (sight.app?.deployments ?? [])
        let known = before.deployments.map(\.id) + (before.app?.deployments ?? [])
        return ids.first { !known.contains($0) }
    }
}

extension MarathonFault {
    fileprivate var journaled: String { (mayHaveBeenDone ? "not known: " : "not accepted: ") + message }
}

/// Who holds an app, since when, how far it is and what to do about it.
struct LockWords {
    let run: AppRun

    func words(_ ids: [String], _ blockers: [LiveDeployment], _ all: [LiveDeployment]) async -> String {
        let id = run.act.id
        let next = "wait for it to end, or apply with --force-app \(id), which cancels it"
        guard !blockers.isEmpty else {
            let named = ids.isEmpty ? "a deployment" : "deployment \(ids.joined(separator: ", "))"
            return """
                \(id) is locked by \(named), which Marathon does not list any more; apply again in a minute: \
                a lock that stays ends when Marathon's leader is restarted
                """
        }
        let now = await now(all)
        let held = blockers.map { deployment in "\(deployment.place), \(age(deployment, now))" }
        return "\(id) is locked: \(held.joined(separator: "; ")); \(next)"
    }

    private func age(_ deployment: LiveDeployment, _ now: (seconds: Int, isLowerBound: Bool)?) -> String {
        guard let then = MarathonTime.seconds(deployment.version), let now, now.seconds > then else {
            return "accepted at \(deployment.version)"
        }
        let atLeast = now.isLowerBound ? "at least " : ""
        return "accepted \(atLeast)\(MarathonTime.words(seconds: now.seconds - then)) ago (\(deployment.version))"
    }

    /// The clock of a node of the cluster; else the latest moment that Marathon itself has told of.
    private func now(_ all: [LiveDeployment]) async -> (seconds: Int, isLowerBound: Bool)? {
        if let seconds = await run.tools.ledger.clock(run.context) { return (seconds, false) }
        var told = all.map(\.version)
        if case .success(let sight) = await run.look() {
            told += [sight.app?.version, sight.failure?.timestamp].compactMap { $0 }
            told += sight.tasks.flatMap { [$0.stagedAt, $0.startedAt].compactMap { $0 } }
        }
        return told.compactMap(MarathonTime.seconds).max().map { ($0, true) }
    }
}
