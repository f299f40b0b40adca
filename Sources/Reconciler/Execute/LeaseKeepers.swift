public import Specs

/// The nodes that keep the lease, as somebody sees them who does not take it.
public struct LeaseKeepers: Sendable {
    private let nodes: [NodeName]
    private let access: any NodeAccess
    private let targets: [NodeName: NodeTarget]

    /// - Parameters:
    ///   - nodes: `DesiredCluster.leaseHolders`.
    ///   - access: The way to them.
    ///   - targets: At least those nodes.
    public init(nodes: [NodeName], access: any NodeAccess, targets: [NodeName: NodeTarget]) {
        self.nodes = nodes
        self.access = access
        self.targets = targets
    }

    /// Asks all of them at once; changes nothing.
    public func look() async -> LeaseSight {
        let found = await onEach(nodes) { node, target in
            do throws(NodeAccessError) {
                return LeaseSight.Standing(try await access.observe([.lease], on: target).first, on: node)
            } catch {
                return .unknown(error.message)
            }
        }
        return LeaseSight(
            keepers: nodes.map { LeaseSight.Keeper(node: $0, standing: found[$0] ?? .unknown("no node of that name")) }
        )
    }

    /// What came of a release.
    public enum Release: Hashable, Sendable {
        case released
        /// It was free by then.
        case wasFree
        /// Another holds it by now: left as it is.
        case changed(String)
        case failed(String)
    }

    /// Gives back the lease of whoever was seen to hold it, on the nodes where it was seen; each node compares the token itself.
    public func release(_ owner: LeaseOwner, in sight: LeaseSight, run: RunID) async -> [NodeName: Release] {
        let nodes = sight.nodes(of: owner)
        return await onEach(nodes) { node, target in
            do throws(NodeAccessError) {
                let act = NodeAction.lease(.release(token: owner.holder.token))
                switch try await access.perform([act], run: run, on: target).first {
                case .done?: return .released
                case .alreadyInPlace?: return .wasFree
                case .conflict(let found)?:
                    let other = LeaseOwner(text: found, node: node, readAt: 0).map { $0.holder.words }
                    return .changed(other ?? "somebody else")
                case .failed(let reason)?: return .failed(reason)
                case .pending?, nil: return .failed("no result")
                }
            } catch {
                return .failed(error.message)
            }
        }
    }

    private func onEach<Result: Sendable>(
        _ nodes: [NodeName],
        _ body: @escaping @Sendable (NodeName, NodeTarget) async -> Result
    ) async -> [NodeName: Result] {
        await withTaskGroup(of: (NodeName, Result).self) { group in
            for node in nodes {
                guard let target = targets[node] else { continue }
                group.addTask { (node, await body(node, target)) }
            }
            var results: [NodeName: Result] = [:]
            for await (node, result) in group { results[node] = result }
            return results
        }
    }
}

/// Who holds a cluster, node by node.
public struct LeaseSight: Hashable, Sendable {
    public enum Standing: Hashable, Sendable {
        case free
        case held(LeaseOwner)
        /// It has run out by the node's own clock: anybody may take it.
        case expired(LeaseOwner)
        case unknown(String)
    }

    public struct Keeper: Hashable, Sendable {
        public var node: NodeName
        public var standing: Standing

        public init(node: NodeName, standing: Standing) {
            self.node = node
            self.standing = standing
        }
    }

    public enum Verdict: Hashable, Sendable {
        /// No majority can be anybody's: whoever comes takes it.
        case free
        /// A majority says so.
        case held(LeaseOwner)
        /// Some keep it for somebody and fewer than a majority do: it is being taken or given back, or others do not answer.
        case partly(LeaseOwner)
        /// Too few answer.
        case unknown
    }

    /// In the order in which they are declared.
    public var keepers: [Keeper]

    public init(keepers: [Keeper]) { self.keepers = keepers }

    /// 0 where no node keeps one.
    public var majority: Int { keepers.isEmpty ? 0 : keepers.count / 2 + 1 }

    public var isComplete: Bool {
        keepers.allSatisfy { if case .unknown = $0.standing { false } else { true } }
    }

    /// Each holder whose lease has not run out with the number of its nodes, whoever has most first.
    public var owners: [(owner: LeaseOwner, nodes: Int)] {
        var counts: [(owner: LeaseOwner, nodes: Int)] = []
        for case .held(let owner) in keepers.map(\.standing) {
            if let index = counts.firstIndex(where: { $0.owner.holder == owner.holder }) {
                counts[index].nodes += 1
            } else {
                counts.append((owner, 1))
            }
        }
        return counts.enumerated().sorted { ($1.element.nodes, $0.offset) < ($0.element.nodes, $1.offset) }.map(
            \.element
        )
    }

    public var verdict: Verdict {
        if let first = owners.first { return first.nodes >= majority ? .held(first.owner) : .partly(first.owner) }
        let answered = keepers.count { if case .unknown = $0.standing { false } else { true } }
        return answered >= majority ? .free : .unknown
    }

    /// Where that holder's lease was seen, also where it has run out.
    func nodes(of owner: LeaseOwner) -> [NodeName] {
        keepers.filter { keeper in
            switch keeper.standing {
            case .held(let found), .expired(let found): found.holder.token == owner.holder.token
            case .free, .unknown: false
            }
        }.map(\.node)
    }
}

extension LeaseSight.Standing {
    fileprivate init(_ answer: FactAnswer?, on node: NodeName) {
        switch answer {
        case .absent?: self = .free
        case .lease(let text, let seconds)?:
            guard let owner = LeaseOwner(text: text, node: node, readAt: seconds) else {
                self = .unknown("its lease file cannot be read")
                return
            }
            self = owner.until > seconds ? .held(owner) : .expired(owner)
        case .unknown(let reason)?: self = .unknown(reason)
        default: self = .unknown("no answer")
        }
    }
}

extension LeaseHolder {
    /// Such as "ops@laptop (pid 42, `reconciler apply`)".
    public var words: String { "\(user)@\(host) (pid \(pid), `\(command)`)" }
}
