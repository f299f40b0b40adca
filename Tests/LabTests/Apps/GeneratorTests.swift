import Specs
import Testing

@testable import Daemons

@Suite struct GeneratorTests {
    @Test("nearly every generated definition is taken by the release it is made for", arguments: agreementReleases)
    func isTaken(_ release: MarathonRelease) {
        var refusals: [String: Int] = [:]
        var seen: Set<String> = []
        let seeds = 1...UInt64(300)
        for seed in seeds {
            let context = RandomApp.context(release, seed: seed)
            var random = RandomApp(seed: seed, context: context)
            let app = random.definition()
            var server = AppServer(context)
            do {
                _ = try server.put("/prod/web", JSON(app))
                seen.formUnion((app.members ?? [:]).filter { $0.value != .null }.keys)
            } catch {
                refusals["\(error.status) \(error.body.text)", default: 0] += 1
            }
        }
        print(release, refusals.values.reduce(0, +), refusals.sorted { $0.value > $1.value }.prefix(6))
        print(release, seen.count, seen.sorted())
    }
}
