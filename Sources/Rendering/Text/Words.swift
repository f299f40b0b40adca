internal import Specs

/// `1 node`, `3 nodes`.
func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

/// `a, b, c`; from more than `limit` on the first ones and how many more there are.
func list(_ words: [String], limit: Int = .max) -> String {
    guard words.count > limit else { return words.joined(separator: ", ") }
    return words.prefix(limit).joined(separator: ", ") + " and \(words.count - limit) more"
}

/// `mesos-master1` or, from more than six on, `9 nodes`.
func named(_ nodes: [NodeName]) -> String {
    nodes.count > 6 ? count(nodes.count, "node") : list(nodes.map { visible($0.text) })
}

/// `1-3, 5` for ids in any order.
func ranges(_ ids: some Sequence<Int>) -> String {
    var runs: [ClosedRange<Int>] = []
    for id in Set(ids).sorted() {
        if let last = runs.last, last.upperBound + 1 == id {
            runs[runs.count - 1] = last.lowerBound...id
        } else {
            runs.append(id...id)
        }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ", ")
}

extension Sequence where Element: Hashable {
    /// Each element once, in the order of first appearance.
    var unique: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

extension Sequence {
    /// Neighbours or not: elements with one key together, groups and their elements in the order of first appearance.
    func grouped<Key: Hashable>(by key: (Element) -> Key) -> [(key: Key, elements: [Element])] {
        var order: [Key] = []
        var groups: [Key: [Element]] = [:]
        for element in self {
            let name = key(element)
            if groups[name] == nil { order.append(name) }
            groups[name, default: []].append(element)
        }
        return order.map { ($0, groups[$0] ?? []) }
    }
}

extension SourcePosition {
    /// `cluster.yaml:14`: what an editor and a reader need of it in a plan.
    var lineLabel: String { "\(file):\(line)" }
}
