/// What can be managed on a node.
///
/// A new kind of service is one file beside this one and one line here.
public enum ManagedRoles {
    /// In the order of layers; each adds its resources where a node wants them.
    public static let all: [any ManagedRole.Type] = [
        DockerRole.self,
        ZooKeeperRole.self,
        MesosZkFile.self,
        MesosMasterRole.self,
        MarathonRole.self,
        MesosAgentRole.self,
        HAProxyRole.self,
        ServicesOff.self,
        Repositories.self,
        Holds.self,
        NetworkRole.self,
        SiteFiles.self,
        SiteServices.self,
    ]
}

/// One kind of service: from what is declared to what should be on a node, without looking anywhere else.
public protocol ManagedRole: SendableMetatype {
    /// What this role wants on the node; nothing where the node does not have it.
    static func resources(for context: RoleContext) -> NodeResources
}

/// The node a role is asked about.
public struct RoleContext: Sendable {
    public var node: NodeSpec
    public var spec: ClusterSpec
    /// As observed, or as assumed until the node's packages are there.
    public var platform: Platform
    /// Flag files that are on the node already, by path: which of two equal spellings is there is kept.
    public var flagFiles: [String: Content]

    public init(node: NodeSpec, spec: ClusterSpec, platform: Platform, flagFiles: [String: Content] = [:]) {
        self.node = node
        self.spec = spec
        self.platform = platform
        self.flagFiles = flagFiles
    }

    public func has(_ role: Role) -> Bool { node.has(role) }

    /// The name Mesos and Marathon announce, and where it is declared.
    public var announcedHostname: Located<String> { node.hostname ?? node.address }

    /// The line that gives this node `role`.
    public func position(of role: Role) -> SourcePosition {
        node.roles.first { $0.value == role }?.position ?? node.name.position
    }

    /// The flags of `role`: the node's over the role's over those of the section itself.
    public func flags(_ role: Role, section: [Setting]) -> [Setting] {
        let layers = [section, spec.roles[role]?.flags ?? [], node.flags[role] ?? []]
        return Setting.merged(layers)
    }
}

/// What one role, or all of them, want on a node.
public struct NodeResources: Hashable, Sendable {
    public var packages: [DesiredPackage] = []
    public var files: [DesiredFile] = []
    public var flagDirectories: [FlagDirectory] = []
    public var services: [Service] = []
    public var environmentFiles: [EnvironmentFile] = []
    public var loadBalancer: DesiredLoadBalancer?
    /// Advice about this node that is no fault.
    public var advice: [String] = []
    public var repositories: [DesiredRepository] = []
    public var holds: [DesiredHold] = []

    public init() {}

    public static func += (a: inout NodeResources, b: NodeResources) {
        // Two roles may need one package (`mesos`) or look at one file (`/etc/default/mesos`).
        a.packages += b.packages.filter { new in !a.packages.contains { $0.name == new.name } }
        a.files += b.files
        a.flagDirectories += b.flagDirectories
        a.services += b.services
        a.environmentFiles += b.environmentFiles
        a.loadBalancer = a.loadBalancer ?? b.loadBalancer
        a.advice += b.advice
        a.repositories += b.repositories
        a.holds += b.holds
    }
}

extension Setting {
    /// One setting a name, the last layer's; in the order of first appearance.
    static func merged(_ layers: [[Setting]]) -> [Setting] {
        var order: [String] = []
        var last: [String: Setting] = [:]
        for setting in layers.joined() where last.updateValue(setting, forKey: setting.name.value) == nil {
            order.append(setting.name.value)
        }
        return order.compactMap { last[$0] }
    }
}
