/// Volumes of the host, persistent ones, and those of a provider or a secret (marathon-api.md 4).
enum VolumeRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        (app["container"]?.objects("volumes", in: "container") ?? []).flatMap { path, volume in
            let kinds = app.since(1, 0) ? ["persistent", "external", "secret"].filter { volume[$0] != nil } : []
            var found = missing(kinds, path, volume)
            if kinds.contains("persistent") {
                found += persistent(path, volume)
            } else if kinds.contains("external"), app.lacks(feature: "external_volumes") {
                found.append(.disabled("external_volumes", for: "an external volume", at: "\(path).external"))
            }
            return found
        }
    }

    private static func missing(_ kinds: [String], _ path: String, _ volume: AppValue) -> [AppFault] {
        var needed = ["containerPath"]
        if !kinds.contains("secret") { needed.append("mode") }
        if kinds.isEmpty { needed.append("hostPath") }
        return needed.compactMap { key in
            guard let value = volume[key] else { return AppFault("`\(path)` lacks `\(key)`", at: path) }
            guard value != .null, value.isEmpty else { return nil }
            return AppFault("`\(path).\(key)` is empty", at: "\(path).\(key)")
        }
    }

    private static func persistent(_ path: String, _ volume: AppValue) -> [AppFault] {
        var found: [AppFault] = []
        if let mount = volume.text("containerPath"), mount == "." || mount == ".." || mount.contains("/") {
            let message = "a persistent volume is mounted under a name, not under `\(mount.abbreviated)`"
            found.append(AppFault(message, at: "\(path).containerPath", hint: "it is a directory of the sandbox"))
        }
        if volume.text("mode") == "RO" {
            found.append(AppFault("a persistent volume is written to", at: "\(path).mode", hint: "use RW"))
        }
        if let size = volume["persistent"]?["size"]?.number, size <= 0 {
            let place = "\(path).persistent.size"
            found.append(AppFault("a persistent volume needs a size of more than 0 MiB", at: place))
        }
        return found
    }
}

extension AppFault {
    static func disabled(_ feature: String, for what: String, at path: String) -> AppFault {
        AppFault(
            "\(what) needs Marathon's feature `\(feature)`, which is not on",
            at: path,
            hint: "add it to `marathon.flags.enable_features`"
        )
    }
}
