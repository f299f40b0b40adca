/// Apps whose volumes are bound to agents (from 1.0; marathon-api.md 3.1 and 4).
enum ResidencyRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        guard app.since(1, 0) else { return [] }
        let volumes = app["container"]?["volumes"]?.items ?? []
        let isPersistent = volumes.contains { $0["persistent"] != nil }
        var found: [AppFault] = []
        if !app.readsRAML, app["residency"] != nil, !isPersistent {
            let message = "an app with `residency` has persistent volumes"
            found.append(AppFault(message, at: "residency", hint: "leave it out, or declare one"))
        }
        guard isPersistent else { return found }
        let strategy = app["upgradeStrategy"]
        if let strategy, strategy.members != nil, !(app.readsRAML && strategy["maximumOverCapacity"] == nil) {
            let over = strategy["maximumOverCapacity"]
            if over != .null, over?.number ?? 1 != 0 {
                let message = "an app with persistent volumes cannot start more instances than it has volumes"
                let place = "upgradeStrategy\(over == nil ? "" : ".maximumOverCapacity")"
                found.append(AppFault(message, at: place, hint: "set `upgradeStrategy.maximumOverCapacity` to 0"))
            }
        }
        if app.since(1, 4), let unreachable = app["unreachableStrategy"], unreachable.plainText != "disabled" {
            let message = "an app with persistent volumes is never moved off an unreachable agent"
            found.append(AppFault(message, at: "unreachableStrategy", hint: "write `disabled`, or leave it out"))
        }
        return found
    }
}
