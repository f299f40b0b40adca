internal import Specs
internal import Synchronization

/// What app steps of one run work with beside the nodes.
struct AppTools: Sendable {
    var marathon: MarathonClient
    var masters: MastersReach?
    var ledger: AppLedger
    var ownDeployments: OwnDeployments
}

/// The deployments that this run has caused: waiting for one of them needs nobody's help.
final class OwnDeployments: Sendable {
    private let ids = Mutex<Set<String>>([])

    func insert(_ id: String?) {
        guard let id else { return }
        ids.withLock { _ = $0.insert(id) }
    }

    func contains(_ id: String) -> Bool { ids.withLock { $0.contains(id) } }
}
