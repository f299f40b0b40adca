internal import Specs

/// Where every step of a plan stands, and which may begin; pure.
///
/// Steps with a layer go one at a time in the order of the plan; no two steps on one node overlap; the rest is bounded by
/// the caller's limit only. Once a step of an ensemble's layer has not succeeded, no later step of any ensemble begins.
struct StepBoard {
    enum State: Hashable {
        case waiting, running
        case ended(StepOutcome)
    }

    let steps: [Step]
    private(set) var states: [State]
    /// Why steps are held back for good, by index of the step that has not succeeded.
    private var haltedBy: Int?

    init(_ steps: [Step]) {
        self.steps = steps
        states = Array(repeating: .waiting, count: steps.count)
    }

    var running: [Int] { states.indices.filter { states[$0] == .running } }

    /// The first step that may begin now beside those that run.
    func startable(limit: Int) -> Int? {
        let running = running
        guard running.count < max(limit, 1) else { return nil }
        let busy = Set(running.flatMap { steps[$0].nodes })
        var isLayerBusy = running.contains { steps[$0].layer != nil }
        for index in steps.indices where states[index] == .waiting {
            let step = steps[index]
            let mayStart = needsAreMet(step) && busy.isDisjoint(with: step.nodes)
            if step.layer == nil {
                if mayStart { return index }
            } else {
                if mayStart, !isLayerBusy { return index }
                isLayerBusy = true
            }
        }
        return nil
    }

    mutating func begin(_ index: Int) { states[index] = .running }

    /// Ends a running step; returns the steps that can therefore no longer begin, in order.
    mutating func settle(_ index: Int, _ outcome: StepOutcome) -> [Int] {
        states[index] = .ended(outcome)
        if !outcome.isSuccess, steps[index].layer?.isEnsemble == true, haltedBy == nil { haltedBy = index }
        return dropUnreachable()
    }

    /// Ends every waiting step; returns them in order.
    mutating func close(_ reason: String?) -> [Int] {
        let waiting = states.indices.filter { states[$0] == .waiting }
        for index in waiting {
            let words = reason ?? "what it needs is not in the plan, or needs it in turn"
            states[index] = .ended(.notReached(words))
        }
        return waiting
    }

    private func needsAreMet(_ step: Step) -> Bool {
        step.needs.allSatisfy { need in
            steps.indices.contains { steps[$0].id == need && states[$0].isSuccess }
        }
    }

    private mutating func dropUnreachable() -> [Int] {
        var dropped: Set<Int> = []
        var isSettled = false
        while !isSettled {
            isSettled = true
            for index in steps.indices where states[index] == .waiting {
                guard let words = obstacle(of: steps[index]) else { continue }
                states[index] = .ended(.notReached(words))
                dropped.insert(index)
                isSettled = false
            }
        }
        return dropped.sorted()
    }

    private func obstacle(of step: Step) -> String? {
        for index in steps.indices where step.needs.contains(steps[index].id) {
            guard case .ended(let outcome) = states[index], !outcome.isSuccess else { continue }
            return "it needs \(name(index)), which \(outcome.verb)"
        }
        guard let haltedBy, step.layer?.isEnsemble == true, case .ended(let outcome) = states[haltedBy] else {
            return nil
        }
        return "\(name(haltedBy)) \(outcome.verb), and no ensemble is touched after that"
    }

    private func name(_ index: Int) -> String { "step \(steps[index].id) (\(steps[index].title))" }
}

extension StepBoard.State {
    fileprivate var isSuccess: Bool {
        if case .ended(let outcome) = self { outcome.isSuccess } else { false }
    }
}

extension StepOutcome {
    var isSuccess: Bool {
        switch self {
        case .applied, .alreadyInPlace: true
        case .failed, .conflict, .notReached, .unknown: false
        }
    }

    /// Follows the step's name.
    fileprivate var verb: String {
        switch self {
        case .applied: "was applied"
        case .alreadyInPlace: "was in place"
        case .failed: "failed"
        case .conflict: "found a conflict"
        case .notReached: "was not reached"
        case .unknown: "ended in an unknown state"
        }
    }

    /// One outcome for what was done on several nodes: the worst stands, with the words of all that did not succeed.
    static func combined(_ outcomes: [StepOutcome]) -> StepOutcome {
        var (failed, conflicts, notReached, unknown): ([String], [String], [String], [String]) = ([], [], [], [])
        var isChanged = false
        for outcome in outcomes {
            switch outcome {
            case .applied: isChanged = true
            case .alreadyInPlace: break
            case .failed(let words): failed.append(words)
            case .conflict(let words): conflicts.append(words)
            case .notReached(let words): notReached.append(words)
            case .unknown(let words): unknown.append(words)
            }
        }
        let words = (unknown + failed + conflicts + notReached).joined(separator: "; ")
        if !unknown.isEmpty { return .unknown(words) }
        if !failed.isEmpty { return .failed(words) }
        if !conflicts.isEmpty { return .conflict(words) }
        if !notReached.isEmpty { return isChanged ? .failed(words) : .notReached(words) }
        return isChanged ? .applied : .alreadyInPlace
    }
}
