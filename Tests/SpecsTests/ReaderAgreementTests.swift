import Testing

@testable import Specs

/// The same numbers for the same seed, on every machine (splitmix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// JSON is YAML, as far as libyaml goes: on that common ground both readers must see the same.
@Suite struct ReaderAgreementTests {
    @Test(arguments: UInt64(1)...300) func bothReadersGiveOneTree(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let text = jsonText(depth: 4, using: &generator)
        let source = try SourceText(Array(text.utf8), file: "x", limits: ReadingLimits())
        let (yaml, json) = (try YAMLParser.parse(source), try JSONParser.parse(source))
        #expect(yaml.root == json.root, "seed \(seed): \(text)")
        #expect(yaml.faults == json.faults)
    }

    @Test(arguments: UInt64(1)...200) func blockStyleSaysTheSame(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let json = jsonText(depth: 4, using: &generator)
        let tree = try JSONParser.parse(SourceText(Array(json.utf8), file: "x", limits: ReadingLimits())).root
        let block = blockText(tree, indent: 0)
        let again = try YAMLParser.parse(SourceText(Array(block.utf8), file: "x", limits: ReadingLimits())).root
        #expect(again.withoutPlaces == tree.withoutPlaces, "seed \(seed): \(block)")
    }

    private func jsonText(depth: Int, using generator: inout SeededGenerator) -> String {
        let space = ["", " ", "\n  "].randomElement(using: &generator) ?? ""
        switch depth == 0 ? 0 : Int.random(in: 0...3, using: &generator) {
        case 1:
            let items = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                jsonText(depth: depth - 1, using: &generator)
            }
            return "[\(space)\(items.joined(separator: ",\(space)"))\(space)]"
        case 2, 3:
            let count = Int.random(in: 0...4, using: &generator)
            let entries = (0..<count).map { index in
                "\(string(using: &generator, prefix: "k\(index)")): \(jsonText(depth: depth - 1, using: &generator))"
            }
            return "{\(space)\(entries.joined(separator: ",\(space)"))\(space)}"
        default:
            let plain = ["0", "-1", "2.5", "1e3", "-0.25E-2", "true", "false", "null", "1234567890123456789"]
            return Bool.random(using: &generator)
                ? string(using: &generator, prefix: "") : plain.randomElement(using: &generator) ?? "0"
        }
    }

    private func string(using generator: inout SeededGenerator, prefix: String) -> String {
        let parts = [
            "a", "é", "😀", " ", ":", "#", "-", "${PORT0}", "\\n", "\\t", "\\\"", "\\\\", "\\/", "\\u00e9", "\\u263A",
            "~", "{",
            "]", ",", "'", "&x", "*x", "<<", "%", "@", "żółw", "no", "0123",
        ]
        let body = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
            parts.randomElement(using: &generator) ?? ""
        }
        return "\"\(prefix)\(body.joined())\""
    }

    private func blockText(_ node: YAMLNode, indent: Int) -> String {
        let space = String(repeating: " ", count: indent)
        switch node.value {
        case .scalar(let scalar): return scalarText(scalar) + "\n"
        case .sequence(let items) where items.isEmpty: return "[]\n"
        case .mapping(let entries) where entries.isEmpty: return "{}\n"
        case .sequence(let items):
            return "\n" + items.map { "\(space)-\(glue($0))\(blockText($0, indent: indent + 2))" }.joined()
        case .mapping(let entries):
            let lines = entries.map { entry in
                let key = scalarText(YAMLNode.Scalar(entry.key.value, isPlain: false))
                return "\(space)\(key):\(glue(entry.value))\(blockText(entry.value, indent: indent + 2))"
            }
            return "\n" + lines.joined()
        }
    }

    private func glue(_ node: YAMLNode) -> String {
        (node.items?.isEmpty == false || node.entries?.isEmpty == false) ? "" : " "
    }

    private func scalarText(_ scalar: YAMLNode.Scalar) -> String {
        guard !scalar.isPlain else { return scalar.text }
        var text = ""
        for character in scalar.text.unicodeScalars {
            switch character {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            default: text.unicodeScalars.append(character)
            }
        }
        return "\"\(text)\""
    }
}

extension YAMLNode {
    /// The tree with every place at 1:1.
    var withoutPlaces: YAMLNode {
        let start = SourcePosition(file: "x", line: 1, column: 1)
        switch value {
        case .scalar: return YAMLNode(value, at: start)
        case .sequence(let items): return YAMLNode(.sequence(items.map(\.withoutPlaces)), at: start)
        case .mapping(let entries):
            let plain = entries.map { Entry(key: Located($0.key.value, at: start), value: $0.value.withoutPlaces) }
            return YAMLNode(.mapping(plain), at: start)
        }
    }
}
