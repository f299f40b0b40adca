public import Specs

extension ServicePlace {
    /// The declared Mesos masters, in the order of the file.
    public static func masters(of spec: ClusterSpec) -> [ServicePlace] {
        spec.nodes(with: .mesosMaster).map { ServicePlace($0, .mesosMaster, in: spec) }
    }

    /// The declared address and port of a daemon on `node`.
    init(_ node: NodeSpec, _ service: ServiceName, in spec: ClusterSpec) {
        let port =
            service == .mesosAgent
            ? MesosAgentRole.port(spec, node: node) : MesosMasterRole.port(spec, node: node)
        self.init(node.name.value, address: node.address.value, port: port, tls: DesiredTLS.declared(spec)[service])
    }
}
