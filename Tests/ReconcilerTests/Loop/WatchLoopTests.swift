import Reconciler
import Specs
import Testing

@Suite("The loop")
struct WatchLoopTests {
    static let edit = "file:/etc/mesos/zk"
    static let item = LoopItem(node: NodeName("a1"), resource: edit)

    @Test("tells a hand edit once, and writes nothing where it only reports")
    func reports() async {
        let world = LoopWorld()
        world.change { $0.corrects = false }
        await world.loop {
            await world.wait(100)
            world.change { $0.different = [Self.edit: .drift] }
            await world.wait(2000)
        }
        #expect(world.read { $0.runs.isEmpty && $0.wrote == 0 })
        #expect(world.read { $0.notices.map(\.kind) } == [.found])
        #expect(world.read { $0.statuses.last?.items.map(\.state) } == [.withheld])
        #expect(world.read { $0.statuses.last?.counters.driftFound } == 1)
    }

    @Test("takes no lease while nothing differs, and looks every interval")
    func isQuiet() async {
        let world = LoopWorld()
        await world.loop { await world.wait(3000) }
        #expect(world.read { $0.wrote } == 0)
        #expect(world.read { $0.notices.isEmpty })
        #expect(world.read { $0.looks.count } == 10)
        #expect(world.read { $0.statuses.last?.lastRound?.outcome } == .inSync)
    }

    @Test("corrects a hand edit at the next look, under the lease and after a second look")
    func corrects() async {
        let world = LoopWorld()
        await world.loop {
            await world.wait(100)
            world.change { $0.different = [Self.edit: .drift] }
            await world.wait(1000)
        }
        #expect(world.read { $0.runs.map(\.resources) } == [[Self.edit]])
        #expect(world.read { $0.wrote } == 1)
        #expect(world.read { $0.notices.map(\.kind) } == [.found, .corrected])
        #expect(world.read { $0.memory.breaker.history[Self.item]?.count } == 1)
    }

    @Test("leaves to people what disturbs, and does the rest")
    func leavesRestarts() async {
        let world = LoopWorld()
        world.change {
            $0.different = [Self.edit: .drift, "file:/etc/motd": .drift]
            $0.disruptive = [Self.edit]
        }
        await world.loop { await world.wait(1000) }
        #expect(world.read { $0.runs.map(\.resources) } == [["file:/etc/motd"]])
        let left = world.read { $0.statuses.last?.items ?? [] }
        #expect(left.map(\.item) == [Self.item] && left.map(\.state) == [.withheld])
    }

    @Test("raises what it corrected three times within an hour, and corrects it again once it is resumed")
    func raises() async throws {
        let world = LoopWorld()
        await world.loop {
            for _ in 0..<6 {
                world.change { $0.different = [Self.edit: .drift] }
                await world.wait(310)
            }
        }
        #expect(world.read { $0.runs.count } == 3)
        #expect(world.read { $0.notices.filter { $0.kind == .givenUp }.count } == 1)
        #expect(world.read { $0.statuses.last?.items.map(\.state) } == [.raised])
        await world.loop {
            world.change { $0.resumed = [Self.item] }
            await world.wait(310)
        }
        #expect(world.read { $0.runs.count } == 4)
    }

    @Test("fights no commit: what changed in git is not counted")
    func countsNoCommits() async {
        let world = LoopWorld()
        await world.loop {
            for number in 2...7 {
                world.change {
                    $0.different = [Self.edit: .git]
                    $0.revision = "r\(number)"
                }
                await world.wait(100)
            }
        }
        #expect(world.read { $0.runs.count } == 6)
        #expect(world.read { $0.memory.breaker == Breaker() })
    }

    @Test("applies a new commit within seconds, not at the next interval")
    func seesCommits() async {
        let world = LoopWorld()
        await world.loop {
            await world.wait(101)
            world.change {
                $0.revision = "r2"
                $0.different = [Self.edit: .git]
            }
            await world.wait(50)
        }
        let run = world.read { $0.runs.first }
        #expect(run?.revision == "r2")
        #expect((101...111).contains(run?.at ?? 0))
    }

    @Test("stays with the last good revision while a newer one cannot be read, and tells that once")
    func keepsGoodRevision() async {
        let world = LoopWorld()
        await world.loop {
            await world.wait(100)
            world.change { $0.offer = .unreadable(revision: "r2", reason: "cluster.yaml:3:1: unknown key") }
            await world.wait(400)
            world.change { $0.different = [Self.edit: .drift] }
            await world.wait(400)
        }
        #expect(world.read { $0.runs.map(\.revision) } == ["r1"])
        #expect(world.read { $0.notices.filter { $0.kind == .badRevision }.count } == 1)
        let revision = world.read { $0.statuses.last?.revision }
        #expect(revision?.good == "r1" && revision?.bad?.revision == "r2")
    }

