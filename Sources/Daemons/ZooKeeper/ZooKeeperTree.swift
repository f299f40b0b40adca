/// The znodes by path, without ACLs, TTLs and data versions.
struct ZooKeeperTree: Sendable {
    struct Node: Sendable {
        var data: String
        /// Names.
        var children: Set<String> = []
        /// The session that an ephemeral node belongs to.
        var owner: Int?
        /// Children ever created: the next sequence number, as in `PrepRequestProcessor`.
        var creations = 0
        /// The transaction that changed the children last.
        var childrenChanged = 0
    }

    private(set) var nodes: [String: Node]
    /// Bytes of all paths and data, as `zk_approximate_data_size` counts them.
    private(set) var bytes: Int

    init() {
        nodes = [
            "/": Node(data: "", children: ["zookeeper"]),
            "/zookeeper": Node(data: "", children: ["quota"]),
            "/zookeeper/quota": Node(data: ""),
        ]
        bytes = nodes.keys.reduce(0) { $0 + $1.utf8.count }
    }

    subscript(path: String) -> Node? { nodes[path] }

    /// Whether a node is there and not ephemeral.
    func takesChildren(_ path: String) -> Bool { nodes[path].map { $0.owner == nil } ?? false }

    /// The path that a node made sequential below it would get.
    func sequentialPath(_ path: String) -> String {
        let digits = String(nodes[Self.parent(path)]?.creations ?? 0)
        return path + String(repeating: "0", count: max(0, 10 - digits.utf8.count)) + digits
    }

    mutating func insert(_ path: String, data: String, owner: Int?, zxid: Int) {
        nodes[path] = Node(data: data, owner: owner)
        bytes += path.utf8.count + data.utf8.count
        let parent = Self.parent(path)
        nodes[parent]?.children.insert(Self.name(path))
        nodes[parent]?.creations += 1
        nodes[parent]?.childrenChanged = zxid
    }

    mutating func set(_ path: String, data: String) {
        guard let old = nodes[path]?.data else { return }
        bytes += data.utf8.count - old.utf8.count
        nodes[path]?.data = data
    }

    mutating func remove(_ path: String, zxid: Int) {
        guard let old = nodes.removeValue(forKey: path) else { return }
        bytes -= path.utf8.count + old.data.utf8.count
        let parent = Self.parent(path)
        nodes[parent]?.children.remove(Self.name(path))
        nodes[parent]?.childrenChanged = zxid
    }

    static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    static func name(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return path }
        return String(path[path.index(after: slash)...])
    }
}

/// Encoded as the sorted list of its nodes, so that equal trees have equal texts.
extension ZooKeeperTree: Codable {
    private struct Line: Codable {
        var path: String
        var data: String
        var owner: Int?
        var creations: Int
        var childrenChanged: Int
    }

    init(from decoder: any Decoder) throws {
        nodes = [:]
        bytes = 0
        for line in try decoder.singleValueContainer().decode([Line].self) {
            nodes[line.path] = Node(
                data: line.data,
                owner: line.owner,
                creations: line.creations,
                childrenChanged: line.childrenChanged
            )
            bytes += line.path.utf8.count + line.data.utf8.count
        }
        for path in nodes.keys where path != "/" { nodes[Self.parent(path)]?.children.insert(Self.name(path)) }
    }

    func encode(to encoder: any Encoder) throws {
        let lines = nodes.sorted { $0.key < $1.key }.map { path, node in
            Line(
                path: path,
                data: node.data,
                owner: node.owner,
                creations: node.creations,
                childrenChanged: node.childrenChanged
            )
        }
        var container = encoder.singleValueContainer()
        try container.encode(lines)
    }
}
