internal import FoundationEssentials

/// JSON of any shape; numbers are all alike, since releases write `2` and `2.0` for the same (mesos-zk-ops.md 5.3).
enum LooseJSON: Hashable, Sendable, Decodable {
    case null
    case boolean(Bool)
    case number(Double)
    case text(String)
    case list([LooseJSON])
    case object([String: LooseJSON])

    /// nil for what is no whole JSON text.
    init?(text: String) {
        guard let value = try? JSONDecoder().decode(LooseJSON.self, from: Data(text.utf8)) else { return nil }
        self = value
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([LooseJSON].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: LooseJSON].self))
        }
    }

    subscript(_ key: String) -> LooseJSON? { members?[key] }

    var members: [String: LooseJSON]? { if case .object(let members) = self { members } else { nil } }
    var items: [LooseJSON]? { if case .list(let items) = self { items } else { nil } }
    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }
    var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
    var isNull: Bool { self == .null }

    /// A text, or a number as one writes it (`2` for 2.0): attributes are either.
    var words: String? {
        switch self {
        case .text(let text): text
        case .number(let number): Int(exactly: number).map(String.init) ?? "\(number)"
        case .boolean(let value): "\(value)"
        case .null, .list, .object: nil
        }
    }
}

/// `/metrics/snapshot`: one flat object of numbers (mesos-zk-ops.md 5.3); the only reader of it.
struct MesosMetrics: Hashable, Sendable {
    private var values: [String: Double]

    /// nil for what is no whole JSON object.
    init?(_ body: String) {
        guard let members = LooseJSON(text: body)?.members else { return nil }
        values = members.compactMapValues(\.number)
    }

    /// nil: this release does not have it, or the daemon has nothing to say of it now.
    subscript(_ name: String) -> Double? { values[name] }

    func count(_ name: String) -> Int? { values[name].flatMap { Int(exactly: $0.rounded()) } }
    func isOne(_ name: String) -> Bool? { values[name].map { $0 == 1 } }
}

/// What a daemon says of itself: `/flags`, or `/state.json` of releases before 0.26.
struct MesosSelf: Hashable, Sendable {
    /// Every value a text; what is unset is not there (mesos-zk-ops.md 5.2).
    var flags: [String: String]
    /// Only `/state.json` has it.
    var version: String?

    /// nil without flags: from 1.0 on they are left out of a state that may be read while they may not.
    init?(_ body: String) {
        guard let root = LooseJSON(text: body), let flags = root["flags"]?.members else { return nil }
        self.flags = flags.compactMapValues(\.words)
        version = root["version"]?.text
    }

    static let paths = ["/flags", "/state.json"]
}

/// What the leading master lists: `/state`, or `/slaves` and `/state.json` of it.
struct MesosListing: Hashable, Sendable {
    var agents: [ListedAgent]
    /// nil where the answer has none (`/slaves`).
    var frameworks: [ListedFramework]?
    /// `master@host:port`; nil where the answer does not say or nobody leads.
    var leader: String?

    init?(_ body: String) {
        guard let root = LooseJSON(text: body), let agents = root["slaves"]?.items else { return nil }
        self.agents = agents.compactMap(ListedAgent.init)
        // One that cannot be read is not left out: the list would be shorter than it is.
        guard self.agents.count == agents.count else { return nil }
        frameworks = Self.frameworks(root)
        leader = root["leader"]?.text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// nil where the body has none or is not whole.
    static func frameworks(_ body: String) -> [ListedFramework]? { LooseJSON(text: body).flatMap(frameworks) }

    private static func frameworks(_ root: LooseJSON) -> [ListedFramework]? {
        root["frameworks"]?.items.map { $0.compactMap(ListedFramework.init) }
    }

    /// 0.21 has no `/slaves`, 1.8 no `/state.json` any more (mesos-zk-ops.md 5.1).
    static let agentPaths = ["/slaves", "/state.json"]
    static let allPaths = ["/state", "/state.json"]
    /// Frameworks without their tasks, from 0.23.
    static let frameworkPaths = ["/state-summary", "/state.json"]
}

extension ListedAgent {
    fileprivate init?(_ json: LooseJSON) {
        guard let id = json["id"]?.text, let pid = json["pid"]?.text else { return nil }
        func resources(_ key: String) -> MesosResources? { json[key]?.members.map(MesosResources.init) }
        self.init(
            id: id,
            pid: pid,
            hostname: json["hostname"]?.text ?? "",
            // Before 0.22 it is not said of each: who is listed is registered.
            isActive: json["active"]?.boolean ?? true,
            attributes: json["attributes"]?.members?.compactMapValues(\.words) ?? [:],
            resources: resources("resources") ?? MesosResources(),
            used: resources("used_resources")
        )
    }
}

extension MesosResources {
    fileprivate init(_ members: [String: LooseJSON]) {
        self.init(scalars: members.compactMapValues(\.number), ranges: members.compactMapValues(\.text))
    }
}

extension ListedFramework {
    fileprivate init?(_ json: LooseJSON) {
        guard let id = json["id"]?.text else { return nil }
        self.init(
            id: id,
            name: json["name"]?.text ?? "",
            hostname: json["hostname"]?.text ?? "",
            isActive: json["active"]?.boolean ?? true
        )
    }
}

/// Where a redirect points to: `http://host:port…` up to 0.22, `//host:port…` later (mesos-zk-ops.md 3.3).
struct RedirectTarget: Hashable, Sendable {
    var host: String
    var port: Int?

    init?(_ location: String) {
        guard let start = location.firstRange(of: "//")?.upperBound else { return nil }
        let authority = location[start...].prefix { $0 != "/" && $0 != "?" }
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            host = String(authority[authority.index(after: authority.startIndex)..<end])
            port = Int(authority[authority.index(after: end)...].drop { $0 == ":" })
        } else {
            let parts = authority.split(separator: ":", maxSplits: 1)
            host = parts.first.map(String.init) ?? ""
            port = parts.dropFirst().first.flatMap { Int($0) }
        }
        guard !host.isEmpty else { return nil }
    }
}
