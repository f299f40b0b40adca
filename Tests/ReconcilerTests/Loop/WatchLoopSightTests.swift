import Reconciler
import Specs
import Testing

extension WatchLoopTests {
    @Test("makes no news of what it knew already when a node that was silent answers again")
    func keepsWhatIsUnseen() async {
        let world = LoopWorld()
        world.change {
            $0.corrects = false
            $0.different = [Self.edit: .drift]
        }
        await world.loop {
            await world.wait(400)
            world.change { $0.isSilent = true }
            await world.wait(300)
            #expect(world.read { $0.statuses.last?.items.count } == 1, "what is not seen is not gone")
            world.change { $0.isSilent = false }
            await world.wait(300)
            world.change { $0.different = [:] }
            await world.wait(300)
        }
        #expect(world.read { $0.notices.map(\.kind) } == [.found, .failed, .recovered, .recovered])
        #expect(world.read { $0.notices.map(\.items.count) } == [1, 0, 0, 1])
    }

    @Test("keeps what it knew of what it cannot see, and tells it no second time", arguments: LoopBlindness.allCases)
    func isBlind(_ blindness: LoopBlindness) async {
        let world = LoopWorld()
        world.change {
            $0.corrects = false
            $0.different = [Self.edit: .drift]
        }
        await world.loop {
            await world.wait(100)
            world.change { blindness.set(&$0, to: true) }
            await world.wait(300)
            let status = world.read { $0.statuses.last }
            #expect(status?.lastRound?.outcome == blindness.outcome)
            #expect(status?.items.map(\.item) == [Self.item])
            #expect(status?.lastLook?.at == (blindness == .cutOff ? 0 : 300))
            world.change { blindness.set(&$0, to: false) }
            await world.wait(900)
        }
        #expect(world.read { $0.notices.map(\.kind) } == [.found, .failed, .recovered])
        let status = world.read { $0.statuses.last }
        #expect(status?.items.map(\.item) == [Self.item])
        #expect(status?.counters.driftFound == 1)
    }
}

/// Why a look sees less than all.
enum LoopBlindness: CaseIterable {
    case cutOff, silent, forbidden

    var outcome: LoopStatus.Round.Outcome {
        switch self {
        case .cutOff: .failed
        case .silent: .incomplete
        case .forbidden: .refused
        }
    }

    func set(_ state: inout LoopWorld.State, to isBlind: Bool) {
        switch self {
        case .cutOff: state.isCutOff = isBlind
        case .silent: state.isSilent = isBlind
        case .forbidden: state.isForbidden = isBlind
        }
    }
}
