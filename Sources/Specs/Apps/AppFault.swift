/// What a Marathon would refuse, or ignore without a word, in a definition.
public struct AppFault: Hashable, Sendable, Codable {
    /// The field, such as `healthChecks[0].portIndex`; empty for the app as a whole.
    public var path: String
    /// Lower-case, no full stop: the thing and the fact.
    public var message: String
    /// The next move, where there is one.
    public var hint: String?

    public init(_ message: String, at path: String, hint: String? = nil) {
        self.path = path
        self.message = message
        self.hint = hint
    }
}

/// Everything that the Marathon of `context` would refuse or ignore in the definition of `app`, in the order of the rules.
///
/// The same rules as those that `SpecReader` asks with the declared release; asked again with the observed one, they find
/// what the declaration could not know. Whoever shows a fault finds its place with `app.position(of: fault.path)`.
public func faults(of app: DesiredApp, in context: AppContext) -> [AppFault] {
    AppRules.faults(of: AppUnderCheck(app.definition, in: context))
}
