public import Specs

/// Who takes the lease on the cluster, where it is kept and for how long.
public struct LeasePlan: Sendable {
    /// The nodes that keep it (`DesiredCluster.leaseHolders`); a majority of them decides.
    ///
    /// Without nodes nobody is kept out.
    public var nodes: [NodeName]
    public var holder: LeaseHolder
    /// For how many seconds each acquisition and renewal holds, by the nodes' clocks.
    public var seconds: Int
    /// How long to wait for another holder to finish.
    public var lockTimeout: Duration
    /// Gives numbers in 0..<1, so that two who wait for each other do not ask in step.
    public var jitter: @Sendable () -> Double

    public init(
        nodes: [NodeName],
        holder: LeaseHolder,
        seconds: Int = 20,
        lockTimeout: Duration = .seconds(30),
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.nodes = nodes
        self.holder = holder
        self.seconds = seconds
        self.lockTimeout = lockTimeout
        self.jitter = jitter
    }

    /// 0 where no node keeps one: then it is always held.
    var majority: Int { nodes.isEmpty ? 0 : nodes.count / 2 + 1 }
}

/// A lease as it stands on one node.
public struct LeaseOwner: Hashable, Sendable, Codable, CustomStringConvertible {
    public var holder: LeaseHolder
    /// Where it was read.
    public var node: NodeName
    /// When it was taken, seconds since 1970 by the node's clock.
    public var since: Int
    /// When it expires unless renewed, likewise.
    public var until: Int
    /// The node's clock when it was read.
    public var readAt: Int

    /// Reads the lease file: one `key=value` a line, with `token`, `user`, `host`, `pid`, `command`, `since` and `expires`;
    /// nil when one of them is missing.
    public init?(text: String, node: NodeName, readAt: Int) {
        let pairs = text.split(whereSeparator: \.isNewline).compactMap { line -> (String, String)? in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
        let values = Dictionary(pairs) { first, _ in first }
        guard let token = values["token"], let user = values["user"], let host = values["host"],
            let pid = values["pid"].flatMap({ Int($0) }), let command = values["command"],
            let since = values["since"].flatMap({ Int($0) }), let until = values["expires"].flatMap({ Int($0) })
        else { return nil }
        holder = LeaseHolder(token: token, user: user, host: host, pid: pid, command: command)
        self.node = node
        self.since = since
        self.until = until
        self.readAt = readAt
    }

    public var description: String {
        """
        \(holder.user)@\(holder.host) (pid \(holder.pid), `\(holder.command)`) for \(max(readAt - since, 0)) s, \
        until \(max(until - readAt, 0)) s from now unless renewed
        """
    }
}

/// Why a run did nothing at all.
public enum RunRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// A plan with refusals is not carried out.
    case planRefused([Refusal])
    /// Another holds the cluster.
    case leaseHeld(LeaseOwner)
    /// No majority of the nodes that keep the lease could be had; says which and why.
    case leaseUnavailable(String)

    public var description: String {
        switch self {
        case .planRefused(let refusals):
            "the plan is refused by \(refusals.map(\.rule).joined(separator: ", ")); nothing was done"
        case .leaseHeld(let owner):
            "the cluster is held by \(owner); wait for it, or allow longer with --lock-timeout"
        case .leaseUnavailable(let words):
            "the lease on the cluster could not be taken: \(words); nothing was done"
        }
    }
}
