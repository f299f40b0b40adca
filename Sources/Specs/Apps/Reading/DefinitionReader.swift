/// A definition's tree → values typed by the table of fields, never by YAML's guesses, each field with its place.
///
/// What cannot be read is reported, and stands as `.null`; so does a field that no release knows, for `FieldRule`.
struct DefinitionReader {
    let context: ReadingContext
    private(set) var positions: [String: SourcePosition] = [:]

    init(_ context: ReadingContext) { self.context = context }

    /// The members of a definition.
    mutating func definition(_ node: YAMLNode) -> AppValue { object(node, ReadyShape.app, at: "") }

    private mutating func value(_ node: YAMLNode, _ shape: ReadyShape, at path: String) -> AppValue {
        guard !context.isOverwhelmed else { return .null }
        positions[path] = node.position
        switch shape {
        case .text: return text(node, at: path)
        case .boolean: return boolean(node, at: path)
        case .integer, .number: return number(node, isWhole: shape.isInteger, at: path)
        case .list(let item), .set(let item): return list(node, item, at: path)
        case .map(let item): return map(node, item, at: path)
        case .object(let object): return self.object(node, object, at: path)
        case .either(let shapes):
            guard let shape = shapes.first(where: { $0.fits(node) }) ?? shapes.first(where: { $0.mayMean(node) }) else {
                return mismatch(node, shape, at: path)
            }
            return value(node, shape, at: path)
        }
    }

    private mutating func object(_ node: YAMLNode, _ object: ReadyObject, at path: String) -> AppValue {
        guard let entries = node.entries else { return mismatch(node, .object(object), at: path) }
        var members: [String: AppValue] = [:]
        members.reserveCapacity(entries.count)
        for entry in entries where !entry.value.isNull {
            let name = entry.key.value
            let own = path.isEmpty ? name : "\(path).\(name)"
            if let field = object.fields[name], !field.isReadOnly {
                members[name] = value(entry.value, field.shape, at: own)
            } else {
                members[name] = .null
                positions[own] = entry.key.position
            }
        }
        return .object(members)
    }

    private mutating func map(_ node: YAMLNode, _ item: ReadyShape, at path: String) -> AppValue {
        guard let entries = node.entries else { return mismatch(node, .map(item), at: path) }
        var members: [String: AppValue] = [:]
        for entry in entries where !entry.value.isNull {
            members[entry.key.value] = value(entry.value, item, at: "\(path).\(entry.key.value)")
        }
        return .object(members)
    }

    private mutating func list(_ node: YAMLNode, _ item: ReadyShape, at path: String) -> AppValue {
        guard let items = node.items else { return mismatch(node, .list(item), at: path) }
        return .list(items.enumerated().map { index, inner in value(inner, item, at: "\(path)[\(index)]") })
    }

    private func text(_ node: YAMLNode, at path: String) -> AppValue {
        guard let scalar = node.scalar, !node.isNull else { return mismatch(node, .text, at: path) }
        guard !scalar.isLiteral else {
            let hint = "put quotes around it: \"\(scalar.text.abbreviated)\""
            return report("`\(path)` must be a text, not \(scalar.text.abbreviated)", at: node.position, hint: hint)
        }
        guard !scalar.text.utf8.contains(0) else {
            return report("`\(path)` holds a NUL character", at: node.position)
        }
        return content(node, scalar, at: path).map { .text($0) } ?? .null
    }

    private func number(_ node: YAMLNode, isWhole: Bool, at path: String) -> AppValue {
        guard let written = scalar(node, at: path) else {
            return mismatch(node, isWhole ? .integer : .number, at: path)
        }
        guard let text = written.text else { return .null }
        guard written.isPlain else {
            let hint = "leave the quotes out"
            return report(
                "`\(path)` must be a number, not the text \"\(text.abbreviated)\"",
                at: node.position,
                hint: hint
            )
        }
        guard JSONNumber.isValid(text), let number = Double(text), number.isFinite else {
            let hasZero = text.first == "0" && text.count > 1 && text.allSatisfy { $0.isASCII && $0.isNumber }
            let hint = hasZero ? "a number does not start with a zero" : nil
            return report("`\(path)` must be a number, not `\(text.abbreviated)`", at: node.position, hint: hint)
        }
        guard !isWhole || Int(exactly: number) != nil else {
            return report("`\(path)` must be a whole number, not \(text.abbreviated)", at: node.position)
        }
        return .number(number)
    }

