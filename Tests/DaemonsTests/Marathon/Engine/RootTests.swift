import Testing

@testable import Daemons

@Suite struct MarathonRootTests {
    private static func edit(_ numbers: inout SeededNumbers, _ root: MarathonRoot, _ version: Moment) -> RootEdit {
        var edit = RootEdit()
        var touched: Set<String> = []
        for _ in 0..<Int.random(in: 1...3, using: &numbers) {
            let group = "/g\(Int.random(in: 0...2, using: &numbers))"
            let app = MarathonApp(id: "\(group)/h/a\(Int.random(in: 0...2, using: &numbers))", version: version)
            guard touched.insert(app.id).inserted else { continue }
            switch Int.random(in: 0...3, using: &numbers) {
            case 0 where root.apps[app.id] != nil: edit.removedApps.append(app.id)
            case 1: edit.groups.append((group, ["/d\(Int.random(in: 0...9, using: &numbers))"]))
            case 2 where root.groups[group] != nil && touched.count == 1:
                edit.removedApps += root.apps(below: group)
                edit.removedGroups += root.groups(below: group)
                return edit
            default: edit.apps.append(app)
            }
        }
        return edit
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a change taken back has never been`(_ seed: UInt64) {
        var numbers = SeededNumbers(seed, for: "root")
        var root = MarathonRoot(at: Moment(milliseconds: 1000))
        var before: [MarathonRoot] = []
        for step in 1...30 {
            let version = Moment(milliseconds: 1000 + step)
            let edit = Self.edit(&numbers, root, version)
            let former = root
            var tried = root
            let change = tried.apply(edit, version: version)
            root = tried
            tried.undo(change)
            #expect(tried == former, "seed \(seed), step \(step)")
            before.append(former)
            _ = root.keep(change, atMost: nil)
        }
        for former in before {
            let again = root.at(former.version)
            #expect(again?.apps == former.apps && again?.groups == former.groups, "seed \(seed)")
        }
        #expect(root.at(Moment(milliseconds: 5)) == nil)
        let stored = MarathonRoot(
            apps: root.apps.values.sorted { $0.id < $1.id },
            groups: root.storedGroups,
            history: root.history,
            at: root.version
        )
        #expect(stored == root, "seed \(seed)")
    }

    @Test func `the longest way along dependencies counts`() {
        var root = MarathonRoot(at: Moment(milliseconds: 1))
        var edit = RootEdit()
        for (id, dependencies) in [("/a/x", ["/b"]), ("/b/y", ["/c"]), ("/b/z", []), ("/c", ["/gone"]), ("/d/w", [])] {
            var app = MarathonApp(id: id, version: Moment(milliseconds: 2))
            app.dependencies = dependencies
            edit.apps.append(app)
        }
        edit.groups = [("/d", ["/a"])]
        _ = root.apply(edit, version: Moment(milliseconds: 2))
        #expect(root.depths(of: ["/d/w", "/b/z"]) == ["/c": 1, "/b/y": 2, "/b/z": 1, "/a/x": 3, "/d/w": 4])
    }
}
