/// GPUs, and limits above what is asked for (marathon-api.md 3.1 and 4).
enum ResourceRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] { gpus(app) + limits(app) }

    private static func gpus(_ app: AppUnderCheck) -> [AppFault] {
        guard app.since(1, 3), let gpus = app["gpus"]?.number, gpus > 0 else { return [] }
        if let container = app["container"], container.text("type") != "MESOS" {
            return [AppFault("Docker's engine has no GPUs for tasks", at: "gpus", hint: "use a MESOS container")]
        }
        return app.lacks(feature: "gpu_resources") ? [.disabled("gpu_resources", for: "`gpus`", at: "gpus")] : []
    }

    /// From 1.10: at least what is asked for, or no limit.
    private static func limits(_ app: AppUnderCheck) -> [AppFault] {
        guard let limits = app["resourceLimits"] else { return [] }
        return [("cpus", 1.0), ("mem", 128.0)].compactMap { key, standard in
            let path = "resourceLimits.\(key)"
            if let text = limits.text(key) {
                return text == "unlimited"
                    ? nil : AppFault("`\(path)` is a number or `unlimited`, not `\(text.abbreviated)`", at: path)
            }
            guard app[key] != nil || !app.says(key), let limit = limits[key]?.number else { return nil }
            let wanted = app[key]?.number ?? standard
            guard limit < wanted else { return nil }
            return AppFault("a limit of \(limit.shown) is below the \(wanted.shown) that the app asks for", at: path)
        }
    }
}
