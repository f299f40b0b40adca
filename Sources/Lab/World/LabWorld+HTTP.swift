public import Daemons
public import Specs

/// An open stream of one client (SSE).
public struct LabStreamID: Hashable, Sendable, Codable {
    var number: Int
}

struct LabStream: Codable, Sendable {
    /// Of the process that feeds it.
    var serial: Int
    /// The process' own number for it.
    var id: Int
    var bytes: [UInt8] = []
    var isOpen = true

    /// What a client may leave unread before the connection is given up.
    static let limit = 4 << 20
}

extension LabWorld {
    /// How a request of a client ends.
    public enum HTTPOutcome: Hashable, Sendable {
        case response(HTTPResponse)
        /// It stays open; `takeStream` gives what it brings.
        case stream(LabStreamID, status: Int, headers: [HTTPField])
        /// The host is there and nobody listens.
        case refused
        /// No answer: the host is gone, cut off, does not exist, or takes too long.
        case unreachable
    }

    /// How long a client waits.
    private static let patienceMilliseconds = 60_000

    /// Asks a daemon, from a node or from outside (nil), and follows forwards.
    ///
    /// Where the daemon wants to be asked again, time passes until it answers.
    public mutating func http(
        _ request: HTTPRequest,
        to endpoint: Endpoint,
        from node: NodeName? = nil
    ) -> HTTPOutcome {
        ask(request, endpoint, from: node?.text, hops: 4)
    }

    private mutating func ask(
        _ request: HTTPRequest,
        _ endpoint: Endpoint,
        from node: String?,
        hops: Int
    ) -> HTTPOutcome {
        var request = request
        let deadline = now + Self.patienceMilliseconds
        while now <= deadline {
            guard let target = machine(at: endpoint.host, askedOn: node),
                network.reaches(from: node, to: machines[target].name)
            else { return .unreachable }
            guard let serial = machines[target].listeners[endpoint.port],
                let answer = answer(request, serial, on: target)
            else { return .refused }
            switch answer {
            case .response(let response): return .response(response)
            case .stream(let number, let status, let headers):
                return .stream(LabStreamID(number: number), status: status, headers: headers)
            case .askAgain(let milliseconds):
                request.attempt += 1
                advance(to: now + max(milliseconds, 1))
            case .forward(let forward):
                guard hops > 0 else { return .unreachable }
                return follow(forward, from: machines[target].name, hops: hops - 1)
            }
        }
        return .unreachable
    }

    /// The id of a stream is the world's own number for it.
    mutating func answer(_ request: HTTPRequest, _ serial: Int, on index: Int) -> HTTPAnswer? {
        guard var daemon = processes[serial]?.daemon else { return nil }
        // One owner while it changes.
        processes[serial]?.daemon = nil
        var effects: [DaemonEffect] = []
        var answer = daemon.answer(request, at: machines[index].node.clock(at: now), effects: &effects)
        processes[serial]?.daemon = daemon
        schedule(process: serial)
        // Before the effects, which may feed it already.
        if case .stream(let id, let status, let headers) = answer {
            answer = .stream(id: open(id, of: serial), status: status, headers: headers)
        }
        carryOut(effects, of: serial)
        return answer
    }

    private mutating func follow(_ forward: HTTPForward, from node: String, hops: Int) -> HTTPOutcome {
        switch ask(forward.request, forward.to, from: node, hops: hops) {
        case .response(var response):
            response.headers += forward.added
            return .response(response)
        case .stream(let id, let status, let headers):
            return .stream(id, status: status, headers: headers + forward.added)
        case .refused: return .response(forward.refused)
        case .unreachable: return .response(forward.timedOut)
        }
    }

    // MARK: Streams

    private mutating func open(_ id: Int, of serial: Int) -> Int {
        let number = nextStream
        nextStream += 1
        streams[number] = LabStream(serial: serial, id: id)
        processes[serial]?.streams[id] = number
        return number
    }

    mutating func feed(_ number: Int?, _ bytes: [UInt8]) {
        guard let number, let held = streams[number]?.bytes.count else { return }
        guard held + bytes.count <= LabStream.limit else { return closeStream(LabStreamID(number: number)) }
        streams[number]?.bytes += bytes
    }

    /// Whether `takeStream` would give anything.
    public func hasNews(of id: LabStreamID) -> Bool {
        streams[id.number].map { !$0.bytes.isEmpty || !$0.isOpen } ?? true
    }

    /// What a stream has brought since the last time; `isOpen` is false once its daemon has ended it.
    public mutating func takeStream(_ id: LabStreamID) -> (bytes: [UInt8], isOpen: Bool) {
        guard let stream = streams[id.number] else { return ([], false) }
        if stream.isOpen { streams[id.number]?.bytes = [] } else { streams[id.number] = nil }
        return (stream.bytes, stream.isOpen)
    }

    /// Its client goes away.
    public mutating func closeStream(_ id: LabStreamID) {
        guard let stream = streams.removeValue(forKey: id.number), stream.isOpen else { return }
        processes[stream.serial]?.streams[stream.id] = nil
        hand(.streamClosed(id: stream.id), to: stream.serial)
    }
}