    private func boolean(_ node: YAMLNode, at path: String) -> AppValue {
        guard let written = scalar(node, at: path) else { return mismatch(node, .boolean, at: path) }
        guard let text = written.text else { return .null }
        guard written.isPlain, text == "true" || text == "false" else {
            let shown = written.isPlain ? "`\(text.abbreviated)`" : "the text \"\(text.abbreviated)\""
            return report("`\(path)` must be true or false, not \(shown)", at: node.position)
        }
        return .boolean(text == "true")
    }

    /// A scalar that is to be no text: as it is written, or the value of the one variable that it consists of.
    ///
    /// nil: this is no scalar; no text in it: that is reported already.
    private func scalar(_ node: YAMLNode, at path: String) -> (text: String?, isPlain: Bool)? {
        guard let scalar = node.scalar, !node.isNull else { return nil }
        guard scalar.text.utf8.contains(UInt8(ascii: "$")) else { return (scalar.text, scalar.isPlain) }
        guard let content = content(node, scalar, at: path) else { return (nil, true) }
        guard let text = content.plainText else {
            return (report("`\(path)` cannot hold a secret", at: node.position, hint: "write the value itself"), true)
        }
        let parts = Template.parts(of: scalar.text)
        guard case .variable? = parts.first, parts.count == 1 else {
            let hint = "only a variable that is all of it may stand for one"
            let message = "`\(path)` must not be put together from `${…}` and text"
            return (report(message, at: node.position, hint: hint), true)
        }
        return (text, true)
    }

    private func content(_ node: YAMLNode, _ scalar: YAMLNode.Scalar, at path: String) -> Content? {
        guard scalar.text.utf8.contains(UInt8(ascii: "$")) else { return Content(scalar.text) }
        return Field(path: path, node: node, key: node.position, context: context).expand(scalar.text)
    }

    private func mismatch(_ node: YAMLNode, _ shape: ReadyShape, at path: String) -> AppValue {
        let name = path.isEmpty ? "the app" : "`\(path)`"
        return report("\(name) must be \(shape.name), not \(node.kind)", at: node.position)
    }

    private func report(_ message: String, at place: SourcePosition, hint: String? = nil) -> AppValue {
        context.report(Diagnostic(.error, message, at: place, hint: hint))
        return .null
    }

    private func report(_ message: String, at place: SourcePosition, hint: String? = nil) -> String? {
        context.report(Diagnostic(.error, message, at: place, hint: hint))
        return nil
    }
}

extension YAMLNode.Scalar {
    /// What JSON takes for a number or a truth value; Marathon wants texts in quotes.
    fileprivate var isLiteral: Bool {
        guard isPlain, let first = text.utf8.first else { return false }
        if first == UInt8(ascii: "t") || first == UInt8(ascii: "f") { return isTruthValue }
        guard (0x30...0x39).contains(first) || first == UInt8(ascii: "-") else { return false }
        return JSONNumber.isValid(text)
    }

    fileprivate var isTruthValue: Bool { text == "true" || text == "false" }
}

extension ReadyShape {
    fileprivate var isInteger: Bool { if case .integer = self { true } else { false } }
    fileprivate var isBoolean: Bool { if case .boolean = self { true } else { false } }

    /// Whether `node` is written as a value of this shape.
    fileprivate func fits(_ node: YAMLNode) -> Bool {
        switch self {
        case .text: node.scalar.map { !$0.isLiteral } ?? false
        case .boolean, .integer, .number: node.scalar.map { $0.isLiteral && $0.isTruthValue == isBoolean } ?? false
        case .list, .set: node.items != nil
        case .map, .object: node.entries != nil
        case .either(let shapes): shapes.contains { $0.fits(node) }
        }
    }

    /// Whether `node` is nearly that, so that this shape says best what is wrong.
    fileprivate func mayMean(_ node: YAMLNode) -> Bool {
        switch self {
        case .text, .boolean, .integer, .number: node.scalar != nil && !node.isNull
        case .list, .set, .map, .object, .either: false
        }
    }
}
