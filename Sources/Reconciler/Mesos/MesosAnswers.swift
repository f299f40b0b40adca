internal import Specs

extension AppValue {
    /// The JSON value that a whole body is; nil for anything else.
    ///
    /// Releases write `2` and `2.0`, `/` and `\/` for the same (mesos-zk-ops.md 5.3), which makes no difference here.
    init?(body: String) {
        guard let value = try? AppValue(json: Array(body.utf8)) else { return nil }
        self = value
    }

    /// A text, or a number as one writes it (`2` for 2.0): attributes are either.
    fileprivate var words: String? {
        switch self {
        case .text(let content): content.plainText
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
        guard let members = AppValue(body: body)?.members else { return nil }
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
        guard let root = AppValue(body: body), let flags = root["flags"]?.members else { return nil }
        self.flags = flags.compactMapValues(\.words)
        version = root["version"]?.plainText
    }

    static let paths = ["/flags", "/state.json"]
}

/// What the leading master lists: `/state`, or `/slaves` and `/state.json` of it.
struct MesosListing: Hashable, Sendable {
    var agents: [ListedAgent]
    /// nil where the answer has none (`/slaves`).
    var frameworks: [ListedFramework]?
    /// false: the answer says that another one leads, or nobody.
    ///
    /// Up to 0.28 a standby answers with its own empty view.
    var isLeaders: Bool

    init?(_ body: String) {
        guard let root = AppValue(body: body), let agents = root["slaves"]?.items else { return nil }
        self.agents = agents.compactMap(ListedAgent.init)
        // One that cannot be read is not left out: the list would be shorter than it is.
        guard self.agents.count == agents.count else { return nil }
        if self.agents.contains(where: { $0.used == nil }), let used = Self.usedByTasks(root) {
            for index in self.agents.indices where self.agents[index].used == nil {
                self.agents[index].used = used[self.agents[index].id] ?? MesosResources()
            }
        }
        frameworks = Self.frameworks(root)
        let pid = root["pid"]?.plainText
        isLeaders = pid == nil || root["leader"]?.plainText == pid
    }

    /// nil where the body has none or is not whole.
    static func frameworks(_ body: String) -> [ListedFramework]? { AppValue(body: body).flatMap(frameworks) }

    private static func frameworks(_ root: AppValue) -> [ListedFramework]? {
        root["frameworks"]?.items.map { $0.compactMap(ListedFramework.init) }
    }

    /// What the tasks on each agent use, by its id, numbers only; nil where no framework tells its tasks.
    ///
    /// From 0.26 on agents say it themselves (mesos-zk-ops.md 5.3). Before, what executors use beside their tasks is not told.
    /// Tasks whose framework has not come back to a new leader are no framework's, so that an empty list does not prove that
    /// nothing is used.
    private static func usedByTasks(_ root: AppValue) -> [String: MesosResources]? {
        let tasks = (root["frameworks"]?.items ?? []).compactMap { $0["tasks"]?.items }
        guard !tasks.isEmpty else { return nil }
        var used: [String: MesosResources] = [:]
        for task in tasks.joined() {
            guard let agent = task["slave_id"]?.plainText, let resources = task["resources"]?.members else { continue }
            used[agent, default: MesosResources()].scalars.merge(resources.compactMapValues(\.number)) { $0 + $1 }
        }
        return used
    }

    /// 0.21 has no `/slaves`, 1.8 no `/state.json` any more (mesos-zk-ops.md 5.1).
    static let agentPaths = ["/slaves", "/state.json"]
    static let allPaths = ["/state", "/state.json"]
    /// Frameworks without their tasks, from 0.23.
    static let frameworkPaths = ["/state-summary", "/state.json"]
}

extension ListedAgent {
    fileprivate init?(_ json: AppValue) {
        guard let id = json["id"]?.plainText, let pid = json["pid"]?.plainText else { return nil }
        func resources(_ key: String) -> MesosResources? { json[key]?.members.map(MesosResources.init) }
        self.init(
            id: id,
            pid: pid,
            hostname: json["hostname"]?.plainText ?? "",
            // Before 0.22 it is not said of each: who is listed is registered. `deactivated` came later (mesos-zk-ops.md 5.3).
            isActive: json["active"]?.boolean ?? true && json["deactivated"]?.boolean != true,
            attributes: json["attributes"]?.members?.compactMapValues(\.words) ?? [:],
            resources: resources("resources") ?? MesosResources(),
            used: resources("used_resources")
        )
    }
}

extension MesosResources {
    fileprivate init(_ members: [String: AppValue]) {
        self.init(scalars: members.compactMapValues(\.number), ranges: members.compactMapValues(\.plainText))
    }
}

extension ListedFramework {
    fileprivate init?(_ json: AppValue) {
        guard let id = json["id"]?.plainText else { return nil }
        self.init(
            id: id,
            name: json["name"]?.plainText ?? "",
            hostname: json["hostname"]?.plainText ?? "",
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
