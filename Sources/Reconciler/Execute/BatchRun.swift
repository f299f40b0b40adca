internal import Specs

/// Carries out actions on one node, over a broken connection and a conflict that is none.
struct BatchRun {
    let step: Int
    let node: NodeName
    let context: RunContext
    /// When the first visit must have begun, in the run's time.
    var latest: Duration?

    struct Ending {
        var outcome: StepOutcome
        /// Whether a detached job of the batch is to be collected.
        var isJobOpen = false
        /// Whether `latest` had passed before anything was sent.
        var isTooLate = false
    }

    /// How often a broken connection is taken up again, and after how long.
    private static let retries = 1
    private static let retryPause = Duration.seconds(2)
    private static let jobInquiries = 15

    func carryOut(_ actions: [NodeAction]) async -> Ending {
        var queue = Queue(actions)
        var (retriesLeft, mayHaveHappened) = (Self.retries, false)
        while !queue.rest.isEmpty {
            if let fence = context.halt.fence {
                return queue.stopped("\(node): \(fence.words)", begun: mayHaveHappened)
            }
            do {
                let sent = queue.rest
                guard let results = try await context.visits.perform(sent, on: node, for: step, startingBy: latest)
                else {
                    return Ending(outcome: .notReached("\(node) was busy for too long"), isTooLate: true)
                }
                if let outcome = await settle(results, of: sent, in: &queue) {
                    return Ending(outcome: outcome)
                }
            } catch {
                mayHaveHappened = mayHaveHappened || !error.nothingHappened
                if Task.isCancelled { return queue.stopped("\(node): stopped by an interrupt", begun: mayHaveHappened) }
                guard error.isRetryable, retriesLeft > 0 else { return broken(queue, error, mayHaveHappened) }
                retriesLeft -= 1
                try? await context.clock.sleep(Self.retryPause)
                if !error.nothingHappened, let words = await lookAgain(&queue) {
                    return Ending(outcome: .unknown("\(node): \(error.message); \(words)"))
                }
            }
        }
        return Ending(outcome: queue.isChanged ? .applied : .alreadyInPlace, isJobOpen: queue.isJobOpen)
    }

    private func broken(_ queue: Queue, _ error: NodeAccessError, _ mayHaveHappened: Bool) -> Ending {
        let next = queue.rest.first.map { "could not \($0.words): " } ?? ""
        let words = "\(node): \(next)\(error.message)"
        return Ending(outcome: mayHaveHappened ? .unknown(words) : .failed(words))
    }

    /// Takes the results of one visit in; returns an outcome when the batch ends with them.
    private func settle(
        _ results: [ActionResult],
        of sent: [NodeAction],
        in queue: inout Queue
    ) async -> StepOutcome? {
        guard !results.isEmpty, results.count <= sent.count else {
            return .unknown("\(node): \(results.count) results for \(sent.count) actions")
        }
        for (action, result) in zip(sent, results) {
            switch result {
            case .done(let detail):
                if queue.openBeforeRestart > 0, case .writeFile = action {
                    return .conflict("\(node): the service was restarted by someone else before \(action.words)")
                }
                queue.settle(action, result)
                if let text = action.progress(detail) {
                    context.emit(.progress(id: step, node: node, text: text))
                }
            case .alreadyInPlace: queue.settle(action, result)
            case .pending where action.isDetached: queue.settle(action, result)
            case .pending: return .failed("\(node): could not \(action.words): it is still going on")
            case .conflict(let found):
                guard await isInPlace(action) else {
                    let before = queue.isChanged ? "; what came before it in this step was done" : ""
                    return .conflict("\(node): \(action.words): found \(found)\(before)")
                }
                queue.settle(action, .alreadyInPlace)
            case .failed(let reason):
                guard case .recordApplied = action else {
                    return .failed("\(node): could not \(action.words): \(reason)")
                }
                // The record only explains causes; what was done stands without it.
                context.emit(.progress(id: step, node: node, text: "could not record what was applied: \(reason)"))
                queue.settle(action, .alreadyInPlace)
            }
        }
        return nil
    }

    /// Whether what an action wants is there already, though not what it expected to replace.
    private func isInPlace(_ action: NodeAction) async -> Bool {
        switch action {
        case .writeFile(let write):
            guard case .file(let file)? = await look(.file(path: write.path)) else { return false }
            return file.holds(write, context.secrets)
        case .removeFile(let path, _, _): return await look(.file(path: path)) == .absent
        case .setHostName: return false
        case .service, .keepRunningCopies, .installPackages, .collect, .lease, .recordApplied, .image: return false
        case .renewSources, .holdPackages: return false
        case .network: return false
        case .refreshBalancer: return false
        }
    }

