public import Specs

extension MarathonClient.Reach {
    /// The Marathons that `spec` declares: `marathon.endpoint` alone where it is said, else every node with the role.
    ///
    /// nil where none is declared.
    public init?(_ spec: ClusterSpec) {
        guard let marathon = spec.marathon else { return nil }
        if let endpoint = marathon.endpoint {
            guard var endpoint = RESTEndpoint(url: endpoint.value) else { return nil }
            endpoint.authority = marathon.authority?.value
            self.init(endpoints: [endpoint])
        } else {
            self.init(endpoints: spec.nodes(with: .marathon).map { RESTEndpoint($0, marathon, spec) })
        }
        guard !endpoints.isEmpty else { return nil }
        credentials = marathon.httpCredentials?.value
        token = marathon.token?.value
    }
}

extension RESTEndpoint {
    /// Ports where no flag says another one (marathon-api.md 7.2).
    private static func defaultPort(_ scheme: Scheme) -> Int { scheme == .https ? 8443 : 8080 }

    fileprivate init(_ node: NodeSpec, _ marathon: MarathonSpec, _ spec: ClusterSpec) {
        let scheme: Scheme = marathon.https?.value == true ? .https : .http
        let layers = [marathon.flags, spec.roles[.marathon]?.flags ?? [], node.flags[.marathon] ?? []]
        let port = layers.joined().last { $0.name.value == "\(scheme.rawValue)_port" }
        self.init(
            scheme,
            host: node.address.value,
            port: port.flatMap { $0.value.value.plainText }.flatMap { Int($0) } ?? Self.defaultPort(scheme),
            node: node.name.value,
            authority: marathon.authority?.value
        )
    }

    /// What `http(s)://host[:port][/path]` says; nil for anything else.
    ///
    /// The port is the scheme's own where none is said.
    public init?(url: String) {
        guard let address = try? WebAddress(url), address.credentials == nil, !address.target.contains("?") else {
            return nil
        }
        self.init(
            address.isEncrypted ? .https : .http,
            host: address.host,
            port: address.port,
            basePath: address.target.split(separator: "/").map { "/" + $0 }.joined()
        )
    }
}
