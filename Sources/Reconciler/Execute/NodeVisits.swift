internal import Specs

/// The ways to all nodes for one run; lets one visit at a time through to each.
///
/// The lease does not go through here: its visits touch the lease file only, and must not wait behind a slow one.
struct NodeVisits: Sendable {
    private let access: any NodeAccess
    private let targets: [NodeName: NodeTarget]
    private let run: RunID
    private let clock: RunClock
    /// nil: REST APIs are asked on the nodes themselves only.
    let reach: RESTReach?
    private let recorder: RunRecorder?
    private let doors = Doors<NodeName>()

    init(
        access: any NodeAccess,
        targets: [NodeName: NodeTarget],
        run: RunID,
        clock: RunClock,
        reach: RESTReach? = nil,
        recorder: RunRecorder? = nil
    ) {
        self.recorder = recorder
        self.reach = reach
        self.access = access
        self.targets = targets
        self.run = run
        self.clock = clock
    }

    func address(of node: NodeName) -> String? { targets[node]?.address }

    var runID: RunID { run }

    /// nil where this run knows no such node.
    func target(_ node: NodeName) -> NodeTarget? { targets[node] }

    func observe(_ requests: [FactRequest], on node: NodeName) async throws(NodeAccessError) -> [FactAnswer] {
        let target = try target(of: node)
        await doors.enter(node)
        do throws(NodeAccessError) {
            try checkCancellation()
            let answers = try await access.observe(requests, on: target)
            await doors.leave(node)
            guard answers.count == requests.count else {
                throw NodeAccessError(.protocolViolation, "\(answers.count) answers to \(requests.count) requests")
            }
            return answers
        } catch {
            await doors.leave(node)
            throw error
        }
    }

    /// Performs actions; nil, and nothing done, when the node's earlier visits took until after `latest` (run's time).
    ///
    /// What changes something is written to the journal before it is sent, as a part of `step`; what cannot be is not sent.
    func perform(
        _ actions: [NodeAction],
        on node: NodeName,
        for step: Int? = nil,
        startingBy latest: Duration? = nil
    ) async throws(NodeAccessError) -> [ActionResult]? {
        let target = try target(of: node)
        await doors.enter(node)
        do throws(NodeAccessError) {
            try checkCancellation()
            var results: [ActionResult]?
            if latest.map({ clock.now() <= $0 }) ?? true {
                results = try await send(actions, to: target, for: step)
            }
            await doors.leave(node)
            return results
        } catch {
            await doors.leave(node)
            throw error
        }
    }

    /// The next visit comes over a new connection.
    func renew(_ node: NodeName) async {
        guard let target = targets[node] else { return }
        await doors.enter(node)
        await access.renew(target)
        await doors.leave(node)
    }

    private func send(
        _ actions: [NodeAction],
        to target: NodeTarget,
        for step: Int?
    ) async throws(NodeAccessError) -> [ActionResult] {
        let words = actions.filter(\.isJournaled).map(\.words)
        guard let recorder, !words.isEmpty else { return try await access.perform(actions, run: run, on: target) }
        let number: Int
        do throws(RunRecorder.Unwritten) {
            number = try recorder.begin(step: step, at: target.name.text, words)
        } catch {
            throw NodeAccessError(.unrecorded, error.words)
        }
        do throws(NodeAccessError) {
            let results = try await access.perform(actions, run: run, on: target)
            recorder.end(number, NodeAction.journaled(results, of: actions))
            return results
        } catch {
            let verdict = error.nothingHappened ? "nothing was sent" : "not known"
            recorder.end(number, words.map { _ in "\(verdict): \(error.message)" })
            throw error
        }
    }

    private func target(of node: NodeName) throws(NodeAccessError) -> NodeTarget {
        guard let target = targets[node] else {
            throw NodeAccessError(.nameNotFound, "no node named \(node) is known to this run; plan again")
        }
        return target
    }

    private func checkCancellation() throws(NodeAccessError) {
        // Nothing has been sent yet, so nothing can have happened.
        if Task.isCancelled { throw NodeAccessError(.unreachable, "the run was stopped before the node was asked") }
    }
}

/// One door each, such as for a node; who waits is let in in the order of coming.
actor Doors<Place: Hashable & Sendable> {
    private var busy: Set<Place> = []
    private var waiting: [Place: [CheckedContinuation<Void, Never>]] = [:]

    func enter(_ place: Place) async {
        guard !busy.insert(place).inserted else { return }
        await withCheckedContinuation { waiting[place, default: []].append($0) }
    }

    func leave(_ place: Place) {
        guard var queue = waiting[place], !queue.isEmpty else {
            busy.remove(place)
            return
        }
        let next = queue.removeFirst()
        waiting[place] = queue
        next.resume()
    }
}

extension NodeAccessError {
    /// Whether the node was never reached, so that nothing can have been done on it.
    var nothingHappened: Bool {
        switch kind {
        case .unreachable, .refused, .hostKeyUnknown, .hostKeyChanged, .authentication, .privilege, .nameNotFound,
            .unrecorded:
            true
        case .timedOut, .diskFull, .interrupted, .protocolViolation: false
        }
    }
}
