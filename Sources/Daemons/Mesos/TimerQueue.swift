/// What is to happen when, by key: one moment a key, setting it again moves it.
///
/// An `Agenda` with what it lacks: entries that no longer count are skipped and not saved.
struct TimerQueue<Key: Hashable & Sendable & Codable>: Sendable {
    private struct Entry: Sendable, Codable {
        var key: Key
        var number: Int
    }

    private var agenda = Agenda<Entry>()
    /// The entry of each key that counts.
    private var current: [Key: (moment: Moment, number: Int)] = [:]
    private var lastNumber = 0

    init() {}

    /// When the next one is due.
    var next: Moment? { agenda.next }

    func moment(of key: Key) -> Moment? { current[key]?.moment }

    mutating func set(_ key: Key, at moment: Moment) {
        lastNumber += 1
        current[key] = (moment, lastNumber)
        agenda.add(Entry(key: key, number: lastNumber), at: moment)
        dropStale()
    }

    /// Sets it unless it is set already.
    mutating func need(_ key: Key, by moment: Moment) { if current[key] == nil { set(key, at: moment) } }

    mutating func cancel(_ key: Key) {
        guard current.removeValue(forKey: key) != nil else { return }
        dropStale()
    }

    /// Takes the next key that is due.
    mutating func popDue(at now: Moment) -> Key? {
        guard let (_, entry) = agenda.popDue(at: now) else { return nil }
        current[entry.key] = nil
        dropStale()
        return entry.key
    }

    /// Afterwards the first entry counts.
    private mutating func dropStale() {
        while let (_, entry) = agenda.first, current[entry.key]?.number != entry.number { agenda.removeFirst() }
    }
}

/// Saved in its order, without the numbers that keep it: equal content is saved to equal bytes.
extension TimerQueue: Codable {
    private struct Saved: Codable {
        var moment: Moment
        var key: Key
    }

    init(from decoder: any Decoder) throws {
        for entry in try [Saved](from: decoder) { set(entry.key, at: entry.moment) }
    }

    func encode(to encoder: any Encoder) throws {
        let entries = current.sorted { ($0.value.moment, $0.value.number) < ($1.value.moment, $1.value.number) }
        try entries.map { Saved(moment: $0.value.moment, key: $0.key) }.encode(to: encoder)
    }
}
