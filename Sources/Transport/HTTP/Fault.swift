internal import Reconciler

/// Why one way gave no whole answer.
struct Fault: Error, Hashable {
    var kind: RESTError.Kind
    /// Whether the head of the request was written towards the server.
    var mayHaveArrived: Bool
    var fact: String
    var move: String?
    /// The connection ended before a byte of an answer.
    var isMute = false

    init(_ kind: RESTError.Kind, mayHaveArrived: Bool = false, _ fact: String, _ move: String? = nil) {
        self.kind = kind
        self.mayHaveArrived = mayHaveArrived
        self.fact = fact
        self.move = move
    }

    var muted: Fault {
        var fault = self
        fault.isMute = true
        return fault
    }

    /// Whether another way may lead there: nothing was sent on this one, and nobody was met.
    var isOfTheWay: Bool {
        switch kind {
        case .refused, .unreachable: !mayHaveArrived
        case .timedOut, .interrupted, .untrusted, .tooLarge, .cancelled: false
        }
    }

    /// What a cancellation is that the deadline caused.
    func late(after limit: Duration) -> Fault {
        mayHaveArrived
            ? Fault(
                .timedOut,
                mayHaveArrived: true,
                "connected, and no whole answer within \(limit.inSeconds)",
                "look at the load of the process there; whether it acted on the request is unknown"
            )
            : Fault(
                .unreachable,
                "no connection within \(limit.inSeconds) (\(fact))",
                "check that the host is up and the way to it"
            )
    }

    func error(at endpoint: RESTEndpoint) -> RESTError {
        RESTError(kind, mayHaveArrived: mayHaveArrived, "\(endpoint): \(fact)\(move.map { "; \($0)" } ?? "")")
    }

    /// One fault that names every way that was tried.
    static func joined(_ tried: [(way: NetworkTransport.Way, fault: Fault)]) -> Fault {
        guard let last = tried.last else { return Fault(.unreachable, "there is no way to it") }
        guard tried.count > 1, !last.fault.mayHaveArrived else { return named(last) }
        // Whoever asked at the node itself knows better than who asked from outside.
        let isClosed = tried.allSatisfy(\.fault.isOfTheWay)
        let isRefused = tried.contains { $0.fault.kind == .refused }
        return Fault(
            isClosed ? (isRefused ? .refused : .unreachable) : last.fault.kind,
            tried.map { named($0).fact }.joined(separator: ", and "),
            tried.compactMap(\.fault.move).joined(separator: "; ")
        )
    }

    private static func named(_ tried: (way: NetworkTransport.Way, fault: Fault)) -> Fault {
        var fault = tried.fault
        switch tried.way {
        case .direct: break
        case .ssh(let node): fault.fact = "through ssh to \(SSHFailure.label(node)): \(fault.fact)"
        }
        return fault
    }
}

extension Duration {
    /// Such as `3 s` or `0.25 s`.
    var inSeconds: String {
        let parts = components
        let hundredths = parts.attoseconds / 10_000_000_000_000_000
        guard hundredths > 0 else { return "\(parts.seconds) s" }
        return "\(parts.seconds).\(hundredths < 10 ? "0" : "")\(hundredths) s"
    }
}
