/// One constraint of an app, as far as it can be judged without knowing what runs where.
struct PlacementConstraint {
    let field: String
    let test: Test

    /// What an agent must be.
    enum Test {
        /// It depends on other tasks, or cannot be judged: nobody is excluded.
        case none
        case equal(String)
        /// `IS`: the same text, or the same number.
        case identical(String)
        case like(Pattern)
        case unlike(Pattern)
    }

    /// nil where a constraint is not fit to be judged; rules of apps say what is wrong with it.
    init?(_ value: AppValue) {
        guard let parts = value.items, parts.count >= 2, let field = parts[0].plainText,
            let name = parts[1].plainText
        else { return nil }
        self.field = field
        let value = parts.count > 2 ? parts[2].plainText.flatMap { $0.isEmpty ? nil : $0 } : nil
        test = value.map { Test(operator: name.uppercased(), $0) } ?? .none
    }
}

extension PlacementConstraint.Test {
    /// Only these are about an agent alone (marathon-api.md 4).
    fileprivate init(operator name: String, _ value: String) {
        switch name {
        case "CLUSTER": self = .equal(value)
        case "IS": self = .identical(value)
        case "LIKE": self = Pattern(value).map { .like($0) } ?? .none
        case "UNLIKE": self = Pattern(value).map { .unlike($0) } ?? .none
        default: self = .none
        }
    }

    /// Whether some release of Marathon may take an offer with `value`.
    func mayPass(_ value: OfferedValue) -> Bool {
        guard let texts = value.texts else { return true }
        return texts.contains { text in
            switch self {
            case .none: true
            case .equal(let wanted): text == wanted
            case .identical(let wanted): text == wanted || Self.areEqual(value.number, Double(wanted))
            case .like(let pattern): pattern.matches(text) ?? true
            case .unlike(let pattern): pattern.matches(text).map { !$0 } ?? true
            }
        }
    }

    /// An agent that lacks the attribute is refused by all but `UNLIKE` (S/mesos/Constraints.scala).
    var mayPassWithoutAttribute: Bool {
        switch self {
        case .none, .unlike: true
        case .equal, .identical, .like: false
        }
    }

    /// Mesos keeps three decimals of a scalar.
    private static func areEqual(_ a: Double?, _ b: Double?) -> Bool {
        guard let a, let b else { return false }
        return a == b || abs(a - b) < 0.001
    }
}

/// A regular expression of Java's that must match the whole of a text.
struct Pattern {
    private let regex: Regex<AnyRegexOutput>

    /// nil where it cannot be read, or may mean something else to Java.
    init?(_ text: String) {
        // POSIX classes and differences of sets are other things in Java's sets; beyond ASCII its classes are narrower.
        let differs = ["[:", "--", "~~"].contains { text.contains($0) } || !text.utf8.allSatisfy { $0 < 0x80 }
        guard !differs, let regex = try? Regex(text) else { return nil }
        self.regex = regex
    }

    /// nil where that is not certain.
    func matches(_ text: String) -> Bool? {
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        do { return try regex.wholeMatch(in: text) != nil } catch { return nil }
    }
}
