/// A path of fields as differences have it: `container.docker.image`, `env.PATH`, `healthChecks[0].path`.
enum FieldPath {
    /// What is wrong with it, nil where it names a field that somebody may declare.
    static func problem(_ path: String) -> Fault? {
        var shape = ReadyShape.object(ReadyShape.app)
        var rest = path[...]
        while true {
            // A map's keys are the user's own, and may hold dots.
            if shape.isMap { return rest.isEmpty ? unknown(path) : nil }
            let name = rest.prefix { $0 != "." && $0 != "[" }
            guard let field = shape.object?.fields[String(name)] else {
                return unknown(path, hint: Suggestion.hint(for: String(name), in: shape.object?.names ?? []))
            }
            if field.isReadOnly { return Fault("`\(path.abbreviated)` is Marathon's own, and never compared") }
            shape = field.shape
            rest = rest.dropFirst(name.count)
            while rest.first == "[" {
                guard let end = rest.firstIndex(of: "]"), Int(rest[..<end].dropFirst()) != nil, let item = shape.item
                else { return unknown(path, hint: "only items of lists have an index, such as [0]") }
                shape = item
                rest = rest[end...].dropFirst()
            }
            if rest.isEmpty { return nil }
            guard rest.first == "." else { return unknown(path) }
            rest = rest.dropFirst()
        }
    }

    private static func unknown(_ path: String, hint: String? = nil) -> Fault {
        Fault("`\(path.abbreviated)` is no field of an app", hint: hint)
    }
}

extension ReadyShape {
    fileprivate var isMap: Bool { if case .map = self { true } else { false } }

    fileprivate var object: ReadyObject? {
        switch self {
        case .object(let object): object
        case .either(let shapes): shapes.lazy.compactMap(\.object).first
        case .text, .boolean, .integer, .number, .list, .set, .map: nil
        }
    }

    fileprivate var item: ReadyShape? {
        switch self {
        case .list(let item), .set(let item): item
        case .either(let shapes): shapes.lazy.compactMap(\.item).first
        case .text, .boolean, .integer, .number, .map, .object: nil
        }
    }
}
