public import Specs

/// The way to a REST API: one request, one whole answer.
///
/// Conformers: async-http-client over the network or a node's ssh connection (`Transport`), and the simulated cluster (`Lab`).
public protocol HTTPTransport: Sendable {
    /// Sends `request` and reads the answer to its end; follows no redirect, tries nothing twice.
    ///
    /// - Throws: `RESTError` where there is no whole answer; a cancelled task throws too.
    func send(_ request: RESTRequest, to endpoint: RESTEndpoint) async throws(RESTError) -> RESTAnswer
}

/// Where a REST API is.
public struct RESTEndpoint: Hashable, Sendable, Codable {
    public enum Scheme: String, Hashable, Sendable, Codable {
        case http
        /// The certificate is verified, against `authority` where it is named.
        case https
    }

    public var scheme: Scheme
    public var host: String
    public var port: Int
    /// What comes before every path, such as `/service/marathon`; empty or with a leading and without a trailing slash.
    public var basePath: String
    /// The node it runs on: where the network does not lead to it, its ssh connection may.
    public var node: NodeName?
    /// A PEM file with the authorities to trust instead of the system's, as cluster.yaml names it.
    public var authority: String?

    public init(
        _ scheme: Scheme = .http,
        host: String,
        port: Int,
        basePath: String = "",
        node: NodeName? = nil,
        authority: String? = nil
    ) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.basePath = basePath
        self.node = node
        self.authority = authority
    }
}

public struct RESTRequest: Hashable, Sendable {
    public enum Method: String, Hashable, Sendable {
        case get = "GET"
        case put = "PUT"
        case post = "POST"
        case delete = "DELETE"
    }

    public var method: Method
    /// Percent-encoded, with the query.
    public var path: String
    /// May hold credentials: not to be logged.
    public var headers: [(name: String, value: String)] {
        get { fields.map { ($0.name, $0.value) } }
        set { fields = newValue.map { Field(name: $0.name, value: $0.value) } }
    }
    /// May hold secrets: not to be logged.
    public var body: [UInt8]
    /// From the first packet to the last byte of the answer.
    public var deadline: Duration

    private struct Field: Hashable, Sendable {
        var name: String
        var value: String
    }
    private var fields: [Field]

    public init(
        _ method: Method,
        _ path: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = [],
        deadline: Duration = .seconds(30)
    ) {
        self.method = method
        self.path = path
        self.body = body
        self.deadline = deadline
        fields = headers.map { Field(name: $0.name, value: $0.value) }
    }
}

public struct RESTAnswer: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first field of that name, whatever the case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// Why there is no whole answer.
public struct RESTError: Error, Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable {
        /// Nobody listens on the port.
        case refused
        /// No route, no such name, or no connection in time.
        case unreachable
        /// Connected, and no whole answer within the deadline.
        case timedOut
        /// The connection broke, or the answer is not whole or no HTTP.
        case interrupted
        /// The certificate is not trusted or is somebody else's.
        case untrusted
        /// Larger than anyone should answer.
        case tooLarge
        case cancelled
    }

    public var kind: Kind
    /// Whether the server may have read the request: what it asks for may then have happened.
    public var mayHaveArrived: Bool
    /// What happened, with the address and the next move; no secrets.
    public var message: String

    public init(_ kind: Kind, mayHaveArrived: Bool, _ message: String) {
        self.kind = kind
        self.mayHaveArrived = mayHaveArrived
        self.message = message
    }
}

extension RESTEndpoint: CustomStringConvertible {
    /// Such as `http://10.16.40.1:8080`.
    public var description: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return "\(scheme.rawValue)://\(host):\(port)\(basePath)"
    }
}
