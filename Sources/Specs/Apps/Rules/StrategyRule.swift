/// Apps of a single instance, and the times of unreachable tasks (marathon-api.md 4).
enum StrategyRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] { singleInstance(app) + unreachable(app) }

    /// The label came with 0.12 or so; the model of 1.0 and later has it.
    private static func singleInstance(_ app: AppUnderCheck) -> [AppFault] {
        guard app.since(1, 0), app["labels"]?.text("MARATHON_SINGLE_INSTANCE_APP") == "true" else { return [] }
        var found: [AppFault] = []
        if let instances = app["instances"]?.number, instances > 1 {
            let message = "the label MARATHON_SINGLE_INSTANCE_APP allows one instance, not \(instances.shown)"
            found.append(AppFault(message, at: "instances"))
        }
        let strategy = app["upgradeStrategy"]
        guard strategy != nil || !app.says("upgradeStrategy") else { return found }
        let standard = RequiredStrategy(app).standard
        for key in ["minimumHealthCapacity", "maximumOverCapacity"] {
            // Where both are wanted, a missing one is another rule's.
            guard strategy?[key] != .null, !(app.readsRAML && strategy != nil && strategy?[key] == nil) else {
                continue
            }
            let value = strategy?[key]?.number ?? (strategy == nil ? standard[key] : 1) ?? 1
            guard value != 0 else { continue }
            let place = "upgradeStrategy\(strategy?[key] == nil ? "" : "." + key)"
            let message = "the label MARATHON_SINGLE_INSTANCE_APP wants `\(key)` 0, not \(value.shown)"
            found.append(AppFault(message, at: place, hint: "set `upgradeStrategy.\(key)` to 0"))
        }
        return found
    }

    private static func unreachable(_ app: AppUnderCheck) -> [AppFault] {
        guard app.since(1, 4), let strategy = app["unreachableStrategy"], strategy.members != nil else { return [] }
        let isPatient = app.readsRAML ? !app.since(1, 5, 1) : !app.since(1, 4, 9)
        let (inactive, expunge) = (strategy["inactiveAfterSeconds"], strategy["expungeAfterSeconds"])
        guard inactive != .null, expunge != .null else { return [] }
        let first = inactive?.number ?? (isPatient ? 300 : 0)
        let last = expunge?.number ?? (isPatient ? 600 : 0)
        guard first > last else { return [] }
        let message = "tasks are given up after \(last.shown) s, before they count as inactive (\(first.shown) s)"
        let place = inactive == nil ? "expungeAfterSeconds" : "inactiveAfterSeconds"
        let hint = expunge == nil ? "set `expungeAfterSeconds` as well" : nil
        return [AppFault(message, at: "unreachableStrategy.\(place)", hint: hint)]
    }
}

/// What `upgradeStrategy` is where nothing is said (marathon-api.md 3.1).
private struct RequiredStrategy {
    let standard: [String: Double]

    init(_ app: AppUnderCheck) {
        let volumes = app["container"]?["volumes"]?.items ?? []
        let isBound = volumes.contains { $0["persistent"] != nil || $0["external"] != nil } || app["residency"] != nil
        standard = isBound ? ["minimumHealthCapacity": 0.5, "maximumOverCapacity": 0] : [:]
    }
}
