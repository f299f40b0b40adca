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
        let goal = goal(since: version, replaced: effect == .restart ? version : nil)
        let request = AppRequest(run: self, before: before, goal: goal) { force throws(MarathonFault) in
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
        let request = AppRequest(run: self, before: before, goal: goal) { force throws(MarathonFault) in
            try await tools.marathon.restart(id: act.id, force: force)
        }
        return await follow(request, isScale: false, until: deadline, lastGood: nil)
    }

    private func delete(_ before: AppSight, until deadline: Duration) async -> StepOutcome {
        await follow(deletion(before), isScale: false, until: deadline, lastGood: nil)
    }

    private func deletion(_ before: AppSight) -> AppRequest {
        let goal = AppGoal(id: act.id, definition: nil, context: act.context, since: before.app?.version ?? "")
        return AppRequest(run: self, before: before, goal: goal) { force throws(MarathonFault) in
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
                case .cancelled: return .unknown(stopped(ticket, "; it is not made again yet: apply again"))
                case .over(let missing, _), .timedOut(let missing, _):
                    return .failed(
                        "\(act.id) was to be deleted and made again, and does not go: \(missing); apply again"
                    )
                }
            }
        }
        guard !Task.isCancelled, context.halt.fence == nil else {
            return .unknown("\(act.id) is deleted and was not made again: apply again")
        }
        let outcome = await put(write, AppSight(app: nil), until: deadline)
        switch outcome {
        case .applied, .alreadyInPlace, .unknown: return outcome
        case .failed(let words), .conflict(let words), .notReached(let words):
            return .failed("\(words); the app before it is deleted")
        }
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
                await giveUp(ticket)
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
            return await end(verdict, sight, lastGood: isJudged ? nil : lastGood)
        case .timedOut(let missing, let sight):
            let verdict = await verdict(missing, sight, goal, isScale: isScale)
            let outcome = await end(verdict, sight, lastGood: lastGood)
            await giveUp(ticket)
            return outcome
        }
    }

    /// Should it still hold the app when the next run comes with another declaration, that run may override it.
    private func giveUp(_ ticket: MarathonClient.Ticket) async {
        guard let deployment = ticket.deployment else { return }
        await record(.givenUp(deployment: deployment))
    }

    private func stopped(_ ticket: MarathonClient.Ticket, _ rest: String = "") -> String {
        let accepted = ticket.deployment.map { "accepted as deployment \($0)" } ?? "accepted"
        return "\(act.id): \(accepted); stopped waiting for \(words)\(rest)"
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

    private func end(_ verdict: String, _ sight: AppSight?, lastGood: RawApp?) async -> StepOutcome {
        switch act.onFailure {
        case .stop, .wait: return .failed("\(verdict); \(left(sight))")
        case .restore:
            guard let lastGood else {
                return .failed("\(verdict); there is no last good version to restore, \(left(sight))")
            }
            return .failed("\(verdict); \(await AppRestore(run: self, lastGood: lastGood).restore())")
        }
    }
}
