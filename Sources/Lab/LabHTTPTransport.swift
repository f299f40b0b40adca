import Daemons
public import Reconciler
internal import Specs

/// The REST APIs of the lab's daemons as the engine sees them, from where the operator sits; a request takes some simulated
/// time there and back.
public struct LabHTTPTransport: HTTPTransport {
    let lab: Lab

    /// How long a caller knocks at a host that is not there.
    private static let connectMilliseconds = 10_000

    public func send(_ request: RESTRequest, to endpoint: RESTEndpoint) async throws(RESTError) -> RESTAnswer {
        let end = try now() + milliseconds(request.deadline)
        let way = try travel(to: endpoint)
        try await sleep(way, hasArrived: false)
        switch try arrive(request, endpoint) {
        case .refused: throw RESTError(.refused, mayHaveArrived: false, "\(endpoint): nobody listens there")
        case .unreachable:
            try await sleep(min(Self.connectMilliseconds, max(end - (try now()), 0)), hasArrived: false)
            throw RESTError(.unreachable, mayHaveArrived: false, "\(endpoint): the host does not answer")
        case .broken: throw broken(endpoint)
        case .endless: throw RESTError(.interrupted, mayHaveArrived: true, "\(endpoint): the answer has no end")
        case .answered(let response, let listener):
            try await sleep(way, hasArrived: true)
            guard try now() <= end else { throw late(endpoint, request.deadline) }
            guard try read({ $0.listener(at: endpoint) }) == listener else { throw broken(endpoint) }
            let headers = response.headers.map { (name: $0.name, value: $0.value) }
            return RESTAnswer(status: response.status, headers: headers, body: response.body)
        }
    }

    private func late(_ endpoint: RESTEndpoint, _ deadline: Duration) -> RESTError {
        RESTError(.timedOut, mayHaveArrived: true, "\(endpoint): no answer in \(deadline)")
    }

    private func broken(_ endpoint: RESTEndpoint) -> RESTError {
        RESTError(.interrupted, mayHaveArrived: true, "\(endpoint): the connection broke")
    }

    // MARK: The world

    fileprivate enum Arrival: Sendable {
        /// By which process.
        case answered(HTTPResponse, listener: Int)
        case refused, unreachable
        /// It was heard, and then the host or the process was gone.
        case broken
        case endless
    }

    private func arrive(_ request: RESTRequest, _ endpoint: RESTEndpoint) throws(RESTError) -> Arrival {
        let host = HTTPField("Host", "\(endpoint.host):\(endpoint.port)")
        let asked = HTTPRequest(
            request.method.rawValue,
            endpoint.basePath + request.path,
            headers: [host] + request.headers.map { HTTPField($0.name, $0.value) },
            body: request.body,
            client: LabWorld.operatorAddress
        )
        func step(_ world: inout LabWorld) -> Arrival { world.arrive(asked, at: endpoint) }
        do throws(LabError) {
            return try request.method == .get ? lab.ask { step(&$0) } : lab.change { step(&$0) }
        } catch {
            throw RESTError(.interrupted, mayHaveArrived: request.method != .get, error.description)
        }
    }

    private func read<Result: Sendable>(_ body: (LabWorld) -> sending Result) throws(RESTError) -> sending Result {
        do throws(LabError) { return try lab.read(body) } catch {
            throw RESTError(.interrupted, mayHaveArrived: true, error.description)
        }
    }

    // MARK: Time

    private func now() throws(RESTError) -> Moment { try read { $0.now } }

    private func milliseconds(_ duration: Duration) -> Int {
        Int(duration.components.seconds) * 1000 + Int(duration.components.attoseconds / 1_000_000_000_000_000)
    }

    /// Depends on the address, the moment and the seed alone, so that asking changes nothing.
    private func travel(to endpoint: RESTEndpoint) throws(RESTError) -> Int {
        try read { world in
            var numbers = SeededNumbers(world.seed, for: "\(endpoint) \(world.now.milliseconds)")
            return Int(numbers.next() % 8) + 2
        }
    }

    private func sleep(_ milliseconds: Int, hasArrived: Bool) async throws(RESTError) {
        do { try await lab.clock.sleep(for: .milliseconds(milliseconds)) } catch let error as LabError {
            throw RESTError(.interrupted, mayHaveArrived: hasArrived, error.description)
        } catch {
            throw RESTError(.cancelled, mayHaveArrived: hasArrived, "the request was called off")
        }
    }
}

extension Lab {
    /// The way to the REST APIs of its daemons.
    public func transport() -> LabHTTPTransport { LabHTTPTransport(lab: self) }
}

extension LabWorld {
    /// The process that listens at `endpoint`, where it can be reached from outside.
    fileprivate func listener(at endpoint: RESTEndpoint) -> Int? {
        guard let index = machine(at: endpoint.host, askedOn: nil),
            network.reaches(from: nil, to: machines[index].name)
        else { return nil }
        return machines[index].listeners[endpoint.port]
    }

    fileprivate mutating func arrive(_ request: HTTPRequest, at endpoint: RESTEndpoint) -> LabHTTPTransport.Arrival {
        let listener = listener(at: endpoint)
        let start = now
        switch http(request, to: Endpoint(endpoint.host, endpoint.port)) {
        case .response(let response): return listener.map { .answered(response, listener: $0) } ?? .broken
        case .stream(let id, _, _):
            closeStream(id)
            return .endless
        case .refused: return now > start ? .broken : .refused
        // It listened, so it heard.
        case .unreachable: return listener == nil && now == start ? .unreachable : .broken
        }
    }
}
