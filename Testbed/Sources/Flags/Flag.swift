/// One flag that a daemon knows: its name, what values it takes, and its default.
public struct Flag: Sendable {
    /// What a value must look like.
    ///
    /// `text` covers paths, JSON and lists, which the daemons here do not look into.
    public enum Kind: Sendable {
        case boolean, integer, count, port, number, duration, bytes, text
    }

    public let name: String
    public let kind: Kind
    /// The deprecated name, under which it is accepted and then also shown.
    public let alias: String?
    public let defaultValue: String?
    public let isRequired: Bool

    public init(
        _ name: String,
        _ kind: Kind,
        alias: String? = nil,
        default defaultValue: String? = nil,
        isRequired: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.alias = alias
        self.defaultValue = defaultValue
        self.isRequired = isRequired
    }
}

/// Flags that could not be loaded; the message is the real daemons'.
public struct FlagError: Error, Equatable {
    public let message: String

    public init(_ message: String) { self.message = message }
}
