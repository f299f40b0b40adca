import Testing

@testable import Specs

@Suite struct YAMLParserTests {
    @Test func remembersWhereAValueIsWritten() throws {
        let marked = MarkedText("name: east\napps:\n  - id: /cart\n    instances: 1️⃣-3\n")
        let root = try parse(marked.text).root
        #expect(root["apps"]?.items?[0]["instances"]?.position == marked.marks[0])
    }

    @Test func countsColumnsInUnicodeScalars() throws {
        let marked = MarkedText("é😀: {żółw: 1️⃣x}\n")
        #expect(try parse(marked.text).root["é😀"]?["żółw"]?.position == marked.marks[0])
    }

    @Test func tellsPlainFromQuoted() throws {
        let root = try parse("a: 80\nb: \"80\"\nc: '80'\nd: |\n  80\ne: !!str 80\n").root
        #expect(root.entries?.map { $0.value.scalar?.isPlain } == [true, false, false, false, false])
        #expect(root["d"]?.scalar?.text == "80\n")
    }

    @Test func keepsWhatTheUserWrote() throws {
        let root = try parse("[no, 0123, 1e3, 5mins, ~, 0x1F, 2001-01-01]").root
        #expect(root.items?.map { $0.scalar?.text } == ["no", "0123", "1e3", "5mins", "~", "0x1F", "2001-01-01"])
    }

    @Test func repeatsAnchoredValuesWithTheirOwnPlace() throws {
        let marked = MarkedText("a: &x 1️⃣{k: v}\nb: *x\n")
        let root = try parse(marked.text).root
        #expect(root["b"] == root["a"])
        #expect(root["b"]?["k"]?.scalar?.text == "v")
    }

    @Test func mergesMappingsBehindWhatIsWrittenOut() throws {
        let text = """
            one: &one {a: 1, b: 1}
            two: &two {b: 2, c: 2}
            all: {<<: [*one, *two], c: 3, d: 3}
            single: {a: 0, <<: *one}
            """
        let root = try parse(text).root
        #expect(
            root["all"]?.entries?.map { "\($0.key.value)\($0.value.scalar?.text ?? "")" } == ["c3", "d3", "a1", "b1"]
        )
        #expect(root["single"]?.entries?.map { "\($0.key.value)\($0.value.scalar?.text ?? "")" } == ["a0", "b1"])
    }

    @Test func takesCarriageReturnsForLineEnds() throws {
        let root = try parse("a: 1\r\nb: 2\r\n").root
        #expect(root["b"]?.position == SourcePosition(file: "cluster.yaml", line: 2, column: 4))
        #expect(root["b"]?.scalar?.text == "2")
    }

    @Test func passesOverAByteOrderMark() throws {
        let root = try parse("\u{FEFF}a: 1\n").root
        #expect(root.entry("a")?.key.position.column == 1)
    }

    @Test(arguments: [
        ("a: 1️⃣: b", "mapping values are not allowed in this context"),
        ("a: [1, 2\n1️⃣", "did not find expected ',' or ']'"),
        ("a: 1\n---\nb: 2\n", "a second document starts here"),
        ("1️⃣# nothing\n", "the file holds nothing but comments"),
        ("1️⃣", "the file is empty"),
        ("1️⃣ \n\n", "the file is empty"),
        ("a: x1️⃣\0y\n", "a NUL byte has no place in a text"),
        ("a: x1️⃣\u{1}y\n", "control characters are not allowed"),
        ("a: \"x1️⃣\u{2028}y\"\n", "breaks lines in YAML and nowhere else"),
    ])
    func refusesWhatIsNoDocument(source: String, problem: String) throws {
        let marked = MarkedText(source)
        let error = #expect(throws: InvalidSpec.self) { try parse(marked.text) }
        let fault = try #require(error?.diagnostics.first)
        #expect(fault.message.contains(problem))
        if let place = marked.marks.first { #expect(fault.position == place) }
    }

    @Test(arguments: [
        ("a: 1\n1️⃣a: 2\n", "duplicate key `a`; it already stands at cluster.yaml:1:1"),
        ("x: {b: 1, 1️⃣\"b\": 2}\n", "duplicate key `b`; it already stands at cluster.yaml:1:5"),
        ("a: &a {}\nx: {<<: *a, 1️⃣<<: *a}\n", "duplicate key `<<`"),
        ("a: 1️⃣*nowhere\n", "no anchor `&nowhere` stands before this"),
        ("a: &a [1️⃣*a]\n", "alias `*a` stands inside the value it repeats"),
        ("{1️⃣[a]: 1}\n", "a key must be a text, not a list"),
        ("a: {1️⃣<<: 3}\n", "merges mappings, not the text `3`"),
        ("a: 1️⃣!!python/object x\n", "has no meaning here"),
    ])
    func reportsAFaultAndReadsOn(source: String, problem: String) throws {
        let marked = MarkedText(source)
        let (_, faults) = try parse(marked.text)
        #expect(faults.count == 1)
        #expect(faults.first?.message.contains(problem) == true, "\(faults)")
        #expect(faults.first?.position == marked.marks.first)
    }

    @Test func namesThePlaceOfABrokenByte() throws {
        let bytes = Array("a: é\nbé: ".utf8) + [0xFF, 0x0A]
        let error = #expect(throws: InvalidSpec.self) {
            try SourceText(bytes, file: "cluster.yaml", limits: ReadingLimits())
        }
        let fault = try #require(error?.diagnostics.first)
        #expect(fault.message == "byte 0xFF is not UTF-8")
        #expect(fault.position == SourcePosition(file: "cluster.yaml", line: 2, column: 5))
    }

    @Test(
        arguments: [[0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF5, 0x80, 0x80, 0x80]] as [[UInt8]]
    )
    func refusesBytesThatAreNoUTF8(tail: [UInt8]) {
        let error = #expect(throws: InvalidSpec.self) {
            try SourceText(Array("a: ".utf8) + tail, file: "cluster.yaml", limits: ReadingLimits())
        }
        #expect(error?.diagnostics.first?.position.column == 4)
    }

    private func parse(_ text: String) throws -> (root: YAMLNode, faults: [Diagnostic]) {
        let source = try SourceText(Array(text.utf8), file: "cluster.yaml", limits: ReadingLimits())
        return try YAMLParser.parse(source)
    }
}
