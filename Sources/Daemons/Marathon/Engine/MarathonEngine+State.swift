/// What is kept of an app beside its accepted definition.
struct AppRecord: Hashable, Sendable, Codable {
    /// Up to 0.10: the definition a deployment's step has begun with last, which is what requests are answered from
    /// (marathon-api.md 1.4).
    var deployed: MarathonApp?
    /// Oldest first.
    var versions: [MarathonApp] = []
    var failure: TaskFailure?
}

/// How an app's record is stored; its versions are nodes of their own.
private struct StoredApp: Codable {
    var target: MarathonApp?
    var deployed: MarathonApp?
    var failure: TaskFailure?
}

extension MarathonEngine {
    /// Whether requests are answered from what was deployed rather than from what was accepted.
    var servesDeployed: Bool { release < .init(0, 11) }

    /// The definition requests see.
    func served(_ id: String) -> MarathonApp? { servesDeployed ? records[id]?.deployed : root.apps[id] }

    /// Ids of all apps requests see, sorted.
    var servedIDs: [String] {
        servesDeployed ? records.filter { $0.value.deployed != nil }.keys.sorted() : root.apps.keys.sorted()
    }

    /// An app's definition of that version, as far as it is known.
    func definition(_ id: String, _ version: Moment) -> MarathonApp? {
        if let app = root.apps[id], app.version == version { return app }
        return records[id]?.versions.last { $0.version == version }
    }

    // MARK: Storing

    mutating func save(_ key: String, _ value: some Encodable) {
        do {
            store.put(key, try JSON(encoding: value).text, out: &out)
        } catch {
            log(.error, "Failed to store '\(key)': \(error)")
        }
    }

    mutating func saveApp(_ id: String) {
        let record = records[id]
        let key = "app:" + PathID.safe(id)
        if root.apps[id] == nil, record?.deployed == nil {
            store.remove(key, out: &out)
        } else {
            save(key, StoredApp(target: root.apps[id], deployed: record?.deployed, failure: record?.failure))
        }
    }

    /// Adds to the versions of an app, and drops the oldest beyond `--zk_max_versions`.
    mutating func keepVersion(_ app: MarathonApp) {
        guard records[app.id]?.versions.last?.version != app.version else { return }
        records[app.id, default: AppRecord()].versions.append(app)
        save(versionKey(app), app)
        guard let limit = configuration.keptVersions, let count = records[app.id]?.versions.count, count > limit,
            let dropped = records[app.id]?.versions.removeFirst()
        else { return }
        store.remove(versionKey(dropped), out: &out)
    }

    mutating func forgetRecord(_ id: String) {
        guard let record = records.removeValue(forKey: id) else { return }
        for app in record.versions { store.remove(versionKey(app), out: &out) }
        saveApp(id)
    }

    private func versionKey(_ app: MarathonApp) -> String {
        "app:\(PathID.safe(app.id)):\(app.version.iso8601)"
    }

    mutating func saveRoot(_ change: MarathonRoot.Change) {
        save("group:root", root.storedGroups)
        save(changeKey(change), change)
        for dropped in root.keep(change, atMost: configuration.keptVersions) {
            store.remove(changeKey(dropped), out: &out)
        }
    }

    private func changeKey(_ change: MarathonRoot.Change) -> String { "group:root:\(change.version.iso8601)" }

    mutating func saveTask(_ id: String) {
        if let task = tasks[id] { save("task:\(id)", task) } else { store.remove("task:\(id)", out: &out) }
    }

    // MARK: Loading

    /// Takes over what the leader before has stored, and goes on with it.
    mutating func begin(with values: [String: String]) {
        load(values)
        wantRegistration()
        agenda.add(.reconcile, at: now + configuration.reconciliationInitialDelay)
        agenda.add(.scaleApps, at: now + configuration.scaleAppsInitialDelay)
        for id in tasks.ids { resume(id) }
        resumeDeployments()
    }

    private mutating func load(_ values: [String: String]) {
        framework.id = values["framework:id"]
        var apps: [MarathonApp] = []
        var changes: [MarathonRoot.Change] = []
        for (key, text) in values.sorted(by: { $0.key < $1.key }) {
            let parts = key.split(separator: ":", maxSplits: 2)
            guard parts.count >= 2 else { continue }
            do {
                let json = try JSON(parsing: text)
                switch (parts[0], parts.count) {
                case ("app", 2):
                    let stored = try json.decoded(as: StoredApp.self)
                    guard let id = (stored.target ?? stored.deployed)?.id else { continue }
                    if let app = stored.target { apps.append(app) }
                    records[id, default: AppRecord()].deployed = stored.deployed
                    records[id]?.failure = stored.failure
                case ("app", _):
                    let app = try json.decoded(as: MarathonApp.self)
                    records[app.id, default: AppRecord()].versions.append(app)
                case ("group", 3): changes.append(try json.decoded())
                case ("task", 2): tasks.insert(try json.decoded())
                case ("deployment", 2): deployments.stored.append(try json.decoded())
                default: break
                }
            } catch { log(.error, "Failed to load '\(key)': \(error)") }
        }
        for id in records.keys { records[id]?.versions.sort { $0.version < $1.version } }
        let groups = loadGroups(values["group:root"])
        root = MarathonRoot(apps: apps, groups: groups, history: changes.sorted { $0.version < $1.version }, at: now)
        for app in apps { pool.take(codec.heldPorts(of: app)) }
    }

    private mutating func loadGroups(_ text: String?) -> [String: MarathonRoot.Group] {
        guard let text else { return [:] }
        do {
            return try JSON(parsing: text).decoded()
        } catch {
            log(.error, "Failed to load 'group:root': \(error)")
            return [:]
        }
    }
}
