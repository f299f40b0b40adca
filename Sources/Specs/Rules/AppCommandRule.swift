/// An app says what to run: a command, or arguments, or an image that knows by itself (marathon-api.md 4).
enum AppCommandRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        draft.apps.apps.compactMap { app in
            let id = app.id.value
            if let command = app.command, let arguments = app.arguments {
                let place = max(command.position, arguments.position)
                let other = min(command.position, arguments.position)
                let message = "app `\(id)` has both `cmd` and `args` (\(other))"
                return Diagnostic(.error, message, at: place, hint: "leave one out")
            }
            if let command = app.command, command.value.allSatisfy(\.isWhitespace) {
                return Diagnostic(.error, "app `\(id)` has an empty `cmd`", at: command.position)
            }
            guard app.command == nil, app.arguments == nil, app.container == nil else { return nil }
            // A faulty value of one of them is not a missing one.
            guard ["cmd", "args", "container"].allSatisfy({ app.node[$0]?.isNull ?? true }) else { return nil }
            let message = "app `\(id)` says nothing to run"
            return Diagnostic(.error, message, at: app.id.position, hint: "add `cmd`, `args` or a `container`")
        }
    }
}
