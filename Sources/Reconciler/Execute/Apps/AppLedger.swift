internal import Specs
internal import Synchronization

/// What was done to apps, as remembered on the nodes that keep the lease; none where Marathon is all there is.
///
/// Entries: `app:/ID` with the digest of the declaration that was applied, `restored:/ID` with that of one that was taken back,
/// `deployment:/ID` with the id of a deployment that this program has caused and given up waiting for.
final class AppLedger: Sendable {
    private let nodes: [NodeName]
    /// Entries as they were found at first and changed since, digests by resource.
    private let known = Mutex<[NodeName: [String: String]]>([:])

    init(nodes: [NodeName]) { self.nodes = nodes }

    enum Entry: Hashable {
        case applied(digest: String)
        case restored(digest: String)
        case givenUp(deployment: String)
    }

    /// One that cannot be written is told and takes nothing back.
    ///
    /// - Returns: Whether any node remembers it now.
    func record(_ entry: Entry, of app: String, revision: String, step: Int, _ context: RunContext) async -> Bool {
        var isRemembered = false
        for node in nodes {
            let entries = await entries(entry, app, revision, on: node, context)
            let ending = await BatchRun(step: step, node: node, context: context).carryOut([.recordApplied(entries)])
            if ending.outcome.isSuccess {
                isRemembered = true
                known.withLock { known in
                    for entry in entries { known[node]?[entry.resource] = entry.digest }
                }
            } else {
                context.emit(.progress(id: step, node: node, text: "could not record what was done to \(app)"))
            }
        }
        return isRemembered
    }

    /// Whether an earlier run has caused that deployment, as far as any node remembers.
    func remembers(_ deployment: String, of app: String, _ context: RunContext) async -> Bool {
        for node in nodes where await entries(on: node, context)?["deployment:\(app)"] == deployment { return true }
        return false
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

    private func entries(
        _ entry: Entry,
        _ app: String,
        _ revision: String,
        on node: NodeName,
        _ context: RunContext
    ) async -> [AppliedEntry] {
        switch entry {
        case .restored(let digest):
            return [AppliedEntry(resource: "restored:\(app)", digest: digest, revision: revision)]
        case .givenUp(let deployment):
            return [AppliedEntry(resource: "deployment:\(app)", digest: deployment, revision: revision)]
        case .applied(let digest):
            let applied = AppliedEntry(resource: "app:\(app)", digest: digest, revision: revision)
            let resource = "restored:\(app)"
            // A node that cannot say counts as having one: taking it back twice does no harm.
            let found = await entries(on: node, context).map { $0[resource] } ?? "unknown"
            guard let found, found != "absent" else { return [applied] }
            return [applied, AppliedEntry(resource: resource, digest: "absent", revision: revision)]
        }
    }

    /// Asked of each node once; nil where it cannot say.
    private func entries(on node: NodeName, _ context: RunContext) async -> [String: String]? {
        if let known = known.withLock({ $0[node] }) { return known }
        guard case .success(let answers) = await context.observe([.applied], on: node),
            let text = answers.first?.appliedText
        else { return nil }
        let found = AppliedFact.entries(text).mapValues(\.digest)
            .filter { $0.key.hasPrefix("restored:") || $0.key.hasPrefix("deployment:") }
        return known.withLock { known in
            // Another step may have changed it since it was asked.
            let all = found.merging(known[node] ?? [:]) { _, newer in newer }
            known[node] = all
            return all
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
            .dockerEngine, .images, .controlGroups, .lease, .unknown,
            .network, .reach:
            nil
        case .listening: nil
        }
    }
}
