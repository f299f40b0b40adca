/// What a field of a definition may hold, as far as its shape goes.
public indirect enum AppShape: Hashable, Sendable {
    case text, boolean, integer, number
    /// In an order that counts.
    case list(AppShape)
    /// In no order: Marathon keeps a set (marathon-api.md 3).
    case set(AppShape)
    /// Free keys, such as `env` and `labels`.
    case map(AppShape)
    case object([AppField])
    /// One of several, told apart by the kind of JSON value (`unreachableStrategy` is a text or an object).
    case either([AppShape])
}

/// The releases that know something: from `since` on, up to and without `until`.
public struct ReleaseSpan: Hashable, Sendable {
    public var since: MarathonRelease?
    public var until: MarathonRelease?

    public init(since: MarathonRelease? = nil, until: MarathonRelease? = nil) {
        (self.since, self.until) = (since, until)
    }

    public static let all = ReleaseSpan()
    public static func since(_ major: Int, _ minor: Int, _ patch: Int = 0) -> ReleaseSpan {
        ReleaseSpan(since: MarathonRelease(major, minor, patch))
    }
    public static func until(_ major: Int, _ minor: Int, _ patch: Int = 0) -> ReleaseSpan {
        ReleaseSpan(until: MarathonRelease(major, minor, patch))
    }

    public static func from(_ since: MarathonRelease, until: MarathonRelease) -> ReleaseSpan {
        ReleaseSpan(since: since, until: until)
    }

    public func contains(_ release: MarathonRelease) -> Bool {
        since.map { $0 <= release } ?? true && until.map { release < $0 } ?? true
    }
}

/// What a release fills in where a field is left out.
public struct AppDefault: Hashable, Sendable {
    public var value: AppValue
    public var releases: ReleaseSpan
    /// Where it is not the field's own.
    public var source: String?

    public init(_ value: AppValue, _ releases: ReleaseSpan = .all, source: String? = nil) {
        self.value = value
        self.releases = releases
        self.source = source
    }
}

/// One field of a definition, or of an object within it.
///
/// A name may come more than once, with spans that do not overlap, where releases read it in different shapes.
public struct AppField: Hashable, Sendable {
    /// How a write takes a top-level field back to what it is where nobody says anything.
    public enum Clearing: Hashable, Sendable {
        /// Its default, or an empty collection, is sent.
        case bySending
        /// Absent is another thing than any value: only a write that replaces the whole app, or a new app, clears it
        /// (marathon-api.md 2.1).
        case onlyByReplacing
    }

    public var name: String
    public var shape: AppShape
    /// The releases that read it; others ignore it silently.
    public var releases: ReleaseSpan
    /// What is filled in where it is left out; none: absent is a thing of its own.
    public var defaults: [AppDefault] = []
    public var clearing: Clearing
    /// Marathon's own doing (`version`, `tasks`, …): never declared, never compared.
    public var isReadOnly: Bool
    /// Releases that take it and forget what it said: declared in vain there, and never compared.
    public var forgotten: ReleaseSpan?
    /// Releases that read it as another field's old name; their normal form has it there.
    public var alias: ReleaseSpan?
    /// 0, in it or in its items, has Marathon choose a service port (marathon-api.md 3.2).
    public var isAssigned = false
    /// Where the fact is from, such as "marathon-api.md 3.1".
    public var source: String

    public init(
        _ name: String,
        _ shape: AppShape,
        _ releases: ReleaseSpan = .all,
        clearing: Clearing = .bySending,
        isReadOnly: Bool = false,
        source: String
    ) {
        self.name = name
        self.shape = shape
        self.releases = releases
        self.clearing = clearing
        self.isReadOnly = isReadOnly
        self.source = source
    }

    /// What `release` fills in.
    public func filled(in release: MarathonRelease) -> AppValue? {
        defaults.first { $0.releases.contains(release) }?.value
    }

    /// Whether the normal form of `release` has it, under this name.
    public func counts(in release: MarathonRelease) -> Bool {
        releases.contains(release) && forgotten?.contains(release) != true && alias?.contains(release) != true
            && !isReadOnly
    }
}

extension AppField {
    /// The same with a value that every release fills in.
    func defaulting(to value: AppValue) -> AppField { defaulting(AppDefault(value)) }

    func defaulting(_ defaults: AppDefault...) -> AppField {
        var field = self
        field.defaults = defaults
        return field
    }

    func forgotten(_ releases: ReleaseSpan) -> AppField {
        var field = self
        field.forgotten = releases
        return field
    }

    func alias(_ releases: ReleaseSpan) -> AppField {
        var field = self
        field.alias = releases
        return field
    }

    var assigned: AppField {
        var field = self
        field.isAssigned = true
        return field
    }
}
