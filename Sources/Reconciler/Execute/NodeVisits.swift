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
    private let reach: RESTReach?
    private let doors = NodeDoors()

    init(
        access: any NodeAccess,
        targets: [NodeName: NodeTarget],
        run: RunID,
        clock: RunClock,
        reach: RESTReach? = nil
    ) {
        self.reach = reach
        self.access = access
        self.targets = targets
        self.run = run
        self.clock = clock
    }

    func address(of node: NodeName) -> String? { targets[node]?.address }

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
    func perform(
        _ actions: [NodeAction],
        on node: NodeName,
        startingBy latest: Duration? = nil
    ) async throws(NodeAccessError) -> [ActionResult]? {
        let target = try target(of: node)
        await doors.enter(node)
        do throws(NodeAccessError) {
            try checkCancellation()
            var results: [ActionResult]?
            if latest.map({ clock.now() <= $0 }) ?? true {
                results = try await access.perform(actions, run: run, on: target)
            }
            await doors.leave(node)
            return results
        } catch {
            await doors.leave(node)
            throw error
        }
    }

    /// Asks several nodes and REST APIs at once; a silent one is in the answers with its reason.
    ///
    /// What REST does not bring over the network is asked on the daemon's own node, in the visit that is made there anyway: a
    /// gate must work where only ssh leads to a node.
    func observe(_ questions: GateQuestions) async -> GateAnswers {
        let told = await reach?.ask(questions.rest) ?? [:]
        var answers = GateAnswers()
        var open: [RESTQuestion: [FactRequest]] = [:]
        for question in questions.rest {
            let reply = told[question] ?? .unknown("there is no way to \(question.endpoint)")
            answers.add(reply, to: question)
            if case .unknown = reply, !question.onNode.isEmpty { open[question] = question.onNode }
        }
        var facts = Dictionary(questions.byNode.map { ($0.node, $0.requests) }) { first, _ in first }
        repeat {
            var visits = facts
            for (question, paths) in open {
                guard let next = paths.first else { continue }
                if !(visits[question.node] ?? []).contains(next) { visits[question.node, default: []].append(next) }
            }
            let seen = await visitAll(visits)
            for (node, result) in seen { answers.add(result, to: visits[node] ?? [], from: node) }
            // A path that this release does not know: the next one, in a visit of its own.
            for (question, paths) in open {
                let reply = paths.first.map { RESTReply(answers.answer($0, of: question.node)) } ?? .unknown("not asked")
                answers.add(reply.joined(after: told[question]), to: question)
                open[question] = reply.isUnknownPath && paths.count > 1 ? Array(paths.dropFirst()) : nil
            }
            facts = [:]
        } while !open.isEmpty && !Task.isCancelled
        return answers
    }

    private func visitAll(_ visits: [NodeName: [FactRequest]]) async -> [NodeName: Result<[FactAnswer], NodeAccessError>] {
        await withTaskGroup(of: (NodeName, Result<[FactAnswer], NodeAccessError>).self) { group in
            for (node, requests) in visits.sorted(by: { $0.key < $1.key }) {
                group.addTask {
                    do throws(NodeAccessError) {
                        return (node, .success(try await observe(requests, on: node)))
                    } catch {
                        return (node, .failure(error))
                    }
                }
            }
            var results: [NodeName: Result<[FactAnswer], NodeAccessError>] = [:]
            for await (node, result) in group { results[node] = result }
            return results
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

/// One door a node; who waits is let in in the order of coming.
actor NodeDoors {
    private var busy: Set<NodeName> = []
    private var waiting: [NodeName: [CheckedContinuation<Void, Never>]] = [:]

    func enter(_ node: NodeName) async {
        guard !busy.insert(node).inserted else { return }
        await withCheckedContinuation { waiting[node, default: []].append($0) }
    }

    func leave(_ node: NodeName) {
        guard var queue = waiting[node], !queue.isEmpty else {
            busy.remove(node)
            return
        }
        let next = queue.removeFirst()
        waiting[node] = queue
        next.resume()
    }
}

extension NodeAccessError {
    /// Whether the node was never reached, so that nothing can have been done on it.
    var nothingHappened: Bool {
        switch kind {
        case .unreachable, .refused, .hostKeyUnknown, .hostKeyChanged, .authentication, .privilege, .nameNotFound:
            true
        case .timedOut, .diskFull, .interrupted, .protocolViolation: false
        }
    }
}

extension RESTReply {
    /// As the second way's reply: where both failed, the first reason is told too.
    fileprivate func joined(after first: RESTReply?) -> RESTReply {
        guard case .unknown(let why) = self, case .unknown(let earlier)? = first else { return self }
        return .unknown("\(earlier); on the node: \(why)")
    }
}