    @Test("tells once that a revision can be read again, and which one that is")
    func readsAgain() async {
        let world = LoopWorld()
        await world.loop {
            await world.wait(100)
            world.change { $0.offer = .unreadable(revision: "r2", reason: "cluster.yaml:3:1: unknown key") }
            await world.wait(50)
            world.change { $0.offer = .unreachable(reason: "no answer") }
            await world.wait(50)
            world.change {
                $0.offer = nil
                $0.revision = "r3"
            }
            await world.wait(400)
        }
        let told = world.read { $0.notices.filter { [.badRevision, .goodRevision].contains($0.kind) } }
        #expect(told.map(\.kind) == [.badRevision, .badRevision, .goodRevision])
        #expect(told.last?.revision == "r3")
        #expect(world.read { $0.statuses.last?.revision }?.bad == nil)
    }

    @Test("tells that a revision can be read again also where the loop was stopped in between, and once")
    func readsAgainAfterARestart() async {
        let world = LoopWorld()
        world.change { $0.offer = .unreadable(revision: "r2", reason: "cluster.yaml:3:1: unknown key") }
        await world.loop { await world.wait(50) }
        world.change {
            $0.offer = nil
            $0.revision = "r3"
        }
        for _ in 1...2 { await world.loop { await world.wait(50) } }
        #expect(world.read { $0.notices.map(\.kind) } == [.badRevision, .goodRevision])
        #expect(world.read { $0.notices.last?.revision } == "r3")
    }

    @Test("looks at nothing before a first revision could be read")
    func beginsWithGoodRevision() async {
        let world = LoopWorld()
        world.change { $0.offer = .unreadable(revision: "r0", reason: "broken") }
        await world.loop {
            await world.wait(1000)
            #expect(world.read { $0.looks.isEmpty })
            world.change { $0.offer = nil }
            await world.wait(20)
        }
        #expect(world.read { $0.looks.count } == 1)
        #expect(world.read { $0.statuses.last?.revision.bad } == nil)
    }

    @Test("ends the waiting of an older revision when a newer one is there", arguments: 1...10)
    func preempts(seed: UInt64) async {
        let world = LoopWorld(seed: seed)
        world.change {
            $0.different = [Self.edit: .git]
            $0.waits = 100_000
        }
        await world.loop {
            await world.wait(50)
            world.change {
                $0.revision = "r2"
                $0.waits = 0
            }
            await world.wait(60)
        }
        #expect(world.read { $0.runs.map(\.revision) } == ["r1", "r2"])
        let second = world.read { $0.runs.last?.at } ?? 0
        #expect(second <= 50 + WatchLoop.pollSeconds + WatchLoop.graceSeconds + 5)
    }

    @Test("waits longer after each failure, an hour at most, and not at all for a new commit")
    func backsOff() async {
        let world = LoopWorld()
        world.change {
            $0.failing = true
            $0.different = [Self.edit: .git]
        }
        await world.loop {
            await world.wait(20_000)
            let times = world.read { $0.runs.map(\.at) }
            let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
            #expect(gaps.prefix(5).elementsEqual([600, 1200, 2400, 3600, 3600]))
            world.change {
                $0.failing = false
                $0.revision = "r2"
            }
            await world.wait(20)
        }
        #expect(world.read { $0.runs.last?.revision } == "r2")
        #expect(world.read { $0.notices.map(\.kind) }.filter { $0 == .failed }.count == 1)
        #expect(world.read { $0.memory.failures } == 0)
    }

    @Test("does nothing while somebody else holds the cluster, and calls that no failure")
    func isBusy() async {
        let world = LoopWorld()
        world.change {
            $0.isHeld = true
            $0.different = [Self.edit: .drift]
        }
        await world.loop { await world.wait(700) }
        #expect(world.read { $0.runs.isEmpty })
        #expect(world.read { $0.statuses.last?.lastRound?.outcome } == .busy)
        #expect(world.read { $0.memory.failures } == 0)
        #expect(world.read { $0.notices.contains { $0.kind == .failed } } == false)
    }

    @Test("neither tells nor corrects what is ignored")
    func ignores() async {
        let world = LoopWorld()
        world.change { $0.different = ["file:/ignored/motd": .drift] }
        await world.loop { await world.wait(700) }
        #expect(world.read { $0.runs.isEmpty && $0.notices.isEmpty })
        #expect(world.read { $0.statuses.last?.lastRound?.outcome } == .inSync)
    }

