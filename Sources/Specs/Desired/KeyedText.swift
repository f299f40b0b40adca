/// The text of a file of `key=value` lines, or of a JSON object, read and edited without touching what is not named.
///
/// Works on masked text: secrets and redacted parts go through whole. What the formats mean is said at
/// `KeyedEdit.Format`; a key that stands twice has the value of its last line, as in all of them.
public struct KeyedText: Hashable, Sendable {
    public let format: KeyedEdit.Format
    let lines: [KeyedLine]
    /// Why the text cannot be read or edited by keys, such as "it is no JSON: …"; lines of `key=value` always can.
    public let fault: String?

    public init(_ content: Content, format: KeyedEdit.Format) {
        self.format = format
        (lines, fault) =
            switch format {
            case .properties: (PropertiesScanner.lines(content.units), nil)
            case .shell: (ShellScanner.lines(content.units), nil)
            case .environmentFile: (EnvironmentFileScanner.lines(content.units), nil)
            case .json: JSONObjectText.lines(content.units)
            case .hosts: (HostsText.lines(content.units), nil)
            }
    }

    public init(_ text: String, format: KeyedEdit.Format) { self.init(Content(text), format: format) }

    /// The whole text, byte for byte as it was read.
    public var content: Content { Content(units: lines.flatMap(\.raw)) }

    /// What a key is set to.
    public enum Value: Hashable, Sendable {
        /// As its readers take it; of a member of a JSON object the JSON text.
        case text(Content)
        /// A shell expression (`` `cat /etc/mesos/zk` ``, `$HOME/x`, within `if`) as it stands; its value is known only on the node.
        case computed(Content)
    }

    /// Each key once, in the order of first appearance.
    public var keys: [String] {
        var seen: Set<String> = []
        return assignments.map(\.key).filter { seen.insert($0).inserted }
    }

    /// What holds for `key`: its last assignment.
    public func value(of key: String) -> Value? { assignments.last { $0.key == key }?.value }

    /// The value of `key` where it is plain text.
    public subscript(key: String) -> Content? {
        if case .text(let content)? = value(of: key) { content } else { nil }
    }

    /// Keys that `edit` does not name and does not own: kept by an edit, and worth listing.
    public func undeclared(by edit: KeyedEdit) -> [String] {
        let named = Set((edit.set + edit.recommended).map(\.key)).union(edit.remove)
        return keys.filter { key in !named.contains(key) && !edit.ownedPrefixes.contains { key.hasPrefix($0) } }
    }

    /// The recommended entries of `edit` that are not set to anything here.
    public func missingRecommendations(of edit: KeyedEdit) -> [KeyedEdit.Entry] {
        let present = Set(keys)
        return edit.recommended.filter { !present.contains($0.key) }
    }

    /// The text with values of keys that `isSensitive` redacted; secrets within them too.
    public func redactingValues(where isSensitive: (_ key: String, _ value: Content) -> Bool) -> Content {
        Content(
            units: lines.flatMap { line in
                var raw = line.raw
                for assignment in line.assignments.reversed()
                where isSensitive(assignment.key, assignment.value.content) {
                    raw.replaceSubrange(assignment.valueRange, with: [.opaque(.redacted)])
                }
                return raw
            }
        )
    }

    /// Values of chosen keys as they stand in the file, quotes and escapes included.
    public func rawValues(where isChosen: (_ key: String, _ value: Content) -> Bool) -> [Content] {
        lines.flatMap { line in
            line.assignments.filter { isChosen($0.key, $0.value.content) }
                .map { Content(units: line.raw[$0.valueRange]) }
        }
    }

    var assignments: [KeyedLine.Assignment] { lines.flatMap(\.assignments) }
}

extension KeyedText.Value {
    /// The text, also of an expression.
    public var content: Content {
        switch self {
        case .text(let content), .computed(let content): content
        }
    }
}

/// One logical line with everything that belongs to it, terminator included.
struct KeyedLine: Hashable, Sendable {
    struct Assignment: Hashable, Sendable {
        var key: String
        var value: KeyedText.Value
        /// Of the line's raw text: the key, the separator and the value.
        var range: Range<Int>
        var valueRange: Range<Int>
        var isExported = false
        /// Whether the line is nothing but assignments; others (within `if`, before `&&`) are read and never touched.
        var isEditable = true
    }

    var raw: [ContentUnit]
    var assignments: [Assignment] = []
    /// A comment after the value, on the same line.
    var comment: Range<Int>?

    var terminator: [ContentUnit] {
        if raw.suffix(2) == ["\r", "\n"] { return ["\r", "\n"] }
        return raw.last == "\n" || raw.last == "\r" ? raw.suffix(1) : []
    }
}
