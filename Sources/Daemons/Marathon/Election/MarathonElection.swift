/// Who leads: every Marathon has an ephemeral sequential node under `<zk>/leader`, and the lowest one leads
/// (mesos-zk-ops.md 11).
struct MarathonElection: Hashable, Sendable, Codable {
    enum Outcome: Hashable, Sendable {
        case unchanged
        case elected
        /// The node this process led by is gone, or another leads.
        case deposed
    }

    private enum Tag {
        static let parents = 10
        static let member = 11
        static let members = 12
        static let leader = 13
    }

    let directory: String
    let statesDirectory: String
    /// `host:port` of this process.
    let announced: String
    /// Name of this process' node.
    private(set) var member: String?
    private(set) var isLeading = false
    /// Name of the leading node and the `host:port` in it, nil as long as it is not read.
    private var leadingNode: String?
    private var leadingAddress: String?

    init(directory: String, statesDirectory: String, announced: String) {
        self.directory = directory
        self.statesDirectory = statesDirectory
        self.announced = announced
    }

    /// `host:port` of the leader; nil while nobody leads or nobody knows.
    var leader: String? { isLeading ? announced : leadingAddress }

    mutating func receive(_ event: CoordinationEvent, out: inout [DaemonEffect]) -> Outcome {
        switch event {
        case .connected(_, again: false):
            (member, leadingNode, leadingAddress, isLeading) = (nil, nil, nil, false)
            join(out: &out)
        case .connected(_, again: true): look(out: &out)
        case .childrenChanged(directory): look(out: &out)
        case .answer(Tag.member, .created(let path)):
            member = path.split(separator: "/").last.map(String.init)
            look(out: &out)
        case .answer(Tag.members, .children(let names)): return decide(names, out: &out)
        case .answer(Tag.leader, .data(let address)): leadingAddress = address
        case .answer(Tag.leader, .noNode): look(out: &out)
        case .expired: return stepDown()
        default: break
        }
        return .unchanged
    }

    /// Leaves the group and joins it again at its end.
    mutating func abdicate(out: inout [DaemonEffect]) {
        if let member { out.append(.coordinate(.delete(tag: Tag.parents, path: "\(directory)/\(member)"))) }
        (member, isLeading, leadingNode, leadingAddress) = (nil, false, nil, nil)
        join(out: &out)
    }

    private mutating func stepDown() -> Outcome {
        let led = isLeading
        (member, isLeading, leadingNode, leadingAddress) = (nil, false, nil, nil)
        return led ? .deposed : .unchanged
    }

    private func join(out: inout [DaemonEffect]) {
        for path in Self.prefixes(of: directory) + Self.prefixes(of: statesDirectory).suffix(1) {
            out.append(.coordinate(.create(tag: Tag.parents, path: path, data: "", ephemeral: false, sequential: false)))
        }
        let path = "\(directory)/member_"
        out.append(
            .coordinate(.create(tag: Tag.member, path: path, data: announced, ephemeral: true, sequential: true)))
    }

    private func look(out: inout [DaemonEffect]) {
        out.append(.coordinate(.children(tag: Tag.members, path: directory, watch: true)))
    }

    private mutating func decide(_ names: [String], out: inout [DaemonEffect]) -> Outcome {
        let lowest = names.filter { $0.hasPrefix("member_") }.min()
        if let member, !names.contains(member) {
            // Somebody took the node away: join anew.
            let outcome = stepDown()
            join(out: &out)
            return outcome
        }
        if let lowest, lowest == member {
            (leadingNode, leadingAddress) = (lowest, announced)
            guard !isLeading else { return .unchanged }
            isLeading = true
            return .elected
        }
        let outcome: Outcome = isLeading ? .deposed : .unchanged
        isLeading = false
        if lowest != leadingNode {
            (leadingNode, leadingAddress) = (lowest, nil)
        }
        if let lowest, leadingAddress == nil {
            out.append(.coordinate(.get(tag: Tag.leader, path: "\(directory)/\(lowest)")))
        }
        return outcome
    }

    /// `/a/b` as `/a`, `/a/b`.
    private static func prefixes(of path: String) -> [String] {
        var prefix = ""
        return path.split(separator: "/").map {
            prefix += "/" + $0
            return prefix
        }
    }
}
