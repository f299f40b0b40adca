public import Specs

/// One GET of a daemon's REST API, whichever way leads to it: over the network, or on the daemon's own node.
public struct RESTQuestion: Hashable, Sendable, Codable {
    /// Whose API it is; decides the login.
    public var service: ServiceName
    public var node: NodeName
    public var endpoint: RESTEndpoint
    /// Asked in this order until one is known there: releases name the same thing differently, and answer 404 to the others.
    public var paths: [String]

    public init(_ service: ServiceName, at place: ServicePlace, _ paths: [String]) {
        self.service = service
        (node, endpoint) = (place.node, place.endpoint)
        self.paths = paths
    }
}

/// Where a daemon's REST API is.
public struct ServicePlace: Hashable, Sendable, Codable {
    public var node: NodeName
    public var endpoint: RESTEndpoint

    public init(_ node: NodeName, _ endpoint: RESTEndpoint) {
        self.node = node
        self.endpoint = endpoint
        self.endpoint.node = node
    }

    /// `tls`: it answers over TLS only.
    public init(_ node: NodeName, address: String, port: Int, tls: DesiredTLS? = nil) {
        self.init(node, RESTEndpoint(tls == nil ? .http : .https, host: address, port: port, authority: tls?.authority))
    }
}

/// What came of a `RESTQuestion`.
public enum RESTReply: Hashable, Sendable, Codable {
    /// `location` is where a redirect points to; it is never followed unasked.
    case answered(status: Int, body: String, location: String? = nil)
    /// The host is there and nobody listens.
    case absent
    /// Says why there is no whole answer.
    case unknown(String)

    /// What the same GET on the node itself brought.
    init(_ answer: FactAnswer) {
        switch answer {
        case .http(let status, let body): self = .answered(status: status, body: body)
        case .absent: self = .absent
        case .unknown(let reason): self = .unknown(reason)
        default: self = .unknown("the answer is of another kind than the question")
        }
    }

    /// Another path may answer: this release does not know the one that was asked.
    var isUnknownPath: Bool { if case .answered(404, _, _) = self { true } else { false } }

    /// The value that `decode` finds in a 200; `what` is named in the reason where there is none.
    ///
    /// 401, 403, redirects and bodies that are not whole are unknown, never absent.
    func read<Value>(_ what: String, _ decode: (String) -> Value?) -> Observation<Value> {
        switch self {
        case .answered(200, let body, _):
            decode(body).map { .found($0) }
                ?? .unknown("\(what) is not whole, or of another shape than any release gives")
        case .answered(let status, _, let location): .unknown("\(what) answers \(Self.words(status, location))")
        case .absent: .absent
        case .unknown(let reason): .unknown(reason)
        }
    }

    private static func words(_ status: Int, _ location: String?) -> String {
        switch status {
        case 401: "401: it asks for a login"
        case 403: "403: it may not be read"
        case 307: "307: ask \(location ?? "the leader")"
        default: "\(status)"
        }
    }
}

extension RESTQuestion {
    /// The same as GETs on the node itself, path by path; none where that way cannot speak it.
    var onNode: [FactRequest] {
        guard endpoint.scheme == .http else { return [] }
        return paths.map { .http(address: endpoint.host, port: endpoint.port, path: endpoint.basePath + $0) }
    }
}
