public import Specs

/// The values of declared secrets, for the moment they are needed; never `Codable`, never printed.
public struct SecretStore: Sendable, CustomStringConvertible, CustomReflectable {
    private let values: [SecretReference: String]
    /// Those that can be searched for, the longest first.
    private let searched: [(reference: SecretReference, bytes: [UInt8])]
    /// What values look like where somebody repeats them.
    private let echoes: SecretEchoes

    public init(_ values: [SecretReference: String] = [:]) {
        self.values = values
        searched = values.filter { !$0.value.isEmpty }.map { (reference: $0.key, bytes: Array($0.value.utf8)) }
            .sorted {
                ($1.bytes.count, $0.reference.description) < ($0.bytes.count, $1.reference.description)
            }
        echoes = SecretEchoes(of: values.values)
    }

    public var description: String { "SecretStore(\(values.count) values)" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The bytes of the values that can be searched for.
    var searchedBytes: [[UInt8]] { searched.map(\.bytes) }

    /// The text of `content`, for a node only; nil when a secret is missing or a part is redacted.
    public func reveal(_ content: Content) -> String? {
        var text = ""
        for segment in content.segments {
            switch segment {
            case .literal(let literal): text += literal
            case .secret(let reference):
                guard let value = values[reference] else { return nil }
                text += value
            case .redacted: return nil
            }
        }
        return text
    }

    /// `text` with every occurrence of a known value replaced by its reference; longest values first.
    ///
    /// Applied to both sides before they are compared, so that equal texts are equal contents.
    public func mask(_ text: String) -> Content {
        var segments: [Content.Segment] = [.literal(text)]
        for (reference, value) in searched {
            segments = segments.flatMap { segment -> [Content.Segment] in
                guard case .literal(let literal) = segment else { return [segment] }
                return literal.parts(between: value).map { [.literal($0)] }
                    .joined(separator: [Content.Segment.secret(reference)])
                    .map { $0 }
            }
        }
        return Content(segments)
    }

    /// Somebody's words, fit to be shown: as `mask`, and without what repeats a part of a value or a value in another form
    /// (base64, percent-encoded, escaped for JSON).
    ///
    /// For words alone: what is compared or written back goes through `mask`.
    func hiding(_ text: String) -> Content {
        Content(
            mask(text).segments.flatMap { segment -> [Content.Segment] in
                if case .literal(let literal) = segment { echoes.hidden(in: literal) } else { [segment] }
            }
        )
    }

    /// The same, and without what stands under a sensitive name or as a login in a URL.
    public func words(_ text: String) -> String {
        let swept = SensitiveNames.redactingValues(
            in: hiding(text),
            of: { SensitiveNames.isSensitive(flag: $0) },
            unless: { SensitiveNames.isPlace($0) }
        )
        return SensitiveNames.redactingUserinfo(swept).shown
    }

    /// `content` in the form `mask` gives, so that a literal that happens to hold a secret's value compares equal.
    public func normalise(_ content: Content) -> Content { reveal(content).map(mask) ?? content }

    /// Every text of `value` in the form `mask` gives.
    public func normalise(_ value: AppValue) -> AppValue {
        switch value {
        case .null, .boolean, .number: value
        case .text(let content): .text(normalise(content))
        case .list(let items): .list(items.map(normalise))
        case .object(let members): .object(members.mapValues(normalise))
        }
    }
}

extension String {
    /// What stands before, between and after the places where `bytes` stand; by bytes, as a neighbouring accent must hide
    /// nothing.
    func parts(between bytes: [UInt8]) -> [String] {
        let text = Array(utf8)
        var parts: [String] = []
        var (start, index) = (0, 0)
        while index + bytes.count <= text.count {
            if text[index] == bytes[0], text[index..<index + bytes.count].elementsEqual(bytes) {
                parts.append(String(decoding: text[start..<index], as: UTF8.self))
                index += bytes.count
                start = index
            } else {
                index += 1
            }
        }
        return parts + [String(decoding: text[start...], as: UTF8.self)]
    }
}
