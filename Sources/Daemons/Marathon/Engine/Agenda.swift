/// What is due when: a heap by moment, and by order of entry among equals.
///
/// Entries are never withdrawn; who acts on one looks whether it still matters.
struct Agenda<Item: Hashable & Sendable & Codable>: Hashable, Sendable, Codable {
    private struct Entry: Hashable, Sendable, Codable {
        var at: Moment
        var order: Int
        var item: Item

        func comesBefore(_ other: Entry) -> Bool { (at, order) < (other.at, other.order) }
    }

    private var heap: [Entry] = []
    private var order = 0

    var next: Moment? { heap.first?.at }

    mutating func add(_ item: Item, at moment: Moment) {
        order += 1
        heap.append(Entry(at: moment, order: order, item: item))
        var child = heap.count - 1
        while child > 0, heap[child].comesBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The next item whose moment has come, taken out.
    mutating func popDue(at now: Moment) -> Item? {
        guard let first = heap.first, first.at <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return first.item
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].comesBefore(heap[smallest]) { smallest = child }
            if smallest == parent { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
