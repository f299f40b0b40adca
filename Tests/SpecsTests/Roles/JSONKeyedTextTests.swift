import Testing

@testable import Specs

@Suite struct JSONKeyedTextTests {
    private func edited(_ text: String, set: [(String, String)] = [], remove: [String] = []) -> String {
        let edit = Self.edit(set, remove)
        return KeyedText(text, format: .json).applying(edit, includingRecommended: true).shown
    }

    private static func edit(_ set: [(String, String)], _ remove: [String] = []) -> KeyedEdit {
        KeyedEdit(format: .json, set: set.map { KeyedEdit.Entry($0.0, Content($0.1)) }, remove: remove)
    }

    @Test(arguments: [
        ("", "{\n  \"k\": [1]\n}\n"), (" \n", "{\n  \"k\": [1]\n}\n"), ("{}", "{\n  \"k\": [1]\n}"),
        ("\n{ }\n", "\n{\n  \"k\": [1]\n}\n"), (#"{"a":1}"#, #"{"a":1, "k": [1]}"#),
        (
            "{\n\t\"a\": {\"b\": [1, 2]},\n\t\"c\": null\n}\n",
            "{\n\t\"a\": {\"b\": [1, 2]},\n\t\"c\": null,\n\t\"k\": [1]\n}\n"
        ),
        (#"{"k" : 2 ,"b":"\u00e9\/"}"#, #"{"k" : [1] ,"b":"\u00e9\/"}"#),
        (#"{"k":1,"b":2,"k":3}"#, #"{"b":2,"k":[1]}"#), ("{\"\\u006b\": 0}", "{\"\\u006b\": [1]}"),
        ("{\r\n \"a\": 1\r\n}", "{\r\n \"a\": 1,\r\n \"k\": [1]\r\n}"),
    ])
    func aMemberIsSetAndAllElseKept(before: String, after: String) {
        #expect(edited(before, set: [("k", "[1]")]) == after)
        #expect(edited(after, set: [("k", "[1]")]) == after)
    }

    @Test(arguments: [
        (#"{"k":1}"#, "{}"), (#"{"k":1, "a":2}"#, #"{"a":2}"#), (#"{"a":1, "k":{"k":2}}"#, #"{"a":1}"#),
        ("{\n  \"a\": 1,\n  \"k\": 2,\n  \"b\": 3\n}\n", "{\n  \"a\": 1,\n  \"b\": 3\n}\n"),
        (#"{"k":1,"a":2,"k":3}"#, #"{"a":2}"#), (#"{"a":{"k":1}}"#, #"{"a":{"k":1}}"#), ("", ""),
    ])
    func aMemberIsTakenOut(before: String, after: String) {
        #expect(edited(before, remove: ["k"]) == after)
    }

    @Test func severalMembersOfANewFileStandOneALine() {
        let text = edited("", set: [("debug", "true"), ("labels", #"["a=b"]"#)])
        #expect(text == "{\n  \"debug\": true,\n  \"labels\": [\"a=b\"]\n}\n")
    }

    @Test(arguments: [
        ("1", "1.0", true), ("1e2", "100", true), ("9007199254740993", "9007199254740992", false),
        ("1", "\"1\"", false),
        ("true", "false", false), ("null", "null", true), (#""é""#, #""\u00e9""#, true), (#""a\/b""#, #""a/b""#, true),
        (#"{"a": 1, "b": [2]}"#, #"{"b":[2.0],"a":1}"#, true), ("[1, 2]", "[2, 1]", false), ("[]", "{}", false),
        (#"{"a": 1}"#, #"{"a": 1, "b": null}"#, false), (#"{"a": 0, "a": 1}"#, #"{"a": 1}"#, true),
        (#""\ud83d\ude00""#, #""😀""#, true), ("-0", "0", true),
    ])
    func valuesAreComparedAsJSON(found: String, wanted: String, areEqual: Bool) {
        let text = KeyedText("{\"k\": \(found)}", format: .json)
        #expect(text.fault == nil)
        #expect(text.satisfies(Self.edit([("k", wanted)])) == areEqual)
        #expect(KeyedText("{\"k\": \(wanted)}", format: .json).satisfies(Self.edit([("k", found)])) == areEqual)
    }

    @Test(arguments: [
        ("[]", "it is JSON, and no object"), ("true", "no object"), ("{", "the text is cut off, line 1"),
        ("{\n\"a\": 1,\n}", "line 3"), ("{\"a\": 01}", "`01` is no JSON value"),
        ("{a: 1}", "a key stands in double quotes"),
        ("{\n  // no\n}", "line 2"), ("{\"a\": \"\n\"}", "control characters"), ("{} x", "something follows"),
        (#"{"a": "\x"}"#, "no escape of JSON"), ("\u{FEFF}{}", "no JSON"), (#"{"a" 1}"#, "followed by `:`"),
        (String(repeating: "[", count: 100_000), "nested more than 100 deep"), ("{\"a\": }", "`` is no JSON value"),
    ])
    func whatIsNoObjectIsSaidAndLeftAlone(text: String, fault: String) {
        let keyed = KeyedText(text, format: .json)
        #expect(keyed.fault?.contains(fault) == true, "\(keyed.fault ?? "none")")
        #expect(edited(text, set: [("k", "1")], remove: ["a"]) == text)
        #expect(keyed.keys == [] && keyed.content.shown == text)
        #expect(!keyed.satisfies(Self.edit([("k", "1")])))
    }

    @Test func changesAreToldKeyByKey() {
        let text = KeyedText(#"{"debug": false, "old": 1, "mtu": 1500}"#, format: .json)
        let changes = text.changes(by: Self.edit([("debug", "true"), ("mtu", "1500.0"), ("new", "2")], ["old"]))
        #expect(
            changes.map { "\($0.key) \($0.before?.shown ?? "-") \($0.after?.shown ?? "-")" } == [
                "debug false true", "new - 2", "old 1 -",
            ]
        )
        #expect(text.undeclared(by: Self.edit([("debug", "true")])) == ["old", "mtu"])
    }

    @Test func secretsGoThroughWhole() {
        let secret = Content([.secret(.environment("T"))])
        let found = "{\"log-opts\": {\"splunk-token\": \"" + secret + "\"}, \"mtu\": " + Content([.redacted]) + "}"
        let keyed = KeyedText(found, format: .json)
        #expect(keyed.fault == nil)
        let entry = KeyedEdit.Entry("log-opts", "{\"splunk-token\":\"" + secret + "\"}")
        #expect(keyed.satisfies(KeyedEdit(format: .json, set: [entry])))
        let other = KeyedEdit(format: .json, set: [KeyedEdit.Entry("debug", "true")])
        #expect(
            keyed.applying(other, includingRecommended: false).shown == found.shown.dropLast() + ", \"debug\": true}"
        )
    }

    @Test(arguments: [
        ("plain ü", true), ("it's", true), ("a\"b", false), ("a\\b", false), ("a\nb", false),
        ("a\u{1}", false),
    ])
    func someSecretsCannotStandInAText(secret: String, fits: Bool) {
        #expect(KeyedEdit.Format.json.canHold(secret: secret) == fits)
    }

    @Test func membersAreHiddenAtAnyDepth() {
        let text = #"{"a": {"token": "x y", "b": ["u"]}, "token": {"c": 1}, "d": "u", "e": 1}"#
        let shown = KeyedText.redactingJSON(
            Content(text),
            where: { key, _ in key == "token" },
            texts: { $0 == "u" ? "v" : $0 }
        )
        #expect(shown.shown == #"{"a": {"token": •••, "b": ["v"]}, "token": •••, "d": "v", "e": 1}"#)
        #expect(KeyedText(shown, format: .json).keys == ["a", "token", "d", "e"])
    }

    // MARK: Properties

    @Test(arguments: 0..<200) func anEditOfAnyObjectSetsWhatItNamesAndNothingElse(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed) &* 977 &+ 5)
        let keys = ["a", "b", "c", "d"]
        let members = keys.filter { _ in random.bit() }.map { ($0, random.value(3)) }
        let space = ["", " ", "\n", "\n  ", "\t\r\n"]
        var text = random.pick(space) + "{"
        text += members.map { key, value in
            random.pick(space) + "\"\(key)\"" + random.pick(space) + ":" + random.pick(space) + value
                + random.pick(space)
        }.joined(separator: ",")
        text += random.pick(space) + "}" + random.pick(space)
        let set = keys.filter { _ in random.bit() }.map { ($0, random.value(2)) }
        let remove = keys.filter { _ in random.bit() }
        let change = Self.edit(set, remove)
        let result = edited(text, set: set, remove: remove)
        // Another reader agrees.
        let read = try AppValue(json: Array(result.utf8))
        var expected = try members.reduce(into: [String: AppValue]()) {
            $0[$1.0] = try AppValue(json: Array($1.1.utf8))
        }
        for key in remove { expected[key] = nil }
        for (key, value) in set { expected[key] = try AppValue(json: Array(value.utf8)) }
        #expect(read == .object(expected), "\(text) → \(result)")
        #expect(KeyedText(result, format: .json).satisfies(change))
        #expect(edited(result, set: set, remove: remove) == result)
        let touched = Set(set.map(\.0) + remove)
        for (key, value) in members where !touched.contains(key) {
            #expect(KeyedText(result, format: .json)[key]?.shown == value)
        }
        if KeyedText(text, format: .json).satisfies(change) { #expect(result == text) }
    }
}

/// Numbers that are the same in every run.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    mutating func bit() -> Bool { next() & 1 == 1 }

    mutating func pick(_ texts: [String]) -> String { texts[Int(next() % UInt64(texts.count))] }

    /// JSON text.
    mutating func value(_ depth: Int) -> String {
        let words = ["1", "true", "null", "-2.5", #""x""#, #""}\"{,""#, #""\u00e9""#, "[]", "{}"]
        guard depth > 0, bit() else { return pick(words) }
        let inner = (0..<(next() % 3)).map { _ in value(depth - 1) }
        if bit() { return "[" + inner.joined(separator: ", ") + "]" }
        return "{" + inner.enumerated().map { "\"k\($0)\":\($1)" }.joined(separator: ",\n") + "}"
    }
}
