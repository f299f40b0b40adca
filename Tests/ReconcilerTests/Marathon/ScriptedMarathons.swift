import FoundationEssentials
import Specs
import Synchronization
import Testing

@testable import Reconciler

/// Marathons that answer by script, and what was asked of whom.
final class ScriptedMarathons: HTTPTransport {
    enum Reply {
        case answer(Int, String, headers: [(name: String, value: String)] = [])
        case error(RESTError.Kind, mayHaveArrived: Bool)
    }

    private let asked = Mutex<[(host: String, request: RESTRequest)]>([])
    private let script: @Sendable (_ host: String, _ request: RESTRequest) -> Reply

    init(_ script: @escaping @Sendable (_ host: String, _ request: RESTRequest) -> Reply) { self.script = script }

    func send(_ request: RESTRequest, to endpoint: RESTEndpoint) async throws(RESTError) -> RESTAnswer {
        asked.withLock { $0.append((endpoint.host, request)) }
        switch script(endpoint.host, request) {
        case .answer(let status, let body, let headers):
            return RESTAnswer(status: status, headers: headers, body: Array(body.utf8))
        case .error(let kind, let mayHaveArrived):
            throw RESTError(kind, mayHaveArrived: mayHaveArrived, "\(endpoint): \(kind)")
        }
    }

    /// `host METHOD path`, in their order.
    var log: [String] {
        asked.withLock { $0.map { "\($0.host) \($0.request.method.rawValue) \($0.request.path)" } }
    }

    var requests: [RESTRequest] { asked.withLock { $0.map(\.request) } }

    /// A client of three of them, `a`, `b` and `c`, whose waiting takes no time.
    func client(
        secrets: [SecretReference: String] = [:],
        credentials: Content? = nil,
        token: Content? = nil
    )
        -> MarathonClient
    {
        MarathonClient(
            reach: MarathonClient.Reach(
                endpoints: ["a", "b", "c"].map { RESTEndpoint(host: $0, port: 8080) },
                credentials: credentials,
                token: token
            ),
            transport: self,
            secrets: SecretStore(secrets),
            clock: SkippingClock()
        )
    }
}

/// Sleeping takes no time, and the time has passed all the same.
final class SkippingClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (a: Instant, b: Instant) -> Bool { a.offset < b.offset }
    }

    private let offset = Mutex(Duration.zero)
    var now: Instant { offset.withLock { Instant(offset: $0) } }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        offset.withLock { $0 = max($0, deadline.offset) }
    }
}

extension MarathonFault {
    /// What `body` throws.
    static func from(_ body: () async throws(MarathonFault) -> some Any) async -> MarathonFault? {
        do throws(MarathonFault) {
            _ = try await body()
            return nil
        } catch { return error }
    }
}

/// Recorded and published answers (see the README beside them).
func marathonExample(_ name: String) throws -> String {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return try String(contentsOfFile: "/\(root)/DaemonsTests/Fixtures/marathon-examples/\(name)", encoding: .utf8)
}

/// `GET /v2/info` of a release, cut to what is read.
func infoAnswer(_ release: String, config: String = #""mesos_role":null"#) -> String {
    """
    {"name":"marathon","version":"\(release)","elected":true,"leader":"10.0.0.1:8080","frameworkId":"f-1",
     "marathon_config":{\(config)}}
    """
}

/// An app as in `GET /v2/apps`.
func appAnswer(_ id: String, _ more: String = "") -> String {
    """
    {"id":"\(id)","cmd":"sleep 1","cpus":0.1,"mem":16.0,"instances":1,"version":"2026-01-05T09:00:00.000Z",
     "tasksStaged":0,"tasksRunning":1,"tasksHealthy":0,"tasksUnhealthy":0,"deployments":[]\(more)}
    """
}
