internal import Specs

/// Whether this node's master is the elected one: its own `/metrics/snapshot`, which standbys answer too
/// (mesos-zk-ops.md 3.3, 5.1).
enum MasterElectedFact: Fact {
    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] {
        node.has(.mesosMaster) ? [request(for: node, in: spec)] : []
    }

    private static func request(for node: NodeSpec, in spec: ClusterSpec) -> FactRequest {
        let port = MesosMasterRole.port(spec, node: node)
        return .http(address: node.address.value, port: port, path: "/metrics/snapshot")
    }

    static func read(_ answers: Answers, into observed: inout ObservedNode) {
        guard let answer = answers[request(for: answers.node, in: answers.spec)] else { return }
        observed.masterElected = elected(RESTReply(answer))
    }

    static func elected(_ reply: RESTReply) -> Observation<Bool> {
        switch reply.read("/metrics/snapshot", MesosMetrics.init) {
        case .found(let metrics):
            metrics.isOne("master/elected").map { .found($0) } ?? .unknown(silence)
        case .absent: .absent
        case .unknown(let reason): .unknown(reason)
        }
    }

    static let silence = "/metrics/snapshot does not name master/elected"
}
