import Specs

@testable import Daemons

/// One Marathon as its API behaves towards app definitions.
///
/// Without tasks, storage and leadership, so that thousands of writes take seconds. Its steps are those of
/// `MarathonEngine`'s routes, which `AppServerTests` holds it to.
struct AppServer {
    /// What a write's plan does to the app's tasks.
    enum Action: Hashable {
        case start, restart, scale, none
    }

    let codec: MarathonAppCodec
    /// As accepted last, by absolute id.
    private(set) var apps: [String: MarathonApp] = [:]
    /// Up to 0.10: as requests see them, which is what a step was begun for last (marathon-api.md 1.4).
    private var deployed: [String: MarathonApp] = [:]
    private(set) var pool = ServicePortPool()
    private var clock = Moment(milliseconds: 1_409_038_670_462)

    init(_ context: AppContext) {
        var flags = MarathonContext()
        flags.mesosRole = context.role == "*" ? nil : context.role
        flags.defaultNetworkName = context.defaultNetworkName
        flags.mesosBridgeName = context.mesosBridgeName
        flags.features = context.features.sorted()
        codec = MarathonAppCodec(version: MarathonVersion(context.release), context: flags)
    }

    /// `GET /v2/apps/ID`, the inner object; nil for a 404.
    func get(_ id: String) -> AppValue? {
        guard let app = codec.version < .init(0, 11) ? deployed[id] : apps[id] else { return nil }
        let extras = [JSONObject.Member("tasks", [])]
        return AppValue(codec.json(app, counts: MarathonTaskCounts(), deployments: [], extras: extras))
    }

    /// `PUT /v2/apps/ID?force=true`.
    /// - Throws: Marathon's refusal, status and body.
    mutating func put(_ id: String, _ body: JSON, isPartial: Bool = true) throws(MarathonFault) -> Action {
        let version = nextVersion()
        let id = try codec.id(in: body, url: id) ?? id
        let former = apps[id]
        let app: MarathonApp
        if let former, isPartial || codec.version < .init(1, 4) {
            app = try codec.update(former, with: body, at: version)
        } else {
            app = try codec.readApp(body, id: id, at: version, origin: former == nil ? .creatingPut : .definition)
        }
        try codec.validate(app, former: former)
        if former == nil { try codec.checkServicePorts(of: app, in: MarathonTree(apps: apps)) }
        return try commit(app, former, version)
    }

    /// The app's write as the client means it.
    mutating func carryOut(_ write: AppWrite, _ id: String) throws(MarathonFault) -> Action {
        try put(id, JSON(write.body), isPartial: write.method == .merge)
    }

    /// `DELETE /v2/apps/ID`.
    mutating func delete(_ id: String) {
        guard let app = apps.removeValue(forKey: id) else { return }
        deployed[id] = nil
        pool.release(codec.heldPorts(of: app))
    }

    private mutating func commit(
        _ app: MarathonApp,
        _ former: MarathonApp?,
        _ version: Moment
    ) throws(MarathonFault) -> Action {
        let formerPool = pool
        do throws(MarathonFault) {
            var changed = [app]
            try codec.assignPorts(in: &changed, former: { $0 == former?.id ? former : nil }, pool: &pool)
            let stored = codec.versioned(changed[0], former: former, at: version)
            var tree = apps
            tree[stored.id] = stored
            try codec.validate(MarathonTree(apps: tree), changed: [stored.id])
            apps = tree
            let change = AppChange(before: former, after: stored)
            let steps = DeploymentPlanner(codec: codec).steps([stored.id: change], depths: [:])
            let kinds = Set(steps.joined().map(\.kind)).subtracting([.resolve])
            if !kinds.isEmpty { deployed[stored.id] = stored }
            if kinds.contains(.start) { return .start }
            return kinds.contains(.restart) ? .restart : kinds.contains(.scale) ? .scale : .none
        } catch {
            pool = formerPool
            throw error
        }
    }

    private mutating func nextVersion() -> Moment {
        clock = clock + 1000
        return clock
    }
}

extension AppValue {
    init(_ json: JSON) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .boolean(value)
        case .integer(let value): self = .number(Double(value))
        case .number(let value): self = .number(value)
        case .string(let text): self = .text(Content(text))
        case .array(let values): self = .list(values.map { AppValue($0) })
        case .object(let object):
            self = .object(Dictionary(object.members.map { ($0.key, AppValue($0.value)) }) { _, last in last })
        }
    }
}

extension JSON {
    init(_ value: AppValue) {
        switch value {
        case .null: self = .null
        case .boolean(let value): self = .bool(value)
        case .number(let value): self = Int(exactly: value).map(JSON.integer) ?? .number(value)
        case .text(let content): self = .string(content.shown)
        case .list(let items): self = .array(items.map { JSON($0) })
        case .object(let members):
            self = .object(
                JSONObject(unique: members.sorted { $0.key < $1.key }.map { .init($0.key, JSON($0.value)) })
            )
        }
    }

    /// The same with whole numbers here and there as `1.0`, and members in another order: what other writers send.
    func respelt(_ numbers: inout SeededNumbers) -> JSON {
        switch self {
        case .integer(let value): numbers.chance(30) ? .number(Double(value)) : self
        case .array(let values): .array(values.map { $0.respelt(&numbers) })
        case .object(let object):
            .object(
                JSONObject(
                    unique: object.members.shuffled(using: &numbers).map { .init($0.key, $0.value.respelt(&numbers)) }
                )
            )
        default: self
        }
    }
}
