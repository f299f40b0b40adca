/// `/etc/mesos/zk`: where the masters are found; read by the wrappers of masters, agents and Marathon up to 1.4.
public enum MesosZkFile: ManagedRole {
    public static let path = "/etc/mesos/zk"

    public static func resources(for context: RoleContext) -> NodeResources {
        let readers = readers(on: context)
        guard !readers.isEmpty, let zk = context.spec.mesosZk else { return NodeResources() }
        var wanted = NodeResources()
        let bringsMesos = context.has(.mesosMaster) || context.has(.mesosAgent)
        wanted.files = [
            DesiredFile(
                path: path,
                body: .whole(Content(zk + "\n")),
                comparison: .trailingNewlines,
                readBy: readers,
                shippedBy: bringsMesos ? MesosPackage.name : nil,
                reason: Reason("the ensemble and mesos.zk", at: context.spec.ensemblePosition)
            )
        ]
        return wanted
    }

    private static func readers(on context: RoleContext) -> [ServiceName] {
        var readers: [ServiceName] = []
        if context.has(.mesosMaster) { readers.append(.mesosMaster) }
        if context.has(.mesosAgent) { readers.append(.mesosAgent) }
        if context.has(.marathon), MarathonGeneration(on: context.platform) == .flagFiles { readers.append(.marathon) }
        return readers
    }
}

/// The package that masters and agents share; it brings both services, and through its recommendations ZooKeeper's.
enum MesosPackage {
    static let name = "mesos"

    static func desired(_ spec: ClusterSpec, reason: Reason) -> DesiredPackage {
        DesiredPackage(
            name: name,
            pin: spec.versions.mesos?.value,
            pinnedAt: spec.versions.mesos?.position,
            brings: [.zooKeeper, .mesosMaster, .mesosAgent],
            reason: reason
        )
    }
}
