import Glibc
import Specs
import Testing

@testable import Reconciler

@Suite("Which step begins, and which no longer can")
struct StepBoardTests {
    private static func image(_ id: Int, needs: [Int] = [], node: String?, parallel: Int = 2) -> Step {
        let act = ImageAct(
            reference: "i",
            origin: .registry,
            node: node.map { NodeName($0) },
            operation: .tag(id: "x"),
            transfer: DesiredTransfer(parallel: parallel)
        )
        return Step(id: id, title: "s\(id)", act: .image(act), needs: needs)
    }

    private static func step(_ id: Int, needs: [Int] = [], layer: Layer? = nil, node: String? = nil) -> Step {
        let act = node.map { Act.visit(NodeName($0), []) } ?? .compareApps(deadlineSeconds: 1)
        return Step(id: id, layer: layer, title: "s\(id)", act: act, needs: needs)
    }

    // MARK: Size

    enum Shape: CaseIterable { case independent, chain, fan, pairs, images }

    private static func plan(_ shape: Shape, _ count: Int) -> [Step] {
        (1...count).map { id in
            switch shape {
            case .independent: step(id)
            case .chain: step(id, needs: id == 1 ? [] : [id - 1])
            case .images: id % 2 == 0 ? step(id) : image(id, node: "n\(id % 50)", parallel: 4)
            case .fan: step(id, needs: id == count ? Array(1..<count) : id == 1 ? [] : [1])
            case .pairs: step(id, needs: id <= count / 2 ? [] : [id - count / 2])
            }
        }
    }

    /// Of this thread: other tests take the machine's time, too.
    private static var cpuSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    @Test("ten thousand steps are walked in a moment, whether they succeed or fail", arguments: Shape.allCases)
    func manySteps(shape: Shape) {
        let count = 10_000
        for succeeds in [true, false] {
            var board = StepBoard(Self.plan(shape, count))
            var ended = 0
            let began = Self.cpuSeconds
            while true {
                while let index = board.startable(limit: 8) { board.begin(index) }
                guard let index = board.running.first else { break }
                ended += 1 + board.settle(index, succeeds ? .applied : .failed("no")).count
            }
            let seconds = Self.cpuSeconds - began
            #expect(ended == count)
            #expect(seconds < 2, "\(shape), \(succeeds): \(seconds) s")
        }
    }

    // MARK: Order

    /// The rules as `StepBoard` states them, looked up in all steps each time.
    private struct Rules {
        let steps: [Step]

        func startable(_ states: [StepBoard.State], limit: Int) -> Int? {
            let running = states.indices.filter { states[$0] == .running }
            var isLayerBusy = running.contains { steps[$0].layer != nil }
            for index in steps.indices where states[index] == .waiting {
                // Steps on images and others are in nobody's way but their own kind's.
                let rivals = running.filter { steps[$0].isOnImage == steps[index].isOnImage }
                let isMet = steps[index].needs.allSatisfy { need in
                    steps.indices.contains { steps[$0].id == need && succeeded(states[$0]) == true }
                }
                let busy = Set(rivals.flatMap { steps[$0].nodes })
                let hasPlace = rivals.count < (steps[index].isOnImage ? 2 : limit)
                let mayStart = isMet && hasPlace && busy.isDisjoint(with: steps[index].nodes)
                if mayStart, steps[index].layer == nil || !isLayerBusy { return index }
                if steps[index].layer != nil { isLayerBusy = true }
            }
            return nil
        }

        /// Waiting steps that a failed need, or a failed ensemble's step, keeps from ever beginning.
        func stuck(_ states: [StepBoard.State]) -> [Int] {
            let isHalted = steps.indices.contains { index in
                guard steps[index].layer?.isEnsemble == true, case .ended(let outcome) = states[index] else {
                    return false
                }
                if case .notReached = outcome { return false }
                return !outcome.isSuccess
            }
            return steps.indices.filter { index in
                guard states[index] == .waiting else { return false }
                let isCutOff = steps[index].needs.contains { need in
                    steps.indices.contains { steps[$0].id == need && succeeded(states[$0]) == false }
                }
                return isCutOff || isHalted && steps[index].layer?.isEnsemble == true
            }
        }

        private func succeeded(_ state: StepBoard.State) -> Bool? {
            if case .ended(let outcome) = state { outcome.isSuccess } else { nil }
        }
    }

    @Test("whatever needs what and whatever fails, the rules hold at every moment", arguments: seeds(300))
    func rules(seed: UInt64) {
        var numbers = SeededNumbers(seed)
        let count = Int.random(in: 1...14, using: &numbers)
        let steps = (1...count).map { id in
            // Also steps that are not there, and such as come later.
            let needs = (0..<Int.random(in: 0...2, using: &numbers)).map { _ in
                Int.random(in: 1...(Bool.random(using: &numbers) ? id : count + 1), using: &numbers)
            }
            let layer = Bool.random(using: &numbers) ? nil : Layer.allCases.randomElement(using: &numbers)
            let node = Bool.random(using: &numbers) ? nil : ["a", "b", "c"].randomElement(using: &numbers)
            guard Int.random(in: 0...2, using: &numbers) > 0 else {
                return Self.image(id, needs: needs.filter { $0 != id }, node: node)
            }
            return Self.step(id, needs: needs.filter { $0 != id }, layer: layer, node: node)
        }
        let rules = Rules(steps: steps)
        let limit = Int.random(in: 1...4, using: &numbers)
        var board = StepBoard(steps)
        while true {
            #expect(board.startable(limit: limit) == rules.startable(board.states, limit: limit), "seed \(seed)")
            while let index = board.startable(limit: limit) {
                board.begin(index)
                #expect(board.startable(limit: limit) == rules.startable(board.states, limit: limit), "seed \(seed)")
            }
            guard let index = board.running.randomElement(using: &numbers) else { break }
            let fails = Int.random(in: 0...4, using: &numbers) == 0
            let before = board.states
            let dropped = board.settle(index, fails ? .failed("no") : .applied)
            let changed = steps.indices.filter { $0 != index && before[$0] != board.states[$0] }
            #expect(dropped == changed, "seed \(seed)")
            #expect(rules.stuck(board.states).isEmpty, "seed \(seed)")
            #expect(board.running == steps.indices.filter { board.states[$0] == .running }, "seed \(seed)")
        }
        let left = steps.indices.filter { board.states[$0] == .waiting }
        #expect(board.close(nil) == left, "seed \(seed)")
        #expect(board.startable(limit: limit) == nil)
    }

    @Test("what was dropped names the first step that stands in its way")
    func words() {
        var board = StepBoard([
            Self.step(1), Self.step(2, needs: [1]), Self.step(3, needs: [2]), Self.step(4, layer: .masters),
            Self.step(5, layer: .agents), Self.step(6, needs: [5]),
        ])
        board.begin(0)
        #expect(board.settle(0, .conflict("x")) == [1, 2])
        board.begin(3)
        #expect(board.settle(3, .failed("y")) == [4, 5])
        let words = board.states.map { state in
            if case .ended(.notReached(let words)) = state { words } else { "" }
        }
        #expect(
            words == [
                "", "it needs step 1 (s1), which found a conflict", "it needs step 2 (s2), which was not reached", "",
                "step 4 (s4) failed, and no ensemble is touched after that",
                "it needs step 5 (s5), which was not reached",
            ]
        )
    }
}
