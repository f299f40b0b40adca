public import Reconciler
internal import Specs

/// Who holds a cluster, as text.
public struct LeaseView: Sendable {
    private let sight: LeaseSight
    private let style: TextStyle

    public init(_ sight: LeaseSight, style: TextStyle = .plain) {
        self.sight = sight
        self.style = style
    }

    public var text: String {
        let width = sight.keepers.map { displayWidth(visible($0.node.text)) }.max() ?? 0
        let nodes = sight.keepers.map { "  \(visible($0.node.text).padded(to: width))   \(words($0.standing))\n" }
        return "\(verdict)\n" + nodes.joined()
    }

    private var verdict: String {
        let majority = "a majority is \(sight.majority) of \(sight.keepers.count)"
        switch sight.verdict {
        case _ where sight.keepers.isEmpty: return "No node of this cluster keeps a lease: nobody is kept out."
        case .free: return style("Free.", .success) + " Nobody holds the cluster."
        case .held(let owner): return style("Held", .disruptive) + " by \(visible(owner.holder.words))."
        case .partly(let owner):
            return style("Held in part", .unknown) + " by \(visible(owner.holder.words)): \(majority)."
        case .unknown: return style("Not known:", .unknown) + " too few nodes answer; \(majority)."
        }
    }

    private func words(_ standing: LeaseSight.Standing) -> String {
        switch standing {
        case .free: "free"
        case .held(let owner):
            "\(visible(owner.holder.words))   since \(UTCTime.words(owner.since)), "
                + "until \(count(owner.until - owner.readAt, "second")) from now unless renewed"
        case .expired(let owner):
            "ran out \(count(owner.readAt - owner.until, "second")) ago   \(visible(owner.holder.words))"
        case .unknown(let reason): style("?", .unknown) + " \(oneLine(reason))"
        }
    }
}

/// Who holds a cluster, for programs.
public struct LeaseDocument: Hashable, Sendable, Encodable {
    public struct Keeper: Hashable, Sendable, Encodable {
        public var node: String
        /// `free`, `held`, `expired` or `unknown`.
        public var state: String
        public var message: String?
        public var user: String?
        public var host: String?
        public var pid: Int?
        public var command: String?
        /// Seconds since 1970 by the node's clock, as `until` and `readAt`.
        public var since: Int?
        public var until: Int?
        public var readAt: Int?
    }

    public var formatVersion = documentFormatVersion
    public var type = "lease"
    /// `free`, `held`, `partly` or `unknown`.
    public var state: String
    /// How many nodes decide.
    public var majority: Int
    public var keepers: [Keeper]

    public init(_ sight: LeaseSight) {
        state =
            switch sight.verdict {
            case .free: "free"
            case .held: "held"
            case .partly: "partly"
            case .unknown: "unknown"
            }
        majority = sight.majority
        keepers = sight.keepers.map { keeper in
            switch keeper.standing {
            case .free: Keeper(node: keeper.node.text, state: "free")
            case .held(let owner): Keeper(keeper.node, "held", owner)
            case .expired(let owner): Keeper(keeper.node, "expired", owner)
            case .unknown(let reason): Keeper(node: keeper.node.text, state: "unknown", message: reason)
            }
        }
    }

    public var json: String { Rendering.json(self) }
}

extension LeaseDocument.Keeper {
    fileprivate init(_ node: NodeName, _ state: String, _ owner: LeaseOwner) {
        self.init(
            node: node.text,
            state: state,
            user: owner.holder.user,
            host: owner.holder.host,
            pid: owner.holder.pid,
            command: owner.holder.command,
            since: owner.since,
            until: owner.until,
            readAt: owner.readAt
        )
    }
}
