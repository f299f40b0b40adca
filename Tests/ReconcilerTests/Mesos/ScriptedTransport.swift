import Reconciler
import Specs
import Synchronization

/// A network on which every API answers what it is told to; remembers what it was asked.
final class ScriptedTransport: HTTPTransport {
    enum Answer: Sendable {
        case ok(String)
        case status(Int, location: String? = nil)
        case fails(RESTError.Kind)
    }

    struct Asked: Hashable, Sendable {
        var host: String
        var port: Int
        var path: String
        var authorization: String?
        var scheme: RESTEndpoint.Scheme
    }

    private let script: @Sendable (_ host: String, _ path: String) -> Answer
    private let log = Mutex<[Asked]>([])

    /// What is not in `script` answers 404.
    init(_ script: @escaping @Sendable (_ host: String, _ path: String) -> Answer) { self.script = script }

    convenience init(_ table: [String: Answer]) { self.init { table["\($0)\($1)"] ?? .status(404) } }

    var asked: [Asked] { log.withLock { $0 } }

    func send(_ request: RESTRequest, to endpoint: RESTEndpoint) async throws(RESTError) -> RESTAnswer {
        let login = request.headers.first { $0.name == "Authorization" }?.value
        let asked = Asked(
            host: endpoint.host,
            port: endpoint.port,
            path: request.path,
            authorization: login,
            scheme: endpoint.scheme
        )
        log.withLock { $0.append(asked) }
        switch script(endpoint.host, request.path) {
        case .ok(let body): return RESTAnswer(status: 200, body: Array(body.utf8))
        case .status(let status, let location):
            return RESTAnswer(status: status, headers: location.map { [("Location", $0)] } ?? [])
        case .fails(let kind): throw RESTError(kind, mayHaveArrived: false, "\(endpoint): \(kind.rawValue)")
        }
    }
}

/// What Mesos daemons answer, as little as matters.
enum MesosBodies {
    static func metrics(
        elected: Bool,
        agents: Int = 0,
        recovered: Bool? = nil,
        size: Int? = nil
    ) -> String {
        var parts = [#""master\/elected":\#(elected ? "1.0" : "0.0")"#, #""master\/slaves_active":\#(agents).0"#]
        if let recovered { parts.append(#""registrar\/log\/recovered":\#(recovered ? 1 : 0)"#) }
        if let size { parts.append(#""registrar\/log\/ensemble_size":\#(size).0"#) }
        return "{\(parts.joined(separator: ","))}"
    }

    static func flags(quorum: Int = 2, zk: String = "zk://10.0.0.1:2181/mesos", more: String = "") -> String {
        #"{"flags":{"quorum":"\#(quorum)","zk":"\#(zk)","port":"5050"\#(more)}}"#
    }

    static func slaves(_ addresses: [String], inactive: Set<String> = []) -> String {
        let items = addresses.enumerated().map { index, address in
            #"{"id":"S\#(index)","pid":"slave(1)@\#(address):5051","hostname":"\#(address)","#
                + #""active":\#(!inactive.contains(address)),"resources":{"cpus":2},"attributes":{}}"#
        }
        return #"{"slaves":[\#(items.joined(separator: ","))]}"#
    }
}
