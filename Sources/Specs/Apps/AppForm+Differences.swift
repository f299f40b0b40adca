extension AppForm {
    /// What is different where this is declared and `live` is there, by path.
    ///
    /// Sets, lists of scalars and constraints are told as whole fields, lists of objects by index; an object of another
    /// kind, or one that comes or goes, as a whole.
    public func differences(from live: AppForm) -> [FieldDifference] {
        var walk = FormComparison()
        for (index, field) in schema.root.fields.enumerated() where field.counts {
            let (before, after) = (live.slots[index], slots[index])
            if !after.matches(before) { walk.compare(field.name, field.kind, before, after) }
        }
        return walk.differences.sorted { $0.path < $1.path }
    }

    /// Whether nothing is different.
    public func matches(_ live: AppForm) -> Bool {
        slots.indices.allSatisfy { slots[$0].matches(live.slots[$0]) }
    }
}

extension FormValue? {
    /// Whether a live value is what this one declares.
    fileprivate func matches(_ live: FormValue?) -> Bool {
        switch (self, live) {
        case (nil, nil): true
        case (let declared?, let live?): declared.matches(live)
        case (.orNone?, nil): true
        case (_?, nil), (nil, _?): false
        }
    }
}

extension FormValue {
    fileprivate func matches(_ live: FormValue) -> Bool {
        switch (self, live) {
        case (.assigned, .scalar), (.assigned, .assigned): return true
        case (.orNone, .orNone): return true
        case (.scalar, .orNone): return false
        case (.orNone(let value), _): return live.items?.isEmpty == true || value.matches(live)
        case (_, .orNone(let value)): return matches(value)
        case (.scalar(let a), .scalar(let b)), (.scalar(let a), .assigned(let b)): return a == b
        case (.texts(let a), .texts(let b)): return a == b
        case (.record(let a), .record(let b)): return zip(a, b).allSatisfy { $0.matches($1) }
        case (.map(let a), .map(let b)):
            return a.count == b.count && a.allSatisfy { key, value in b[key].map(value.matches) ?? false }
        case (.list(let a), .list(let b)): return a.count == b.count && zip(a, b).allSatisfy { $0.matches($1) }
        case (.objects(let a), .objects(let b)):
            guard a.count == b.count else { return false }
            return zip(a, b).allSatisfy { $0.matches($1) } || FormPairs(a, b).areEqual
        // An empty set may have no objects to tell it by.
        case (.list(let a), .objects(let b)), (.objects(let a), .list(let b)): return a.isEmpty && b.isEmpty
        case (.scalar, _), (.list, _), (.objects, _), (.texts, _), (.map, _), (.record, _), (.assigned, _): return false
        }
    }
}

/// The items of two sets of objects, each with the one it is compared with.
private struct FormPairs {
    var pairs: [(before: FormValue?, after: FormValue?)] = []

    /// Equal ones belong together, the others in their order.
    init(_ declared: [FormValue], _ live: [FormValue]) {
        var rest = live
        let found = declared.map { item in
            rest.firstIndex { item.matches($0) }.map { rest.remove(at: $0) }
        }
        for (item, found) in zip(declared, found) {
            pairs.append((found ?? (rest.isEmpty ? nil : rest.removeFirst()), item))
        }
        pairs += rest.map { ($0, nil) }
    }

    var areEqual: Bool { pairs.allSatisfy { $0.after.matches($0.before) } }
}

/// Collects differences; paths are put together only where there is one.
private struct FormComparison {
    var differences: [FieldDifference] = []

    mutating func compare(_ path: String, _ kind: FormKind, _ before: FormValue?, _ after: FormValue?) {
        switch (kind, before, after) {
        case (.record(let record), .record(let a)?, .record(let b)?),
            (.either(let record), .record(let a)?, .record(let b)?):
            for (index, field) in record.fields.enumerated() where !b[index].matches(a[index]) {
                compare("\(path).\(field.name)", field.kind, a[index], b[index])
            }
        case (.map(let item), let a?, let b?):
            guard let a = a.entries, let b = b.entries else { return note(path, kind, before, after) }
            for key in Set(a.keys).union(b.keys) where !b[key].matches(a[key]) {
                compare("\(path).\(key)", item, a[key], b[key])
            }
        case (.list(let item), let a?, let b?) where item.record != nil:
            guard let a = a.items, let b = b.items else { return note(path, kind, before, after) }
            for index in 0..<max(a.count, b.count) {
                compareItems(
                    "\(path)[\(index)]",
                    item,
                    index < a.count ? a[index] : nil,
                    index < b.count ? b[index] : nil
                )
            }
        case (.set(let item), let a?, let b?) where item.record != nil:
            guard let a = a.items, let b = b.items else { return note(path, kind, before, after) }
            for (index, pair) in FormPairs(b, a).pairs.enumerated() {
                compareItems("\(path)[\(index)]", item, pair.before, pair.after)
            }
        case (.scalar, _, _), (.list, _, _), (.set, _, _), (.map, _, _), (.record, _, _), (.either, _, _):
            note(path, kind, before, after)
        }
    }

    private mutating func compareItems(_ path: String, _ kind: FormKind, _ before: FormValue?, _ after: FormValue?) {
        if !after.matches(before) { compare(path, kind, before, after) }
    }

    private mutating func note(_ path: String, _ kind: FormKind, _ before: FormValue?, _ after: FormValue?) {
        // What live leaves open is not there.
        let shown: FormValue? = if case .orNone? = before { nil } else { before }
        differences.append(
            FieldDifference(path: path, before: shown?.value(kind), after: after?.value(kind, live: before))
        )
    }
}

extension FormValue {
    fileprivate var entries: [String: FormValue]? {
        switch self {
        case .texts(let members): members.mapValues { .scalar($0) }
        case .map(let members): members
        case .scalar, .list, .objects, .record, .assigned, .orNone: nil
        }
    }
}
