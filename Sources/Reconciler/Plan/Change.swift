public import Specs

/// One resource before and after, with its cause.
public struct Change: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable {
        case create, update, remove
        /// A service's process is started, stopped or restarted.
        case run
    }

    public enum Cause: String, Hashable, Sendable, Codable, CaseIterable {
        /// Observed differs from what was last applied.
        case drift
        /// Last applied differs from what is declared.
        case git
        /// There is no record.
        case unattributed
    }

    /// nil for an app.
    public var node: NodeName?
    /// Such as `file:/etc/mesos/zk`, `package:mesos`, `repository:site`, `service:zookeeper`, `app:/shop/cart`; as in the
    /// applied record.
    public var resource: String
    public var kind: Kind
    public var cause: Cause
    /// Masked text; nil where there is none or it is no text.
    public var before: Content?
    public var after: Content?
    /// One line for the plan, such as `1mins → 5mins`.
    public var summary: String
    /// What the applied record should say afterwards; nil for what is not recorded.
    public var applied: AppliedEntry?
    /// Of an app: each field that differs, sorted by path.
    public var fields: [FieldDifference]

    public init(
        node: NodeName? = nil,
        resource: String,
        kind: Kind,
        cause: Cause,
        before: Content? = nil,
        after: Content? = nil,
        summary: String,
        applied: AppliedEntry? = nil,
        fields: [FieldDifference] = []
    ) {
        self.node = node
        self.resource = resource
        self.kind = kind
        self.cause = cause
        self.before = before
        self.after = after
        self.summary = summary
        self.applied = applied
        self.fields = fields
    }
}

/// What a step may cost while it goes on.
public enum Impact: Hashable, Sendable, Codable {
    case none
    /// Restarts or stops something; says what, for whom and how long.
    case disruptive(String)
}
