public import Specs

/// What people, and programs that read for them, are shown of contents that are compared and written whole.
///
/// What cluster.yaml has in clear under a sensitive name is hidden too: whoever reads a plan or a log may not be who reads the
/// repository. References stay.
public enum ShownContent {
    /// Of the file at `path`.
    public static func file(_ content: Content, at path: String) -> Content {
        Redaction.forPeople.text(content, path: path)
    }

    /// Of a process' command line.
    public static func arguments(_ arguments: [Content]) -> [Content] { Redaction.forPeople.arguments(arguments) }

    /// Of a flag, a key or a variable called `name`.
    public static func value(_ content: Content, of name: String) -> Content {
        Redaction.forPeople.value(content, of: name)
    }

    /// Of variables or flags by name.
    public static func values(_ values: [String: Content]) -> [String: Content] {
        Dictionary(values.map { ($0.key, value($0.value, of: $0.key)) }) { first, _ in first }
    }
}

extension Change {
    /// `before` as it may be shown.
    public var shownBefore: Content? { before.map(shown) }
    /// `after` as it may be shown.
    public var shownAfter: Content? { after.map(shown) }

    private func shown(_ content: Content) -> Content {
        let path = resource.hasPrefix("file:") ? String(resource.dropFirst("file:".count)) : ""
        return ShownContent.file(content, at: path)
    }
}

extension FieldDifference {
    /// `before` as it may be shown.
    public var shownBefore: AppValue? { before.map { AppMasking.forPeople.shown($0, at: path) } }
    /// `after` as it may be shown.
    public var shownAfter: AppValue? { after.map { AppMasking.forPeople.shown($0, at: path) } }
}
