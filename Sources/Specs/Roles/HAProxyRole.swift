/// The load balancer: HAProxy, and the bridge that cron runs every minute to follow Marathon's tasks.
///
/// The seed's `install_haproxy_system` as files (marathon-api.md 8): the same script path, list of Marathons and cron entry.
/// What differs from it: no default password, TLS is verified, and haproxy.cfg is never emptied. `/etc/haproxy/haproxy.cfg`
/// is not among the files, since tasks change every second: the bridge on the node makes it.
public enum HAProxyRole: ManagedRole {
    static let package = "haproxy"
    /// Where the authority that signs Marathon's certificate is kept on the node.
    public static let authorityFile = "/etc/haproxy-marathon-bridge/ca.pem"
    /// Old init scripts of Debian and Ubuntu start nothing while it says `ENABLED=0` (mesos-zk-ops.md 8.2).
    static let defaultsFile = BridgeScript.Paths.enabled

    public static func resources(for context: RoleContext) -> NodeResources {
        guard context.has(.haproxy) else { return NodeResources() }
        let reason = Reason("role haproxy", at: context.position(of: .haproxy))
        let cron = cronService(on: context.platform)
        let marathons = BalancedMarathons(context)
        let listener = HAProxyHeader(context.spec.other.haproxy)
        var wanted = NodeResources()
        wanted.packages = [
            DesiredPackage(
                name: package,
                pin: context.spec.versions.haproxy?.value,
                brings: [.haproxy],
                reason: context.spec.versions.haproxy.map { Reason("versions.haproxy", at: $0.position) } ?? reason
            ),
            DesiredPackage(name: "curl", reason: reason),
            DesiredPackage(
                name: context.platform.packageManager == .apt ? "cron" : "cronie",
                brings: [cron],
                reason: reason
            ),
        ]
        wanted.files = files(context, listener, marathons, reason)
        wanted.services = [cron, .haproxy].map {
            Service(name: $0, layer: .site, boot: true, running: true, reason: reason)
        }
        wanted.loadBalancer = DesiredLoadBalancer(
            header: listener.text,
            bind: bind(context),
            ownListener: listener.own,
            reserved: reserved(context, listener.own),
            marathons: marathons.lines,
            cron: cron,
            files: wanted.files.map(\.path),
            reason: reason
        )
        wanted.advice = marathons.advice.map { "\(context.node.name.value): \($0)" }
        return wanted
    }

    static func cronService(on platform: Platform) -> ServiceName { platform.packageManager == .apt ? "cron" : "crond" }

    /// The declared address, else the node's own; `*` is every one.
    static func bind(_ context: RoleContext) -> String {
        switch context.spec.other.haproxy?.bind?.value {
        case "*": "0.0.0.0"
        case let address?: address
        case nil: context.node.address.value
        }
    }

    // MARK: Ports

    /// Ports of the node's own daemons and of HAProxy's own listener: an app that asks for one gets no listener here.
    static func reserved(_ context: RoleContext, _ own: HostPort) -> [Int] {
        var ports: Set<Int> = [22, own.port]
        for (port, _) in daemonPorts(of: context.node, in: context.spec) { ports.insert(port) }
        return ports.sorted()
    }

    /// The ports of the daemons that `node` has a role for, and whose they are; as declared, else the usual ones
    /// (mesos-zk-ops.md 2.2, 3.1, 4.1; marathon-api.md 7.2).
    static func daemonPorts(of node: NodeSpec, in spec: ClusterSpec) -> [(port: Int, owner: String)] {
        let context = RoleContext(node: node, spec: spec, platform: .fallback)
        func port(_ flag: String, _ role: Role, _ section: [Setting]?, usual: Int) -> Int {
            let declared = context.flags(role, section: section ?? []).last { $0.name.value == flag }
            return declared?.value.value.plainText.flatMap { Int($0) } ?? usual
        }
        var ports: [(port: Int, owner: String)] = []
        if node.has(.zookeeper), let zookeeper = spec.zookeeper?.ports {
            ports += [zookeeper.client, zookeeper.quorum, zookeeper.election].map { ($0, "ZooKeeper") }
        }
        if node.has(.mesosMaster) {
            ports.append((port("port", .mesosMaster, spec.mesos?.master.flags, usual: 5050), "the Mesos master"))
        }
        if node.has(.mesosAgent) {
            ports.append((port("port", .mesosAgent, spec.mesos?.agent.flags, usual: 5051), "the Mesos agent"))
        }
        if node.has(.marathon) {
            let isTLS = spec.marathon?.https?.value == true
            ports.append((port("http_port", .marathon, spec.marathon?.flags, usual: 8080), "Marathon"))
            if isTLS { ports.append((port("https_port", .marathon, spec.marathon?.flags, usual: 8443), "Marathon")) }
        }
        return ports
    }

    // MARK: Files

    private static func files(
        _ context: RoleContext,
        _ header: HAProxyHeader,
        _ marathons: BalancedMarathons,
        _ reason: Reason
    ) -> [DesiredFile] {
        let section = context.spec.other.haproxy.map { Reason("haproxy", at: $0.position) } ?? reason
        let reserved = reserved(context, header.own).map(String.init).joined(separator: ",")
        var files = [
            own(BridgeScript.Paths.script, Content(BridgeScript.text), mode: 0o755, reason),
            own(
                BridgeScript.Paths.marathons,
                Content(marathons.lines.map { $0 + "\n" }.joined()),
                mode: 0o644,
                marathons.reason ?? reason
            ),
            own(
                BridgeScript.Paths.header,
                header.text,
                mode: header.text.isSensitive || header.hasCredentials ? 0o600 : 0o644,
                section
            ),
            own(
                BridgeScript.Paths.settings,
                Content("bind=\(bind(context))\nreserved=\(reserved)\ntimeout=10\n"),
                mode: 0o644,
                section
            ),
        ]
        if let curl = marathons.curlConfiguration {
            files.append(own(BridgeScript.Paths.curlrc, curl, mode: 0o600, marathons.reason ?? reason))
        }
        if let authority = marathons.authority {
            let text = Content([.secret(.file(authority.value)), .literal("\n")])
            files.append(own(authorityFile, text, mode: 0o644, Reason("marathon.authority", at: authority.position)))
        }
        // cron reads no file that others than root may write to, or that does not end in a newline (cron(8)).
        files.append(own(BridgeScript.Paths.cron, Content(BridgeScript.cronLine), mode: 0o644, reason))
        if context.platform.packageManager == .apt, context.platform.initSystem == .upstart {
            files.append(
                DesiredFile(
                    path: defaultsFile,
                    body: .keyed(KeyedEdit(format: .shell, set: [KeyedEdit.Entry("ENABLED", "1")])),
                    readBy: [.haproxy],
                    shippedBy: package,
                    reason: reason
                )
            )
        }
        return files
    }

    private static func own(_ path: String, _ content: Content, mode: Int, _ reason: Reason) -> DesiredFile {
        DesiredFile(path: path, body: .whole(content), mode: mode, owner: "root", group: "root", reason: reason)
    }
}
