/// An app says what to run: a command, or arguments, or an image that knows by itself (marathon-api.md 4).
///
/// Up to 0.15 an image allows a command beside arguments; from 1.4 empty arguments count as none (AppDefinition.scala).
enum CommandRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        let text = app["cmd"]?.content
        if let text, let plain = text.plainText, plain.allSatisfy(\.isWhitespace) {
            return [AppFault("the app has an empty `cmd`", at: "cmd", hint: "leave it out, or say what to run")]
        }
        let hasArguments = app["args"].map { !app.since(1, 4) || !$0.isEmpty } ?? false
        if text != nil, hasArguments, app.since(1, 0) || !hasContainer(app) {
            return [AppFault("the app has both `cmd` and `args`", at: "args", hint: "leave one out")]
        }
        if app.readsRAML, text?.plainText?.unicodeScalars.count == 1 {
            return [AppFault("Marathon \(app.release) takes a `cmd` of one character for an empty one", at: "cmd")]
        }
        guard text == nil, !hasArguments, !hasContainer(app) else { return [] }
        // A value that could not be read, or is found wrong by a rule of its own, is not a missing one.
        let isUnread = ["cmd", "args", "container"].contains { app.says($0) && app[$0] == nil }
        if isUnread || ContainerRule.lacksImage(app) { return [] }
        return [AppFault("the app says nothing to run", at: "", hint: "add `cmd`, `args` or a `container`")]
    }

    /// Whether there is a container that counts as something to run.
    private static func hasContainer(_ app: AppUnderCheck) -> Bool {
        let container = app["container"]
        guard app.since(1, 0) else {
            guard let container else { return false }
            return container.text("type") == "MESOS" || container["docker"] != nil
                || container["volumes"]?.isEmpty == false
        }
        if container?["docker"] != nil || container?["appc"] != nil { return true }
        guard app.readsRAML else { return false }
        // A container network, or an address, brings a Mesos container of its own.
        return container.map { $0.text("type") == "MESOS" } ?? (app["ipAddress"] != nil || !AppPorts(app).isOnHost)
    }
}
