internal import Specs

/// Who hands an image's parts to whom, so that its source sends it whole at most twice; pure.
///
/// A node that has every part another one needs may hand them on, to one node at a time. The source feeds the first node, and
/// one more where that one takes long, or where the feeders turn out to be slower than the source was; whoever comes later
/// waits for a feeder while one is in sight. Somebody always sends while anybody waits, so nobody waits for good.
struct Feeding: Sendable {
    /// What a node lacks.
    struct Want: Hashable, Sendable {
        var node: NodeName
        /// Whose parts they are: what the source sent is counted for each image.
        var image: String
        /// Digests of every part that must be there.
        var parts: Set<String>
    }

    enum Choice: Hashable, Sendable {
        case source
        case feeder(NodeName)
        /// Says for what.
        case wait(String)
    }

    enum End: Hashable, Sendable {
        case arrived
        case feederFailed
        /// For another reason than the feeder.
        case broke
    }

    private struct Way: Hashable, Sendable {
        var want: Want
        var feeder: NodeName?
        var began: Duration
    }

    private struct Pair: Hashable, Sendable {
        var feeder: NodeName
        var node: NodeName
    }

    /// So often the source sends an image while nothing fails.
    private static let sourceSends = 2
    /// Of the source's first delivery; after that it begins its second one beside it.
    private static let patience = Duration.seconds(300)
    /// A node that could not feed so many others feeds nobody.
    private static let failuresOfFeeder = 2

    private var held: [NodeName: Set<String>] = [:]
    private var underWay: [NodeName: Way] = [:]
    private var sent: [String: Int] = [:]
    /// How long the source took for an image, once it has brought it to somebody.
    private var lengths: [String: Duration] = [:]
    private var failed: Set<Pair> = []
    private var failures: [NodeName: Int] = [:]
    private var fed: [NodeName: Int] = [:]

    /// Who is to send what `want` says; other than for a wait, `end` must follow.
    mutating func choose(_ want: Want, now: Duration) -> Choice {
        let busy = Set(underWay.values.compactMap(\.feeder))
        let free = feeders(for: want, among: held).filter { !busy.contains($0) }
        if let feeder = free.min(by: { (fed[$0] ?? 0, $0) < (fed[$1] ?? 0, $1) }) {
            fed[feeder, default: 0] += 1
            underWay[want.node] = Way(want: want, feeder: feeder, began: now)
            return .feeder(feeder)
        }
        if let hope = hope(for: want), !sourceMaySend(want.image, now) { return .wait(hope) }
        sent[want.image, default: 0] += 1
        underWay[want.node] = Way(want: want, feeder: nil, began: now)
        return .source
    }

    /// The delivery to `node` is over.
    mutating func end(_ node: NodeName, _ end: End, now: Duration) {
        guard let way = underWay.removeValue(forKey: node) else { return }
        if end == .arrived {
            if way.feeder == nil { lengths[way.want.image] = now - way.began }
            return held[node, default: []].formUnion(way.want.parts)
        }
        guard let feeder = way.feeder else {
            sent[way.want.image, default: 1] -= 1
            return
        }
        if end == .feederFailed {
            failed.insert(Pair(feeder: feeder, node: node))
            failures[feeder, default: 0] += 1
        }
    }

    /// The parts of `node` are gone.
    mutating func forget(_ node: NodeName) { held[node] = nil }

    /// Counting those that `end` has not taken back.
    func sends(of image: String) -> Int { sent[image] ?? 0 }

    private func sourceMaySend(_ image: String, _ now: Duration) -> Bool {
        guard sends(of: image) < Self.sourceSends else { return false }
        return underWay.values.filter { $0.want.image == image }.allSatisfy { way in
            let limit = way.feeder == nil ? Self.patience : lengths[image] ?? Self.patience
            return now - way.began >= limit
        }
    }

    /// A feeder that is in sight: one that feeds another node, or one that is being fed itself.
    private func hope(for want: Want) -> String? {
        if let busy = feeders(for: want, among: held).min() { return "\(busy) hands it to another node first" }
        let coming = underWay.mapValues { (held[$0.want.node] ?? []).union($0.want.parts) }
        return feeders(for: want, among: coming).min().map { "\($0) is receiving it" }
    }

    private func feeders(for want: Want, among nodes: [NodeName: Set<String>]) -> [NodeName] {
        nodes.keys.filter { node in
            node != want.node && failures[node] ?? 0 < Self.failuresOfFeeder
                && !failed.contains(Pair(feeder: node, node: want.node))
                && nodes[node].map(want.parts.isSubset) ?? false
        }
    }
}
