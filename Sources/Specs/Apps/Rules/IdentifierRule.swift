/// Ids of the app and of what it waits for (marathon-api.md 4).
enum IdentifierRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        guard let id = app["id"]?.plainText else { return [] }
        var found: [AppFault] = []
        if let fault = AppPath.problem(id) {
            found.append(AppFault(fault.message, at: "id", hint: fault.hint))
        } else if let last = id.split(separator: "/").last, reserved.contains(String(last)) {
            // From 1.8 Marathon refuses these; before, it has other answers under their URLs.
            let message = "an id that ends in `\(last)` is no URL of an app"
            found.append(AppFault(message, at: "id", hint: "reserved are \(reserved.joined(separator: ", "))"))
        }
        for (index, dependency) in (app["dependencies"]?.items ?? []).enumerated() {
            guard let text = dependency.plainText, let fault = AppPath.segmentProblem(text) else { continue }
            found.append(AppFault(fault.message, at: "dependencies[\(index)]", hint: fault.hint))
        }
        return found
    }

    private static let reserved = ["restart", "tasks", "versions"]
}
