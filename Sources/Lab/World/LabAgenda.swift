import Daemons

/// What is going to happen, earliest first; what is due at the same moment happens in the order it was entered.
struct Agenda: Codable, Sendable {
    private struct Entry: Codable, Sendable {
        var due: Moment
        var ticket: Int
        var item: AgendaItem

        func precedes(_ other: Entry) -> Bool { (due, ticket) < (other.due, other.ticket) }
    }

    /// A binary heap.
    private var entries: [Entry] = []
    private var nextTicket = 0

    var next: Moment? { entries.first?.due }
    var count: Int { entries.count }

    mutating func add(_ item: AgendaItem, at due: Moment) {
        nextTicket += 1
        entries.append(Entry(due: due, ticket: nextTicket, item: item))
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].precedes(entries[parent]) else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    mutating func takeNext() -> (due: Moment, item: AgendaItem)? {
        guard let first = entries.first, let last = entries.popLast() else { return nil }
        if !entries.isEmpty {
            entries[0] = last
            var parent = 0
            while true {
                var least = parent
                for child in [2 * parent + 1, 2 * parent + 2]
                where child < entries.count && entries[child].precedes(entries[least]) {
                    least = child
                }
                guard least != parent else { break }
                entries.swapAt(parent, least)
                parent = least
            }
        }
        return (first.due, first.item)
    }
}

/// Machines by their index, processes by their serial number.
enum AgendaItem: Codable, Sendable {
    /// Something a machine does by itself; void unless it is still scheduled for that moment.
    case machine(Int)
    /// A daemon's `wakes`; void unless it is still scheduled for that moment.
    case wake(Int)
    /// A process has done what it does before it serves.
    case begin(Int)
    case deliver(DaemonMessage, from: Int)
    case event(DaemonEvent, to: Int)
    case container(machine: Int, id: String, ContainerStep)
    case probe(id: Int, HealthProbe, by: Int)
}

enum ContainerStep: Codable, Sendable {
    /// It is there, after what it takes to make it.
    case start
    /// Its process ends, by itself or by a signal.
    case end(status: Int)
}
