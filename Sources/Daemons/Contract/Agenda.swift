/// What is to happen when: a heap by moment, and in the order of entry among equals.
///
/// Entries are never withdrawn; who acts on one looks whether it still matters.
public struct Agenda<Item: Sendable & Codable>: Sendable {
    private struct Entry: Sendable {
        var moment: Moment
        var number: Int
        var item: Item

        func precedes(_ other: Entry) -> Bool { (moment, number) < (other.moment, other.number) }
    }

    /// A binary heap.
    private var entries: [Entry] = []
    private var lastNumber = 0

    public init() {}

    public var count: Int { entries.count }

    /// When the first entry is due.
    public var next: Moment? { entries.first?.moment }

    /// What is due first, whenever that is.
    public var first: (moment: Moment, item: Item)? { entries.first.map { ($0.moment, $0.item) } }

    public mutating func add(_ item: Item, at moment: Moment) {
        lastNumber += 1
        entries.append(Entry(moment: moment, number: lastNumber, item: item))
        var child = entries.count - 1
        while child > 0, entries[child].precedes(entries[(child - 1) / 2]) {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes the first entry out if its moment has come.
    public mutating func popDue(at now: Moment) -> (moment: Moment, item: Item)? {
        guard let moment = next, moment <= now else { return nil }
        return removeFirst()
    }

    /// Takes the first entry out, whenever it is due.
    @discardableResult
    public mutating func removeFirst() -> (moment: Moment, item: Item)? {
        guard let first = entries.first, let last = entries.popLast() else { return nil }
        if !entries.isEmpty {
            entries[0] = last
            sink()
        }
        return (first.moment, first.item)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child].precedes(entries[least]) {
                least = child
            }
            if least == parent { return }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}

/// Saved in its order, without the numbers that keep it: agendas of the same content are saved to the same bytes.
extension Agenda: Codable {
    private struct Saved: Codable {
        var at: Moment
        var item: Item
    }

    public init(from decoder: any Decoder) throws {
        // Anything sorted is a heap.
        for saved in try [Saved](from: decoder) {
            lastNumber += 1
            entries.append(Entry(moment: saved.at, number: lastNumber, item: saved.item))
        }
        entries.sort { $0.precedes($1) }
    }

    public func encode(to encoder: any Encoder) throws {
        try entries.sorted { $0.precedes($1) }.map { Saved(at: $0.moment, item: $0.item) }.encode(to: encoder)
    }
}
