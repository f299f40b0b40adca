import Specs
import Synchronization
import Testing

@testable import Reconciler

@Suite("Images on their way when things go wrong", .timeLimit(.minutes(20)))
struct ImageTroubleTests {
    private typealias Scenes = ImageRunTests
    private static let name = ImageRunTests.name
    private static let new = ImageRunTests.new

    // MARK: Cuts

    @Test("a cut connection is taken up again, and only the rest is sent")
    func cut() async throws {
        let scene = Scenes.scene { call in
            call.kind == .part(1) && call.number < 8 ? CourierError(.unreachable, "connection reset") : nil
        }
        let report = try await scene.run()
        #expect(report.words == ["applied"])
        #expect(scene.courier.seen.sent[Self.name] == Self.new.bytes / 2 + 1000)
        scene.expectClean()
    }

    @Test("a node that stays away fails alone, after a few tries")
    func away() async throws {
        let scene = Scenes.scene(3) { $0.node == "n2" ? CourierError(.unreachable, "no route to host") : nil }
        let report = try await scene.run()
        #expect(report.words == ["applied", "failed", "applied"])
        #expect(report.steps[1].outcome == .failed("n2: could not bring shop/cart:1: no route to host"))
        #expect(scene.courier.seen.calls.filter { $0.node == "n2" }.count == 4)
        scene.expectClean()
    }

    @Test(
        "what asking again cannot mend is asked once",
        arguments: [CourierError.Kind.diskFull, .damaged, .permission]
    )
    func hopeless(kind: CourierError.Kind) async throws {
        let scene = Scenes.scene { $0.node == nil ? nil : CourierError(kind, "no") }
        let report = try await scene.run()
        #expect(report.words == ["failed"])
        #expect(scene.courier.seen.calls.filter { $0.node != nil }.count == 1)
        scene.expectClean()
    }

    @Test("a node without room is not sent anything, and others go on")
    func noRoom() async throws {
        let scene = Scenes.scene(2)
        scene.world.change { $0.nodes["n1"]?.engine?.freeBytes = Self.new.bytes }
        let report = try await scene.run()
        #expect(report.words == ["failed", "applied"])
        #expect(!scene.courier.seen.calls.contains { $0.node == "n1" })
        scene.expectClean()
    }

    @Test("a step ends with its deadline, whatever it waits for")
    func late() async throws {
        let scene = Scenes.scene(bytesPerSecond: 10_000)
        var plan = scene.lab.plan(scene.world)
        guard case .image(var act) = plan.steps[0].act else { return }
        act.deadlineSeconds = 60
        plan.steps[0].act = .image(act)
        let report = try await scene.world.run(plan, courier: scene.courier).get()
        guard case .failed(let words) = report.steps[0].outcome else {
            Testing.Issue.record("\(report)")
            return
        }
        #expect(words.hasPrefix("n1: shop/cart:1 was not there within 60 s: "))
        #expect(report.steps[0].seconds < 70)
        scene.expectClean()
    }

    @Test("a load over a broken connection is begun once and collected")
    func brokenLoad() async throws {
        for after in [0, 1] {
            let count = Mutex(0)
            let scene = Scenes.scene(worldFault: { visit, _ in
                guard visit.actions.contains(where: { if case .image(.load) = $0 { true } else { false } }) else {
                    return nil
                }
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                return number == 1 ? .drop(after: after) : nil
            })
            let report = try await scene.run()
            #expect(report.words == ["applied"])
            #expect(scene.world["n1"].engine?.loads.count == 1)
            scene.expectClean()
        }
    }

    @Test("parts that could not be removed after the step are removed at the end of the run")
    func clearedLater() async throws {
        let count = Mutex(0)
        let scene = Scenes.scene(worldFault: { visit, _ in
            guard visit.actions.contains(.image(.clear)) else { return nil }
            let number = count.withLock { count in
                count += 1
                return count
            }
            return number <= 2 ? .unreachable : nil
        })
        let report = try await scene.run()
        #expect(report.words == ["applied"])
        #expect(count.withLock { $0 } == 3)
        scene.expectClean()
    }

    // MARK: Interrupts

    private func interrupt(
        _ scene: ImageRunTests.Scene,
        trips: Int = 1,
        at isDue: @escaping @Sendable (RunEvent) -> Bool
    ) async throws -> (RunReport, Witness) {
        let interruption = Interruption()
        let witness = Witness { _, event in
            guard interruption.level == .none, isDue(event) else { return }
            for _ in 1...trips { interruption.trip() }
        }
        return (try await scene.run(interruption: interruption, witness: witness), witness)
    }

    @Test("the first interrupt ends a delivery at once and says where the next run goes on")
    func interruptedDelivery() async throws {
        let scene = Scenes.scene(bytesPerSecond: 100_000)
        let (report, _) = try await interrupt(scene) { event in
            if case .transfer(_, "n1", let progress, _) = event { progress.done > 0 } else { false }
        }
        guard case .failed(let words) = report.steps[0].outcome else {
            Testing.Issue.record("\(report)")
            return
        }
        #expect(words.contains("2.5 MB of 20 MB had arrived, nothing was loaded; the next run goes on from"))
        #expect(report.ending == .interrupted(stepFinished: true))
        #expect(scene.world["n1"].engine?.loads.isEmpty == true)
        #expect(scene.world.time.now < .seconds(60))
        scene.expectClean()
        let again = try await scene.run(as: "again")
        #expect(again.words == ["applied"])
    }

