import Daemons
import FoundationEssentials
import Reconciler
import Serving
import Specs
import Synchronization
import Testing
import Transport

@testable import Command

/// A webhook's receiver on a free port of 127.0.0.1.
final class TestReceiver: Sendable {
    /// What it says, the last one for ever.
    private let answers: Mutex<[HTTPResponse]>
    private let received = Mutex<[HTTPRequest]>([])
    /// Before it answers.
    let delay: Duration

    init(_ answers: [HTTPResponse], delay: Duration = .zero) {
        self.answers = Mutex(answers)
        self.delay = delay
    }

    var requests: [HTTPRequest] { received.withLock { $0 } }

    func say(_ status: Int) { answers.withLock { $0 = [HTTPResponse(status)] } }

    /// The values of a field of JSON in the bodies, in order.
    func bodies<Value: Decodable>(_ type: Value.Type) throws -> [Value] {
        try requests.map { try JSONDecoder().decode(type, from: Data($0.body)) }
    }

    private func answer(_ request: HTTPRequest) async -> HTTPResponse {
        received.withLock { $0.append(request) }
        try? await Task.sleep(for: delay)
        return answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
    }

    /// Serves while `body` runs.
    func serve(_ body: (_ port: Int) async throws -> Void) async throws {
        let (ports, started) = AsyncStream<Int>.makeStream()
        let listener = HTTPListener(address: "127.0.0.1", port: 0) { .whole(await self.answer($0)) }
        let server = Task {
            defer { started.finish() }
            try await HTTPServer([listener], grace: .milliseconds(100)).run { started.yield($0[0]) }
        }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        do {
            try await body(port)
        } catch {
            server.cancel()
            _ = await server.result
            throw error
        }
        server.cancel()
        try await server.value
    }
}

/// What a receiver reads of a body.
struct ReceivedNotice: Decodable {
    var formatVersion: Int
    var id: String
    var sequence: Int
    var kind: String
    var cluster: String
    var time: String
}

/// A webhook of a cluster in a directory of its own, and what it said on the way.
final class WebhookPlace: Sendable {
    let directory: String
    let store: LoopStore
    let tally = WebhookTally()
    private let said = Mutex<[String]>([])

    init() throws {
        directory = "/tmp/reconciler-webhook-\(UUID().uuidString.lowercased())"
        store = LoopStore(StateDirectory(cluster: "", override: directory + "/state", environment: [:]))
        try store.directory.prepare()
        try put("a key", "hook.key")
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func put(_ text: String, _ name: String) throws {
        try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
    }

    var complaints: [String] { said.withLock { $0 } }

    /// With the URL of a port of this machine, whose path is a secret.
    func declared(
        _ port: Int?,
        host: String = "127.0.0.1",
        secret: Content? = Content([.secret(.file("hook.key"))])
    ) -> Declared {
        var spec = CommandRun.sixNodes
        spec.file = directory + "/cluster.yaml"
        spec.other.watch.webhook = port.map { port in
            WebhookSpec(
                url: Located(Content("http://\(host):\(port)/T0XX"), at: CommandRun.place),
                secret: secret.map { Located($0, at: CommandRun.place) }
            )
        }
        return Declared(spec: spec, apps: [], source: Plan.Source(file: spec.file))
    }

    func listener(
        _ declared: Declared,
        _ policy: WebhookPolicy = WebhookPolicy(firstWait: .milliseconds(20)),
        isLab: Bool = false
    ) throws -> WebhookListener {
        try WebhookListener(declared, in: store, isLab: isLab, tally: tally, policy: policy) { words in
            self.said.withLock { $0.append(words) }
        }
    }

    static func notice(_ kind: LoopNotice.Kind = .found) -> LoopNotice {
        LoopNotice(kind: kind, cluster: "east", at: 86_400, revision: "3f1c2aa", messages: ["m"])
    }

    /// Runs what goes on beside the loop for as long as `body` does.
    func accompany(_ listener: WebhookListener, _ body: () async throws -> Void) async throws {
        let beside = Task { try await listener.accompany() }
        do {
            try await body()
        } catch {
            beside.cancel()
            _ = await beside.result
            throw error
        }
        beside.cancel()
        try await beside.value
    }
}

/// Waits, within reason, for what happens beside the test.
func eventually(
    _ words: String,
    within limit: Duration = .seconds(60),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try condition() { return }
        try await Task.sleep(for: .milliseconds(20))
    }
    Issue.record("not within \(limit): \(words)", sourceLocation: sourceLocation)
}
