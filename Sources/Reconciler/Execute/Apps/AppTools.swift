internal import Specs
internal import Synchronization

/// What app steps of one run work with beside the nodes.
struct AppTools: Sendable {
    var marathon: MarathonClient
    var masters: MastersReach?
    var records: AppLedger
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

/// What was applied to apps, as remembered on the nodes that keep the lease; none where Marathon is all there is.
final class AppLedger: Sendable {
    private let nodes: [NodeName]
    /// Revisions that were taken back, by node as it was found at first and changed since.
    private let restored = Mutex<[NodeName: Set<String>]>([:])

    init(nodes: [NodeName]) { self.nodes = nodes }

    /// Remembers that the declaration `digest` of an app is applied, or taken back.
    ///
    /// A record only explains causes: one that cannot be written is told and takes nothing back.
    func record(_ digest: String, of app: String, isRestored: Bool, revision: String, step: Int, _ context: RunContext) async {
        for node in nodes {
            let taken = "restored:\(app)"
            let entries: [AppliedEntry]
            if isRestored {
                entries = [AppliedEntry(resource: taken, digest: digest, revision: revision)]
            } else {
                let absent = AppliedEntry(resource: taken, digest: "absent", revision: revision)
                let wasRestored = await wasRestored(taken, on: node, context)
                entries =
                    [AppliedEntry(resource: "app:\(app)", digest: digest, revision: revision)]
                    + (wasRestored ? [absent] : [])
            }
            let ending = await BatchRun(step: step, node: node, context: context).carryOut([.recordApplied(entries)])
            if ending.outcome.isSuccess {
                restored.withLock { known in
                    if isRestored { known[node]?.insert(taken) } else { known[node]?.remove(taken) }
                }
            } else {
                context.emit(.progress(id: step, node: node, text: "could not record what was applied to \(app)"))
            }
        }
    }

    /// Seconds since 1970 by the clock of the first of the nodes that tells; nil where none does.
    func clock(_ context: RunContext) async -> Int? {
        for node in nodes {
            if case .success(let answers) = await context.observe([.clock], on: node),
                case .clock(let seconds)? = answers.first
            {
                return Int(seconds)
            }
        }
        return nil
    }

    /// A node that cannot say counts as having the entry: taking it back twice does no harm.
    private func wasRestored(_ resource: String, on node: NodeName, _ context: RunContext) async -> Bool {
        if let known = restored.withLock({ $0[node] }) { return known.contains(resource) }
        guard case .success(let answers) = await context.observe([.applied], on: node), let answer = answers.first,
            let text = answer.appliedText
        else { return true }
        let found = AppliedFact.entries(text).values.filter { $0.resource.hasPrefix("restored:") && $0.digest != "absent" }
        return restored.withLock { known in
            // Another step may have changed it since it was asked.
            let all = known[node] ?? Set(found.map(\.resource))
            known[node] = all
            return all.contains(resource)
        }
    }
}

extension FactAnswer {
    /// The applied record's text, empty where there is none.
    fileprivate var appliedText: String? {
        switch self {
        case .applied(let text): text
        case .absent: ""
        case .platform, .file, .directory, .service, .package, .flagNames, .text, .http, .addresses, .disk, .clock,
            .dockerEngine, .lease, .unknown:
            nil
        }
    }
}
