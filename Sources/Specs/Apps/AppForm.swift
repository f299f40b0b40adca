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

    public init(
        release: MarathonRelease,
        role: String = "*",
        defaultNetworkName: String? = nil,
        mesosBridgeName: String = "mesos-bridge",
        features: Set<String> = []
    ) {
        self.release = release
        self.role = role
        self.defaultNetworkName = defaultNetworkName
        self.mesosBridgeName = mesosBridgeName
        self.features = features
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
public struct AppForm: Hashable, Sendable {
    /// An object.
    public var value: AppValue

    public init(_ definition: AppValue, in context: AppContext) {
        value = definition
    }
}
