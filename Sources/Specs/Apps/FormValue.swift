/// A part of the normal form.
enum FormValue: Hashable, Sendable {
    /// A text, a number or a boolean; or what is no value of its field's shape, as it is.
    case scalar(AppValue)
    case list([FormValue])
    /// A set of objects, in the order in which they are given.
    case objects([FormValue])
    /// A map of scalars.
    case texts([String: AppValue])
    case map([String: FormValue])
    /// In the order of the record's fields.
    case record([FormValue?])
    /// What Marathon chooses: as declared it is any live number; the value is shown where there is none.
    case assigned(AppValue)
    /// What Marathon may have filled in or not, from one way of writing to another: this, or nothing.
    indirect case orNone(FormValue)
}

extension FormValue {
    init(_ value: AppValue, _ kind: FormKind) {
        switch (kind, value) {
        case (.scalar(isAssigned: true), .number(0)): self = .assigned(value)
        case (.list(let item), .list(let items)): self = .list(items.compactMap { FormValue(given: $0, item) })
        case (.set(let item), .list(let items)): self = .set(items.compactMap { FormValue(given: $0, item) })
        case (.map(let item), .object(let members)): self = .map(members, item)
        case (.record(let record), .object(let members)), (.either(let record), .object(let members)):
            self = .record(record.slots(of: members))
        case (.scalar, _), (.list, _), (.set, _), (.map, _), (.record, _), (.either, _): self = .scalar(value)
        }
    }

    /// nil for null, which counts as absent (marathon-api.md section 0, 2).
    private init?(given value: AppValue, _ kind: FormKind) {
        if case .null = value { return nil }
        self.init(value, kind)
    }

    private static func map(_ members: [String: AppValue], _ kind: FormKind) -> FormValue {
        let isPlain = members.values.allSatisfy { value in
            switch value {
            case .text, .number, .boolean: true
            case .null, .list, .object: false
            }
        }
        if isPlain { return .texts(members) }
        let given = members.filter { $0.value != .null }
        return given.count < members.count ? map(given, kind) : .map(given.mapValues { FormValue($0, kind) })
    }

    /// Each once, and sorted unless they are objects.
    static func set(_ items: [FormValue]) -> FormValue {
        var result: [FormValue] = []
        for item in items where !result.contains(item) { result.append(item) }
        if case .record? = result.first { return .objects(result) }
        return .list(result.sorted { $0.precedes($1) })
    }

    private func precedes(_ other: FormValue) -> Bool {
        switch (self, other) {
        case (.scalar(let a), .scalar(let b)): a.precedes(b)
        case (.list(let a), .list(let b)): a.lexicographicallyPrecedes(b) { $0.precedes($1) }
        case (.scalar, .list): true
        case (.scalar, _), (.list, _), (.texts, _), (.map, _), (.record, _), (.assigned, _), (.orNone, _),
            (.objects, _):
            false
        }
    }
}

extension AppValue {
    fileprivate func precedes(_ other: AppValue) -> Bool {
        switch (self, other) {
        case (.text(let a), .text(let b)): a.shown < b.shown
        case (.number(let a), .number(let b)): a < b
        case (.number, .text): true
        case (.null, _), (.boolean, _), (.number, _), (.text, _), (.list, _), (.object, _): false
        }
    }
}

extension FormRecord {
    /// The normal form of an object's members: unknown ones are dropped, what is left out is filled in.
    func slots(of members: [String: AppValue]) -> [FormValue?] {
        fields.map { field in
            guard field.counts else { return nil }
            switch members[field.name] {
            case nil, .null?: return field.filled
            case let value?: return FormValue(value, field.kind)
            }
        }
    }
}

// MARK: As a value again

extension FormValue {
    /// As JSON has it: `kind` is that of the slot, `live` has what stands in the place of what Marathon chooses.
    func value(_ kind: FormKind, live: FormValue? = nil) -> AppValue {
        switch self {
        case .scalar(let value): return value
        case .texts(let members): return .object(members)
        case .assigned(let value):
            if case .scalar(let chosen)? = live { return chosen }
            return value
        case .orNone(let value): return value.value(kind, live: live)
        case .list(let items), .objects(let items):
            let others = live?.items ?? []
            return .list(
                items.enumerated().map { $1.value(kind.item, live: $0 < others.count ? others[$0] : nil) }
            )
        case .map(let members): return .object(members.mapValues { $0.value(kind.item) })
        case .record(let slots):
            guard let record = kind.record else { return .object([:]) }
            return .object(record.members(slots, live: live?.slots))
        }
    }

    var items: [FormValue]? {
        switch self {
        case .list(let items), .objects(let items): items
        case .orNone(let value): value.items
        case .scalar, .texts, .map, .record, .assigned: nil
        }
    }

    var slots: [FormValue?]? { if case .record(let slots) = self { slots } else { nil } }

    var text: String? { if case .scalar(let value) = self { value.plainText } else { nil } }

    /// Whether it is a list or a map without anything in it.
    var isEmpty: Bool {
        switch self {
        case .list(let items), .objects(let items): items.isEmpty
        case .texts(let members): members.isEmpty
        case .map(let members): members.isEmpty
        case .scalar, .record, .assigned, .orNone: false
        }
    }
}

extension FormKind {
    /// Of an item of this list, set or map.
    var item: FormKind {
        switch self {
        case .list(let item), .set(let item), .map(let item): item
        case .scalar, .record, .either: self
        }
    }
}

extension FormRecord {
    func members(_ slots: [FormValue?], live: [FormValue?]? = nil) -> [String: AppValue] {
        var result: [String: AppValue] = [:]
        for (index, field) in fields.enumerated() {
            result[field.name] = slots[index]?.value(field.kind, live: live?[index])
        }
        return result
    }
}
