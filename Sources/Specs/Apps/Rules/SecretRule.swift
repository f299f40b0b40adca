/// Secrets of Marathon's own (from 1.3): the feature is on, and every name that is used is declared (marathon-api.md 4).
enum SecretRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        let used = references(app)
        guard app.since(1, 3) else {
            // `secrets` itself is an unknown field there.
            return used.filter { $0.path.hasPrefix("env.") }.map {
                AppFault("`\($0.path)`: the name of a secret needs Marathon 1.3, not \(app.release)", at: $0.path)
            }
        }
        let declared = app["secrets"]?.members ?? [:]
        // Up to 1.4 only what is declared is looked at.
        let first = app.readsRAML ? used.first?.path : nil
        if app.lacks(feature: "secrets"), let place = first ?? (declared.isEmpty ? nil : "secrets") {
            return [.disabled("secrets", for: "a secret of Marathon's", at: place)]
        }
        guard app.readsRAML, app["secrets"] != nil || !app.says("secrets") else { return [] }
        return used.filter { declared[$0.name] == nil }.map { reference in
            let hint = Suggestion.nearest(to: reference.name, in: declared.keys.sorted())
            return AppFault(
                "`secrets` has no `\(reference.name.abbreviated)`",
                at: reference.path,
                hint: hint.map { "did you mean `\($0)`?" }
            )
        }
    }

    private static func references(_ app: AppUnderCheck) -> [(path: String, name: String)] {
        let variables = (app["env"]?.members ?? [:]).sorted { $0.key < $1.key }.compactMap { key, value in
            value.text("secret").map { (path: "env.\(key).secret", name: $0) }
        }
        let isMesos = app["container"]?.text("type") == "MESOS"
        let pull = isMesos ? app["container"]?["docker"]?["pullConfig"]?.text("secret") : nil
        return variables + (pull.map { [("container.docker.pullConfig.secret", $0)] } ?? [])
    }
}
