import Specs
import Testing

@testable import Reconciler

@Suite("JSON of answers and bodies")
struct JSONAnswerTests {
    @Test(
        arguments: [
            ("null", .null), ("true", true), (" \t\r\n[ ] ", []), ("{}", [:]), ("-0.5e2", -50.0), ("0", 0),
            ("123456789012345678", 123_456_789_012_345_678), (#""""#, ""), ("32.0", 32),
            (#"{"a":[1,{"b":null}],"a":2}"#, ["a": 2]),
            (#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00 é""#, "\"\\/\u{8}\u{C}\n\r\té😀 é"),
            (#"{"k":"v","l":[true,false]}"#, ["k": "v", "l": [true, false]]),
        ] as [(String, AppValue)]
    )
    func `every kind of value is read`(text: String, value: AppValue) throws {
        #expect(try AppValue(json: Array(text.utf8)) == value)
    }

    @Test(
        arguments: [
            "", " ", "nul", "nulll", "[1,]", "[1", "{\"a\":1,}", "{\"a\"}", "{a:1}", "{} {}", "[]x", "01", "1.", "+1",
            ".5",
            "1e", "-", "1e999", "\"a", "\"\u{1}\"", "\"\\x\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\u12\"", "'a'",
            "\u{FEFF}{}", "NaN", "[1 2]", "\"\\u１２３４\"",
        ]
    )
    func `what is no JSON is an error`(text: String) {
        #expect(throws: InvalidJSON.self) { try AppValue(json: Array(text.utf8)) }
    }

    @Test(arguments: [
        [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC0, 0x80, 0x22],
    ])
    func `text that is no UTF-8 is an error`(bytes: [UInt8]) {
        #expect(throws: InvalidJSON.self) { try AppValue(json: bytes) }
    }

    @Test func `a body that is cut off anywhere is an error`() throws {
        let whole = Array(try marathonExample("v1.11-app.json").utf8)
        let end = try #require(whole.lastIndex(of: UInt8(ascii: "}")))
        _ = try AppValue(json: whole)
        for length in 0...end where length < end + 1 {
            #expect(throws: InvalidJSON.self, "cut after \(length) bytes") {
                try AppValue(json: Array(whole[..<length]))
            }
        }
    }

    @Test func `nesting has an end`() throws {
        func nested(_ depth: Int) -> [UInt8] {
            [UInt8](repeating: 0x5B, count: depth) + [UInt8](repeating: 0x5D, count: depth)
        }
        _ = try AppValue(json: nested(200))
        #expect(throws: InvalidJSON.self) { try AppValue(json: nested(201)) }
        #expect(throws: InvalidJSON.self) { try AppValue(json: [UInt8](repeating: 0x5B, count: 1 << 20)) }
    }

    @Test(arguments: seeds(200))
    func `what is written is read again as it was`(seed: UInt64) throws {
        var numbers = SeededNumbers(seed)
        let value = AppValue.drawn(&numbers, depth: 4)
        let bytes = try #require(SecretStore().json(value))
        #expect(try AppValue(json: bytes) == value, "SEED=\(seed)")
        #expect(SecretStore().json(value) == bytes, "SEED=\(seed)")
    }

    @Test func `bodies have the values of secrets, and whole numbers no fraction`() throws {
        let secrets = SecretStore([.environment("PW"): "p\"w\n"])
        let body: AppValue = [
            "cpus": 0.1, "mem": 32.0, "env": ["PW": .text(Content([.literal("x:"), .secret(.environment("PW"))]))],
        ]
        let bytes = try #require(secrets.json(body))
        #expect(String(decoding: bytes, as: UTF8.self) == #"{"cpus":0.1,"env":{"PW":"x:p\"w\n"},"mem":32}"#)
    }

    @Test func `a body with a secret without a value, or with a redacted part, is none`() {
        #expect(SecretStore().json(["a": .text(Content([.secret(.environment("PW"))]))]) == nil)
        #expect(SecretStore().json([.text(Content([.redacted]))]) == nil)
    }

    @Test(.timeLimit(.minutes(20)))
    func `fifteen megabytes are read whole`() throws {
        let app = appAnswer("/shop/cart", #","env":{"A":"\#(String(repeating: "x", count: 1200))"}"#)
        let text = "[" + repeatElement(app, count: 10_000).joined(separator: ",") + "]"
        #expect(text.utf8.count > 14_000_000)
        #expect(try AppValue(json: Array(text.utf8)).items?.count == 10_000)
    }
}

extension AppValue {
    static func drawn(_ numbers: inout SeededNumbers, depth: Int) -> AppValue {
        switch Int.random(in: 0..<(depth == 0 ? 4 : 6), using: &numbers) {
        case 0: return .null
        case 1: return .boolean(Bool.random(using: &numbers))
        case 2:
            let whole = Double(Int.random(in: -1_000_000...1_000_000, using: &numbers))
            return .number(Bool.random(using: &numbers) ? whole : whole / 997 * 1e9)
        case 3: return .text(Content(drawnText(&numbers)))
        case 4:
            return .list((0..<Int.random(in: 0...4, using: &numbers)).map { _ in drawn(&numbers, depth: depth - 1) })
        default:
            let pairs = (0..<Int.random(in: 0...4, using: &numbers)).map { _ in
                (drawnText(&numbers), drawn(&numbers, depth: depth - 1))
            }
            return .object(Dictionary(pairs) { _, last in last })
        }
    }

    private static func drawnText(_ numbers: inout SeededNumbers) -> String {
        let scalars: [Unicode.Scalar] = [
            "a", "\"", "\\", "/", "\n", "\u{0}", "\u{1F}", "\u{7F}", "é", "😀", "\u{2028}", " ",
        ]
        return (0..<Int.random(in: 0...8, using: &numbers))
            .reduce(into: "") { text, _ in
                text.unicodeScalars.append(scalars[Int.random(in: 0..<scalars.count, using: &numbers)])
            }
    }
}
