/// What a server keeps on its disk: the tree, the sessions, the epochs; a copy costs nothing until one side changes.
public struct ZooKeeperData: Sendable, Codable {
    struct Session: Sendable, Codable {
        var timeoutMilliseconds: Int
        var ephemerals = SteadySet<String>()
    }

    var tree = ZooKeeperTree()
    var sessions: [Int: Session] = [:]
    /// Of the last transaction: the epoch in the upper 32 bits, a counter in the lower ones.
    public internal(set) var zxid = 0
    public internal(set) var epoch = 0
    /// False for what a server of the 3.4 line can leave: transaction logs without a snapshot (ZOOKEEPER-3056).
    public var hasSnapshot = true

    /// Of an empty data directory.
    public init() {}

    /// Nodes as far as the tree goes: what servers count has a few more of their own.
    public var nodeCount: Int { tree.nodes.count }

    /// The data of a node; nil where there is none.
    public func node(_ path: String) -> String? { tree[path]?.data }

    /// Names below a node, sorted; nil where there is none.
    public func children(of path: String) -> [String]? { tree[path]?.children.sorted() }
}

extension ZooKeeperData {
    /// What a transaction changed, for watches.
    struct Change {
        var answer: CoordinationAnswer
        /// Nodes whose children are others now, or that are gone.
        var touched: [String] = []
    }

    /// Carries out a write as the transaction `zxid`; a refused one changes nothing but the number.
    mutating func apply(_ request: CoordinationRequest, session: Int, zxid: Int) -> Change {
        self.zxid = zxid
        switch request {
        case .create(_, let path, let data, let ephemeral, let sequential):
            let parent = ZooKeeperTree.parent(path)
            // No copy of the parent is held: its children would be copied with the insertion.
            guard path.hasPrefix("/"), tree.takesChildren(parent) else { return Change(answer: .noNode) }
            let path = sequential ? tree.sequentialPath(path) : path
            guard tree[path] == nil else { return Change(answer: .exists) }
            tree.insert(path, data: data, owner: ephemeral ? session : nil, zxid: zxid)
            if ephemeral { sessions[session]?.ephemerals.insert(path) }
            return Change(answer: .created(path: path), touched: [parent])
        case .set(_, let path, let data):
            guard tree[path] != nil else { return Change(answer: .noNode) }
            tree.set(path, data: data)
            return Change(answer: .done)
        case .delete(_, let path):
            guard let node = tree[path] else { return Change(answer: .noNode) }
            guard node.children.isEmpty else { return Change(answer: .notEmpty) }
            remove(path)
            return Change(answer: .done, touched: [path, ZooKeeperTree.parent(path)])
        case .connect, .close, .get, .children:
            return Change(answer: .done)
        }
    }

    mutating func open(session: Int, timeoutMilliseconds: Int, zxid: Int) {
        self.zxid = zxid
        sessions[session] = Session(timeoutMilliseconds: timeoutMilliseconds)
    }

    /// Ends a session and its ephemeral nodes.
    mutating func close(session: Int, zxid: Int) -> Change {
        self.zxid = zxid
        var touched: [String] = []
        for path in sessions.removeValue(forKey: session)?.ephemerals.sorted() ?? [] {
            remove(path)
            touched += [path, ZooKeeperTree.parent(path)]
        }
        return Change(answer: .done, touched: touched)
    }

    private mutating func remove(_ path: String) {
        if let owner = tree[path]?.owner { sessions[owner]?.ephemerals.remove(path) }
        tree.remove(path, zxid: zxid)
    }

    var ephemeralCount: Int { sessions.values.reduce(0) { $0 + $1.ephemerals.count } }
}
