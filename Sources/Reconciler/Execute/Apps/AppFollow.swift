internal import Specs

/// Looks at an app again and again until it is as wanted, cannot get there any more, or its deadline passes.
///
/// Whichever Marathon answers is fine: an election in the middle only takes time.
struct AppFollow {
    /// For how long an app that is not as wanted may be held by no deployment: after a failover, and where a deployment is not
    /// visible at once (marathon-api.md 5.3), it comes back within that.
    static let grace = Duration.seconds(30)
    /// For how long tasks that no health check vouches for must be seen to run: those that end at once run for a moment too.
    static let settling = Duration.seconds(3)
    /// For how long tasks must hold after one of theirs has ended: a deployment succeeds as soon as they run, and those that end
    /// after a second run again and again.
    static let proof = Duration.seconds(20)

    let run: AppRun
    let goal: AppGoal
    /// Follows what is waited for, such as "/x to run as declared".
    var words: String
    /// In the run's time; nil: for as long as it takes.
    var deadline: Duration?
    /// As told beside what is waited for.
    var allowedSeconds: Int
    /// Whether its definition is compared with every secret in it, as for one that is written back.
    var comparesSecrets = false
    /// Whether the app's tasks were to stay: a restart is told at once.
    var isScale = false

    enum Ending {
        case reached
        /// Nothing works on it any more; says what is missing.
        case over(String, AppSight)
        /// The last look, where there was one.
        case timedOut(String, AppSight?)
        /// The run was stopped, or has lost its lease.
        case cancelled
    }

    private var context: RunContext { run.context }

    func follow() async -> Ending {
        let began = context.clock.now()
        var memory = Memory()
        while true {
            let look = await run.look(comparingSecrets: comparesSecrets, before: deadline)
            if Task.isCancelled { return .cancelled }
            let now = context.clock.now()
            switch look {
            case .failure(let fault):
                if case .cancelled = fault.kind { return .cancelled }
                memory.lost(fault.message)
            case .success(let sight):
                tellRestart(sight, &memory)
                switch memory.seen(sight, goal.standing(sight), at: now, goal) {
                case .reached?: return .reached
                case .short(let missing)?: return .over(missing, sight)
                case .underway?, nil: break
                }
            }
            if let deadline, now >= deadline { return .timedOut(memory.missing, memory.sight) }
            // Without the lease the app may be another run's to change; and nobody is bound to a verdict that was told already.
            if context.halt.fence != nil || deadline == nil && context.halt.reason != nil { return .cancelled }
            tell(&memory, now - began)
            let pause = Self.pause(after: now - began)
            try? await context.clock.sleep(deadline.map { min(pause, max($0 - now, .milliseconds(100))) } ?? pause)
            if Task.isCancelled { return .cancelled }
        }
    }

    /// What the looks before have shown.
    private struct Memory {
        var missing = "no Marathon has answered"
        var sight: AppSight?
        var told: (words: String, at: Duration)?
        var restartTold = false
        private var shortSince: Duration?
        private var goneOnce = false
        private var reachedSince: Duration?

        /// While nobody answers, no grace runs out.
        mutating func lost(_ words: String) {
            missing = words
            shortSince = nil
        }

        /// A standing that ends the waiting, else nil.
        mutating func seen(
            _ sight: AppSight,
            _ standing: AppGoal.Standing,
            at now: Duration,
            _ goal: AppGoal
        ) -> AppGoal.Standing? {
            let isChanged = sight != self.sight
            self.sight = sight
            switch standing {
            case .reached:
                shortSince = nil
                if goal.definition == nil {
                    // Gone is shown before its deployment is visible (marathon-api.md 2.6).
                    missing = "another look"
                    defer { goneOnce = true }
                    return goneOnce ? .reached : nil
                }
                let failure = goal.ownFailure(sight)
                let since = isChanged && failure != nil ? now : reachedSince ?? now
                reachedSince = since
                missing = "whether the tasks stay" + (failure.map { ", after \($0.words)" } ?? "")
                let needed = failure != nil ? AppFollow.proof : goal.vouched(sight) ? .zero : AppFollow.settling
                return now - since >= needed ? .reached : nil
            case .underway(let words):
                (missing, shortSince, goneOnce, reachedSince) = (words, nil, false, nil)
                return nil
            case .short(let words):
                (missing, goneOnce, reachedSince) = (words, false, nil)
                let since = isChanged ? now : shortSince ?? now
                shortSince = since
                return now - since >= AppFollow.grace ? standing : nil
            }
        }
    }

    private static func pause(after waited: Duration) -> Duration {
        if waited < .seconds(10) { return .seconds(1) }
        return waited < .seconds(60) ? .seconds(2) : .seconds(5)
    }

    private func tell(_ memory: inout Memory, _ waited: Duration) {
        let now = context.clock.now()
        guard memory.told.map({ $0.words != memory.missing || now - $0.at >= .seconds(5) }) ?? true else { return }
        memory.told = (memory.missing, now)
        context.emit(
            .waiting(
                id: run.step.id,
                words: words,
                missing: memory.missing,
                seconds: Int(waited.components.seconds),
                deadline: allowedSeconds
            )
        )
    }

    /// The plan said that every task stays.
    private func tellRestart(_ sight: AppSight, _ memory: inout Memory) {
        guard isScale, !memory.restartTold, sight.restarts(goal.id) else { return }
        memory.restartTold = true
        run.progress(AppRun.unplannedRestart)
    }
}

extension AppSight {
    func restarts(_ app: String) -> Bool {
        deployments.contains { $0.currentActions.contains { $0.app == app && $0.action == "RestartApplication" } }
    }
}
