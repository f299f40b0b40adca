import Reconciler
import Specs
import Testing

@testable import Lab

/// A run that is called off in a simulated cluster.
@Suite("A cancelled run", .timeLimit(.minutes(20)))
struct CancellationTests {
    private static let masters = ["mesos-master1", "mesos-master2", "mesos-master3"]

    /// Giving the lease back is bounded by a sleep: were its visits not waited for, that would be over first.
    @Test func `gives its lease back before simulated time goes on`() async throws {
        let fixture = try LabFixture("Testbed/cluster.yaml")
        let plan = try await fixture.plan()
        for round in 1...10 {
            let world = try fixture.lab.read { $0 }
            let attempt = LabFixture(fixture.spec, lab: Lab(world))
            let (begun, signal) = AsyncStream<Void>.makeStream()
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    _ = try? await attempt.apply(plan, as: "r\(round)") { event in
                        if case .leaseTaken = event { signal.yield() }
                    }
                    signal.finish()
                }
                for await _ in begun { group.cancelAll() }
            }
            let held = try Self.masters.filter { try attempt.file("/var/lib/reconciler/lease", on: $0) != nil }
            #expect(held == [], "round \(round)")
        }
    }
}
