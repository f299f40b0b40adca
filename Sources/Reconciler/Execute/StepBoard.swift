internal import Specs

/// Where every step of a plan stands, and which may begin; pure.
///
/// Steps with a layer go one at a time in the order of the plan; no two steps on one node overlap; the rest is bounded by
/// the caller's limit only. Once a step of an ensemble's layer has not succeeded, no later step of any ensemble begins.
///
/// Steps on images may take an hour and touch nothing that others do: they have places of their own, as many as their
/// transfers may go at once, and hold up only each other on a node.
struct StepBoard {
    enum State: Hashable {
        case waiting, running
        case ended(StepOutcome)
    }

    let steps: [Step]
    private(set) var states: [State]
    /// In the order of the plan.
    private(set) var running: [Int] = []
    /// Why steps are held back for good, by index of the step that has not succeeded.
    private var haltedBy: Int?

    // Kept beside the states, so that a plan of many thousand steps is not searched at each of them.
    private let dependents: [[Int]]
    private let needs: [[Int]]
    /// How many needs have not succeeded; those that are no step of the plan never do.
    private var unmet: [Int]
    /// Waiting steps without a layer whose needs are met, sorted.
    private var ready: [Int] = []
    /// The same, of steps on images.
    private var readyImages: [Int] = []
    private let layered: [Int]
    /// Where in `layered` the first waiting one is.
    private var nextLayered = 0

    init(_ steps: [Step]) {
        let indexes = Dictionary(steps.enumerated().map { ($1.id, $0) }) { first, _ in first }
        var dependents: [[Int]] = Array(repeating: [], count: steps.count)
        var needs: [[Int]] = []
        var unmet: [Int] = []
        for (index, step) in steps.enumerated() {
            let wanted = Set(step.needs)
            let found = wanted.compactMap { indexes[$0] }.sorted()
            for need in found { dependents[need].append(index) }
            needs.append(found)
            unmet.append(wanted.count)
        }
        self.steps = steps
        states = Array(repeating: .waiting, count: steps.count)
        self.dependents = dependents
        self.needs = needs
        self.unmet = unmet
        layered = steps.indices.filter { steps[$0].layer != nil }
        let free = steps.indices.filter { steps[$0].layer == nil && unmet[$0] == 0 }
        ready = free.filter { !steps[$0].isOnImage }
        readyImages = free.filter { steps[$0].isOnImage }
    }

    /// The first step that may begin now beside those that run.
    func startable(limit: Int) -> Int? {
        let (other, image) = (startableOther(limit: limit), startableImage)
        guard let other, let image else { return other ?? image }
        return min(other, image)
    }

    private func startableOther(limit: Int) -> Int? {
        let running = running.filter { !steps[$0].isOnImage }
        guard running.count < max(limit, 1) else { return nil }
        let busy = Set(running.flatMap { steps[$0].nodes })
        let free = ready.first { busy.isDisjoint(with: steps[$0].nodes) }
        guard nextLayered < layered.count, !running.contains(where: { steps[$0].layer != nil }) else { return free }
        let next = layered[nextLayered]
        guard unmet[next] == 0, busy.isDisjoint(with: steps[next].nodes) else { return free }
        return min(next, free ?? next)
    }

    private var startableImage: Int? {
        guard let first = readyImages.first else { return nil }
        let running = running.filter { steps[$0].isOnImage }
        guard running.count < steps[first].imagesAtOnce else { return nil }
        let busy = Set(running.flatMap { steps[$0].nodes })
        return readyImages.first { busy.isDisjoint(with: steps[$0].nodes) }
    }

    mutating func begin(_ index: Int) {
        leave(index, for: .running)
        running.insert(index, at: running.firstIndex { $0 > index } ?? running.endIndex)
    }

    /// Ends a running step; returns the steps that can therefore no longer begin, in order.
    mutating func settle(_ index: Int, _ outcome: StepOutcome) -> [Int] {
        leave(index, for: .ended(outcome))
        running.removeAll { $0 == index }
        guard !outcome.isSuccess else {
            for dependent in dependents[index] { meetOneNeed(of: dependent) }
            return []
        }
        var affected = dependents[index]
        if steps[index].layer?.isEnsemble == true, haltedBy == nil {
            haltedBy = index
            affected += layered
        }
        return dropUnreachable(from: affected)
    }

    /// Ends every waiting step; returns them in order.
    mutating func close(_ reason: String?) -> [Int] {
        let waiting = states.indices.filter { states[$0] == .waiting }
        for index in waiting {
            let words = reason ?? "what it needs is not in the plan, or needs it in turn"
            states[index] = .ended(.notReached(words))
        }
        (ready, readyImages) = ([], [])
        nextLayered = layered.count
        return waiting
    }

    private mutating func leave(_ index: Int, for state: State) {
        states[index] = state
        if steps[index].isOnImage {
            Self.remove(index, from: &readyImages)
        } else {
            Self.remove(index, from: &ready)
        }
        while nextLayered < layered.count, states[layered[nextLayered]] != .waiting { nextLayered += 1 }
    }

    private mutating func meetOneNeed(of index: Int) {
        unmet[index] -= 1
        guard unmet[index] == 0, steps[index].layer == nil, states[index] == .waiting else { return }
        if steps[index].isOnImage {
            readyImages.insert(index, at: Self.place(of: index, in: readyImages))
        } else {
            ready.insert(index, at: Self.place(of: index, in: ready))
        }
    }

    private static func remove(_ index: Int, from sorted: inout [Int]) {
        let place = place(of: index, in: sorted)
        if place < sorted.count, sorted[place] == index { sorted.remove(at: place) }
    }

    /// Of the first that is not before `index`.
    private static func place(of index: Int, in sorted: [Int]) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < index { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Ends those of `affected` that something stands in the way of, and then what needs them.
    private mutating func dropUnreachable(from affected: [Int]) -> [Int] {
        var dropped: [Int] = []
        var wave = affected
        while !wave.isEmpty {
            var next: [Int] = []
            for index in wave.sorted() where states[index] == .waiting {
                guard let words = obstacle(of: index) else { continue }
                leave(index, for: .ended(.notReached(words)))
                dropped.append(index)
                next += dependents[index]
            }
            wave = next
        }
        return dropped.sorted()
    }

    private func obstacle(of step: Int) -> String? {
        for index in needs[step] {
            guard case .ended(let outcome) = states[index], !outcome.isSuccess else { continue }
            return "it needs \(name(index)), which \(outcome.verb)"
        }
        guard let haltedBy, steps[step].layer?.isEnsemble == true, case .ended(let outcome) = states[haltedBy] else {
            return nil
        }
        return "\(name(haltedBy)) \(outcome.verb), and no ensemble is touched after that"
    }

    private func name(_ index: Int) -> String { "step \(steps[index].id) (\(steps[index].title))" }
}

extension Step {
    /// Whether it has a place beside the run's other steps; one of a layer has not, as its order is the layer's.
    var isOnImage: Bool {
        if case .image = act { layer == nil } else { false }
    }

    /// How many steps on images may go at once where this one is the first of them.
    fileprivate var imagesAtOnce: Int {
        if case .image(let act) = act { max(act.transfer.parallel, 1) } else { 1 }
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
