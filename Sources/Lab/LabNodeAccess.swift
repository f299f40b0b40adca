import Daemons
public import Reconciler
internal import Specs

/// The lab's nodes as the engine sees nodes; every visit takes some simulated time there and back.
public struct LabNodeAccess: NodeAccess {
    let lab: Lab
    let secrets: SecretStore

    public func observe(_ requests: [FactRequest], on node: NodeTarget) async throws(NodeAccessError) -> [FactAnswer] {
        let way = try await travel(to: node, work: 2 * requests.count)
        let answers = try step(saving: false) { world throws(NodeAccessError) in
            try world.observe(requests, on: node.name)
        }
        try await sleep(way)
        return answers
    }

    public func perform(
        _ actions: [NodeAction],
        run: RunID,
        on node: NodeTarget
    ) async throws(NodeAccessError) -> [ActionResult] {
        let actions = try actions.map { (action) throws(NodeAccessError) in try revealed(action) }
        let way = try await travel(to: node, work: 15 * actions.count)
        var results: [ActionResult] = []
        // Up to a job that is waited for, then that one, and so on.
        for batch in batches(actions) {
            if case .collect(let job, let seconds)? = batch.first { try await wait(for: job, seconds, run, node) }
            let done = try step(saving: true) { world throws(NodeAccessError) in
                try world.perform(batch, run: run, on: node.name)
            }
            results += done
            guard done.allSatisfy(\.isSuccess) else { break }
        }
        try await sleep(way)
        return results
    }

    /// Every visit is a new connection here.
    public func renew(_ node: NodeTarget) async {}

    // MARK: Time

    /// How long the way back takes; depends on the node, the moment and the seed alone, so that looking changes nothing.
    private func travel(to node: NodeTarget, work: Int) async throws(NodeAccessError) -> Int {
        let way = try read { world in
            var numbers = SeededNumbers(world.seed, for: "\(node.name) \(world.now.milliseconds)")
            return Int(numbers.next() % 60) + 20
        }
        try await sleep(way + work)
        return way
    }

    private func wait(
        for job: String,
        _ seconds: Int,
        _ run: RunID,
        _ node: NodeTarget
    ) async throws(NodeAccessError) {
        let (now, ends) = try read { ($0.now, $0.jobEnds(job, run: run, on: node.name)) }
        guard let ends else { return }
        try await sleep(min(max(ends - now, 0), seconds * 1000))
    }

    private func sleep(_ milliseconds: Int) async throws(NodeAccessError) {
        do { try await lab.clock.sleep(for: .milliseconds(milliseconds)) } catch let error as LabError {
            throw NodeAccessError(.protocolViolation, error.description)
        } catch {
            throw NodeAccessError(.interrupted, "the visit was called off")
        }
    }

    // MARK: The world

    private func read<Result: Sendable>(
        _ body: (LabWorld) -> sending Result
    ) throws(NodeAccessError) -> sending Result {
        do throws(LabError) { return try lab.read(body) } catch {
            throw NodeAccessError(.protocolViolation, error.description)
        }
    }

    private func step<Result: Sendable>(
        saving: Bool,
        _ body: (inout LabWorld) throws(NodeAccessError) -> Result
    ) throws(NodeAccessError) -> Result {
        func tried(_ world: inout LabWorld) -> Swift.Result<Result, NodeAccessError> {
            do throws(NodeAccessError) { return .success(try body(&world)) } catch { return .failure(error) }
        }
        let outcome: Swift.Result<Result, NodeAccessError>
        do throws(LabError) {
            outcome = try saving ? lab.change { tried(&$0) } : lab.ask { tried(&$0) }
        } catch {
            throw NodeAccessError(.protocolViolation, error.description)
        }
        return try outcome.get()
    }

    // MARK: Actions

    private func batches(_ actions: [NodeAction]) -> [[NodeAction]] {
        var batches: [[NodeAction]] = []
        for action in actions {
            if case .collect = action {
                batches.append([action])
            } else if case .collect? = batches.last?.last {
                batches.append([action])
            } else if batches.isEmpty {
                batches.append([action])
            } else {
                batches[batches.count - 1].append(action)
            }
        }
        return batches
    }

    /// With the values of secrets in the place of their references.
    private func revealed(_ action: NodeAction) throws(NodeAccessError) -> NodeAction {
        guard case .writeFile(var write) = action else { return action }
        guard let text = secrets.reveal(write.content) else {
            throw NodeAccessError(.protocolViolation, "\(write.path): a secret in it has no value, or it is redacted")
        }
        write.mode = write.mode ?? (write.content.isSensitive && write.expected == .absent ? 0o600 : nil)
        write.content = Content(text)
        return .writeFile(write)
    }
}
