/// What survives a leader: one node a value under `<zk>/state`, written behind and read as a whole by the next leader.
///
/// The keys are Marathon's (`framework:id`, `group:root`, `app:prod_web`, `task:…`, `deployment:…`; mesos-zk-ops.md 11);
/// the values are this model's own JSON, where the real one keeps protobuf. A value beyond half a megabyte goes into
/// several nodes, as ZooKeeper takes no more than one.
struct MarathonStore: Hashable, Sendable, Codable {
    /// Tags from here on are the store's.
    static let firstTag = 100
    private static let chunk = 500_000

    let directory: String
    private var tag = MarathonStore.firstTag
    /// Nodes that are known to be there, with how many further chunks they have.
    private var known: [String: Int] = [:]
    /// Requests under way, to be repeated after a lost connection.
    private var pending: [Int: CoordinationRequest] = [:]
    private var lost: [Int] = []
    private var loading: Loading?

    private struct Loading: Hashable, Sendable, Codable {
        var list: Int?
        var names: [Int: String] = [:]
        var values: [String: String] = [:]
    }

    init(directory: String) { self.directory = directory }

    // MARK: Reading

    /// Starts to read everything; `receive` hands it over.
    mutating func load(out: inout [DaemonEffect]) {
        let directory = directory
        let list = send({ .children(tag: $0, path: directory, watch: false) }, out: &out)
        loading = Loading(list: list)
    }

    /// - Returns: Everything that is stored, by key, as soon as it has been read.
    mutating func receive(_ event: CoordinationEvent, out: inout [DaemonEffect]) -> [String: String]? {
        switch event {
        case .connected(_, again: true): repeatLost(out: &out)
        case .answer(let tag, let answer) where tag >= Self.firstTag:
            guard answer != .lost else {
                lost.append(tag)
                return nil
            }
            let request = pending.removeValue(forKey: tag)
            if loading != nil { return progress(tag, answer, out: &out) }
            settle(request, answer, out: &out)
        default: break
        }
        return nil
    }

    private mutating func progress(
        _ tag: Int,
        _ answer: CoordinationAnswer,
        out: inout [DaemonEffect]
    ) -> [String: String]? {
        if tag == loading?.list {
            guard case .children(let names) = answer else { return finishLoading() }
            for name in names {
                let path = "\(directory)/\(name)"
                let tag = send({ .get(tag: $0, path: path) }, out: &out)
                loading?.names[tag] = name
            }
            return names.isEmpty ? finishLoading() : nil
        }
        guard let name = loading?.names.removeValue(forKey: tag) else { return nil }
        if case .data(let text) = answer { loading?.values[name] = text }
        return loading?.names.isEmpty == true ? finishLoading() : nil
    }

    private mutating func finishLoading() -> [String: String] {
        let values = loading?.values ?? [:]
        loading = nil
        var whole: [String: String] = [:]
        for (name, text) in values where !name.contains("#") {
            guard text.hasPrefix("#"), let chunks = Int(text.dropFirst()) else {
                known[name] = 0
                whole[name] = text
                continue
            }
            known[name] = chunks
            whole[name] = (1...max(1, chunks)).map { values["\(name)#\($0)"] ?? "" }.joined()
        }
        return whole
    }

    // MARK: Writing

    mutating func put(_ key: String, _ text: String, out: inout [DaemonEffect]) {
        let bytes = text.utf8.count
        let chunks = bytes <= Self.chunk ? 0 : (bytes + Self.chunk - 1) / Self.chunk
        if chunks > 0 {
            for (index, part) in Self.split(text, chunks).enumerated() {
                write("\(key)#\(index + 1)", part, isKnown: index < known[key] ?? 0, out: &out)
            }
        }
        write(key, chunks == 0 ? text : "#\(chunks)", isKnown: known[key] != nil, out: &out)
        removeChunks(of: key, from: chunks + 1, out: &out)
        known[key] = chunks
    }

    /// Cut between characters, so that each chunk is text of its own; a bit more than `chunk` where need be.
    private static func split(_ text: String, _ count: Int) -> [String] {
        var parts: [String] = []
        var rest = text.unicodeScalars[...]
        while parts.count < count - 1 {
            var end = text.utf8.index(rest.startIndex, offsetBy: chunk, limitedBy: rest.endIndex) ?? rest.endIndex
            while end < rest.endIndex, UTF8.isContinuation(text.utf8[end]) { end = text.utf8.index(after: end) }
            parts.append(String(rest[..<end]))
            rest = rest[end...]
        }
        return parts + [String(rest)]
    }

    mutating func remove(_ key: String, out: inout [DaemonEffect]) {
        guard known[key] != nil else { return }
        removeChunks(of: key, from: 1, out: &out)
        known[key] = nil
        let path = "\(directory)/\(key)"
        _ = send({ .delete(tag: $0, path: path) }, out: &out)
    }

    private mutating func removeChunks(of key: String, from first: Int, out: inout [DaemonEffect]) {
        guard let last = known[key], first <= last else { return }
        for index in first...last {
            let path = "\(directory)/\(key)#\(index)"
            _ = send({ .delete(tag: $0, path: path) }, out: &out)
        }
    }

    private mutating func write(_ key: String, _ text: String, isKnown: Bool, out: inout [DaemonEffect]) {
        let path = "\(directory)/\(key)"
        _ = send(
            { tag in
                isKnown
                    ? .set(tag: tag, path: path, data: text)
                    : .create(tag: tag, path: path, data: text, ephemeral: false, sequential: false)
            },
            out: &out
        )
    }

    private mutating func send(_ request: (Int) -> CoordinationRequest, out: inout [DaemonEffect]) -> Int {
        tag += 1
        let request = request(tag)
        pending[tag] = request
        out.append(.coordinate(request))
        return tag
    }

    /// A node may be there already, from a write whose answer was lost or from a process that failed in between.
    private mutating func settle(
        _ request: CoordinationRequest?,
        _ answer: CoordinationAnswer,
        out: inout [DaemonEffect]
    ) {
        switch (request, answer) {
        case (.create(_, let path, let data, _, _), .exists):
            _ = send({ .set(tag: $0, path: path, data: data) }, out: &out)
        case (.set(_, let path, let data), .noNode):
            _ = send({ .create(tag: $0, path: path, data: data, ephemeral: false, sequential: false) }, out: &out)
        default: break
        }
    }

    /// In the order in which they were asked, as they may be about one node.
    private mutating func repeatLost(out: inout [DaemonEffect]) {
        for tag in lost.sorted() { if let request = pending[tag] { out.append(.coordinate(request)) } }
        lost = []
    }
}
