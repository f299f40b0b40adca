import Reconciler
import Specs
import Testing

@testable import Rendering

@Suite("Transfers on a terminal and in a log")
struct TransferBlockTests {
    private static func plan(_ count: Int) -> Plan {
        let steps = (1...count).map { id in
            let act = ImageAct(
                reference: "libmesos/ubuntu",
                origin: .engine(.thisMachine),
                node: NodeName("mesos-slave\(id)"),
                operation: .ship(ImageAct.Shipment(image: nil))
            )
            return Step(id: id, title: "image libmesos/ubuntu", act: .image(act))
        }
        return Plan(cluster: "c", source: Plan.Source(file: "cluster.yaml"), nodes: [], steps: steps)
    }

    private static func event(_ id: Int, _ done: Int, _ rate: Double? = 11e6) -> RunEvent {
        .transfer(
            id: id,
            node: NodeName("mesos-slave\(id)"),
            TransferProgress(done: done * 1_000_000, total: 188_000_000),
            bytesPerSecond: rate
        )
    }

    /// The rows of a terminal after `text`, and the row the cursor is on.
    private struct Screen {
        var rows: [[Character]] = [[]]
        var row = 0
        var column = 0

        mutating func write(_ text: String) {
            var rest = Array(text.unicodeScalars)[...]
            while let scalar = rest.popFirst() {
                switch scalar {
                case "\n":
                    (row, column) = (row + 1, 0)
                    while rows.count <= row { rows.append([]) }
                case "\r": column = 0
                case "\u{1B}":
                    rest = rest.dropFirst()
                    var number = ""
                    while let digit = rest.first, digit.properties.numericType != nil {
                        number.unicodeScalars.append(digit)
                        rest = rest.dropFirst()
                    }
                    switch rest.popFirst() {
                    case "K": rows[row] = Array(rows[row].prefix(column))
                    case "J":
                        rows[row] = Array(rows[row].prefix(column))
                        rows = Array(rows.prefix(row + 1))
                    case "A": row -= Int(number) ?? 1
                    default: break
                    }
                default:
                    while rows[row].count <= column { rows[row].append(" ") }
                    rows[row][column] = Character(scalar)
                    column += 1
                }
            }
        }

        var text: [String] { rows.map { String($0) } }
    }

    @Test("a transfer is one line, rewritten in place below that of the steps, and goes with its step")
    func oneLine() {
        var (block, screen) = (TransferBlock(Self.plan(1)), Screen())
        screen.write(block.characters(for: .leaseTaken(nodes: []), around: "\r\u{1B}[Ksteps", width: 82))
        screen.write(block.characters(for: Self.event(1, 10), around: "", width: 82))
        screen.write(block.characters(for: Self.event(1, 94), around: "", width: 82))
        let line = "  mesos-slave1  libmesos/ubuntu  [#####.....]  94 MB of 188 MB  11 MB/s  9 s left"
        #expect(screen.text == ["steps", line])
        let end = RunEvent.stepEnded(id: 1, title: "t", nodes: [], outcome: .applied, seconds: 1)
        screen.write(block.characters(for: end, around: "\r\u{1B}[Kdone\n\r\u{1B}[Ksteps", width: 82))
        #expect(screen.text == ["done", "steps"])
        #expect(screen.row == 1)
    }

    @Test("a lasting line moves the block down and leaves nothing of it behind")
    func lastingLine() {
        var (block, screen) = (TransferBlock(Self.plan(3)), Screen())
        for id in 1...3 { screen.write(block.characters(for: Self.event(id, id), around: "", width: 120)) }
        let said = RunEvent.progress(id: 1, node: nil, text: "x")
        screen.write(block.characters(for: said, around: "\r\u{1B}[Ka\n\r\u{1B}[Ksteps", width: 120))
        #expect(screen.text.count == 5)
        #expect(screen.text.prefix(2) == ["a", "steps"])
        #expect(screen.text[2].hasPrefix("  mesos-slave1  libmesos/ubuntu  [..........]  1 MB of 188 MB"))
        #expect(screen.row == 1)
    }

    @Test("there are four lines at most", arguments: 1...9)
    func fourLines(count: Int) {
        var (block, screen) = (TransferBlock(Self.plan(count)), Screen())
        for id in 1...count { screen.write(block.characters(for: Self.event(id, id), around: "", width: 120)) }
        #expect(screen.text.count == 1 + min(count, 4))
        if count > 4 { #expect(screen.text.last == "  and \(count - 3) more transfers") }
    }

    @Test("no line is as wide as the terminal", arguments: 0...100)
    func narrow(width: Int) {
        var (block, screen) = (TransferBlock(Self.plan(2)), Screen())
        for id in 1...2 { screen.write(block.characters(for: Self.event(id, 94), around: "", width: width)) }
        #expect(screen.text.dropFirst().allSatisfy { displayWidth($0) < max(width, 1) })
        if width > 32 { #expect(screen.text[1].contains("94 MB of 188 MB")) }
    }

    @Test("a log has the first event, one each quarter, and the last")
    func quarters() {
        var quarters = TransferQuarters()
        let told = (0...188).filter { quarters.take(Self.event(1, $0)) }
        #expect(told == [0, 47, 94, 141, 188])
    }
}
