/// What Marathon's flags decide about the reading of an app (marathon-api.md 7.2).
public struct MarathonContext: Hashable, Sendable, Codable {
    /// `--mesos_role`; nil counts as `*`.
    public var mesosRole: String?
    /// `--default_network_name`.
    public var defaultNetworkName: String?
    /// `--mesos_bridge_name`.
    public var mesosBridgeName = "mesos-bridge"
    /// `--enable_features`, such as `secrets`.
    public var features: [String] = []
    /// `--local_port_min` up to, but not including, `--local_port_max`.
    public var localPorts = 10_000..<20_000
    /// `--max_apps`.
    public var maxApps: Int?

    public init() {}
}

/// How a body asks for an app to be made; releases differ in what they fill in (marathon-api.md 3.2).
public enum MarathonAppOrigin: Hashable, Sendable {
    /// POST, `partialUpdate=false`, or an element of a group.
    case definition
    /// A PUT of an id that is not there.
    case creatingPut
}

/// Tasks of an app, as the counts of its answer.
public struct MarathonTaskCounts: Hashable, Sendable, Codable {
    public var staged = 0
    public var running = 0
    public var healthy = 0
    public var unhealthy = 0

    public init() {}
}
