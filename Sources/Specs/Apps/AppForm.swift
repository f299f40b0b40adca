/// What of a Marathon decides how it completes and rewrites a definition: its release and some of its flags.
public struct AppContext: Hashable, Sendable, Codable {
    public var release: MarathonRelease
    /// `--mesos_role`; `*` where it is not set (marathon-api.md 3.1, `role`).
    public var role: String
    /// `--default_network_name` (marathon-api.md 3.3).
    public var defaultNetworkName: String?
    /// `--mesos_bridge_name` (marathon-api.md 3.3).
    public var mesosBridgeName: String
    /// `--enable_features`.
    public var features: Set<String>
    /// Absolute ids of the top groups with `enforceRole`, whose name is their apps' role (marathon-api.md 3.1, from 1.9).
    public var enforcedGroups: Set<String>

    public init(
        release: MarathonRelease,
        role: String = "*",
        defaultNetworkName: String? = nil,
        mesosBridgeName: String = "mesos-bridge",
        features: Set<String> = [],
        enforcedGroups: Set<String> = []
    ) {
        self.release = release
        self.role = role
        self.defaultNetworkName = defaultNetworkName
        self.mesosBridgeName = mesosBridgeName
        self.features = features
        self.enforcedGroups = enforcedGroups
    }
}

/// One field before and after, in the normal form.
public struct FieldDifference: Hashable, Sendable, Codable {
    /// Such as `container.docker.image`, `env.PATH`, `healthChecks[0].path`, `constraints`.
    public var path: String
    /// nil where it is not there.
    public var before: AppValue?
    public var after: AppValue?

    public init(path: String, before: AppValue?, after: AppValue?) {
        self.path = path
        self.before = before
        self.after = after
    }
}

/// A definition with everything said, in the one shape that its release has for it.
///
/// The same for what is declared and for what a Marathon answers: nulls, Marathon's own fields and unknown ones are gone,
/// old names are translated, what the release fills in is filled in, sets are sorted (marathon-api.md section 3).
public struct AppForm: Hashable, Sendable {
    let schema: FormSchema
    /// Of the fields of `schema.root`.
    var slots: [FormValue?]

    /// - Parameters:
    ///   - definition: An object; anything else is an app of which nothing is said.
    ///   - context: Of the Marathon that has it or shall have it.
    public init(_ definition: AppValue, in context: AppContext) {
        self.init(ModernDefinition(definition.members ?? [:], in: context), in: context)
    }

    /// An object of all fields that the release knows.
    public var value: AppValue { .object(schema.root.members(slots)) }

    public static func == (a: AppForm, b: AppForm) -> Bool { a.schema === b.schema && a.slots == b.slots }

    public func hash(into hasher: inout Hasher) { hasher.combine(slots) }
}

extension AppForm {
    subscript(name: String) -> FormValue? {
        get { schema.root.slot(name).flatMap { slots[$0] } }
        set { if let slot = schema.root.slot(name) { slots[slot] = newValue } }
    }

    func kind(_ name: String) -> FormKind? { schema.root.field(name)?.kind }
}

extension AppContext {
    /// Whether its release is `major.minor.patch` or later.
    func isAtLeast(_ major: Int, _ minor: Int, _ patch: Int = 0) -> Bool {
        release >= MarathonRelease(major, minor, patch)
    }

    /// From 1.5 the RAML types read apps: networks, and port mappings beside Docker's part (marathon-api.md 3.3).
    var hasNetworks: Bool { isAtLeast(1, 5) }
}
