import FoundationEssentials
import Reconciler
import Specs
import Testing

@testable import Transport

@Suite(.serialized) struct LookTests {
    static let image = TestImage("app:1", layers: [noise(900, seed: 41), noise(700, seed: 42)])

    @Test func everyImageHasItsOwnAnswerAndUnknownIsNotAbsent() async throws {
        let bench = try await ImageBench()
        try await bench.add(Self.image)
        try put(Array("700\n0\n900\n".utf8), at: "\(bench.directory)/history")
        try await Self.image.save(to: "\(bench.directory)/good.tar")
        let tar = try content("\(bench.directory)/good.tar")
        try put(Array(tar[..<1500]), at: "\(bench.directory)/cut.tar")
        func other(_ name: String, _ origin: ImageOrigin) -> DesiredImage {
            var desired = Self.image.desired(origin)
            desired.reference = name
            return desired
        }
        let courier = bench.courier()
        let looks = await courier.look(for: [
            Self.image.desired(.engine(bench.host)), other("missing:1", .engine(bench.host)),
            other("tar:1", .tar(path: "good.tar")), other("none:1", .tar(path: "none.tar")),
            other("cut:1", .tar(path: "\(bench.directory)/cut.tar")), other("pulled:1", .registry),
        ])
        let found = try #require(looks["app:1"]?.image.value)
        #expect(found == Self.image.source, "sizes from its history, from the lowest layer up")
        #expect(looks["missing:1"]?.image == .absent)
        #expect(looks["tar:1"]?.image.value?.id == Self.image.id)
        #expect(looks["none:1"]?.image == .absent)
        for (name, word) in [("cut:1", "cut off"), ("pulled:1", "registries")] {
            guard case .unknown(let reason) = looks[name]?.image else { throw Surprise("\(name): \(looks)") }
            #expect(reason.contains(word))
        }
        await courier.close()
        await bench.access.close()
    }

    @Test(arguments: [(Observation<ObservedEngine>.absent, "no Docker engine"), (.unknown("it is away"), "it is away")])
    func anEngineThatIsNotThereMakesEveryImageUnknown(
        _ engine: Observation<ObservedEngine>,
        _ words: String
    ) async throws {
        let access = try OpenSSHNodeAccess()
        let courier = DockerImageCourier(access: access, directory: "/tmp", engine: { _ in engine })
        let looks = await courier.look(for: [Self.image.desired(.engine(.thisMachine))])
        guard case .unknown(let reason) = looks["app:1"]?.image else { throw Surprise("\(looks)") }
        #expect(reason.contains(words))
        await access.close()
    }

    @Test func aHostThatNobodyKnowsHowToReachIsNamed() async throws {
        let access = try OpenSSHNodeAccess()
        let question = EngineQuestion(access: access, hosts: [:])
        guard case .unknown(let reason) = await question.answer(of: .ssh("nobody")) else { throw Surprise("an answer") }
        #expect(reason.contains("nobody"))
        let cache = try #require(PrivateDirectory()).path
        defer { try? FileManager.default.removeItem(atPath: cache) }
        let courier = DockerImageCourier(
            access: access,
            directory: "/tmp",
            engine: { _ in .absent },
            options: CourierOptions(cache: cache)
        )
        let desired = Self.image.desired(.engine(.ssh("nobody")))
        let error = await courierFailure {
            try await courier.pack(Self.image.source, of: desired, layers: nil) { _ in }
        }
        #expect(error?.kind == .unreachable)
        await access.close()
    }
}
