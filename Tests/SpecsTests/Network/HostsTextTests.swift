import Testing

@testable import Specs

@Suite struct HostsTextTests {
    static let edit = KeyedEdit(
        format: .hosts,
        set: [.init("m1", "10.16.40.1"), .init("m2", "10.16.40.2"), .init("registry.local", "10.16.40.9")]
    )

    private func applied(_ text: String) -> String {
        KeyedText(text, format: .hosts).applying(Self.edit, includingRecommended: true).shown
    }

    @Test(
        "names get their addresses, and all else stays as it is",
        arguments: [
            (
                "a seed's file", "127.0.0.1\tlocalhost\n::1     localhost ip6-localhost\nff02::1 ip6-allnodes\n",
                "127.0.0.1\tlocalhost\n::1     localhost ip6-localhost\nff02::1 ip6-allnodes\n"
                    + "10.16.40.1\tm1\n10.16.40.2\tm2\n10.16.40.9\tregistry.local\n"
            ),
            (
                "Debian's installer", "127.0.0.1 localhost\n127.0.1.1\tm1.example.com\tm1 # own\n",
                "127.0.0.1 localhost\n10.16.40.1\tm1.example.com\tm1 # own\n10.16.40.2\tm2\n10.16.40.9\tregistry.local\n"
            ),
            (
                "a name beside others'", "127.0.0.1 localhost m1 other\n10.16.40.2 m2 db\n10.0.0.5 Registry.Local\n",
                "127.0.0.1 localhost other\n10.16.40.2 m2 db\n10.16.40.9 Registry.Local\n10.16.40.1\tm1\n"
            ),
            (
                "a stale address, twice", "# ours\n10.9.9.9 m2\n10.8.8.8 m2 # old\n10.16.40.1 m1 registry.local",
                "# ours\n10.16.40.2 m2\n10.16.40.2 m2 # old\n10.16.40.1 m1\n10.16.40.9\tregistry.local\n"
            ),
            (
                "what is no entry", "nonsense\n#10.1.1.1 m1\n\n   \n10.16.40.1\n",
                "nonsense\n#10.1.1.1 m1\n\n   \n10.16.40.1\n10.16.40.1\tm1\n10.16.40.2\tm2\n10.16.40.9\tregistry.local\n"
            ),
            ("nothing", "", "10.16.40.1\tm1\n10.16.40.2\tm2\n10.16.40.9\tregistry.local\n"),
        ] as [(String, String, String)]
    )
    func editing(what: String, before: String, after: String) {
        #expect(applied(before) == after, "\(what)")
        #expect(applied(after) == after, "\(what), again")
        #expect(KeyedText(after, format: .hosts).satisfies(Self.edit), "\(what)")
        #expect(!KeyedText(before, format: .hosts).satisfies(Self.edit), "\(what)")
    }

    @Test("an address of the other family is another matter")
    func families() {
        let text = KeyedText("::1 m1\n10.16.40.1 m1\n", format: .hosts)
        #expect(text.satisfies(KeyedEdit(format: .hosts, set: [.init("m1", "10.16.40.1")])))
        let six = KeyedEdit(format: .hosts, set: [.init("m1", "FD00::0001")])
        #expect(text.applying(six, includingRecommended: false).shown == "FD00::0001 m1\n10.16.40.1 m1\n")
        #expect(KeyedText("fd00::1 m1\n", format: .hosts).satisfies(six))
    }

    @Test("changes name what a name leads to instead")
    func changes() {
        let changes = KeyedText("127.0.1.1 m1\n10.16.40.1 m1\n10.16.40.9 registry.local\n", format: .hosts)
            .changes(by: Self.edit)
        #expect(changes.map(\.key) == ["m1", "m2"])
        #expect(changes.map(\.before) == ["127.0.1.1", nil])
    }

    @Test("whatever stands in a file, an edit is stable and harms no other name", arguments: 0..<200)
    func property(_ seed: Int) {
        var state = UInt64(seed) &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        func draw(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        let words = ["m1", "M1", "m1.lan", "m2", "localhost", "db", "registry.local", "127.0.1.1", "#", "# m1", "\t"]
        let addresses = ["127.0.0.1", "127.0.1.1", "10.16.40.1", "::1", "10.16.40.2", "#10.1.1.1", "x", ""]
        let lines = (0..<draw(7)).map { _ in
            addresses[draw(addresses.count)] + " "
                + (0..<draw(4)).map { _ in words[draw(words.count)] }.joined(separator: draw(2) == 0 ? " " : "\t")
        }
        let text = lines.joined(separator: "\n") + (draw(2) == 0 ? "\n" : "")
        let once = applied(text)
        #expect(applied(once) == once, "\(text)")
        let (before, after) = (KeyedText(text, format: .hosts), KeyedText(once, format: .hosts))
        #expect(after.satisfies(Self.edit), "\(text)")
        for name in ["localhost", "db"] {
            let (old, new) = [before, after].map { $0.assignments.filter { $0.key == name }.map(\.value) }.pair
            #expect(old == new, "\(name) in \(text)")
        }
    }
}

extension [[KeyedText.Value]] {
    fileprivate var pair: ([KeyedText.Value], [KeyedText.Value]) { (first ?? [], last ?? []) }
}
