public import Specs

/// The values of declared secrets, for the moment they are needed; never `Codable`, never printed.
public struct SecretStore: Sendable, CustomStringConvertible, CustomReflectable {
    private let values: [SecretReference: String]

    public init(_ values: [SecretReference: String] = [:]) { self.values = values }

    public var description: String { "SecretStore(\(values.count) values)" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The values that can be searched for.
    var plainValues: [String] { values.values.filter { !$0.isEmpty } }

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
        let secrets = values.filter { !$0.value.isEmpty }
            .sorted { ($1.value.utf8.count, $0.key.description) < ($0.value.utf8.count, $1.key.description) }
        var segments: [Content.Segment] = [.literal(text)]
        for (reference, value) in secrets {
            segments = segments.flatMap { segment -> [Content.Segment] in
                guard case .literal(let literal) = segment else { return [segment] }
                return literal.split(separator: value, omittingEmptySubsequences: false)
                    .map { [.literal(String($0))] }
                    .joined(separator: [Content.Segment.secret(reference)])
                    .map { $0 }
            }
        }
        return Content(segments)
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
