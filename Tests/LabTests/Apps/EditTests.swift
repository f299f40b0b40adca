import Specs
import Testing

@testable import Daemons

@Suite struct EditTests {
    @Test("edits", arguments: agreementReleases)
    func isTaken(_ release: MarathonRelease) {
        var counts: [ServerTruth.Verdict?: Int] = [:]
        var kinds: [String: Int] = [:]
        for seed in 1...UInt64(300) {
            let context = RandomApp.context(release, seed: seed)
            var random = RandomApp(seed: seed, context: context)
            let app = random.definition()
            var other = RandomApp(seed: seed, context: context, salt: "donor")
            let edit = AppEdit(of: app, donor: other.definition(), &random.numbers)
            var server = AppServer(context)
            guard (try? server.put("/prod/web", JSON(app))) != nil else { continue }
            let truth = ServerTruth(edit.result, "/prod/web", on: server)
            counts[truth?.verdict, default: 0] += 1
            if let truth { kinds["\(truth.action.map { "\($0)" } ?? "-")", default: 0] += 1 }
            let same = ServerTruth(app, "/prod/web", on: server)
            if same?.verdict != .same && same?.verdict != .either {
                var other = AppServer(context)
                _ = try? other.put("/prod/web", JSON(app)); 
                let live = other.apps["/prod/web"].map { other.codec.json($0).text } ?? ""
                print("PROBLEM \(release) \(seed) \(same?.fields ?? ["refused"]) \(JSON(app).text) LIVE \(live)")
            }
        }
        print(release, counts.map { "\($0.key.map { "\($0)" } ?? "refused") \($0.value)" }, kinds)
    }
}
