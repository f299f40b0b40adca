public import Specs

/// `/v2/info`, as far as it matters (marathon-api.md 7.3).
public struct MarathonInfo: Hashable, Sendable, Codable {
    /// The address that answered.
    public var endpoint: String
    /// As it says it, such as `1.5.0-SNAPSHOT`.
    public var version: String
    /// As its flags say; of groups it knows nothing: `MarathonClient.context()`.
    public var context: AppContext
    public var frameworkID: String?
    /// `host:port`; nil while nobody leads.
    public var leader: String?

    public init(
        endpoint: String,
        version: String,
        context: AppContext,
        frameworkID: String? = nil,
        leader: String? = nil
    ) {
        self.endpoint = endpoint
        self.version = version
        self.context = context
        self.frameworkID = frameworkID
        self.leader = leader
    }

    init(_ answer: AnswerField, endpoint: String) throws(ShapeFault) {
        let version = try answer.text("version")
        guard try answer.text("name") == "marathon", let release = MarathonRelease(version) else {
            throw answer.fault("version")
        }
        let flags = try answer.required("marathon_config")
        var context = AppContext(release: release)
        if let role = try flags.optionalText("mesos_role") { context.role = role }
        context.defaultNetworkName = try flags.optionalText("default_network_name")
        if let bridge = try flags.optionalText("mesos_bridge_name") { context.mesosBridgeName = bridge }
        // A list from 1.3 on.
        for feature in try flags.optionalItems("features") { context.features.insert(try feature.text()) }
        self.init(
            endpoint: endpoint,
            version: version,
            context: context,
            frameworkID: try answer.optionalText("frameworkId"),
            leader: try answer.optionalText("leader")
        )
    }
}
