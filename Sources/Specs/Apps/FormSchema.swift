/// The part of the schema that the releases of one era read, ready to be walked.
final class FormSchema: Sendable {
    let since: MarathonRelease
    let root: FormRecord

    private init(since: MarathonRelease) {
        self.since = since
        root = FormRecord(AppSchema.fields.filter { $0.name != "id" }, in: since)
    }

    static func of(_ release: MarathonRelease) -> FormSchema { eras.last { $0.since <= release } ?? first }

    private static let first = FormSchema(since: MarathonRelease(0, 7))

    /// One for every release in which something changes: made once, for thousands of apps.
    private static let eras = [first] + boundaries(AppSchema.fields).sorted().map(FormSchema.init(since:))

    private static func boundaries(_ fields: [AppField]) -> Set<MarathonRelease> {
        var result: Set<MarathonRelease> = []
        for field in fields {
            let spans =
                [field.releases, field.forgotten, field.alias].compactMap(\.self) + field.defaults.map(\.releases)
            result.formUnion(spans.flatMap { [$0.since, $0.until].compactMap(\.self) })
            result.formUnion(boundaries(field.shape.fields))
        }
        return result
    }
}

extension AppShape {
    /// Those of the object in it.
    fileprivate var fields: [AppField] {
        switch self {
        case .text, .boolean, .integer, .number: []
        case .list(let item), .set(let item), .map(let item): item.fields
        case .object(let fields): fields
        case .either(let shapes): shapes.flatMap(\.fields)
        }
    }
}

/// An object's fields in one release; its normal form has a slot for each of them.
final class FormRecord: Sendable {
    struct Field: Sendable {
        var name: String
        var kind: FormKind
        var filled: FormValue?
        /// Whether it has a place in the normal form.
        var counts: Bool
        var clearing: AppField.Clearing
    }

    let fields: [Field]
    private let slots: [String: Int]

    init(_ fields: [AppField], in release: MarathonRelease) {
        self.fields = fields.filter { $0.releases.contains(release) && !$0.isReadOnly }.map { field in
            let kind = FormKind(field.shape, isAssigned: field.isAssigned, in: release)
            let counts = field.counts(in: release)
            return Field(
                name: field.name,
                kind: kind,
                filled: counts ? field.filled(in: release).map { FormValue($0, kind) } : nil,
                counts: counts,
                clearing: field.clearing
            )
        }
        slots = Dictionary(self.fields.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    func slot(_ name: String) -> Int? { slots[name] }

    func field(_ name: some StringProtocol) -> Field? { slots[String(name)].map { fields[$0] } }
}

/// What a slot of the normal form holds.
indirect enum FormKind: Sendable {
    /// Assigned: 0 leaves the number to Marathon.
    case scalar(isAssigned: Bool)
    case list(FormKind)
    case set(FormKind)
    case map(FormKind)
    case record(FormRecord)
    /// A scalar or an object.
    case either(FormRecord)

    init(_ shape: AppShape, isAssigned: Bool, in release: MarathonRelease) {
        switch shape {
        case .text, .boolean, .integer, .number: self = .scalar(isAssigned: isAssigned)
        case .list(let item): self = .list(FormKind(item, isAssigned: isAssigned, in: release))
        case .set(let item): self = .set(FormKind(item, isAssigned: isAssigned, in: release))
        case .map(let value): self = .map(FormKind(value, isAssigned: isAssigned, in: release))
        case .object(let fields): self = .record(FormRecord(fields, in: release))
        case .either(let shapes):
            let fields = shapes.flatMap { shape -> [AppField] in
                if case .object(let fields) = shape { fields } else { [] }
            }
            self = fields.isEmpty ? .scalar(isAssigned: isAssigned) : .either(FormRecord(fields, in: release))
        }
    }

    /// The record it is, or is made of.
    var record: FormRecord? {
        switch self {
        case .scalar: nil
        case .list(let item), .set(let item), .map(let item): item.record
        case .record(let record), .either(let record): record
        }
    }
}
