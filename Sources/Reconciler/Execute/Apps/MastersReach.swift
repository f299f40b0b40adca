internal import Specs

/// Where the Mesos masters answer REST: asked what their agents have free when an app does not come up.
public struct MastersReach: Sendable {
    public var transport: any HTTPTransport
    /// In the order in which they are asked; only the leading one's answer counts.
    public var endpoints: [RESTEndpoint]
    /// Sent with every request, such as `Authorization`; may hold secrets.
    public var headers: [(name: String, value: String)]

    public init(
        transport: any HTTPTransport,
        endpoints: [RESTEndpoint],
        headers: [(name: String, value: String)] = []
    ) {
        self.transport = transport
        self.endpoints = endpoints
        self.headers = headers
    }

    /// The leading master's active agents; nil where none of the masters tells.
    ///
    /// `/state` from 0.25, `/state.json` up to 1.7; a standby answers with its own empty view up to 0.28 and redirects from 1.0
    /// (mesos-zk-ops.md 5.1).
    func agents() async -> [AgentRoom]? {
        for endpoint in endpoints {
            for path in ["/state", "/state.json"] {
                let request = RESTRequest(.get, path, headers: headers, deadline: .seconds(10))
                guard let answer = try? await transport.send(request, to: endpoint) else { break }
                guard answer.status != 404 else { continue }
                if answer.status == 200, let state = try? AppValue(json: answer.body),
                    let agents = AgentRoom.read(state)
                {
                    return agents
                }
                break
            }
        }
        return nil
    }
}
