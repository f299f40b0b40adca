import FoundationEssentials
import Testing

@testable import Daemons

@Suite("What is to happen when")
struct AgendaTests {
    private func moment(_ milliseconds: Int) -> Moment { Moment(milliseconds: milliseconds) }

    private func drained<Item>(_ agenda: Agenda<Item>) -> [Item] {
        var (agenda, items) = (agenda, [Item]())
        while let (_, item) = agenda.removeFirst() { items.append(item) }
        return items
    }

    private func bytes(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return try encoder.encode(value)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `items come out by moment, and in the order of entry among equals`(seed: UInt64) {
        var (numbers, agenda) = (SeededNumbers(seed, for: "agenda"), Agenda<[Int]>())
        var expected: [[Int]] = []
        for number in 0..<300 {
            let due = Int(numbers.next() % 40)
            agenda.add([due, number], at: moment(due))
            expected.append([due, number])
        }
        expected.sort { ($0[0], $0[1]) < ($1[0], $1[1]) }
        #expect(agenda.count == 300)
        #expect(drained(agenda) == expected)
    }

    @Test func `nothing is taken before its moment`() {
        var agenda = Agenda<String>()
        agenda.add("b", at: moment(20))
        agenda.add("a", at: moment(10))
        #expect(agenda.popDue(at: moment(9)) == nil)
        #expect(agenda.next == moment(10))
        let first = agenda.popDue(at: moment(15))
        #expect(first?.item == "a" && first?.moment == moment(10))
        #expect(agenda.popDue(at: moment(15)) == nil)
        #expect(agenda.count == 1)
    }

    @Test func `agendas of the same content are saved to the same bytes, whatever their past`() throws {
        var (plain, worn) = (Agenda<String>(), Agenda<String>())
        for name in ["x", "y", "z"] { worn.add(name, at: moment(1)) }
        worn.add("c", at: moment(30))
        while worn.popDue(at: moment(1)) != nil {}
        for (item, due) in [("a", 10), ("b", 10)] { worn.add(item, at: moment(due)) }
        for (item, due) in [("a", 10), ("c", 30), ("b", 10)] { plain.add(item, at: moment(due)) }
        #expect(try bytes(plain) == bytes(worn))
        var again = try JSONDecoder().decode(Agenda<String>.self, from: bytes(worn))
        #expect(try bytes(again) == bytes(worn))
        again.add("d", at: moment(10))
        #expect(drained(again) == ["a", "b", "d", "c"], "what is entered later still comes later")
    }

    @Test func `a timer set again moves, and one cancelled never comes`() throws {
        var timers = TimerQueue<String>()
        for (key, due) in [("a", 10), ("b", 20), ("c", 30), ("a", 25)] { timers.set(key, at: moment(due)) }
        #expect(timers.next == moment(20))
        timers.need("c", by: moment(1))
        timers.cancel("b")
        #expect(timers.next == moment(25))
        var copy = try JSONDecoder().decode(TimerQueue<String>.self, from: bytes(timers))
        #expect(try bytes(copy) == bytes(timers))
        #expect(copy.popDue(at: moment(24)) == nil)
        #expect(
            [copy.popDue(at: moment(40)), copy.popDue(at: moment(40)), copy.popDue(at: moment(40))] == ["a", "c", nil]
        )
        #expect(copy.next == nil && copy.moment(of: "a") == nil)
    }
}
