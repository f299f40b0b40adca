internal import Specs

/// One write, and where it leads: success, or a verdict and what `onFailure` makes of it.
extension AppRun {
    func change(_ before: AppSight, until deadline: Duration) async -> StepOutcome {
        switch act.operation {
        case .create(let write), .update(let write): return await put(write, before, until: deadline)
        case .restart: return await restart(before, until: deadline)
        case .delete: return await delete(before, until: deadline)
        case .recreate(let write): return await recreate(write, before, until: deadline)
        }
    }

    private func put(_ write: AppWrite, _ before: AppSight, until deadline: Duration) async -> StepOutcome {
        let effect = effect(on: before)
        let lastGood = await AppRestore.lastGood(of: self, before)
        if case .failure(let fault) = lastGood {
            return .failed("\(act.id): its last good version could not be read: \(fault.message); nothing was written")
        }
        let version = before.app?.version
        var goal = goal(since: version, replaced: effect == .restart ? version : nil)
        if let effect, effect != .restart { goal.tolerated = Set(before.tasks.map(\.id)) }
        let request = AppRequest(run: self, before: before, goal: goal, line: "PUT \(path)") {
            force throws(MarathonFault) in
            try await self.write(write, over: before, force: force)
        }
        var isScale = false
        if case .scale? = effect { isScale = true }
        return await follow(request, isScale: isScale, until: deadline, lastGood: try? lastGood.get())
    }

    /// nil for a creation.
    private func effect(on sight: AppSight) -> AppEffect? {
        guard let target = act.target, let app = sight.app else { return nil }
        return AppRevision(of: target, from: app.definition, in: act.context, ignoring: act.ignoring)?.effect
    }

    private func restart(_ before: AppSight, until deadline: Duration) async -> StepOutcome {
        let version = before.app?.version
        let goal = goal(since: version, replaced: version)
        let request = AppRequest(run: self, before: before, goal: goal, line: "POST \(path)/restart") {
            force throws(MarathonFault) in
            try await tools.marathon.restart(id: act.id, force: force)
        }
        return await follow(request, isScale: false, until: deadline, lastGood: nil)
    }

    private func delete(_ before: AppSight, until deadline: Duration) async -> StepOutcome {
        await follow(deletion(before), isScale: false, until: deadline, lastGood: nil)
    }

    private func deletion(_ before: AppSight) -> AppRequest {
        let goal = AppGoal(id: act.id, definition: nil, context: act.context, since: before.app?.version ?? "")
        return AppRequest(run: self, before: before, goal: goal, line: "DELETE \(path)") {
            force throws(MarathonFault) in
            try await tools.marathon.delete(id: act.id, force: force)
        }
    }

    private func recreate(_ write: AppWrite, _ before: AppSight, until deadline: Duration) async -> StepOutcome {
        var write = write
        if before.app != nil {
            do throws(MarathonFault) { write = try await completed(write, by: before) } catch {
                if case .cancelled = error.kind { return .notReached("\(act.id): the run was interrupted") }
                return .failed("\(act.id): \(error.message)")
            }
            let request = deletion(before)
            switch await request.send(until: deadline) {
            case .ended(let outcome): return outcome
            case .accepted(let ticket):
                let follow = AppFollow(
                    run: self,
                    goal: request.goal,
                    words: "\(act.id) to be gone, to be made again",
                    deadline: deadline,
                    allowedSeconds: act.deadlineSeconds
                )
                switch await follow.follow() {
                case .reached: progress("deleted, and is made again")
                case .cancelled:
                    return .unknown(stopped(ticket, "; it is not made again yet: apply again\(lost(with: before))"))
                case .over(let missing, let sight), .timedOut(let missing, let sight?):
                    await giveUp(ticket, sight)
                    return .failed(doesNotGo(missing, before))
                case .timedOut(let missing, nil): return .failed(doesNotGo(missing, before))
                }
            }
        }
        guard !Task.isCancelled, context.halt.fence == nil else {
            return .unknown("\(act.id) is deleted and was not made again: apply again\(lost(with: before))")
        }
        let outcome = await put(write, AppSight(app: nil), until: deadline)
        switch outcome {
        case .applied, .alreadyInPlace: return outcome
        case .unknown(let words): return .unknown("\(words); the app before it is deleted\(lost(with: before))")
        case .failed(let words), .conflict(let words), .notReached(let words):
            return .failed("\(words); the app before it is deleted\(lost(with: before))")
        }
    }

    private func doesNotGo(_ missing: String, _ before: AppSight) -> String {
        "\(act.id) was to be deleted and made again, and does not go: \(missing); apply again\(lost(with: before))"
    }

    /// What goes with a deleted app that no file brings back: a number of instances that is nobody's to write.
    private func lost(with before: AppSight) -> String {
        let declared = act.target?["instances"]?.integer
        guard let number = before.app?.instances, declared == nil || act.ignoring.contains("instances") else {
            return ""
        }
        let next = declared ?? 1
        return number == next ? "" : "; it had \(number) instances, and is made with \(next) where it is gone"
    }

    // MARK: Following

