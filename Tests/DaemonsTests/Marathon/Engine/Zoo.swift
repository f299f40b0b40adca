import Daemons

/// A ZooKeeper in memory, as far as Marathon asks for it.
final class Zoo {
    private struct Node {
        var data: String
        var owner: String?
    }

    private var nodes: [String: Node] = ["/": Node(data: "")]
    private var counters: [String: Int] = [:]
    private var watches: [String: Set<String>] = [:]
    private var sessions: [String: Int] = [:]
    private var lastSession = 0
    private(set) var writes = 0
    private(set) var writtenBytes = 0

    func handle(_ request: CoordinationRequest, of owner: String, in world: World) {
        switch request {
        case .connect:
            lastSession += 1
            let session = lastSession
            sessions[owner] = session
            world.after(2) { $0.deliver(.coordination(.connected(session: session, again: false)), to: owner) }
        case .close: end(owner, in: world)
        case .create(let tag, let path, let data, let ephemeral, let sequential):
            answer(tag, create(path, data, ephemeral ? owner : nil, sequential, in: world), owner, world)
        case .set(let tag, let path, let data):
            writes += 1
            writtenBytes += data.utf8.count
            if nodes[path] != nil { nodes[path]?.data = data }
            answer(tag, nodes[path] == nil ? .noNode : .done, owner, world)
        case .delete(let tag, let path):
            let was = nodes.removeValue(forKey: path) != nil
            if was { changed(parent(path), in: world) }
            answer(tag, was ? .done : .noNode, owner, world)
        case .get(let tag, let path):
            answer(tag, nodes[path].map { .data($0.data) } ?? .noNode, owner, world)
        case .children(let tag, let path, let watch):
            if watch { watches[path, default: []].insert(owner) }
            answer(tag, nodes[path] == nil ? .noNode : .children(children(path)), owner, world)
        }
    }

    /// What is under a path, as another process would see it.
    func children(_ path: String) -> [String] {
        let prefix = path == "/" ? "/" : path + "/"
        return nodes.keys.filter { $0.hasPrefix(prefix) && $0 != "/" && !$0.dropFirst(prefix.count).contains("/") }
            .map { String($0.dropFirst(prefix.count)) }.sorted()
    }

    func data(_ path: String) -> String? { nodes[path]?.data }

    func put(_ path: String, _ data: String, in world: World) {
        nodes[path] = Node(data: data)
        changed(parent(path), in: world)
    }

    func expire(_ owner: String, in world: World) {
        end(owner, in: world)
        world.deliver(.coordination(.expired), to: owner)
    }

    private func create(
        _ path: String,
        _ data: String,
        _ owner: String?,
        _ sequential: Bool,
        in world: World
    ) -> CoordinationAnswer {
        guard nodes[parent(path)] != nil else { return .noNode }
        var path = path
        if sequential {
            let number = String(counters[parent(path), default: 0])
            counters[parent(path), default: 0] += 1
            path += String(repeating: "0", count: 10 - number.utf8.count) + number
        }
        guard nodes[path] == nil else { return .exists }
        writes += 1
        writtenBytes += data.utf8.count
        nodes[path] = Node(data: data, owner: owner)
        changed(parent(path), in: world)
        return .created(path: path)
    }

    private func end(_ owner: String, in world: World) {
        sessions[owner] = nil
        for (path, names) in watches { watches[path] = names.subtracting([owner]) }
        for path in nodes.filter({ $0.value.owner == owner }).keys.sorted() {
            nodes[path] = nil
            changed(parent(path), in: world)
        }
    }

    private func changed(_ path: String, in world: World) {
        for owner in (watches.removeValue(forKey: path) ?? []).sorted() {
            world.after(1) { $0.deliver(.coordination(.childrenChanged(path: path)), to: owner) }
        }
    }

    private func answer(_ tag: Int, _ answer: CoordinationAnswer, _ owner: String, _ world: World) {
        world.after(1) { $0.deliver(.coordination(.answer(tag: tag, answer)), to: owner) }
    }

    private func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}
