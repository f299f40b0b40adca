import FoundationEssentials
import Reconciler
import Specs
import Testing

@testable import Lab

@Suite("Repositories and holds on the lab", .timeLimit(.minutes(20)))
struct RepositoryStoryTests {
    /// The seed's cluster with Mesosphere's repository declared.
    static func spec(_ file: String) throws -> ClusterSpec {
        let root = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined()
        let path = "\(root)/Tests/SpecsTests/OpenPGP/Fixtures/ed25519.asc"
        let key = Array(try #require(FileManager.default.contents(atPath: path)))
        let here = SourcePosition(file: file, line: 1, column: 1)
        func at<Value>(_ value: Value) -> Located<Value> { Located(value, at: here) }
        var spec = try LabFixture.spec(file)
        spec.other.repositories = [
            RepositorySpec(
                name: at("mesosphere"),
                uri: at("http://repos.mesosphere.example/ubuntu"),
                suite: at("trusty"),
                components: [at("main")],
                key: at("keys/mesosphere.asc"),
                fingerprints: [at("3F7D008DDFCFEA92963CB29304FF741A5F41B5EA")],
                keyring: try OpenPGPKeyring(key)
            )
        ]
        spec.other.hold = [at("zookeeperd")]
        return spec
    }

    static func fixture(_ file: String) throws -> LabFixture {
        let spec = try spec(file)
        return LabFixture(spec, lab: Lab(try LabWorld(spec: spec, seed: 1)))
    }

    @Test(arguments: LabFixture.files)
    func `from a bare system to a running cluster in one plan, held, and nothing left to do`(file: String) async throws
    {
        let fixture = try Self.fixture(file)
        let plan = try await fixture.plan()
        #expect(plan.refusals == [] && plan.blocked == [], "\(plan.words)")
        #expect(plan.steps.count { $0.title == "set up repository mesosphere" } == fixture.spec.nodes.count)
        let report = try await fixture.apply(plan).get()
        #expect(report.ending == .completed && report.troubles == [], "\(report.troubles)")
        let second = try await fixture.plan()
        #expect(second.isEmpty, "\(second.words)")
        let seen = try await fixture.observe()
        for name in ["mesos", "zookeeperd"] {
            #expect(seen["mesos-master1"]?.packages[name]?.value?.isHeld == true, "\(name)")
        }
        #expect(try fixture.status().mesosLeader != nil)
    }

    @Test(arguments: LabFixture.files)
    func `a repository signed by another key fails its step, installs nothing, and is mended by the next run`(
        file: String
    )
        async throws
    {
        var fixture = try Self.fixture(file)
        let right = fixture.spec
        fixture.spec.other.repositories[0].key = nil
        fixture.spec.other.repositories[0].keyring = nil
        let plan = try await fixture.plan()
        let report = try await fixture.apply(plan, as: "wrong").get()
        #expect(
            report.troubles.contains { $0.contains("NO_PUBKEY") && $0.contains("another key") },
            "\(report.troubles)"
        )
        let seen = try await fixture.observe()
        #expect(seen.nodes.values.allSatisfy { $0.node?.packages["mesos"]?.value?.installed == nil })
        fixture.spec = right
        let last = try await fixture.converge("right")
        #expect(last.isEmpty, "\(last.words)")
    }

    @Test func `a hold taken away by hand is drift and comes back`() async throws {
        let fixture = try Self.fixture(LabFixture.files[0])
        _ = try await fixture.converge()
        try fixture.lab.change { world in
            for index in world.machines.indices where world.machines[index].name == "mesos-slave1" {
                world.machines[index].node.packages["mesos"]?.isHeld = false
            }
        }
        let plan = try await fixture.plan()
        #expect(plan.steps.map(\.title) == ["hold mesos at the installed version"], "\(plan.words)")
        #expect(plan.steps.flatMap(\.changes).map(\.cause) == [.drift])
        let last = try await fixture.converge("again")
        #expect(last.isEmpty, "\(last.words)")
    }
}
