/// The Marathons that the bridge on a node asks, and how it logs in there.
struct BalancedMarathons {
    /// `host:port`, or a URL where Marathon speaks TLS; in the order in which they are asked.
    var lines: [String]
    /// What curl is told by a file of its own; nil where there is nothing to tell.
    var curlConfiguration: Content?
    /// The file of the authority that signs Marathon's certificate, relative to cluster.yaml.
    var authority: Located<String>?
    /// What names them.
    var reason: Reason?
    var advice: [String] = []

    init(_ context: RoleContext) {
        let spec = context.spec
        let isTLS = spec.marathon?.https?.value == true
        let declared = spec.other.haproxy?.marathons ?? []
        if declared.isEmpty {
            lines = Self.derived(context, isTLS)
            reason = spec.marathon.map { Reason("marathon", at: $0.position) }
        } else {
            lines = declared.map { isTLS ? "https://\($0.value)" : $0.value.description }
            reason = declared.first.map { Reason("haproxy.marathons", at: $0.position) }
        }
        authority = isTLS ? spec.marathon?.authority : nil
        curlConfiguration = Self.curl(spec, hasAuthority: authority != nil)
        if isTLS, declared.contains(where: \.value.isLoopback) {
            advice = ["haproxy.marathons names loopback, and Marathon's certificate must name it too"]
        }
    }

    /// The node's own first: it answers also where the network does not.
    private static func derived(_ context: RoleContext, _ isTLS: Bool) -> [String] {
        let nodes = context.spec.nodes(with: .marathon)
        let own = nodes.filter { $0.name.value == context.node.name.value }
        return (own + nodes.filter { $0.name.value != context.node.name.value }).map { node in
            let other = RoleContext(node: node, spec: context.spec, platform: context.platform)
            let flag = isTLS ? "https_port" : "http_port"
            let port = other.flags(.marathon, section: context.spec.marathon?.flags ?? [])
                .last { $0.name.value == flag }?.value.value.plainText.flatMap { Int($0) }
            // A certificate names the host, not loopback.
            let isLocal = !isTLS && node.name.value == context.node.name.value
            let place = HostPort(
                host: isLocal ? "localhost" : isTLS ? other.announcedHostname.value : node.address.value,
                port: port ?? (isTLS ? 8443 : 8080)
            )
            return isTLS ? "https://\(place)" : place.description
        }
    }

    /// curl(1), `--config`: values in double quotes, with a backslash before quotes and backslashes.
    private static func curl(_ spec: ClusterSpec, hasAuthority: Bool) -> Content? {
        let quoted: Set<Character> = ["\\", "\""]
        var text = Content("")
        if let credentials = spec.marathon?.httpCredentials?.value {
            text = text + "user = \"" + credentials.escaping(quoted) + "\"\n"
        }
        if let token = spec.marathon?.token?.value {
            text = text + "header = \"Authorization: token=" + token.escaping(quoted) + "\"\n"
        }
        if hasAuthority { text = text + Content("cacert = \"\(HAProxyRole.authorityFile)\"\n") }
        return text.segments.isEmpty ? nil : text
    }
}
