internal import FoundationEssentials
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
        switch answers[request(for: answers.node, in: answers.spec)] {
        case .http(200, let body)?: observed.masterElected = elected(body)
        case .http(let status, _)?: observed.masterElected = .unknown("/metrics/snapshot answers \(words(status))")
        case .absent?: observed.masterElected = .absent
        case .unknown(let reason)?: observed.masterElected = .unknown(reason)
        case .some: observed.masterElected = .unknown("the answer is of another kind than the question")
        case nil: break
        }
    }

    private static func words(_ status: Int) -> String {
        switch status {
        case 401: "401: it asks for a login"
        case 403: "403: it may not be read"
        default: "\(status)"
        }
    }

    private struct Metrics: Decodable {
        var elected: Double

        enum CodingKeys: String, CodingKey {
            case elected = "master/elected"
        }
    }

    /// Numbers are `1` or `1.0`, slashes may be escaped (mesos-zk-ops.md 5.3).
    static func elected(_ body: String) -> Observation<Bool> {
        do {
            return .found(try JSONDecoder().decode(Metrics.self, from: Data(body.utf8)).elected == 1)
        } catch {
            return .unknown("/metrics/snapshot does not name master/elected")
        }
    }
}