    @Test("counts rounds, failures, drift, corrections and bad revisions")
    func counts() async {
        let world = LoopWorld()
        await world.loop {
            await world.wait(100)
            world.change { $0.different = [Self.edit: .drift, "file:/etc/motd": .unattributed, "file:/etc/x": .git] }
            await world.wait(300)
            world.change { $0.offer = .unreadable(revision: "r2", reason: "broken") }
            await world.wait(100)
            world.change { $0.offer = .unreachable(reason: "no answer") }
            await world.wait(100)
            world.change {
                $0.failing = true
                $0.different = [Self.edit: .drift]
            }
            await world.wait(200)
        }
        let counters = world.read { $0.statuses.last?.counters }
        #expect(
            counters
                == LoopStatus.Counters(rounds: 3, failedRounds: 1, driftFound: 3, corrections: 3, badRevisions: 2)
        )
    }

    @Test("tells when a difference went away by itself")
    func recovers() async {
        let world = LoopWorld()
        world.change {
            $0.corrects = false
            $0.different = [Self.edit: .drift]
        }
        await world.loop {
            await world.wait(400)
            world.change { $0.different = [:] }
            await world.wait(400)
        }
        #expect(world.read { $0.notices.map(\.kind) } == [.found, .recovered])
    }

    @Test("starts with the last good revision while the newest is broken, and tells of both")
    func startsWithKeptRevision() async {
        let world = LoopWorld()
        world.change {
            $0.offer = .unreadable(revision: "r2", reason: "cluster.yaml:3:1: unknown key")
            $0.kept = "r1"
            $0.different = [Self.edit: .drift]
        }
        await world.loop { await world.wait(100) }
        #expect(world.read { $0.runs.map(\.revision) } == ["r1"])
        let revision = world.read { $0.statuses.last?.revision }
        #expect(revision?.good == "r1" && revision?.bad?.revision == "r2")
        #expect(world.read { $0.notices.first?.messages } == ["cluster.yaml:3:1: unknown key; r1 stays"])
    }

    @Test("drops a look at once when it is to stop, and says nothing of it", arguments: 1...5)
    func dropsLooks(seed: UInt64) async {
        let world = LoopWorld(seed: seed)
        let stop = Interruption()
        world.change { $0.looking = 500 }
        await world.loop(until: stop) {
            await world.wait(20)
            stop.trip()
            await world.wait(5)
        }
        #expect(world.read { $0.ended ?? .max } <= 21)
        #expect(world.read { $0.statuses.last?.counters.rounds } == 0)
        #expect(world.read { $0.notices.isEmpty })
    }

    @Test("drops a look for a newer revision, and looks by that one")
    func dropsLooksForCommits() async {
        let world = LoopWorld()
        world.change { $0.looking = 500 }
        await world.loop {
            await world.wait(15)
            world.change {
                $0.revision = "r2"
                $0.looking = 0
            }
            await world.wait(60)
        }
        #expect(world.read { $0.looks.map(\.revision) } == ["r1", "r2"])
        #expect(world.read { $0.statuses.last?.lastRound?.revision } == "r2")
    }

    @Test("finishes the step in hand when it is to stop, and cuts it when it is told twice", arguments: [false, true])
    func stops(isToldTwice: Bool) async {
        let world = LoopWorld()
        let stop = Interruption()
        world.change {
            $0.different = [Self.edit: .drift]
            $0.waits = 100
        }
        await world.loop(until: stop) {
            await world.wait(20)
            stop.trip()
            await world.wait(10)
            if isToldTwice { stop.trip() }
            await world.wait(300)
        }
        let ended = world.read { $0.ended } ?? .max
        #expect(isToldTwice ? (30...32).contains(ended) : (100...102).contains(ended))
        #expect(world.read { $0.different.isEmpty } == !isToldTwice)
        #expect(world.read { $0.statuses.last?.lastRound?.outcome } == (isToldTwice ? .failed : .corrected))
    }

    @Test("ends after as many rounds as it is asked for")
    func countsRounds() async {
        let world = LoopWorld()
        world.change { $0.different = [Self.edit: .drift] }
        await world.loop(rounds: 2) { await world.wait(5000) }
        #expect(world.read { $0.looks.count } == 3, "the first round looked twice, since it corrected")
        #expect(world.read { $0.ended } == 300)
    }

    @Test("knows after a restart what it fought before")
    func remembers() async {
        let world = LoopWorld()
        for _ in 0..<4 {
            world.change { $0.different = [Self.edit: .drift] }
            await world.loop { await world.wait(100) }
        }
        #expect(world.read { $0.runs.count } == 3)
        #expect(world.read { $0.statuses.last?.items.map(\.state) } == [.raised])
    }
}
