public import Specs

extension RESTLogins {
    /// The logins that `spec` declares.
    public init(_ spec: ClusterSpec) {
        self.init(
            mesos: spec.mesos?.httpCredentials?.value,
            marathon: spec.marathon?.httpCredentials?.value,
            marathonToken: spec.marathon?.token?.value
        )
    }
}

extension MastersReach {
    /// The declared masters; nil where there are none, or where their login has no value.
    public init?(_ spec: ClusterSpec, transport: any HTTPTransport, secrets: SecretStore) {
        let endpoints = spec.nodes(with: .mesosMaster).map { node in
            RESTEndpoint(
                spec.mesos?.https?.value == true ? .https : .http,
                host: node.address.value,
                port: MesosMasterRole.port(spec, node: node),
                node: node.name.value,
                authority: spec.mesos?.authority?.value
            )
        }
        guard !endpoints.isEmpty else { return nil }
        do throws(RESTLogins.MissingSecret) {
            let login = try RESTLogins(spec).authorization(for: .mesosMaster, secrets)
            self.init(
                transport: transport,
                endpoints: endpoints,
                headers: [("Accept", "application/json")] + (login.map { [("Authorization", $0)] } ?? [])
            )
        } catch {
            return nil
        }
    }
}
