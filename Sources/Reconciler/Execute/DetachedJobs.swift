internal import Specs

/// The wait for what runs detached on the node: a broken connection delays it and ends nothing.
extension VisitRun {
    static let jobLimit = Duration.seconds(15 * 60)
    /// Short, so that gates of other steps can look at the node in between.
    private static let collectSeconds = 5

    /// Asks for the result until it is there, over as many broken connections as the limit allows.
    ///
    /// `words` say what is waited for, told at every look; nil: nothing is told.
    func collect(_ job: String, within limit: Duration = jobLimit, for words: String? = nil) async -> StepOutcome {
        let began = context.clock.now()
        var silence: String?
        var isInterruptTold = false
        while context.clock.now() - began < limit {
            do {
                let collect = NodeAction.collect(job: job, seconds: Self.collectSeconds)
                let results = try await context.visits.perform([collect], on: node)
                silence = nil
                if let outcome = outcome(of: results?.first) { return outcome }
            } catch {
                if Task.isCancelled { return .unknown("\(node): \(step.title) goes on, the run was interrupted") }
                guard error.isRetryable else {
                    return .unknown("\(node): \(step.title) goes on: \(error.message)")
                }
                if silence == nil {
                    context.emit(
                        .progress(id: step.id, node: node, text: "lost the connection, will collect the result")
                    )
                }
                silence = error.message
            }
            if let words {
                tellWait(words, silence ?? "it goes on", since: began, limit)
                if !isInterruptTold { isInterruptTold = tellInterrupt(words) }
            }
            try? await context.clock.sleep(.seconds(silence == nil ? 1 : 3))
            if Task.isCancelled { return .unknown("\(node): \(step.title) goes on, the run was interrupted") }
        }
        let minutes = limit.components.seconds / 60
        return .unknown(
            "\(node): \(step.title) has not ended within \(minutes) minutes\(silence.map { " (\($0))" } ?? "")"
        )
    }

    /// nil while the job goes on.
    private func outcome(of result: ActionResult?) -> StepOutcome? {
        switch result {
        case .done(let detail)?:
            if !detail.isEmpty { context.emit(.progress(id: step.id, node: node, text: detail)) }
            return .applied
        case .alreadyInPlace?: return .alreadyInPlace
        case .pending?: return nil
        case .failed(let reason)?: return .failed("\(node): \(step.title): \(reason)")
        case .conflict(let found)?: return .conflict("\(node): \(step.title): found \(found)")
        case nil: return .unknown("\(node): \(step.title): no result")
        }
    }

    private func tellWait(_ words: String, _ missing: String, since began: Duration, _ limit: Duration) {
        let seconds = Int((context.clock.now() - began).components.seconds)
        context.emit(
            .waiting(
                id: step.id,
                words: words,
                missing: missing,
                seconds: seconds,
                deadline: Int(limit.components.seconds)
            )
        )
    }

    /// What was begun on the node cannot be taken back: whoever interrupts is told what the run stays for.
    private func tellInterrupt(_ words: String) -> Bool {
        guard context.halt.interruption.level == .finishStep else { return false }
        let text = "interrupted: stays for \(words), which may take long; a second interrupt ends the wait"
        context.emit(.progress(id: step.id, node: node, text: text))
        return true
    }
}
