import Testing

@testable import Specs

@Suite struct JSONParserTests {
    @Test func readsEveryKindOfValue() throws {
        let root = try parse(#" {"a": [1, -2.5e+3, true, false, null], "b": {}, "c": "x", "": []} "#).root
        let items = try #require(root["a"]?.items)
        #expect(items.map { $0.scalar?.text } == ["1", "-2.5e+3", "true", "false", "null"])
        #expect(items.allSatisfy { $0.scalar?.isPlain == true })
        #expect(root["b"]?.entries == [])
        #expect(root["c"]?.scalar == YAMLNode.Scalar("x", isPlain: false))
        #expect(root[""]?.items == [])
    }

    @Test func readsEscapesAndSurrogatePairs() throws {
        let root = try parse(#"["\"\\\/\b\f\n\r\t", "\u00e9\uD83D\uDE00\u0041"]"#).root
        #expect(root.items?[0].scalar?.text == "\"\\/\u{8}\u{C}\n\r\t")
        #expect(root.items?[1].scalar?.text == "é😀A")
    }

    @Test func readsWhatLibyamlRefuses() throws {
        let key = String(repeating: "k", count: 3000)
        #expect(try parse("{\"\(key)\": 1,\n\t\"tab\": 2}").root[key]?.scalar?.text == "1")
    }

    @Test func countsColumnsInUnicodeScalars() throws {
        let marked = MarkedText("{\"é😀\":\n \"ż\", \"b\": 1️⃣1}", file: "a.json")
        #expect(try parse(marked.text).root["b"]?.position == marked.marks[0])
        let other = MarkedText("{\"é😀\": [\"ż\\u00e9\", 1️⃣1]}", file: "a.json")
        #expect(try parse(other.text).root["é😀"]?.items?[1].position == other.marks[0])
    }

    @Test(arguments: [
        ("[1, 1️⃣]", "a comma before `]`"), ("{\"a\": 1, 1️⃣}", "a comma before `}`"), ("[1️⃣01]", "is no JSON value"),
        ("[1️⃣1.]", "is no JSON value"), ("[1️⃣+1]", "is no JSON value"), ("[1️⃣.5]", "is no JSON value"),
        ("[1️⃣NaN]", "is no JSON value"), ("{1️⃣a: 1}", "expected a key in double quotes, found `a`"),
        ("{\"a\" 1️⃣1}", "expected `:` after the key"), ("[1 1️⃣2]", "expected `,` or `]`, found `2`"),
        ("[1] 1️⃣2", "yet something follows it"), ("[1️⃣\"abc", "has no closing quote"),
        ("[\"a1️⃣\\x\"]", "is no escape of JSON"), ("[\"1️⃣\\uD83D\"]", "half of a surrogate pair"),
        ("[\"1️⃣\\uDE00x\"]", "half of a surrogate pair"), ("[\"1️⃣\\uD83D\\u0041\"]", "half of a surrogate pair"),
        ("[\"1️⃣\\u12G4\"]", "four hexadecimal digits"), ("[\"a1️⃣\nb\"]", "control character"),
        ("[1, 1️⃣// no\n2]", "expected a value, found `/`"), ("[1️⃣'a']", "is no JSON value"),
        ("{\"a\": 11️⃣", "expected `,` or `}`, found the end of the file"), ("1️⃣\u{FEFF}\u{FEFF}1", "is no JSON value"),
    ])
    func refusesWhatIsNoJSON(source: String, problem: String) throws {
        let marked = MarkedText(source, file: "a.json")
        let error = #expect(throws: InvalidSpec.self) { try parse(marked.text) }
        let fault = try #require(error?.diagnostics.first)
        #expect(fault.message.contains(problem), "\(fault)")
        if !source.contains("FEFF"), !source.contains("\u{FEFF}") { #expect(fault.position == marked.marks.first) }
    }

    @Test func reportsEveryDuplicateKey() throws {
        let marked = MarkedText(#"{"a": 1, 1️⃣"a": {"b": 1, 2️⃣"b": 2}, 3️⃣"\u0061": 3}"#, file: "a.json")
        let (root, faults) = try parse(marked.text)
        #expect(Set(faults.map(\.position)) == Set(marked.marks))
        #expect(faults.allSatisfy { $0.message.contains("it already stands at a.json:1:") })
        #expect(root["a"]?.scalar?.text == "1")
    }

    private func parse(_ text: String) throws -> (root: YAMLNode, faults: [Diagnostic]) {
        try JSONParser.parse(SourceText(Array(text.utf8), file: "a.json", limits: ReadingLimits()))
    }
}
