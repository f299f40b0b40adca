import Testing

@testable import Specs

@Suite struct KeyedTextTests {
    private func edit(
        _ format: KeyedEdit.Format,
        _ set: [(String, Content)],
        owned: [String] = [],
        remove: [String] = []
    ) -> KeyedEdit {
        KeyedEdit(
            format: format,
            set: set.map { KeyedEdit.Entry($0.0, $0.1) },
            ownedPrefixes: owned,
            remove: remove
        )
    }

    // MARK: Reading

    @Test(arguments: [
        ("a=1", "a", "1"), ("a: 1", "a", "1"), ("a 1", "a", "1"), ("  a\t=  1  ", "a", "1"), ("a==1", "a", "=1"),
        ("a=1\\\n   2", "a", "12"), ("a\\=b=1", "a=b", "1"), ("a=\\u00e9", "a", "é"), ("a=\\ud83d\\ude00", "a", "😀"),
        ("a=x\\ty", "a", "x\ty"), ("a", "a", ""), ("a=1\r\nb=2", "a", "1"), ("a=1\nb=2\na=3", "a", "3"),
        ("#a=0\n!a=0\na=1", "a", "1"), ("a=1 # no comment", "a", "1 # no comment"), ("a=C:\\\\x", "a", "C:\\x"),
        ("server.1=10.0.0.1:2888:3888", "server.1", "10.0.0.1:2888:3888"),
    ])
    func readsPropertiesAsJavaDoes(text: String, key: String, value: String) {
        #expect(KeyedText(text, format: .properties)[key]?.shown == value)
    }

    @Test(arguments: [
        ("A=1", "1"), ("export A=1", "1"), ("  A='x y'", "x y"), ("A=\"x y\"", "x y"), ("A=x\\ y", "x y"),
        ("A=1 # comment", "1"), ("A=x#y", "x#y"), ("A='a'\"b\"c", "abc"), ("A=\"a\\\"b\\$c\"", "a\"b$c"), ("A=", ""),
        ("A='two\nlines'", "two\nlines"), ("A=1\nA=2", "2"), ("A=1; B=2", "1"), ("B=2 A=1", "1"), ("A=a\\\nb", "ab"),
        ("A=1\r\n", "1\r"), ("A=\"a\\nb\"", "a\\nb"),
    ])
    func readsAssignmentsAsAShellDoes(text: String, value: String) {
        #expect(KeyedText(text, format: .shell)["A"]?.shown == value)
    }

    @Test(arguments: [
        "A=`cat /etc/mesos/zk`", "A=$B", "A=\"x${B}\"", "A=$(cat x; echo y)", "if x; then\n  A=1\nfi",
        "[ -n \"$B\" ] && A=1", "A=1 command",
    ])
    func whatAShellComputesIsNotKnown(text: String) {
        let keyed = KeyedText(text, format: .shell)
        #expect(keyed["A"] == nil)
        #expect(keyed.keys.contains("A"))
    }

    @Test(arguments: [
        ("A=1", "1"), ("A=1 # part of it", "1 # part of it"), ("A='x y'", "x y"), ("A=\"x\\\"y\"", "x\"y"),
        ("A= 1  ", "1"), ("A=$B", "$B"), ("A=a\\\nb", "ab"), ("#A=2\n;A=3\nA=1", "1"), ("A=it's", "it's"),
    ])
    func readsEnvironmentFilesAsSystemdDoes(text: String, value: String) {
        #expect(KeyedText(text, format: .environmentFile)["A"]?.shown == value)
    }

    @Test func anExportIsNoVariableForSystemd() {
        #expect(KeyedText("export A=1\n", format: .environmentFile).keys.isEmpty)
    }

    // MARK: Editing