    private func follow(
        _ request: AppRequest,
        isScale: Bool,
        until deadline: Duration,
        lastGood: RawApp?
    ) async -> StepOutcome {
        let ticket: MarathonClient.Ticket
        switch await request.send(until: deadline) {
        case .ended(let outcome): return outcome
        case .accepted(let accepted): ticket = accepted
        }
        var goal = request.goal
        goal.since = max(goal.since, ticket.version ?? "")
        var follow = AppFollow(
            run: self,
            goal: goal,
            words: words,
            deadline: deadline,
            allowedSeconds: act.deadlineSeconds
        )
        follow.isScale = isScale
        var ending = await follow.follow()
        var isJudged = false
        if case .timedOut(let missing, let sight) = ending, act.onFailure == .wait, context.halt.reason == nil {
            let verdict = await verdict(missing, sight, goal, isScale: isScale)
            progress("\(verdict); waiting goes on")
            follow.deadline = nil
            isJudged = true
            ending = await follow.follow()
            if case .cancelled = ending, !Task.isCancelled {
                await giveUp(ticket, sight)
                return .failed("\(verdict); stopped waiting, \(left(sight))")
            }
        }
        switch ending {
        case .reached:
            await record(.applied(digest: act.digest))
            return .applied
        case .cancelled: return .unknown(stopped(ticket))
        case .over(let missing, let sight):
            let verdict = await gone(missing, sight, goal, ticket)
            return await end(verdict, sight, ticket, lastGood: isJudged ? nil : lastGood)
        case .timedOut(let missing, let sight):
            let verdict = await verdict(missing, sight, goal, isScale: isScale)
            let outcome = await end(verdict, sight, ticket, lastGood: lastGood)
            await giveUp(ticket, sight)
            return outcome
        }
    }

    /// Should it still hold the app when the next run comes with another declaration, that run may override it.
    ///
    /// Only one that is surely this run's own. Up to 0.8.0 a creation is answered without its deployment: then it is the only
    /// one that is seen to hold the app in the version which that answer told.
    private func giveUp(_ ticket: MarathonClient.Ticket, _ sight: AppSight?) async {
        if let deployment = ticket.deployment {
            guard tools.ownDeployments.contains(deployment) else { return }
            await record(.givenUp(deployment: deployment))
        } else if let version = ticket.version, let sight, sight.app?.version == version,
            let deployment = sight.deployments.first?.id, sight.deployments.count == 1
        {
            await record(.givenUp(deployment: deployment))
        }
    }

    private func stopped(_ ticket: MarathonClient.Ticket, _ rest: String = "") -> String {
        let accepted = ticket.deployment.map { "accepted as deployment \($0)" } ?? "accepted"
        let cause = context.halt.fence.map { ": \($0.words)" } ?? ""
        return "\(act.id): \(accepted); stopped waiting for \(words)\(cause)\(rest)"
    }

    private func verdict(_ missing: String, _ sight: AppSight?, _ goal: AppGoal, isScale: Bool) async -> String {
        let restart = isScale && sight?.restarts(act.id) == true ? "; \(Self.unplannedRestart)" : ""
        var reasons = ""
        if let sight { reasons = await AppReasons(run: self, goal: goal).words(sight) }
        return "waited \(act.deadlineSeconds) s for \(words): \(missing)\(reasons)\(restart)"
    }

    /// No deployment works on it any more.
    private func gone(
        _ missing: String,
        _ sight: AppSight,
        _ goal: AppGoal,
        _ ticket: MarathonClient.Ticket
    ) async -> String {
        let name = ticket.deployment.map { "deployment \($0)" } ?? "the deployment"
        let fields = goal.differingFields(sight) ?? []
        let what: String
        if let app = sight.app, !fields.isEmpty {
            what =
                "was rolled back or replaced; version \(app.version) is there now, which differs in \(fields.joined(separator: ", "))"
        } else if goal.definition != nil, sight.app == nil {
            what = "was rolled back, or the app was deleted by someone else"
        } else if goal.outdated(sight) > 0 || goal.definition == nil {
            what = "was cancelled; the definition of version \(sight.app?.version ?? "-") stays"
        } else {
            what = "is over"
        }
        let reasons = await AppReasons(run: self, goal: goal).words(sight)
        return "\(act.id): \(name) \(what): \(missing)\(reasons)"
    }

    private func left(_ sight: AppSight?) -> String {
        let ids = sight?.deployments.map(\.id) ?? []
        guard !ids.isEmpty else { return "nothing was taken back" }
        return "deployment \(ids.joined(separator: ", ")) is left as it stands"
    }

    private func end(
        _ verdict: String,
        _ sight: AppSight?,
        _ ticket: MarathonClient.Ticket,
        lastGood: RawApp?
    ) async -> StepOutcome {
        switch act.onFailure {
        case .stop, .wait: return .failed("\(verdict); \(left(sight))")
        case .restore:
            guard let lastGood else {
                return .failed("\(verdict); there is no last good version to restore, \(left(sight))")
            }
            let restore = AppRestore(run: self, lastGood: lastGood, written: ticket.version)
            return .failed("\(verdict); \(await restore.restore())")
        }
    }
}
