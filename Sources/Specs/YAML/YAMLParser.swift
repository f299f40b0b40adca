/// YAML text → node tree: aliases and merge keys resolved, duplicate keys found, all within limits.
///
/// What breaks the syntax or a limit ends the parse; other faults are collected beside the tree.
struct YAMLParser {
    private let source: SourceText
    private let limits: ReadingLimits
    private let events: YAMLEvents
    private var faults: [Diagnostic] = []
    private var nodeCount = 0
    private var anchors: [String: Anchor] = [:]

    private enum Anchor {
        case open
        case complete(YAMLNode, nodes: Int)
    }

    /// The tree of the one document in `source`, and the faults that do not stop the reading of it.
    static func parse(
        _ source: SourceText,
        limits: ReadingLimits = ReadingLimits()
    ) throws(InvalidSpec) -> (root: YAMLNode, faults: [Diagnostic]) {
        var parser = try YAMLParser(source, limits: limits)
        let root = try parser.document()
        return (root, parser.faults)
    }

    private init(_ source: SourceText, limits: ReadingLimits) throws(InvalidSpec) {
        self.source = source
        self.limits = limits
        if let offset = source.bytes.firstForeignLineBreak {
            throw InvalidSpec(
                Diagnostic(
                    .error,
                    "this character breaks lines in YAML and nowhere else",
                    at: source.position(ofByte: offset),
                    hint: "write it as an escape, such as \"\\u2028\", in double quotes"
                )
            )
        }
        events = YAMLEvents(source)
    }

    private mutating func document() throws(InvalidSpec) -> YAMLNode {
        guard case .documentStart = try events.next().event else {
            throw InvalidSpec(Diagnostic(.error, "the file holds nothing but comments", at: source.start))
        }
        let (event, position) = try events.next()
        let root = try node(event, at: position, depth: 1)
        _ = try events.next()
        let (following, place) = try events.next()
        if case .documentStart = following {
            let hint = "a spec file is one document; move the other one into a file of its own"
            throw InvalidSpec(Diagnostic(.error, "a second document starts here", at: place, hint: hint))
        }
        return root
    }

    private mutating func node(
        _ event: YAMLEvents.Event,
        at position: SourcePosition,
        depth: Int
    ) throws(InvalidSpec) -> YAMLNode {
        try count(1, at: position)
        switch event {
        case .alias(let name):
            return try resolve(name, at: position)
        case .scalar(var scalar, let anchor, let tag):
            if let tag, check(tag, at: position) == .text { scalar.isPlain = false }
            let node = YAMLNode(.scalar(scalar), at: position)
            if let anchor { anchors[anchor] = .complete(node, nodes: 1) }
            return node
        case .sequenceStart(let anchor, let tag):
            if let tag { _ = check(tag, at: position) }
            return try collection(anchor, at: position, depth: depth) { parser throws(InvalidSpec) in
                .sequence(try parser.items(depth: depth))
            }
        case .mappingStart(let anchor, let tag):
            if let tag { _ = check(tag, at: position) }
            return try collection(anchor, at: position, depth: depth) { parser throws(InvalidSpec) in
                .mapping(try parser.entries(depth: depth))
            }
        case .documentStart, .documentEnd, .streamEnd, .sequenceEnd, .mappingEnd:
            preconditionFailure("libyaml gives balanced events")
        }
    }

    private mutating func collection(
        _ anchor: String?,
        at position: SourcePosition,
        depth: Int,
        _ content: (inout YAMLParser) throws(InvalidSpec) -> YAMLNode.Value
    ) throws(InvalidSpec) -> YAMLNode {
        guard depth <= limits.depth else {
            let message = "lists and mappings are nested more than \(limits.depth) deep"
            throw InvalidSpec(Diagnostic(.error, message, at: position))
        }
        let before = nodeCount - 1
        if let anchor { anchors[anchor] = .open }
        let node = YAMLNode(try content(&self), at: position)
        if let anchor { anchors[anchor] = .complete(node, nodes: nodeCount - before) }
        return node
    }

    private mutating func items(depth: Int) throws(InvalidSpec) -> [YAMLNode] {
        var items: [YAMLNode] = []
        while true {
            let (event, position) = try events.next()
            if case .sequenceEnd = event { return items }
            items.append(try node(event, at: position, depth: depth + 1))
        }
    }

    private mutating func entries(depth: Int) throws(InvalidSpec) -> [YAMLNode.Entry] {
        var mapping = MappingUnderConstruction()
        while true {
            let (event, position) = try events.next()
            if case .mappingEnd = event { return mapping.merged() }
            let key = try node(event, at: position, depth: depth + 1)
            let (valueEvent, valuePosition) = try events.next()
            let value = try node(valueEvent, at: valuePosition, depth: depth + 1)
            guard let scalar = key.scalar else {
                faults.append(Diagnostic(.error, "a key must be a text, not \(key.kind)", at: position))
                continue
            }
            let name = Located(scalar.text, at: position)
            let isMerge = scalar.isPlain && scalar.text == "<<"
            if let fault = isMerge ? mapping.merge(value, name) : mapping.add(name, value) { faults.append(fault) }
        }
    }

    private mutating func resolve(_ name: String, at position: SourcePosition) throws(InvalidSpec) -> YAMLNode {
        switch anchors[name] {
        case .complete(let node, let nodes):
            try count(nodes - 1, at: position)
            return node
        case .open:
            faults.append(Diagnostic(.error, "alias `*\(name)` stands inside the value it repeats", at: position))
        case nil:
            // Suggestions cost time; the first few faults show what is wrong.
            let candidates = faults.count < 20 ? anchors.keys.sorted() : []
            let near = Suggestion.nearest(to: name, in: candidates).map { "did you mean `*\($0)`?" }
            faults.append(Diagnostic(.error, "no anchor `&\(name)` stands before this", at: position, hint: near))
        }
        return YAMLNode(.scalar(YAMLNode.Scalar("", isPlain: false)), at: position)
    }

    private mutating func count(_ nodes: Int, at position: SourcePosition) throws(InvalidSpec) {
        nodeCount += nodes
        guard nodeCount <= limits.nodes else {
            let message = "more than \(limits.nodes) values, counting what aliases repeat"
            throw InvalidSpec(Diagnostic(.error, message, at: position, hint: "split the file"))
        }
    }

    private enum TagEffect { case none, text }

    /// YAML's own tags change nothing but `!!str` and `!`, which make a plain scalar text; others are refused.
    private mutating func check(_ tag: String, at position: SourcePosition) -> TagEffect {
        let prefix = "tag:yaml.org,2002:"
        let core = ["int", "float", "bool", "null", "seq", "map"]
        if tag == "!" || tag == prefix + "str" { return .text }
        if !core.contains(where: { tag == prefix + $0 }) {
            let hint = "leave it out; the key decides how its value is read"
            faults.append(Diagnostic(.error, "tag `\(tag)` has no meaning here", at: position, hint: hint))
        }
        return .none
    }
}

extension [UInt8] {
    /// The offset of the first U+0085, U+2028 or U+2029, which YAML 1.1 takes for line ends and editors do not.
    fileprivate var firstForeignLineBreak: Int? {
        withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                if bytes[index] == 0xC2, index + 1 < bytes.count, bytes[index + 1] == 0x85 { return index }
                if bytes[index] == 0xE2, index + 2 < bytes.count, bytes[index + 1] == 0x80,
                    bytes[index + 2] == 0xA8 || bytes[index + 2] == 0xA9
                {
                    return index
                }
                index += 1
            }
            return nil
        }
    }
}