    @Test func anEditTouchesNothingElse() {
        let text = "# head\r\n\r\ntickTime=2000\r\n  odd : value\r\ndataDir=/tmp/zookeeper\r\n#dataDir=/old\r\n"
        let result = KeyedText(text, format: .properties)
            .applying(
                edit(.properties, [("dataDir", "/var/lib/zookeeper"), ("new", "1")]),
                includingRecommended: false
            )
        #expect(
            result.shown
                == "# head\r\n\r\ntickTime=2000\r\n  odd : value\r\ndataDir=/var/lib/zookeeper\r\n#dataDir=/old\r\nnew=1\r\n"
        )
    }

    @Test func ofADuplicateKeyOneIsLeft() {
        let result = KeyedText("a=1\nb=2\na=3\nc=4\n", format: .properties)
            .applying(edit(.properties, [("a", "5")]), includingRecommended: false)
        #expect(result.shown == "b=2\na=5\nc=4\n")
    }

    @Test func ownedFamiliesAndRemovedKeysGo() {
        let result = KeyedText("server.1=x\nserver.2=y\nserver.9=z\nserverX=1\nq=2\n", format: .properties)
            .applying(
                edit(.properties, [("server.1", "x"), ("server.2", "w")], owned: ["server."], remove: ["q"]),
                includingRecommended: false
            )
        #expect(result.shown == "server.1=x\nserver.2=w\nserverX=1\n")
    }

    @Test(arguments: [
        ("export A=1\n", "export A=2\n"), ("A=1", "A=2\n"), ("A=1 # why\n", "# why\nA=2\n"),
        ("A=1 B=3\n", "B=3\nA=2\n"), ("x", "x\nA=2\n"), ("A=`cat x`\n", "A=2\n"),
        ("if x; then\n  A=1\nfi\n", "if x; then\n  A=1\nfi\nA=2\n"),
        ("A=9\n[ -n x ] && A=1\n", "[ -n x ] && A=1\nA=2\n"),
        ("A='unterminated\n", "A='unterminated\nA=2\n"),
    ])
    func setsAVariableSoThatItHolds(before: String, after: String) {
        let change = edit(.shell, [("A", "2")])
        let result = KeyedText(before, format: .shell).applying(change, includingRecommended: false)
        #expect(result.shown == after)
        #expect(KeyedText(result, format: .shell)["A"] == "2")
    }

    @Test func aSecretGoesThroughUnseen() {
        let secret = Content([.secret(.environment("PASSWORD"))])
        let change = edit(.shell, [("A", "user:" + secret)])
        let result = KeyedText("A=x\nB=y\n", format: .shell).applying(change, includingRecommended: false)
        #expect(result.shown == "A='user:${env:PASSWORD}'\nB=y\n")
        #expect(result.references == [.environment("PASSWORD")])
        #expect(KeyedText(result, format: .shell).satisfies(change))
    }

    @Test func recommendedKeysAreAddedOnlyOnDemandAndOnlyWhereMissing() {
        var change = edit(.properties, [("a", "1")])
        change.recommended = [KeyedEdit.Entry("b", "2"), KeyedEdit.Entry("c", "3")]
        let text = KeyedText("b=9\n", format: .properties)
        #expect(text.applying(change, includingRecommended: false).shown == "b=9\na=1\n")
        #expect(text.applying(change, includingRecommended: true).shown == "b=9\na=1\nc=3\n")
        #expect(text.missingRecommendations(of: change).map(\.key) == ["c"])
    }

    @Test func whatAnEditChangesIsToldKeyByKey() {
        let change = edit(.properties, [("a", "1"), ("b", "2"), ("n", "3")], owned: ["server."])
        let text = KeyedText("a=1\nb=0\nserver.4=x\nother=1\n", format: .properties)
        #expect(
            text.changes(by: change) == [
                KeyedText.KeyChange(key: "b", before: "0", after: "2"),
                KeyedText.KeyChange(key: "n", before: nil, after: "3"),
                KeyedText.KeyChange(key: "server.4", before: "x", after: nil),
            ]
        )
        #expect(text.undeclared(by: change) == ["other"])
        #expect(!text.satisfies(change))
    }

    // MARK: Properties

    static let hostile = [
        "", "1", "a b", " lead", "trail ", "it's", "say \"hi\"", "$HOME `id` $(id)", "back\\slash", "#no", "!no",
        "a=b:c",
        "é😀", "tab\there", "two\nlines", "%", "~", "*", "a;b|c&d", "'", "\\", "zk://a:2181,b:2181/mesos",
    ]

    @Test(arguments: [KeyedEdit.Format.properties, .shell, .environmentFile], hostile)
    func whatIsSetIsReadBackAndSettingItAgainChangesNothing(format: KeyedEdit.Format, value: String) {
        let before = "# comment\nKEEP = 'as it is'  \nA_1=old\n\n"
        let change = edit(format, [("A_1", Content(value)), ("NEW", Content(value))])
        let once = KeyedText(before, format: format).applying(change, includingRecommended: false)
        let text = KeyedText(once, format: format)
        #expect(text.satisfies(change))
        #expect(text["A_1"] == format.trimmed(Content(value)))
        #expect(text["NEW"] == format.trimmed(Content(value)))
        #expect(text.applying(change, includingRecommended: false) == once)
        #expect(once.shown.hasPrefix("# comment\nKEEP = 'as it is'  \n"))
    }

    /// Lines that may stand in such files, in random order: none but the declared keys' may change.
    @Test(arguments: [KeyedEdit.Format.properties, .shell, .environmentFile], 0..<40)
    func undeclaredLinesSurviveByteForByte(format: KeyedEdit.Format, seed: Int) {
        let others = [
            "# comment", "", "  ", "B=1", "export C=2", "D='x y'", "E=\"a\\\"b\"", "F=a\\ b", "G=`id`", "if true; then",
            "  H=1", "fi", "; note", "!bang", "I : 3", "J", "K=1 L=2", "M=1\r",
        ]
        var generator = RolesRandom(state: UInt64(seed) &+ 1)
        let lines = (0..<12).map { _ in others[Int(generator.next() % UInt64(others.count))] }
        let place = Int(generator.next() % 12)
        let before = (lines[..<place] + ["A=0"] + lines[place...]).joined(separator: "\n") + "\n"
        let change = edit(format, [("A", "1")])
        let text = KeyedText(before, format: format)
        #expect(text.content.shown == before)
        let after = text.applying(change, includingRecommended: false)
        #expect(KeyedText(after, format: format).satisfies(change))
        #expect(KeyedText(after, format: format).applying(change, includingRecommended: false) == after)
        #expect(without("A=", after.shown) == without("A=", before))
    }

    private func without(_ prefix: String, _ text: String) -> [[UInt8]] {
        text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
            .filter { !$0.starts(with: prefix.utf8) }
    }
}

/// xorshift64: the same numbers on every run.
struct RolesRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
