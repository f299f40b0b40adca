/// Names, where `network.enforce` is set: /etc/hostname whole, /etc/hosts name by name.
///
/// Links, routes and name servers are no files of this role.
public enum NetworkRole: ManagedRole {
    public static let hostnameFile = "/etc/hostname"
    public static let hostsFile = "/etc/hosts"

    public static func resources(for context: RoleContext) -> NodeResources {
        var wanted = NodeResources()
        guard let network = context.spec.other.network else { return wanted }
        let hostname = HostNames.hostname(of: context.node)
        if IPAddress(hostname.value) != nil { wanted.advice = [advice(on: hostname.value, context)] }
        guard let enforce = network.enforce, enforce.value else { return wanted }
        let entries = HostNames(context.spec).entries.map { KeyedEdit.Entry($0.name, Content($0.address)) }
        wanted.files = [
            DesiredFile(
                path: hostnameFile,
                body: .whole(Content(hostname.value + "\n")),
                comparison: .trailingNewlines,
                reason: Reason("the node's host name, and network.enforce", at: hostname.position)
            ),
            DesiredFile(
                path: hostsFile,
                body: .keyed(KeyedEdit(format: .hosts, set: entries)),
                reason: Reason("every node's name leads to its address on every node", at: enforce.position)
            ),
        ]
        return wanted
    }

    /// mesos-zk-ops.md 6: `hostname -s` cuts at the first dot.
    private static func advice(on hostname: String, _ context: RoleContext) -> String {
        let short = hostname.split(separator: ".").first ?? ""
        return
            "\(context.node.name.value): the host name \(hostname) is an address: `hostname -s` says \(short), as on every "
            + "node of this network, and what goes by the short name takes them for one; leave `hostname` out and the node's "
            + "name becomes it"
    }
}
