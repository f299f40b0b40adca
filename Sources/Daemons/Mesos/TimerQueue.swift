/// What is to happen when: one moment a key, setting it again moves it.
struct TimerQueue<Key: Hashable & Sendable & Codable>: Hashable, Sendable {
    private struct Entry: Hashable, Sendable, Codable {
        var moment: Moment
        var order: Int
        var key: Key

        static func < (a: Entry, b: Entry) -> Bool { (a.moment, a.order) < (b.moment, b.order) }
    }

    /// A binary heap; entries that `current` does not name any more are skipped.
    private var heap: [Entry] = []
    private var current: [Key: Entry] = [:]
    private var count = 0

    init() {}

    /// When the next one is due.
    var next: Moment? { heap.first?.moment }

    func moment(of key: Key) -> Moment? { current[key]?.moment }

    mutating func set(_ key: Key, at moment: Moment) {
        count += 1
        let entry = Entry(moment: moment, order: count, key: key)
        current[key] = entry
        heap.append(entry)
        siftUp()
        dropStale()
    }

    /// Sets it unless it is set already.
    mutating func need(_ key: Key, by moment: Moment) { if current[key] == nil { set(key, at: moment) } }

    mutating func cancel(_ key: Key) {
        current[key] = nil
        dropStale()
    }

    /// Takes the next key that is due.
    mutating func popDue(at now: Moment) -> Key? {
        guard let first = heap.first, first.moment <= now else { return nil }
        current[first.key] = nil
        dropStale()
        return first.key
    }

    private mutating func dropStale() {
        while let first = heap.first, current[first.key] != first { removeFirst() }
    }

    private mutating func siftUp() {
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child] < heap[parent] else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child] < heap[least] {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}

/// Saved without what is stale, in its order.
extension TimerQueue: Codable {
    init(from decoder: any Decoder) throws {
        let entries = try [Entry](from: decoder)
        for entry in entries { set(entry.key, at: entry.moment) }
    }

    func encode(to encoder: any Encoder) throws {
        try heap.filter { current[$0.key] == $0 }.sorted { $0 < $1 }.encode(to: encoder)
    }
}
