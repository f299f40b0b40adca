/// A member of the ensemble: package, zoo.cfg by key, myid.
///
/// Traps this knows (mesos-zk-ops.md 2.1): the server reads `<dataDir>/myid` and nothing else. Debian and Ubuntu have there
/// a link to `/etc/zookeeper/conf/myid`, which a write follows, so both places agree; where the link is missing, or `dataDir`
/// is not the packaged one, the file is made in `dataDir` itself. Where it dangles, the write makes what it points to.
/// Debian 12 ships `dataDir=/tmp/zookeeper`, so `dataDir` is always set. myid is 0644: the server runs as `zookeeper`.
/// A space in it is fatal, so only newlines at its end are forgiven.
public enum ZooKeeperRole: ManagedRole {
    /// Where the packages put it; any other `dataDir` is for the operator to make.
    public static let packagedDataDirectory = "/var/lib/zookeeper"

    public static func resources(for context: RoleContext) -> NodeResources {
        guard context.has(.zookeeper), let zookeeper = context.spec.zookeeper else { return NodeResources() }
        let edit = zooCfg(zookeeper, context)
        let package = packageName(on: context.platform)
        let position = context.position(of: .zookeeper)
        var wanted = NodeResources()
        wanted.packages = [
            DesiredPackage(
                name: package,
                pin: context.spec.versions.zookeeper?.value,
                pinnedAt: context.spec.versions.zookeeper?.position,
                brings: [.zooKeeper],
                reason: Reason("role zookeeper", at: position)
            )
        ]
        wanted.files = [
            DesiredFile(
                path: "\(context.platform.zooKeeperConfigDirectory)/zoo.cfg",
                body: .keyed(edit),
                readBy: [.zooKeeper],
                shippedBy: package,
                reason: Reason("the ensemble and its settings", at: zookeeper.position)
            )
        ]
        if let member = zookeeper.ensemble.first(where: { $0.node.value == context.node.name.value }) {
            wanted.files.append(myid(member, zookeeper, shippedBy: package))
        }
        wanted.services = [
            Service(
                name: .zooKeeper,
                layer: .zooKeeper,
                boot: true,
                running: true,
                configuration: .zooKeeper(edit),
                reason: Reason("role zookeeper", at: position)
            )
        ]
        wanted.advice = advice(on: zookeeper, node: context.node.name.value)
        return wanted
    }

    /// `zookeeperd` on apt (it depends on `zookeeper` and brings the service); on yum Mesosphere's, unless another is there.
    static func packageName(on platform: Platform) -> String {
        switch platform.packageManager {
        case .apt: "zookeeperd"
        case .yum:
            platform.packages["zookeeper"] != nil && platform.packages["mesosphere-zookeeper"] == nil
                ? "zookeeper" : "mesosphere-zookeeper"
        }
    }

    static func zooCfg(_ zookeeper: ZooKeeperSpec, _ context: RoleContext) -> KeyedEdit {
        let declared = zookeeper.config.map { KeyedEdit.Entry($0.name.value, $0.value.value) }
        let members = zookeeper.ensemble.map { member in
            KeyedEdit.Entry("server.\(member.id.value)", Content(server(member, zookeeper, context.spec)))
        }
        let derived = [
            KeyedEdit.Entry("dataDir", Content(zookeeper.dataDirectory.value)),
            KeyedEdit.Entry("clientPort", Content("\(zookeeper.ports.client)")),
        ]
        let names = Set(declared.map(\.key))
        return KeyedEdit(
            format: .properties,
            set: declared + derived + members,
            ownedPrefixes: ["server."],
            recommended: recommended(for: context).filter { !names.contains($0.key) }
        )
    }

    /// `ADDRESS:QUORUM:ELECTION`, the form that every version reads.
    static func server(_ member: ZooKeeperSpec.Member, _ zookeeper: ZooKeeperSpec, _ spec: ClusterSpec) -> String {
        let address = spec.node(member.node.value)?.address.value ?? member.node.value.text
        return "\(address):\(zookeeper.ports.quorum):\(zookeeper.ports.election)"
    }

    /// What a new member should have and a living one may lack (mesos-zk-ops.md 2.2, 2.3).
    private static func recommended(for context: RoleContext) -> [KeyedEdit.Entry] {
        var entries: [KeyedEdit.Entry] = [
            KeyedEdit.Entry("tickTime", "2000"),
            KeyedEdit.Entry("initLimit", "10"),
            KeyedEdit.Entry("syncLimit", "5"),
            // Off by default: snapshots would fill the disk.
            KeyedEdit.Entry("autopurge.purgeInterval", "1"),
            KeyedEdit.Entry("autopurge.snapRetainCount", "3"),
            // Since 3.5.3 only srvr is answered by default; older versions ignore the key.
            KeyedEdit.Entry("4lw.commands.whitelist", "srvr,mntr,conf,ruok,stat,isro"),
        ]
        if context.has(.marathon) {
            // Its Jetty takes 0.0.0.0:8080, which is Marathon's.
            entries.append(KeyedEdit.Entry("admin.enableServer", "false"))
        }
        return entries
    }

    private static func myid(
        _ member: ZooKeeperSpec.Member,
        _ zookeeper: ZooKeeperSpec,
        shippedBy package: String
    ) -> DesiredFile {
        let isPackaged = zookeeper.dataDirectory.value == packagedDataDirectory
        return DesiredFile(
            path: "\(zookeeper.dataDirectory.value)/myid",
            body: .whole(Content("\(member.id.value)\n")),
            comparison: .trailingNewlines,
            mode: 0o644,
            readBy: [.zooKeeper],
            shippedBy: isPackaged ? package : nil,
            reason: Reason("server \(member.id.value) of the ensemble", at: member.id.position)
        )
    }

    private static func advice(on zookeeper: ZooKeeperSpec, node: NodeName) -> [String] {
        let directory = zookeeper.dataDirectory.value
        var advice: [String] = []
        if directory == "/tmp" || directory.hasPrefix("/tmp/") {
            advice.append("\(node): zookeeper.dataDir \(directory) is emptied at boot; choose \(packagedDataDirectory)")
        } else if directory != packagedDataDirectory {
            advice.append(
                "\(node): zookeeper.dataDir \(directory) comes with no package: it must exist and belong to the user the "
                    + "server runs as before zookeeper is started"
            )
        }
        return advice
    }
}
