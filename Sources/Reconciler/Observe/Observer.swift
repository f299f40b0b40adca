public import Specs

/// Looks at the nodes: one visit each, a bounded number at a time.
public struct Observer: Sendable {
    private let access: any NodeAccess
    private let parallelism: Int

    public init(access: any NodeAccess, parallelism: Int) {
        self.access = access
        self.parallelism = max(1, parallelism)
    }

    /// What the nodes are like, each with why it is silent if it is; a dead one harms no other.
    ///
    /// Of the nodes named in `only`, or of all of them.
    public func observe(
        _ spec: ClusterSpec,
        secrets: SecretStore,
        only: Set<NodeName>? = nil
    ) async -> ObservedCluster {
        let nodes = spec.nodes.filter { only?.contains($0.name.value) ?? true }
        let visit: @Sendable (NodeSpec) async -> (NodeName, NodeObservation) = { node in
            (node.name.value, await self.visit(node, in: spec, secrets: secrets))
        }
        do {
            let seen = try await nodes.mapConcurrently(limit: parallelism, visit)
            return ObservedCluster(nodes: Dictionary(seen) { first, _ in first })
        } catch {
            // A visit never throws; what could is being cancelled, and then nothing is known of any node.
            let interrupted = NodeAccessError(.interrupted, "the observation was interrupted: \(error)")
            return ObservedCluster(
                nodes: Dictionary(nodes.map { ($0.name.value, .silent(interrupted)) }) { first, _ in first }
            )
        }
    }

    private func visit(_ node: NodeSpec, in spec: ClusterSpec, secrets: SecretStore) async -> NodeObservation {
        let requests = ObservationRequest(for: node, in: spec).facts
        do {
            let answers = try await access.observe(requests, on: NodeTarget(node, spec))
            return .answered(ObservedNode(node, in: spec, requests: requests, answers: answers, secrets: secrets))
        } catch {
            return .silent(error)
        }
    }
}
