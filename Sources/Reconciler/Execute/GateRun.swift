internal import Specs

/// Waits for a condition by looking again and again until it holds, cannot hold any more, or its deadline passes.
struct GateRun {
    let step: Int
    let context: RunContext

    enum Ending: Hashable {
        case held
        case failed(String)
        case assumptionFailed(String)
        /// Second interrupt.
        case cancelled
    }

    /// How long looking before a step may take.
    private static let beforeLimit = Duration.seconds(15)

    /// What the gate will compare with, as far as it was seen; nil where it compares with nothing, or nobody answered.
    ///
    /// Taken before the step acts; one look that fails is not taken for a cluster that has nothing to lose.
    func before(_ gate: Gate?) async -> GateAnswers? {
        guard let gate, gate.condition.comparesWithBefore else { return nil }
        let end = context.clock.now() + Self.beforeLimit
        var found: GateAnswers?
        while true {
            let limit = max(end - context.clock.now(), .seconds(1))
            let answers = await context.clock.within(limit) {
                await context.visits.observe(gate.condition.questions)
            }
            if let answers, gate.condition.isComparable(with: answers) { return answers }
            found = answers ?? found
            guard context.clock.now() < end, !Task.isCancelled, context.halt.reason == nil else { return found }
            try? await context.clock.sleep(.seconds(1))
        }
    }

    /// `before` is what `before(_:)` brought; `remaining` are members that the step has still to restart.
    func wait(for gate: Gate, before: GateAnswers? = nil, remaining: Set<NodeName> = []) async -> Ending {
        var watch = GateWatch(gate.condition, before: before, remaining: remaining)
        let poll = Poll(questions: gate.condition.questions, words: gate.words, deadlineSeconds: gate.deadlineSeconds)
        return await wait(poll, every: gate.condition.pollInterval) { watch.judge($0, asked: $1, answered: $2) }
    }

    /// What is asked and how long it may take.
    struct Poll {
        var questions: GateQuestions
        var words: String
        var deadlineSeconds: Int
    }

    func wait(
        _ poll: Poll,
        every interval: Duration,
        judge: (_ answers: GateAnswers, _ asked: Duration, _ answered: Duration) -> GateVerdict
    ) async -> Ending {
        let (began, deadline) = (context.clock.now(), Duration.seconds(poll.deadlineSeconds))
        var missing = "nobody has answered"
        var told: (words: String, at: Duration)?
        while true {
            let asked = context.clock.now()
            // Even a look that hangs ends with the deadline; the first one always has time to answer.
            let limit = max(deadline - (asked - began), .seconds(1))
            let answers = await context.clock.within(limit) { await context.visits.observe(poll.questions) }
            if Task.isCancelled { return .cancelled }
            let now = context.clock.now()
            if let answers {
                switch judge(answers, asked, now) {
                case .holds: return .held
                case .impossible(let words): return .failed("\(poll.words): \(words)")
                case .assumptionFailed(let words): return .assumptionFailed(words)
                case .notYet(let words): missing = words
                }
            }
            guard now - began < deadline else {
                return .failed("\(poll.words): not within \(poll.deadlineSeconds) s: \(missing)")
            }
            if told.map({ $0.words != missing || now - $0.at >= .seconds(5) }) ?? true {
                told = (missing, now)
                tell(poll, missing, now - began)
            }
            try? await context.clock.sleep(min(interval, deadline - (now - began)))
            if Task.isCancelled { return .cancelled }
        }
    }

    private func tell(_ poll: Poll, _ missing: String, _ waited: Duration) {
        context.emit(
            .waiting(
                id: step,
                words: poll.words,
                missing: missing,
                seconds: Int(waited.components.seconds),
                deadline: poll.deadlineSeconds
            )
        )
    }
}
