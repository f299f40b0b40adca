import Daemons
import Reconciler
import Specs
import Testing

@testable import Lab

@Suite("A cluster's story on the lab", .timeLimit(.minutes(3)))
struct StoryTests {
    @Test(arguments: LabFixture.files)
    func `a bare cluster converges in one run, and a second has nothing to do`(file: String) async throws {
        let fixture = try LabFixture(file)
        let plan = await fixture.plan()
        #expect(plan.refusals == [] && plan.blocked == [], "\(plan.words)")
        let report = try await fixture.apply(plan).get()
        #expect(report.ending == .completed)
        #expect(report.troubles == [])
        let second = await fixture.plan()
        #expect(second.isEmpty, "\(second.words)")
        let status = try fixture.lab.read { $0.status }
        #expect(status.zooKeeperLeader != nil && status.mesosLeader != nil && status.marathonLeader != nil)
        #expect(status.agents.count == 3)
    }
}
