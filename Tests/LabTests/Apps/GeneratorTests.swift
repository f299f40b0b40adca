import Specs
import Testing

@testable import Daemons

@Suite struct GeneratorTests {
    @Test(
        "generated definitions are taken by the release they are made for, and say every field it knows",
        arguments: agreementReleases
    )
    func areTakenAndSayAll(_ release: MarathonRelease) {
        var refused: [String] = []
        var said: Set<String> = []
        let seeds = UInt64(1)...300
        for seed in seeds {
            let context = RandomApp.context(release, seed: seed)
            var random = RandomApp(seed: seed, context: context)
            let app = random.definition()
            var server = AppServer(context)
            do throws(MarathonFault) {
                _ = try server.put(AgreementCase.id, JSON(app))
                said.formUnion((app.members ?? [:]).filter { $0.value != .null }.keys)
            } catch {
                refused.append("\(seed): \(error.status) \(error.body.text)")
            }
        }
        #expect(refused.count < seeds.count / 20, "\(refused.prefix(5))")
        #expect(said == Set(AppSchema.fields(in: release).filter { !$0.isReadOnly }.map(\.name)))
    }
}
