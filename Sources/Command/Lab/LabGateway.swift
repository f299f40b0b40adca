internal import Daemons
internal import Lab
internal import Serving
internal import Specs
internal import Synchronization

/// The simulated daemons on loopback sockets: each where its node's address is there, on its own port.
///
/// A daemon that starts is listened for, one that ends is refused, as on real machines.
final class LabGateway: Sendable {
    /// A daemon that can be reached.
    struct Door: Hashable, Sendable, Comparable {
        var node: NodeName
        var service: ServiceName
        var inside: Endpoint
        var outside: Endpoint

        static func < (a: Door, b: Door) -> Bool { (a.node, a.inside) < (b.node, b.inside) }
    }

    private struct Stream {
        var continuation: AsyncStream<[UInt8]>.Continuation
    }

    private let lab: Lab
    private let map: LoopbackMap
    /// Simulated seconds in a real one.
    private let speed: Double
    private let tell: @Sendable (String) -> Void
    private let streams = Mutex<[LabStreamID: Stream]>([:])

    init(
        _ lab: Lab,
        nodes: [(address: String, names: [String])],
        speed: Double,
        tell: @escaping @Sendable (String) -> Void
    ) throws {
        self.lab = lab
        self.speed = speed
        self.tell = tell
        do throws(LoopbackMapFailure) {
            map = try LoopbackMap(nodes: nodes)
        } catch {
            throw Stop(.failure, "the lab cannot be served on loopback: \(error)")
        }
    }

    /// Serves, and lets time flow, until the task is cancelled.
    func run() async throws {
        var open: [Door: Task<Void, Never>] = [:]
        defer {
            for server in open.values { server.cancel() }
            for stream in streams.withLock({ $0.values }) { stream.continuation.finish() }
        }
        let clock = ContinuousClock()
        var last = clock.now
        // Simulated milliseconds that are due.
        var owed = 0.0
        var saving = Saving(last: try inLab { () throws(LabError) in try lab.read { $0.now } })
        while true {
            let doors = try doors()
            for door in open.keys.sorted() where !doors.contains(door) {
                open.removeValue(forKey: door)?.cancel()
                tell("closed  \(door.outside)  \(door.service) on \(door.node)")
            }
            for door in doors.sorted() where open[door] == nil { open[door] = serve(door) }
            pump()
            do { try await Task.sleep(for: .milliseconds(min(100, 2000 / speed))) } catch {
                try inLab { () throws(LabError) in try lab.save() }
                throw error
            }
            let now = clock.now
            // On a slow machine time slows down, rather than that a lease expires in one jump.
            owed = min(owed + (now - last) / .milliseconds(1) * speed, Double(Self.lag))
            last = now
            try pass(&owed, &saving)
        }
    }

    /// Every daemon that listens now.
    func doors() throws -> Set<Door> {
        let listeners = try inLab { () throws(LabError) in try lab.read { $0.listeners } }
        return Set(
            listeners.compactMap { listener in
                guard let host = map[listener.endpoint.host] else { return nil }
                return Door(
                    node: listener.node,
                    service: listener.service,
                    inside: listener.endpoint,
                    outside: Endpoint(host, listener.endpoint.port)
                )
            }
        )
    }

    private func serve(_ door: Door) -> Task<Void, Never> {
        let listener = HTTPListener(address: door.outside.host, port: door.outside.port) { request in
            self.reply(to: request, through: door)
        }
        tell("open    \(door.outside)  \(door.service) on \(door.node)")
        return Task {
            do throws(HTTPListenerFailure) {
                try await HTTPServer([listener], grace: .seconds(1)).run()
            } catch {
                tell("\(error)")
            }
        }
    }

    /// How far, in simulated time, the file is behind at least before it is saved; others that work on the lab go on from there.
    private static let lag = 5000

    /// When the world was saved, in simulated time, and how long to leave it at that, in real time.
    private struct Saving {
        var last: Moment
        /// A large world takes its time to save: a tenth of all time at most.
        var rests = ContinuousClock.now
    }

    private func pass(_ owed: inout Double, _ saving: inout Saving) throws {
        let milliseconds = Int(owed)
        owed -= Double(milliseconds)
        try inLab { () throws(LabError) in
            let now = try lab.read { $0.now } + milliseconds
            try lab.pass(to: now)
            let begun = ContinuousClock.now
            guard now - saving.last >= Self.lag, begun >= saving.rests else { return }
            try lab.save()
            let end = ContinuousClock.now
            saving = Saving(last: now, rests: end.advanced(by: begun.duration(to: end) * 9))
        }
    }

    // MARK: Requests

    private func reply(to request: HTTPRequest, through door: Door) -> HTTPReply {
        let outcome: LabWorld.HTTPOutcome
        do throws(LabError) {
            outcome = try answer(to: request, through: door)
        } catch {
            return .whole(HTTPResponse(500, text: error.description + "\n"))
        }
        switch outcome {
        case .response(var response):
            response.headers = map.outward(response.headers)
            return .whole(response)
        case .stream(let id, let status, let headers): return stream(id, status, map.outward(headers))
        case .refused: return .whole(HTTPResponse(502, text: "nobody listens on \(door.inside) in the lab\n"))
        case .unreachable: return .whole(HTTPResponse(504, text: "\(door.node) does not answer in the lab\n"))
        }
    }

    /// Whoever only looks leaves nothing behind that must be kept, but for a stream that stays open.
    private func answer(
        to request: HTTPRequest,
        through door: Door
    ) throws(LabError) -> LabWorld.HTTPOutcome {
        guard ["GET", "HEAD"].contains(request.method) else {
            return try lab.change { world throws(LabError) in world.http(map.inward(request), to: door.inside) }
        }
        let outcome = try lab.ask { world throws(LabError) in world.http(map.inward(request), to: door.inside) }
        if case .stream = outcome { try lab.save() }
        return outcome
    }

    private func stream(_ id: LabStreamID, _ status: Int, _ headers: [HTTPField]) -> HTTPReply {
        let (chunks, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        streams.withLock { $0[id] = Stream(continuation: continuation) }
        return .stream(status: status, headers: headers, chunks: chunks) { [self] in
            streams.withLock { $0[id] = nil }
            _ = try? lab.change { world throws(LabError) in world.closeStream(id) }
        }
    }

    /// Hands on what the daemons have written to their streams.
    private func pump() {
        let open = streams.withLock { $0 }
        guard !open.isEmpty else { return }
        for (id, stream) in open {
            // What was taken must never be taken again, by whoever reads the file; so this is saved.
            guard (try? lab.read({ $0.hasNews(of: id) })) == true,
                let news = try? lab.change({ world throws(LabError) in world.takeStream(id) })
            else { continue }
            if !news.bytes.isEmpty { stream.continuation.yield(news.bytes) }
            if !news.isOpen { stream.continuation.finish() }
        }
    }
}
