/// A parsed value of a spec file, YAML or JSON, that remembers where it was written.
///
/// Aliases and merge keys are already resolved: an aliased value has the place of its anchor.
public struct YAMLNode: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        case scalar(Scalar)
        case sequence([YAMLNode])
        /// Keys are unique, in the order of the file; merged ones follow.
        case mapping([Entry])
    }

    /// Text, not yet typed: the schema decides what it is.
    public struct Scalar: Hashable, Sendable {
        public var text: String
        /// Written without quotes, such as a JSON number, `true`, `false` or `null`.
        ///
        /// Quoted, `"80"` is text where Marathon cares.
        public var isPlain: Bool

        public init(_ text: String, isPlain: Bool) {
            self.text = text
            self.isPlain = isPlain
        }
    }

    public struct Entry: Hashable, Sendable {
        public var key: Located<String>
        public var value: YAMLNode

        public init(key: Located<String>, value: YAMLNode) {
            self.key = key
            self.value = value
        }
    }

    public var value: Value
    public var position: SourcePosition

    public init(_ value: Value, at position: SourcePosition) {
        self.value = value
        self.position = position
    }
}

extension YAMLNode {
    /// The value under `key`, where this is a mapping that has it.
    public subscript(key: String) -> YAMLNode? { entry(key)?.value }

    public func entry(_ key: String) -> Entry? {
        guard case .mapping(let entries) = value else { return nil }
        return entries.first { $0.key.value == key }
    }

    public var scalar: Scalar? { if case .scalar(let scalar) = value { scalar } else { nil } }

    public var items: [YAMLNode]? { if case .sequence(let items) = value { items } else { nil } }

    public var entries: [Entry]? { if case .mapping(let entries) = value { entries } else { nil } }

    /// Nothing was written: an empty plain scalar, `~` or `null`.
    public var isNull: Bool {
        guard let scalar else { return false }
        return scalar.isPlain && ["", "~", "null", "Null", "NULL"].contains(scalar.text)
    }

    /// Such as "a list", for messages.
    var kind: String {
        switch value {
        case .scalar: isNull ? "nothing" : "the text `\(scalar?.text.abbreviated ?? "")`"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

extension String {
    /// At most forty characters of the first line, for messages; without logins of URLs.
    var abbreviated: String {
        let whole = String(prefix { !$0.isNewline })
        let line = whole.contains("@") ? SensitiveNames.redactingUserinfo(whole).shown : whole
        let head = line.prefix(40)
        return head.count < line.count || whole.count < count ? head + "…" : String(head)
    }
}