    @Test("the first interrupt lets a load finish and says so")
    func interruptedLoad() async throws {
        let scene = Scenes.scene()
        let (report, witness) = try await interrupt(scene) { event in
            if case .waiting(_, "n1 to load shop/cart:1", _, _, _) = event { true } else { false }
        }
        #expect(report.words == ["applied"])
        #expect(
            witness.events.contains { event in
                guard case .progress(1, "n1", let text) = event else { return false }
                return text.hasPrefix("interrupted: stays for n1 to load shop/cart:1")
            }
        )
        scene.expectClean()
    }

    @Test("the second interrupt stops also a load's wait, and the parts are removed", arguments: seeds(20))
    func secondInterrupt(seed: UInt64) async throws {
        let scene = Scenes.scene(4, isTree: seed % 2 == 0, seed: seed)
        let at = Int(seed * 3)
        let counter = Mutex(0)
        let (report, _) = try await interrupt(scene, trips: 2) { _ in
            counter.withLock { count in
                count += 1
                return count >= at
            }
        }
        #expect(report.steps.count == 4)
        scene.expectClean()
        #expect(scene.courier.seen.closes <= 1)
        scene.world.time.advanceJobs(in: scene.world)
        let again = try await scene.run(as: "again")
        #expect(again.ending == .completed && !again.steps.contains { !$0.outcome.isSuccess })
        #expect(scene.lab.plan(scene.world).isEmpty)
    }

    @Test("with the lease the right to clear is lost, too: the janitors do it")
    func leaseLost() async throws {
        let stolen = Mutex(false)
        let scene = Scenes.scene(
            bytesPerSecond: 50_000,
            worldFault: { visit, _ in
                visit.isLease && visit.at > .seconds(20) && stolen.withLock({ $0 }) ? .unreachable : nil
            }
        )
        let witness = Witness { _, event in
            if case .transfer(_, "n1", _, _) = event { stolen.withLock { $0 = true } }
        }
        let report = try await scene.run(witness: witness)
        guard case .failed(let words) = report.steps[0].outcome else {
            Testing.Issue.record("\(report)")
            return
        }
        #expect(words.contains("the lease on the cluster was lost"))
        #expect(scene.world["n1"].engine?.loads.isEmpty == true)
        #expect(scene.courier.seen.closes == 1)
    }

    // MARK: Trees

    @Test("six nodes cost the source two whole images at most; nobody feeds two at once", arguments: seeds(20))
    func tree(seed: UInt64) async throws {
        let scene = Scenes.scene(6, isTree: true, seed: seed)
        let report = try await scene.run()
        #expect(report.words == Array(repeating: "applied", count: 6))
        #expect(scene.courier.seen.wholeSends[Self.name] ?? 0 <= 2)
        #expect(scene.courier.seen.mostOpen <= 4)
        scene.expectClean()
    }

    @Test("a feeder that fails is replaced by another one or the source")
    func feederFails() async throws {
        let scene = Scenes.scene(6, isTree: true) { call in
            call.feeder == "n1" ? CourierError(.feeder, "n1 takes no connection") : nil
        }
        let report = try await scene.run()
        #expect(report.words == Array(repeating: "applied", count: 6))
        scene.expectClean()
    }

    @Test("transfers have places of their own: as many as they may, and other steps beside them")
    func places() async throws {
        let scene = Scenes.scene(6, bytesPerSecond: 100_000)
        let others = (1...3).map { Step.write("/etc/\($0)", "x\n", on: "n1") }
        let witness = Witness()
        let plan = Plan(scene.lab.plan(scene.world).steps + others)
        let report = try await scene.world.run(plan, parallelism: 1, witness: witness, courier: scene.courier).get()
        #expect(report.words.allSatisfy { $0 == "applied" })
        #expect(scene.courier.seen.mostOpen == 4)
        let ends = witness.events.compactMap { event -> Int? in
            if case .stepEnded(let id, _, _, _, _) = event { id } else { nil }
        }
        #expect(ends.prefix(3) == [7, 8, 9])
        scene.expectClean()
    }

    // MARK: Everything at once

    @Test("whatever fails: no app before its images, no parts left, and the next run finishes", arguments: seeds(120))
    func anything(seed: UInt64) async throws {
        var numbers = SeededNumbers(seed)
        let chaos = ImageChaos(&numbers)
        let scene = chaos.scene(seed)
        let interruption = Interruption()
        let trips = Int.random(in: 0...5, using: &numbers)
        let at = Int.random(in: 1...80, using: &numbers)
        let witness = Witness { count, _ in
            if count == at, trips < 3 { for _ in 0..<trips { interruption.trip() } }
        }
        let first = try await scene.run(interruption: interruption, witness: witness)
        #expect(first.steps.count == scene.lab.plan(chaos.world(seed)).steps.count)
        scene.expectClean()
        scene.world.time.advanceJobs(in: scene.world)
        chaos.calm()
        let second = try await scene.run(as: "r2")
        #expect(second.ending == .completed)
        #expect(!second.steps.contains { !$0.outcome.isSuccess }, "\(second.steps.map(\.outcome))")
        #expect(scene.lab.plan(scene.world).isEmpty)
        scene.expectClean()
        #expect(chaos.violations == [])
    }
}
