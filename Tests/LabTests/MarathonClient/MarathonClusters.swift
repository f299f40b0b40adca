import Reconciler
import Specs
import Synchronization
import Testing

@testable import Lab

/// A converged lab of three Marathons of a release, and a client of them that writes down what it asks.
struct MarathonCluster: Sendable {
    let lab: Lab
    let spec: ClusterSpec
    let log: RequestLog

    /// Releases that differ in how they answer: E1, E2, E5 and E6 (marathon-api.md, eras).
    static let releases = ["0.7.6", "0.8.2", "1.4.13", "1.11.24"]

    private static let grown = Dictionary(
        uniqueKeysWithValues: releases.map { release in (release, Task { try await grow(release) }) }
    )

    static func of(_ release: String) async throws -> MarathonCluster {
        let world = try await #require(grown[release]).value
        let lab = Lab(world)
        return MarathonCluster(lab: lab, spec: try spec(release), log: RequestLog(lab.transport()))
    }

    private static func spec(_ release: String) throws -> ClusterSpec {
        var spec = try LabFixture.spec(release == "1.11.24" ? "Testbed/cluster.yaml" : "cluster.yaml")
        let position = spec.cluster.position
        spec.versions.marathon = Located(release, at: position)
        return spec
    }

    private static func grow(_ release: String) async throws -> LabWorld {
        let spec = try spec(release)
        let fixture = LabFixture(spec, lab: Lab(try LabWorld(spec: spec, seed: 7)))
        let last = try await fixture.converge("first")
        try #require(last.isEmpty, "\(release): \(last.words)")
        return try fixture.lab.read { $0 }
    }

    func client(secrets: SecretStore = SecretStore(), reach: MarathonClient.Reach? = nil) throws -> MarathonClient {
        let declared = try #require(MarathonClient.Reach(spec))
        return MarathonClient(reach: reach ?? declared, transport: log, secrets: secrets, clock: lab.clock)
    }

    /// The declared Marathons with those of `first` in front.
    func reach(first: NodeName) throws -> MarathonClient.Reach {
        var reach = try #require(MarathonClient.Reach(spec))
        reach.endpoints = reach.endpoints.filter { $0.node == first } + reach.endpoints.filter { $0.node != first }
        return reach
    }

    var leader: NodeName? { get throws { try lab.read { $0.status.marathonLeader } } }

    var standby: NodeName {
        get throws {
            let leader = try leader
            return try #require(spec.nodes(with: .marathon).map(\.name.value).first { $0 != leader })
        }
    }

    func inject(_ fault: LabFault) throws { try lab.change { world throws(LabError) in try world.inject(fault) } }

    func run<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        try await lab.run(body)
    }

    func pass(_ seconds: Int) async throws {
        try await lab.run { try await lab.clock.sleep(for: .seconds(seconds)) }
    }

    /// Until `condition` holds, for ten minutes at most.
    func wait(_ condition: @Sendable () async throws -> Bool) async throws -> Bool {
        for _ in 0..<300 {
            if try await condition() { return true }
            try await lab.clock.sleep(for: .seconds(2))
        }
        return false
    }
}

/// Passes requests on, and writes them down.
final class RequestLog: HTTPTransport {
    private let base: any HTTPTransport
    private let lines = Mutex<[String]>([])

    init(_ base: any HTTPTransport) { self.base = base }

    func send(_ request: RESTRequest, to endpoint: RESTEndpoint) async throws(RESTError) -> RESTAnswer {
        lines.withLock { $0.append("\(request.method.rawValue) \(request.path)") }
        return try await base.send(request, to: endpoint)
    }

    /// `METHOD path`, in their order.
    var all: [String] { lines.withLock { $0 } }
    var writes: [String] { all.filter { !$0.hasPrefix("GET ") } }
    func clear() { lines.withLock { $0 = [] } }
}

func desiredApps(_ apps: [String: AppValue]) -> DesiredApps {
    let position = SourcePosition(file: "apps/x.json", line: 1, column: 1)
    return DesiredApps(
        apps: apps.sorted { $0.key < $1.key }.map { DesiredApp(id: $0.key, definition: $0.value, position: position) }
    )
}

/// Why `body` was refused; nil where it was not.
func refusal(_ body: () async throws -> some Any) async throws -> MarathonFault? {
    do {
        _ = try await body()
        return nil
    } catch let fault as MarathonFault { return fault }
}
