internal import Specs

/// Where an answer is of another shape than it should be, such as `apps[3].id`.
struct ShapeFault: Error, Hashable {
    var path: String
}

/// One value of an answer with its place: what is not as documented is an error, never left out.
struct AnswerField {
    /// Spelled out only for a fault.
    private indirect enum Path {
        case whole
        case member(Path, String)
        case item(Path, Int)

        var words: String {
            switch self {
            case .whole: ""
            case .member(.whole, let key): key
            case .member(let path, let key): "\(path.words).\(key)"
            case .item(let path, let index): "\(path.words)[\(index)]"
            }
        }
    }

    let value: AppValue
    private let path: Path

    init(_ value: AppValue) { self.init(value, .whole) }

    private init(_ value: AppValue, _ path: Path) {
        (self.value, self.path) = (value, path)
    }

    func fault(_ key: String = "") -> ShapeFault {
        let words = key.isEmpty ? path.words : Path.member(path, key).words
        return ShapeFault(path: words.isEmpty ? "the whole" : words)
    }

    /// nil where it is not there, or null: Play and Jackson write unset options either way.
    func optional(_ key: String) throws(ShapeFault) -> AnswerField? {
        guard let members = value.members else { throw fault() }
        guard let value = members[key], value != .null else { return nil }
        return AnswerField(value, .member(path, key))
    }

    /// A member that has had two names.
    func optional(_ key: String, or other: String) throws(ShapeFault) -> AnswerField? {
        if let field = try optional(key) { return field }
        return try optional(other)
    }

    func required(_ key: String) throws(ShapeFault) -> AnswerField {
        guard let field = try optional(key) else { throw fault(key) }
        return field
    }

    func items(_ key: String) throws(ShapeFault) -> [AnswerField] { try required(key).items() }

    func items() throws(ShapeFault) -> [AnswerField] {
        guard let items = value.items else { throw fault() }
        return items.enumerated().map { AnswerField($1, .item(path, $0)) }
    }

    func optionalItems(_ key: String) throws(ShapeFault) -> [AnswerField] { try optional(key)?.items() ?? [] }

    func text() throws(ShapeFault) -> String {
        guard let text = value.plainText else { throw fault() }
        return text
    }

    func text(_ key: String) throws(ShapeFault) -> String { try required(key).text() }
    func optionalText(_ key: String) throws(ShapeFault) -> String? { try optional(key)?.text() }

    func integer() throws(ShapeFault) -> Int {
        guard let integer = value.integer else { throw fault() }
        return integer
    }

    func integer(_ key: String) throws(ShapeFault) -> Int { try required(key).integer() }
    func optionalInteger(_ key: String) throws(ShapeFault) -> Int? { try optional(key)?.integer() }

    func boolean() throws(ShapeFault) -> Bool {
        guard let flag = value.boolean else { throw fault() }
        return flag
    }

    /// The ids of `[{"id": …}]`.
    func ids(_ key: String) throws(ShapeFault) -> [String] {
        var ids: [String] = []
        for item in try optionalItems(key) { ids.append(try item.text("id")) }
        return ids
    }

    /// Every item of the list through `read`.
    func map<Result>(_ read: (AnswerField) throws(ShapeFault) -> Result) throws(ShapeFault) -> [Result] {
        var results: [Result] = []
        for item in try items() { results.append(try read(item)) }
        return results
    }
}
