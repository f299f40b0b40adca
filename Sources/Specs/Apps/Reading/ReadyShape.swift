/// The table of fields, made ready for looking names up: one entry a name, whatever releases make of it.
indirect enum ReadyShape: Sendable {
    case text, boolean, integer, number
    case list(ReadyShape), set(ReadyShape), map(ReadyShape)
    case object(ReadyObject)
    case either([ReadyShape])

    /// A definition.
    static let app = ReadyObject(AppSchema.fields)

    init(_ shape: AppShape) {
        self =
            switch shape {
            case .text: .text
            case .boolean: .boolean
            case .integer: .integer
            case .number: .number
            case .list(let item): .list(ReadyShape(item))
            case .set(let item): .set(ReadyShape(item))
            case .map(let item): .map(ReadyShape(item))
            case .object(let fields): .object(ReadyObject(fields))
            case .either(let shapes): .either(shapes.map { ReadyShape($0) })
            }
    }

    /// What either of two takes: releases may read one name in two shapes.
    func joined(with other: ReadyShape) -> ReadyShape {
        switch (self, other) {
        case (.map(let a), .map(let b)): .map(a.joined(with: b))
        case (.list(let a), .list(let b)): .list(a.joined(with: b))
        case (.object(let a), .object(let b)): .object(a.joined(with: b))
        case (.either(let a), .either(let b)): .either(a + b)
        case (.either(let shapes), let single), (let single, .either(let shapes)):
            shapes.contains { $0.isOfKind(single) } ? .either(shapes) : .either(shapes + [single])
        default: isOfKind(other) ? self : .either([self, other])
        }
    }

    /// Whether a value could be of this shape, by its kind alone.
    func fits(_ value: AppValue) -> Bool {
        switch (self, value) {
        case (.text, .text), (.boolean, .boolean), (.integer, .number), (.number, .number): true
        case (.list, .list), (.set, .list), (.map, .object), (.object, .object): true
        case (.either(let shapes), _): shapes.contains { $0.fits(value) }
        default: false
        }
    }

    /// Whether fields are named anywhere inside.
    var holdsFields: Bool {
        switch self {
        case .text, .boolean, .integer, .number: false
        case .list(let item), .set(let item), .map(let item): item.holdsFields
        case .object: true
        case .either(let shapes): shapes.contains(where: \.holdsFields)
        }
    }

    /// For messages, such as "a text or a mapping".
    var name: String {
        switch self {
        case .text: "a text"
        case .boolean: "true or false"
        case .integer: "a whole number"
        case .number: "a number"
        case .list, .set: "a list"
        case .map, .object: "a mapping"
        case .either(let shapes): shapes.map(\.name).joined(separator: " or ")
        }
    }

    private func isOfKind(_ other: ReadyShape) -> Bool { name == other.name }
}

/// The fields of an object, by name.
struct ReadyObject: Sendable {
    struct Field: Sendable {
        var shape: ReadyShape
        /// Of each of its shapes.
        var releases: [ReleaseSpan]
        var isReadOnly: Bool

        func isKnown(in release: MarathonRelease) -> Bool { releases.contains { $0.contains(release) } }
    }

    let fields: [String: Field]
    /// Sorted.
    let names: [String]

    init(_ fields: [AppField]) {
        var ready: [String: Field] = [:]
        for field in fields {
            let shape = ReadyShape(field.shape)
            let former = ready[field.name]
            ready[field.name] = Field(
                shape: former?.shape.joined(with: shape) ?? shape,
                releases: (former?.releases ?? []) + [field.releases],
                isReadOnly: field.isReadOnly
            )
        }
        self.init(ready)
    }

    private init(_ fields: [String: Field]) {
        self.fields = fields
        names = fields.keys.sorted()
    }

    func joined(with other: ReadyObject) -> ReadyObject {
        ReadyObject(
            fields.merging(other.fields) { a, b in
                Field(
                    shape: a.shape.joined(with: b.shape),
                    releases: a.releases + b.releases,
                    isReadOnly: a.isReadOnly && b.isReadOnly
                )
            }
        )
    }
}
