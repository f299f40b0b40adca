import Daemons
public import Reconciler
internal import Specs

/// The lab's nodes as the engine sees nodes; every visit takes some simulated time there and back.
public struct LabNodeAccess: NodeAccess {
    let lab: Lab
    let secrets: SecretStore

    public func observe(_ requests: [FactRequest], on node: NodeTarget) async throws(NodeAccessError) -> [FactAnswer] {
        throw NodeAccessError(.unreachable, "")
    }

    public func perform(
        _ actions: [NodeAction],
        run: RunID,
        on node: NodeTarget
    ) async throws(NodeAccessError) -> [ActionResult] {
        throw NodeAccessError(.unreachable, "")
    }
}
