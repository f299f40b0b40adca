import Reconciler
import Specs
import Synchronization
import Testing

@Suite("A loop that is undone")
struct LoopBreakerTests {
    private static let edit = "file:/etc/mesos/zk"

    @Test(
        "gives up after three corrections, however seldom it looks",
        arguments: [(300, 0.0), (1080, 0.99), (1200, 0.99), (1800, 0.0), (3600, 0.99), (86_400, 0.99)]
    )
    func givesUp(interval: Int, jitter: Double) async {
        let world = LoopWorld()
        world.change { ($0.interval, $0.jitter) = (interval, jitter) }
        await world.loop {
            for _ in 0..<60 {
                world.change { $0.different = [Self.edit: .drift] }
                await world.wait(interval / 10)
            }
        }
        #expect(world.read { $0.runs.count } == 3)
        #expect(world.read { $0.notices.filter { $0.kind == .givenUp }.count } == 1)
    }

    @Test("still fights what comes back less often than three times in its period")
    func fights() async {
        let world = LoopWorld()
        await world.loop {
            for _ in 0..<6 {
                world.change { $0.different = [Self.edit: .drift] }
                await world.wait(1810)
            }
        }
        #expect(world.read { $0.runs.count } == 6)
        #expect(world.read { $0.notices.filter { $0.kind == .givenUp }.isEmpty })
    }

    @Test("gives up too where it is killed in the middle of each correction")
    func killed() async {
        let world = LoopWorld()
        for _ in 0..<4 {
            world.change { $0.different = [Self.edit: .drift] }
            let kept = Mutex(LoopMemory())
            await world.loop {
                world.change { $0.waits = 50 }
                await world.wait(30)
                let memory = world.read { $0.memory }
                kept.withLock { $0 = memory }
            }
            // What the disk had when it was killed; whatever it wrote later was never written.
            let memory = kept.withLock { $0 }
            world.change { $0.memory = memory }
        }
        #expect(world.read { $0.runs.count } == 3)
        #expect(world.read { $0.memory.breaker.raised.count } == 1)
    }

    @Test("tells after a restart what was corrected while it was killed, once, and takes the lease for that")
    func tellsOfTheKilled() async {
        let world = LoopWorld()
        let item = LoopItem(node: NodeName("a1"), resource: Self.edit)
        world.change { $0.memory.underWay = LoopMemory.UnderWay(items: [item], since: 0) }
        await world.loop { await world.wait(400) }
        #expect(world.read { $0.notices.map(\.kind) } == [.corrected])
        #expect(world.read { $0.notices.first?.items.map(\.item) } == [item])
        #expect(world.read { $0.wrote } == 1 && world.read { $0.looks.count } == 3)
    }

    @Test("waits for whoever holds the cluster before it tells that, and takes no lease where it only reports")
    func tellsLater() async {
        let world = LoopWorld()
        let item = LoopItem(node: NodeName("a1"), resource: Self.edit)
        world.change { ($0.memory.underWay, $0.isHeld) = (LoopMemory.UnderWay(items: [item], since: 0), true) }
        await world.loop {
            await world.wait(100)
            #expect(world.read { $0.notices.isEmpty })
        }
        // Another process, which was not there when it was killed.
        world.change { $0.isHeld = false }
        await world.loop { await world.wait(100) }
        #expect(world.read { $0.notices.map(\.kind) } == [.corrected])
        let reporting = LoopWorld()
        reporting.change { ($0.memory.underWay, $0.corrects) = (LoopMemory.UnderWay(items: [item], since: 0), false) }
        await reporting.loop { await reporting.wait(400) }
        #expect(reporting.read { $0.wrote } == 0)
    }

    @Test("remembers what it begins to correct, and nothing once it is done")
    func remembers() async {
        let world = LoopWorld()
        world.change { $0.different = [Self.edit: .drift, "file:/etc/mesos/committed": .git] }
        world.change { $0.waits = 50 }
        await world.loop {
            await world.wait(30)
            let item = LoopItem(node: NodeName("a1"), resource: Self.edit)
            #expect(world.read { $0.memory.underWay?.items } == [item], "commits are not counted")
            await world.wait(100)
            #expect(world.read { $0.memory.underWay } == nil)
            #expect(world.read { $0.memory.breaker.history[item]?.count } == 1)
        }
    }
}
