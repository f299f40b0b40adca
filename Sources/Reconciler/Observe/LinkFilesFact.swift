internal import Specs

/// The files that links are configured by, and what an earlier change of a link left; only where links are enforced.
enum LinkFilesFact: Fact {
    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] {
        guard spec.other.network?.enforce?.value == true else { return [] }
        let places = LinkFiles.ifupdown + LinkFiles.networkd + [NetworkStanding.directory]
        return places.map { .directory(path: $0, recursive: true) }
    }

    /// `DirectoriesFact` reads every directory that was asked for.
    static func read(_ answers: Answers, into observed: inout ObservedNode) {}
}
