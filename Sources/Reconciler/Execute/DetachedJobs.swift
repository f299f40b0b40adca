internal import Specs

/// The wait for what runs detached on the node: a broken connection delays it and ends nothing.
extension VisitRun {
    private static let jobDeadline = Duration.seconds(15 * 60)
    /// Short, so that gates of other steps can look at the node in between.
    private static let collectSeconds = 5

    /// Asks for the result until it is there, over as many broken connections as the deadline allows.
    func collect(_ job: String) async -> StepOutcome {
        let began = context.clock.now()
        var silence: String?
        while context.clock.now() - began < Self.jobDeadline {
            do {
                let collect = NodeAction.collect(job: job, seconds: Self.collectSeconds)
                let results = try await context.visits.perform([collect], on: node)
                silence = nil
                switch results?.first {
                case .done(let detail)?:
                    if !detail.isEmpty { context.emit(.progress(id: step.id, node: node, text: detail)) }
                    return .applied
                case .alreadyInPlace?: return .alreadyInPlace
                case .pending?: break
                case .failed(let reason)?: return .failed("\(node): \(step.title): \(reason)")
                case .conflict(let found)?: return .conflict("\(node): \(step.title): found \(found)")
                case nil: return .unknown("\(node): \(step.title): no result")
                }
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
            try? await context.clock.sleep(.seconds(silence == nil ? 1 : 3))
            if Task.isCancelled { return .unknown("\(node): \(step.title) goes on, the run was interrupted") }
        }
        let minutes = Self.jobDeadline.components.seconds / 60
        return .unknown(
            "\(node): \(step.title) has not ended within \(minutes) minutes\(silence.map { " (\($0))" } ?? "")"
        )
    }
}
