/// A mapping with known keys while it is read: every key that is asked for is known, all others are faults.
final class Section {
    let field: Field
    private let entries: [YAMLNode.Entry]
    private var known: [String] = []

    /// Nil, with a fault reported, where the field is no mapping.
    init?(_ field: Field) {
        guard let entries = field.node.entries else {
            let name = field.path.isEmpty ? "the file" : "`\(field.path)`"
            let place = field.node.isNull ? field.key : field.position
            field.fault("\(name) must be a mapping, not \(field.node.kind)", at: place)
            return nil
        }
        self.field = field
        self.entries = entries
    }

    /// Where the section's own key stands.
    var position: SourcePosition { field.key }

    /// The value under `key` and its place, nil where there is none or it is faulty.
    func optional<Value>(_ key: String, _ shape: Shape<Value>) -> Located<Value>? {
        field(key).flatMap(shape.located.read)
    }

    /// The value under `key` alone, where its parts keep their places.
    func value<Value>(_ key: String, _ shape: Shape<Value>) -> Value? {
        field(key).flatMap(shape.read)
    }

    /// The value under `key`; where there is none, that is reported, and `fallback` only lets the reading go on.
    func required<Value>(_ key: String, _ shape: Shape<Value>, fallback: @autoclosure () -> Value) -> Located<Value> {
        known.append(key)
        guard let entry = entries.first(where: { $0.key.value == key }) else {
            let owner = field.path.isEmpty ? "the file" : "`\(field.path)`"
            let path = field.path.isEmpty ? key : "\(field.path).\(key)"
            field.context.fault("\(owner) lacks `\(key)`", at: position, path: path)
            return Located(fallback(), at: position)
        }
        let inner = field.inner(key, entry.value, key: entry.key.position)
        return Located(shape.read(inner) ?? fallback(), at: inner.position)
    }

    /// The field under `key`, which becomes known.
    func field(_ key: String) -> Field? {
        known.append(key)
        return entries.first { $0.key.value == key }.map { field.inner(key, $0.value, key: $0.key.position) }
    }

    /// The entries whose keys satisfy `isOwn`, which become known: names of the user's own beside fixed keys.
    func fields(where isOwn: (String) -> Bool) -> [(name: Located<String>, field: Field)] {
        entries.filter { isOwn($0.key.value) }.map { entry in
            known.append(entry.key.value)
            return (entry.key, field.inner(entry.key.value, entry.value, key: entry.key.position))
        }
    }

    func reportUnknownKeys() {
        let names = Set(known)
        let missing = known.filter { key in !entries.contains { $0.key.value == key } }
        for entry in entries where !names.contains(entry.key.value) {
            guard !field.context.isOverwhelmed else { return }
            let key = entry.key.value
            let hint = Suggestion.nearest(to: key, in: missing).map { "did you mean `\($0)`?" }
            let shown = key.abbreviated
            field.context.fault(
                "unknown key `\(shown)`",
                at: entry.key.position,
                path: "\(field.path).\(key)",
                hint: hint ?? Suggestion.hint(for: key, in: known)
            )
        }
    }
}
