/// A JSON value as it stands in an app definition; its texts may hold references to secrets.
///
/// Definitions are trees of these on both sides: as declared, and as a Marathon answers.
public enum AppValue: Hashable, Sendable, Codable {
    case null
    case boolean(Bool)
    /// Marathon reads `1` and `1.0` as the same number.
    case number(Double)
    case text(Content)
    case list([AppValue])
    case object([String: AppValue])

    /// The value under `key`, where this is an object that has it.
    public subscript(key: String) -> AppValue? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    public var members: [String: AppValue]? { if case .object(let members) = self { members } else { nil } }
    public var items: [AppValue]? { if case .list(let items) = self { items } else { nil } }
    public var number: Double? { if case .number(let number) = self { number } else { nil } }
    public var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
    public var content: Content? { if case .text(let content) = self { content } else { nil } }
    /// The text, where no part of it is secret.
    public var plainText: String? { content?.plainText }
    /// The number, where it is a whole one.
    public var integer: Int? { number.flatMap { Int(exactly: $0) } }

    /// Every secret that its texts need, sorted, each once.
    public var references: [SecretReference] { unsortedReferences.sortedOnce() }

    private var unsortedReferences: [SecretReference] {
        switch self {
        case .null, .boolean, .number: []
        case .text(let content): content.references
        case .list(let items): items.flatMap(\.unsortedReferences)
        case .object(let members): members.values.flatMap(\.unsortedReferences)
        }
    }
}

extension AppValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral text: String) { self = .text(Content(text)) }
    public init(integerLiteral number: Int) { self = .number(Double(number)) }
    public init(floatLiteral number: Double) { self = .number(number) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(arrayLiteral items: AppValue...) { self = .list(items) }
    public init(dictionaryLiteral members: (String, AppValue)...) {
        self = .object(Dictionary(members) { _, last in last })
    }
}
