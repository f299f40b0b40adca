internal import Specs

/// What the lease-holding nodes remember of the apps: which declaration was last applied, which was taken back.
///
/// Entries carry no time, and an app's are written on every such node that the run reaches. A run holds the lease on a
/// majority of them, so the newest entry is the one that most of those have which have any; an entry is never taken away,
/// so a node without one tells nothing. Where no digest has that majority, none is the newest.
struct AppRecords {
    private let nodes: [[String: AppliedEntry]]
    var revision: String?

    init(_ desired: DesiredCluster, _ observed: ObservedCluster, revision: String?) {
        nodes = desired.leaseHolders.compactMap { observed[$0]?.applied.value }
        self.revision = revision
    }

    /// `git` where the declaration is another than the one last applied, `drift` where it is the same and Marathon has
    /// something else, `unattributed` without a record.
    ///
    /// Where both moved it is `git`: what an app was is not kept in a form that a live definition could be compared with,
    /// so that a hand edit beside a commit does not show as such. `digest` is `absent` for an app that is not declared.
    func cause(of id: String, digest: String) -> Change.Cause {
        guard let last = newest("app:\(id)") else { return .unattributed }
        return last == digest ? .drift : .git
    }

    /// Whether this declaration was applied, failed and was replaced by the last good one.
    ///
    /// Where the nodes disagree it counts as taken back: a failed deployment must not be repeated on a doubt.
    func isTakenBack(_ id: String, digest: String) -> Bool {
        let resource = "restored:\(id)"
        if let newest = newest(resource) { return newest == digest }
        return nodes.contains { $0[resource]?.digest == digest }
    }

    func entry(_ id: String, digest: String) -> AppliedEntry {
        AppliedEntry(resource: "app:\(id)", digest: digest, revision: revision ?? "-")
    }

    private func newest(_ resource: String) -> String? {
        let digests = nodes.compactMap { $0[resource]?.digest }
        let counts = Dictionary(digests.map { ($0, 1) }, uniquingKeysWith: +)
        return counts.first { $0.value * 2 > digests.count }?.key
    }
}
