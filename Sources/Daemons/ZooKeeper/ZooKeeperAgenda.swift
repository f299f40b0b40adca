/// What is due when: a binary heap, first in first out among equals.
struct ZooKeeperAgenda<Item: Sendable & Codable>: Sendable, Codable {
    private struct Entry: Sendable, Codable {
        var at: Moment
        var number: Int
        var item: Item

        func isBefore(_ other: Entry) -> Bool { (at, number) < (other.at, other.number) }
    }

    private var heap: [Entry] = []
    private var count = 0

    var first: Moment? { heap.first?.at }

    mutating func add(_ item: Item, at moment: Moment) {
        count += 1
        heap.append(Entry(at: moment, number: count, item: item))
        var index = heap.count - 1
        while index > 0, heap[index].isBefore(heap[(index - 1) / 2]) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Takes the first item out that is due at `now`.
    mutating func next(until now: Moment) -> (at: Moment, item: Item)? {
        guard let first = heap.first, first.at <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count && heap[child].isBefore(heap[least]) {
                least = child
            }
            if least == index { break }
            heap.swapAt(index, least)
            index = least
        }
        return (first.at, first.item)
    }
}
