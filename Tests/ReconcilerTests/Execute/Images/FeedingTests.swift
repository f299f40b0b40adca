import Specs
import Testing

@testable import Reconciler

@Suite("Who feeds whom")
struct FeedingTests {
    private static func want(_ index: Int, _ parts: Set<String> = ["a", "b"]) -> Feeding.Want {
        Feeding.Want(node: NodeName("n\(index)"), image: "i", parts: parts)
    }

    /// Deliveries under way, in a world where each takes a while and some fail.
    private struct Game {
        var feeding = Feeding()
        var numbers: SeededNumbers
        var waiting: [Feeding.Want]
        var underWay: [(want: Feeding.Want, feeder: NodeName?, ends: Duration)] = []
        var tries: [NodeName: Int] = [:]
        var fed: [NodeName: Set<String>] = [:]
        var failed: Set<NodeName> = []
        var sourceSends = 0
        var violations: [String] = []
        var now = Duration.zero

        init(_ wants: [Feeding.Want], seed: UInt64) {
            numbers = SeededNumbers(seed)
            waiting = wants.shuffled(using: &numbers)
        }

        /// - Parameters:
        ///   - atOnce: Nodes at once.
        ///   - failing: Of a hundred deliveries.
        mutating func play(atOnce: Int, failing: Int) {
            var rounds = 0
            while !waiting.isEmpty || !underWay.isEmpty {
                rounds += 1
                guard rounds < 100_000 else { return violations.append("no end") }
                begin(atOnce)
                guard let next = underWay.indices.min(by: { underWay[$0].ends < underWay[$1].ends }) else {
                    return violations.append("everybody waits for nobody")
                }
                now = max(now, underWay[next].ends)
                end(underWay.remove(at: next), failing)
            }
        }

        private mutating func begin(_ atOnce: Int) {
            for want in waiting where underWay.count < atOnce {
                let choice = feeding.choose(want, now: now)
                let feeder: NodeName?
                switch choice {
                case .wait: continue
                case .source:
                    feeder = nil
                    sourceSends += 1
                case .feeder(let node):
                    feeder = node
                    if underWay.contains(where: { $0.feeder == node }) { violations.append("\(node) feeds two") }
                    if !want.parts.isSubset(of: fed[node] ?? []) { violations.append("\(node) has not all of it") }
                    if node == want.node { violations.append("\(node) feeds itself") }
                }
                waiting.removeAll { $0 == want }
                underWay.append((want, feeder, now + .seconds(Int.random(in: 1...40, using: &numbers))))
            }
        }

        private mutating func end(_ way: (want: Feeding.Want, feeder: NodeName?, ends: Duration), _ failing: Int) {
            guard Int.random(in: 0..<100, using: &numbers) < failing else {
                feeding.end(way.want.node, .arrived, now: now)
                fed[way.want.node, default: []].formUnion(way.want.parts)
                return
            }
            feeding.end(way.want.node, way.feeder == nil ? .broke : .feederFailed, now: now)
            if way.feeder == nil { tries[way.want.node, default: 0] += 1 }
            if tries[way.want.node] ?? 0 < 3 { waiting.append(way.want) } else { failed.insert(way.want.node) }
        }
    }

    @Test("without failures the source sends it twice at most, however many nodes there are", arguments: 1...64)
    func twice(count: Int) {
        for seed in UInt64(1)...3 {
            for atOnce in [1, 4, 64] {
                var game = Game((1...count).map { Self.want($0) }, seed: seed)
                game.play(atOnce: atOnce, failing: 0)
                #expect(game.violations == [])
                #expect(game.sourceSends == 1 || game.sourceSends == 2 && count > 2)
                #expect(game.fed.count == count)
            }
        }
    }

    @Test("whatever fails, everybody is fed or has failed at the source itself", arguments: seeds(200))
    func failures(seed: UInt64) {
        var numbers = SeededNumbers(seed)
        let count = Int.random(in: 1...64, using: &numbers)
        let failing = Int.random(in: 0...90, using: &numbers)
        let kinds: [Set<String>] = [["a", "b"], ["b"], ["a", "b", "c"], ["d"]]
        let wants = (1...count).map { Self.want($0, kinds[Int.random(in: 0..<4, using: &numbers)]) }
        var game = Game(wants, seed: seed)
        game.play(atOnce: Int.random(in: 1...8, using: &numbers), failing: failing)
        #expect(game.violations == [])
        #expect(game.fed.count + game.failed.count == count)
        #expect(game.failed.allSatisfy { game.tries[$0] == 3 })
    }

    @Test("a first delivery that takes long is not waited for by the second")
    func slowFirst() {
        var feeding = Feeding()
        #expect(feeding.choose(Self.want(1), now: .zero) == .source)
        #expect(feeding.choose(Self.want(2), now: .seconds(299)) == .wait("n1 is receiving it"))
        #expect(feeding.choose(Self.want(2), now: .seconds(300)) == .source)
        #expect(feeding.choose(Self.want(3), now: .seconds(600)) == .wait("n1 is receiving it"))
    }

    @Test("the source sends its second one only where a feeder takes longer than it did itself")
    func slowFeeder() {
        var feeding = Feeding()
        #expect(feeding.choose(Self.want(1), now: .zero) == .source)
        feeding.end("n1", .arrived, now: .seconds(10))
        #expect(feeding.choose(Self.want(2), now: .seconds(10)) == .feeder("n1"))
        #expect(feeding.choose(Self.want(3), now: .seconds(19)) == .wait("n1 hands it to another node first"))
        #expect(feeding.choose(Self.want(3), now: .seconds(20)) == .source)
    }

    @Test("a node that lacks what another one wants is not its feeder")
    func otherParts() {
        var feeding = Feeding()
        #expect(feeding.choose(Self.want(1, ["b"]), now: .zero) == .source)
        feeding.end("n1", .arrived, now: .zero)
        // Nobody in sight has all of it, whatever was sent before.
        #expect(feeding.choose(Self.want(2), now: .zero) == .source)
        #expect(feeding.choose(Self.want(3), now: .zero) == .wait("n2 is receiving it"))
        #expect(feeding.choose(Self.want(4, ["b"]), now: .zero) == .feeder("n1"))
    }

    @Test("a feeder that failed two nodes feeds nobody; one that was cleared neither")
    func lostFeeders() {
        var feeding = Feeding()
        _ = feeding.choose(Self.want(1), now: .zero)
        feeding.end("n1", .arrived, now: .zero)
        for node in [2, 3] {
            #expect(feeding.choose(Self.want(node), now: .zero) == .feeder("n1"))
            feeding.end(NodeName("n\(node)"), .feederFailed, now: .zero)
        }
        #expect(feeding.choose(Self.want(4), now: .zero) == .source)
        feeding.end("n4", .arrived, now: .zero)
        feeding.forget("n4")
        #expect(feeding.choose(Self.want(5), now: .zero) == .source)
    }
}
