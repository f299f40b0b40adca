/// What a value must look like, and how it is read; the schema of cluster.yaml is made of these.
struct Shape<Value> {
    /// Reports what is wrong and returns nil, or returns the value.
    let read: (Field) -> Value?

    /// The value and its place.
    var located: Shape<Located<Value>> {
        Shape<Located<Value>> { field in read(field).map { Located($0, at: field.position) } }
    }

    func map<Other>(_ transform: @escaping (Value) -> Other) -> Shape<Other> {
        Shape<Other> { field in read(field).map(transform) }
    }

    /// This shape, narrowed: `problem` says what is wrong with a value, and what to do.
    func checked(_ problem: @escaping (Value) -> Fault?) -> Shape {
        Shape { field in
            guard let value = read(field) else { return nil }
            guard let fault = problem(value) else { return value }
            field.fault("`\(field.path)`: \(fault.message)", hint: fault.hint)
            return nil
        }
    }

    /// A list of values; those that cannot be read are left out.
    static func list<Item>(of item: Shape<Item>) -> Shape where Value == [Located<Item>] {
        Shape { field in
            guard let items = field.node.items else {
                field.fault("`\(field.path)` must be a list, not \(field.node.kind)", hint: "write `[…]`")
                return nil
            }
            return items.enumerated().compactMap { index, node in
                guard !field.context.isOverwhelmed else { return nil }
                return item.located.read(field.inner("\(index)", node, key: node.position))
            }
        }
    }

    /// A list, or one value that stands for a list of one.
    static func oneOrMore<Item>(of item: Shape<Item>) -> Shape where Value == [Located<Item>] {
        Shape { field in
            field.node.items == nil ? item.located.read(field).map { [$0] } : list(of: item).read(field)
        }
    }

    /// A mapping with known keys; those that `body` does not ask for are reported.
    static func section(_ body: @escaping (Section) -> Value) -> Shape {
        Shape { field in
            guard let section = Section(field) else { return nil }
            let value = body(section)
            section.reportUnknownKeys()
            return value
        }
    }

    /// A mapping whose keys are names of the user's own; entries that cannot be read are left out.
    static func mapping<Item>(
        of item: Shape<Item>,
        names: NameRule
    ) -> Shape where Value == [(name: Located<String>, value: Item)] {
        Shape { field in
            guard let entries = field.node.entries else {
                field.fault("`\(field.path)` must be a mapping, not \(field.node.kind)")
                return nil
            }
            return entries.compactMap { entry in
                guard !field.context.isOverwhelmed else { return nil }
                let inner = field.inner(entry.key.value, entry.value, key: entry.key.position)
                if let fault = names.problem(entry.key.value) {
                    inner.fault(fault.message, at: entry.key.position, hint: fault.hint)
                }
                return item.read(inner).map { (entry.key, $0) }
            }
        }
    }
}

/// What is wrong with a value, and the next move.
struct Fault: Error {
    let message: String
    let hint: String?

    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}
