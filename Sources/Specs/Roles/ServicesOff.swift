/// Which services are off where: of the four that the packages bring, every one that the node has no role for.
///
/// The package `mesos` brings masters and agents alike, and ZooKeeper by recommendation; a node that boots with what it
/// should not run leaves state behind that bites later (mesos-zk-ops.md 1.1, F27). Off is wanted before the package is
/// there, too: that is how it is kept from starting.
public enum ServicesOff: ManagedRole {
    /// The role each of them is for, and its layer.
    static let services: [(name: ServiceName, role: Role, layer: Layer)] = [
        (.zooKeeper, .zookeeper, .zooKeeper),
        (.mesosMaster, .mesosMaster, .masters),
        (.marathon, .marathon, .marathon),
        (.mesosAgent, .mesosAgent, .agents),
    ]

    public static func resources(for context: RoleContext) -> NodeResources {
        var wanted = NodeResources()
        wanted.services = services.filter { !context.has($0.role) }.map { name, role, layer in
            Service(
                name: name,
                layer: layer,
                boot: false,
                running: false,
                reason: Reason("the node has no role \(role.rawValue)", at: context.node.name.position)
            )
        }
        return wanted
    }
}
