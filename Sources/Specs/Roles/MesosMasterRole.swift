/// A Mesos master: its flags as files of `/etc/mesos-master`, its service.
public enum MesosMasterRole: ManagedRole {
    /// Where credentials declared by content are kept; the flag names it.
    public static let credentialsFile = "/etc/mesos/master-credentials"

    public static func resources(for context: RoleContext) -> NodeResources {
        guard context.has(.mesosMaster), let mesos = context.spec.mesos else { return NodeResources() }
        let daemon = MesosDaemon.master
        let credentials = mesos.master.credentials.map {
            daemon.pathFlag("credentials", $0, storedAt: credentialsFile, reason: "mesos.master.credentials")
        }
        var derived = [
            DeclaredFlag("quorum", Content("\(mesos.quorum.value)"), Reason("mesos.quorum", at: mesos.quorum.position))
        ]
        derived += MesosDaemon.nodeFlags(context, workDirectory: mesos.master.workDirectory)
        if let cluster = mesos.cluster {
            derived.append(
                DeclaredFlag("cluster", Content(cluster.value), Reason("mesos.cluster", at: cluster.position))
            )
        }
        if let credentials { derived.append(credentials.flag) }
        if let acls = mesos.master.acls {
            derived.append(DeclaredFlag("acls", acls.value, Reason("mesos.master.acls", at: acls.position)))
        }
        let flags = [DeclaredFlag].combined(derived: derived, declared: declared(context), fixed: ["quorum", "zk"])
        var wanted = daemon.resources(flags: flags, fromElsewhere: zk(context), context: context, role: .mesosMaster)
        wanted.files += [credentials?.file].compactMap { $0 }
        wanted.advice = ignored(context)
        return wanted
    }

    /// The port masters listen on.
    public static func port(_ spec: ClusterSpec, node: NodeSpec) -> Int {
        let context = RoleContext(node: node, spec: spec, platform: .fallback)
        let declared = context.flags(.mesosMaster, section: spec.mesos?.master.flags ?? []).last {
            $0.name.value == "port"
        }
        return declared?.value.value.plainText.flatMap { Int($0) } ?? 5050
    }

    private static func declared(_ context: RoleContext) -> [DeclaredFlag] {
        context.flags(.mesosMaster, section: context.spec.mesos?.master.flags ?? [])
            .map { DeclaredFlag($0, section: "mesos.master.flags") }
    }

    /// `--zk` comes from /etc/mesos/zk through /etc/default/mesos-master.
    private static func zk(_ context: RoleContext) -> [DeclaredFlag] {
        context.spec.mesosZk.map { [DeclaredFlag("zk", Content($0), Reason("mesos.zk"))] } ?? []
    }

    private static func ignored(_ context: RoleContext) -> [String] {
        declared(context).filter { ["quorum", "zk"].contains($0.name) }.map {
            "\(context.node.name.value): the flag \($0.name) of mesos-master is derived and not taken from flags; "
                + "declare mesos.\($0.name) instead"
        }
    }
}