    /// After a broken visit: takes out what must not be done twice and was done; returns why it cannot go on.
    ///
    /// Everything else may be repeated: writes and removals compare before they act, the others are idempotent.
    private func lookAgain(_ queue: inout Queue) async -> String? {
        queue.isResumed = true
        for action in queue.rest {
            switch action {
            case .service(let act):
                guard let (service, pid) = act.restart else { continue }
                guard let pid else { return "whether \(service) was restarted is not known" }
                guard case .service(let now)? = await look(.service(service)) else {
                    return "\(service) could not be looked at again"
                }
                guard now.run == .running, let found = now.pid else {
                    return "\(service) is \(now.run.rawValue) since\(now.inWords)"
                }
                if found != pid { queue.skip(action, .done(detail: "process \(pid) became \(found)")) }
            case .installPackages, .image, .renewSources:
                guard let job = action.job else { continue }
                switch await begun(job) {
                case true?: queue.skip(action, .pending)
                case false?: continue
                case nil: return "whether it began to \(action.words) is not known"
                }
            case .setHostName: continue
            case .writeFile, .removeFile, .keepRunningCopies, .collect, .lease, .recordApplied: continue
            case .holdPackages: continue
            case .network: continue
            case .refreshBalancer: continue
            }
        }
        return nil
    }

    /// Whether the node knows of a job that has not failed; nil when it cannot be asked.
    private func begun(_ job: String) async -> Bool? {
        for _ in 1...Self.jobInquiries {
            switch try? await context.visits.perform([.collect(job: job, seconds: 0)], on: node)?.first {
            case .pending?, .done?, .alreadyInPlace?: return true
            case .conflict?, .failed?: return false
            case nil:
                if Task.isCancelled { return nil }
                try? await context.clock.sleep(Self.retryPause)
            }
        }
        return nil
    }

    private func look(_ request: FactRequest) async -> FactAnswer? {
        try? await context.observe([request], on: node).get().first
    }
}

extension BatchRun {
    /// The actions still to be done, and what came of the others.
    struct Queue {
        private(set) var rest: [NodeAction]
        private(set) var ended = 0
        private(set) var isChanged = false
        private(set) var isJobOpen = false
        /// How many actions are open that should have come before a restart which was found done after a broken visit.
        private(set) var openBeforeRestart = 0
        /// After a broken visit what is found in place may well have been brought there by it.
        var isResumed = false

        init(_ actions: [NodeAction]) { rest = actions }

        /// The first action that is left has come to an end.
        mutating func settle(_ action: NodeAction, _ result: ActionResult) {
            rest.removeFirst()
            openBeforeRestart = max(openBeforeRestart - 1, 0)
            note(action, result)
        }

        /// An action was found done.
        mutating func skip(_ action: NodeAction, _ result: ActionResult) {
            guard let index = rest.firstIndex(of: action) else { return }
            rest.remove(at: index)
            if case .service = action { openBeforeRestart = index }
            note(action, result)
        }

        private mutating func note(_ action: NodeAction, _ result: ActionResult) {
            ended += 1
            switch (action, result) {
            case (.recordApplied, _), (.keepRunningCopies, _), (.collect, _): break
            case (_, .done) where action.job != nil, (_, .pending) where action.job != nil:
                (isChanged, isJobOpen) = (true, true)
            case (_, .done), (_, .pending): isChanged = true
            case (_, .alreadyInPlace) where isResumed: isChanged = true
            case (_, .alreadyInPlace), (_, .conflict), (_, .failed): break
            }
        }

        func stopped(_ words: String, begun: Bool) -> Ending {
            guard begun || ended > 0 else { return Ending(outcome: .notReached(words)) }
            let done = ended == 0 ? "" : ", after \(ended) of \(ended + rest.count) actions"
            return Ending(outcome: begun ? .unknown(words + done) : .failed(words + done))
        }
    }
}

extension NodeAction {
    /// The job in which it goes on detached; nil where it ends with its visit.
    fileprivate var job: String? {
        switch self {
        case .installPackages(_, let job), .image(.load(_, let job)), .image(.pull(_, _, let job)): job
        case .renewSources(_, let job): job
        case .setHostName: nil
        case .writeFile, .removeFile, .service, .keepRunningCopies, .collect, .lease, .recordApplied, .image: nil
        case .holdPackages: nil
        case .network: nil
        case .refreshBalancer: nil
        }
    }

    fileprivate var isDetached: Bool {
        if case .collect = self { true } else { job != nil }
    }

    /// A progress line for what takes long or disturbs; nil for the rest.
    fileprivate func progress(_ detail: String) -> String? {
        switch self {
        case .setHostName: nil
        case .service, .installPackages: detail.isEmpty ? words : "\(words): \(detail)"
        case .renewSources, .holdPackages: detail.isEmpty ? nil : "\(words): \(detail)"
        case .refreshBalancer: detail.isEmpty ? words : "\(words): \(detail)"
        case .writeFile, .removeFile, .keepRunningCopies, .collect, .lease, .recordApplied, .image: nil
        case .network: nil
        }
    }
}

extension FileAnswer {
    /// Whether it is a regular file with this text and, where they matter, this mode and these owners.
    func holds(_ text: String?, _ mode: Int?, _ owner: String?, _ group: String?) -> Bool {
        guard let text, kind == .regular else { return false }
        let isSame = content.map { $0 == text } ?? (digest == sha256(text))
        return isSame && mode ?? self.mode == self.mode && owner ?? self.owner == self.owner
            && group ?? self.group == self.group
    }
}
