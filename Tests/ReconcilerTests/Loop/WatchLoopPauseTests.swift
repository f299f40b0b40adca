import Reconciler
import Specs
import Testing

extension WatchLoopTests {
    @Test("only looks while it is paused, and goes on by itself when that is over")
    func pauses() async {
        let world = LoopWorld()
        world.change {
            $0.pause = .found(LoopPause(reason: "maintenance", by: "me@here", since: 0, until: 1000))
            $0.different = [Self.edit: .drift]
        }
        await world.loop {
            await world.wait(900)
            #expect(world.read { $0.runs.isEmpty && $0.looks.count == 3 })
            #expect(world.read { $0.statuses.last?.pause?.reason } == "maintenance")
            await world.wait(400)
        }
        #expect(world.read { $0.runs.count } == 1)
        #expect(world.read { $0.statuses.last?.pause } == nil)
    }

    @Test("ends a run after the step in hand when somebody pauses it, and calls that no failure")
    func pausesRun() async {
        let world = LoopWorld()
        world.change {
            $0.different = ["file:/a": .drift, "file:/b": .drift, "file:/c": .drift]
            $0.stepSeconds = 30
        }
        await world.loop {
            await world.wait(40)
            world.change {
                $0.pause = .found(LoopPause(reason: "wrong", by: "me@here", since: 40, until: 5000))
            }
            await world.wait(600)
        }
        #expect(world.read { $0.different.keys.sorted() } == ["file:/c"])
        #expect(world.read { $0.runs.count } == 1)
        #expect(world.read { $0.notices.map(\.kind) } == [.found, .corrected])
        #expect(world.read { $0.statuses.last?.lastRound?.outcome } == .paused)
        #expect(world.read { $0.memory.failures } == 0)
    }

    @Test("tells during a pause what went away meanwhile")
    func recoversWhilePaused() async {
        let world = LoopWorld()
        world.change {
            $0.pause = .found(LoopPause(reason: "maintenance", by: "me@here", since: 0, until: 5000))
            $0.different = [Self.edit: .drift]
        }
        await world.loop {
            await world.wait(400)
            world.change { $0.different = [:] }
            await world.wait(400)
        }
        #expect(world.read { $0.notices.map(\.kind) } == [.found, .recovered])
        #expect(world.read { $0.statuses.last?.lastSuccess } == 600)
    }

    @Test("takes a pause that cannot be read for one")
    func unreadablePause() async {
        let world = LoopWorld()
        world.change {
            $0.pause = .unknown("permission denied")
            $0.different = [Self.edit: .drift]
        }
        await world.loop { await world.wait(900) }
        #expect(world.read { $0.runs.isEmpty })
        #expect(world.read { $0.statuses.last?.pause?.reason.contains("permission denied") } == true)
    }
}
