@testable import Daemons

/// ZooKeeper without servers: one tree, sessions by name, watches that fire once.
struct MemoryCoordination {
    private struct Node {
        var data: String
        var owner: String?
    }

    /// What is to be told to whom.
    private(set) var events: [(to: String, event: CoordinationEvent)] = []
    private var nodes: [String: Node] = ["/": Node(data: "", owner: nil)]
    private var counters: [String: Int] = [:]
    private var watches: [String: Set<String>] = [:]
    private var sessions = 0

    mutating func takeEvents() -> [(to: String, event: CoordinationEvent)] {
        defer { events = [] }
        return events
    }

    func children(of path: String) -> [String] {
        let prefix = path == "/" ? "/" : path + "/"
        return nodes.keys.filter { $0.hasPrefix(prefix) && $0.count > prefix.count }
            .map { String($0.dropFirst(prefix.count)) }
            .filter { !$0.contains("/") }
            .sorted()
    }

    mutating func handle(_ request: CoordinationRequest, from client: String) {
        switch request {
        case .connect:
            sessions += 1
            events.append((client, .connected(session: sessions, again: false)))
        case .close: expire(client, tells: false)
        case .create(let tag, let path, let data, let ephemeral, let sequential):
            answer(client, tag, create(path, data, owner: ephemeral ? client : nil, sequential))
        case .set(let tag, let path, let data):
            answer(client, tag, nodes[path] == nil ? .noNode : .done)
            nodes[path]?.data = data
        case .delete(let tag, let path):
            answer(client, tag, nodes[path] == nil ? .noNode : .done)
            remove(path)
        case .get(let tag, let path): answer(client, tag, nodes[path].map { .data($0.data) } ?? .noNode)
        case .children(let tag, let path, let watch):
            guard nodes[path] != nil else { return answer(client, tag, .noNode) }
            if watch { watches[path, default: []].insert(client) }
            answer(client, tag, .children(children(of: path)))
        }
    }

    /// The session is over; what was its goes.
    mutating func expire(_ client: String, tells: Bool = true) {
        for path in nodes.keys.sorted() where nodes[path]?.owner == client { remove(path) }
        for path in watches.keys { watches[path]?.remove(client) }
        if tells { events.append((client, .expired)) }
    }

    private mutating func answer(_ client: String, _ tag: Int, _ answer: CoordinationAnswer) {
        events.append((client, .answer(tag: tag, answer)))
    }

    private static func parent(of path: String) -> String {
        let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        return parent.isEmpty ? "/" : parent
    }

    private mutating func create(
        _ path: String,
        _ data: String,
        owner: String?,
        _ sequential: Bool
    ) -> CoordinationAnswer {
        let parent = Self.parent(of: path)
        guard nodes[parent] != nil else { return .noNode }
        var path = path
        if sequential {
            let number = String(counters[parent, default: 0])
            counters[parent, default: 0] += 1
            path += String(repeating: "0", count: 10 - number.count) + number
        }
        guard nodes[path] == nil else { return .exists }
        nodes[path] = Node(data: data, owner: owner)
        notify(parent)
        return .created(path: path)
    }

    private mutating func remove(_ path: String) {
        guard nodes.removeValue(forKey: path) != nil else { return }
        notify(Self.parent(of: path))
    }

    private mutating func notify(_ path: String) {
        for client in (watches.removeValue(forKey: path) ?? []).sorted() {
            events.append((client, .childrenChanged(path: path)))
        }
    }
}
