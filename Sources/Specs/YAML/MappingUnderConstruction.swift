/// A mapping while its entries arrive: finds duplicate keys, and puts merged entries behind those written out.
struct MappingUnderConstruction {
    private var entries: [YAMLNode.Entry] = []
    private var places: [String: SourcePosition] = [:]
    private var merges: [YAMLNode] = []
    private var mergeKey: SourcePosition?

    /// Takes an entry; the first of two with one key stays.
    mutating func add(_ key: Located<String>, _ value: YAMLNode) -> Diagnostic? {
        if let first = places[key.value] {
            return Diagnostic(
                .error,
                "duplicate key `\(key.value.abbreviated)`; it already stands at \(first)",
                at: key.position
            )
        }
        places[key.value] = key.position
        entries.append(YAMLNode.Entry(key: key, value: value))
        return nil
    }

    /// Takes what stands behind `<<`: a mapping or a list of mappings.
    mutating func merge(_ value: YAMLNode, _ key: Located<String>) -> Diagnostic? {
        if let first = mergeKey {
            let message = "duplicate key `<<`; it already stands at \(first)"
            return Diagnostic(.error, message, at: key.position, hint: "merge a list: `<<: [*a, *b]`")
        }
        mergeKey = key.position
        let sources = value.items ?? [value]
        if let other = sources.first(where: { $0.entries == nil }) {
            return Diagnostic(.error, "`<<` merges mappings, not \(other.kind)", at: key.position)
        }
        merges = sources
        return nil
    }

    /// All entries; a key written out wins over a merged one, an earlier merge over a later.
    func merged() -> [YAMLNode.Entry] {
        var result = entries
        var known = Set(places.keys)
        for entry in merges.flatMap({ $0.entries ?? [] }) where known.insert(entry.key.value).inserted {
            result.append(entry)
        }
        return result
    }
}
