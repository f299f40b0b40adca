/// What one reading collects: faults, and the values that could not be read.
final class ReadingContext {
    private(set) var diagnostics: [Diagnostic] = []
    /// Paths such as `mesos.quorum` whose value is faulty; rules do not judge what stands there instead.
    private(set) var faultyPaths: Set<String> = []
    /// `vars:`, by name.
    var variables: [String: Located<Content>] = [:]
    private var sources: [String: SourceText] = [:]
    private var expandedBytes = 0

    func add(_ source: SourceText) { sources[source.file] = source }

    func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

    func report(_ diagnostics: [Diagnostic]) { self.diagnostics += diagnostics }

    func fault(_ message: String, at position: SourcePosition, path: String, hint: String? = nil) {
        diagnostics.append(Diagnostic(.error, message, at: position, hint: hint))
        faultyPaths.insert(path)
    }

    /// So many faults that nobody reads them all: what is left of the file is passed over, and no rule is asked.
    var isOverwhelmed: Bool { diagnostics.count >= 1000 }

    func hasFault(inside path: String) -> Bool {
        faultyPaths.contains { $0 == path || $0.hasPrefix(path + ".") }
    }

    func source(of file: String) -> SourceText? { sources[file] }

    /// Whether one more variable's value may be put in: a short file must not become a huge one.
    func hasRoom(for value: Content) -> Bool {
        expandedBytes += value.segments.reduce(16) { $0 + $1.shownLength }
        return expandedBytes <= 16 << 20
    }
}

extension Content.Segment {
    fileprivate var shownLength: Int { if case .literal(let text) = self { text.utf8.count } else { 16 } }
}

/// A value of the file on its way into the spec: where it belongs, and where it stands.
struct Field {
    /// Such as `nodes.mesos-slave1.address`, for messages.
    let path: String
    let node: YAMLNode
    /// Where the key stands; for an item of a list, the item.
    let key: SourcePosition
    let context: ReadingContext

    var position: SourcePosition { node.position }

    func fault(_ message: String, at place: SourcePosition? = nil, hint: String? = nil) {
        context.fault(withoutValue(message), at: place ?? position, path: path, hint: hint)
    }

    /// What is no value for a sensitive key may be its value all the same, in the wrong place.
    private func withoutValue(_ message: String) -> String {
        let name = path.split(separator: ".").last.map(String.init) ?? path
        guard let text = node.scalar?.text, !text.isEmpty, SensitiveNames.isSensitive(flag: name) else {
            return message
        }
        return message.replacing("`\(text.abbreviated)`", with: "`•••`")
    }

    /// The field of an item or a key inside this one.
    func inner(_ name: String, _ node: YAMLNode, key: SourcePosition) -> Field {
        Field(path: path.isEmpty ? name : "\(path).\(name)", node: node, key: key, context: context)
    }
}
