/// One flag that a daemon of Mesos knows: its name, what values it takes, and its default.
struct MesosFlag: Sendable {
    /// What a value must look like.
    ///
    /// `text` covers paths, JSON and lists, which are not looked into.
    enum Kind: Sendable {
        case boolean, integer, count, port, number, duration, bytes, text
    }

    var name: String
    var kind: Kind
    /// The deprecated name, under which it is accepted and then also shown.
    var alias: String?
    var defaultValue: String?
    var isRequired: Bool
    /// The first release line with it, `(1, 5)`, where it came after 1.0; 1.5 stands for anything after 1.4.
    var since: (major: Int, minor: Int)?

    init(
        _ name: String,
        _ kind: Kind,
        alias: String? = nil,
        default defaultValue: String? = nil,
        isRequired: Bool = false,
        since: (major: Int, minor: Int)? = nil
    ) {
        self.name = name
        self.kind = kind
        self.alias = alias
        self.defaultValue = defaultValue
        self.isRequired = isRequired
        self.since = since
    }
}

/// Flags that could not be loaded; the message is the real daemons'.
struct MesosFlagError: Error, Equatable {
    let message: String

    init(_ message: String) { self.message = message }
}
