import Specs
import Synchronization
import Testing

@testable import Reconciler

@Suite("Images on their way to nodes", .timeLimit(.minutes(20)))
struct ImageRunTests {
    static let old = ImageLab.image("old", ["base", "one"])
    static let new = ImageLab.image("new", ["base", "two"])
    static let name = "shop/cart:1"

    struct Scene {
        var world: ExecuteWorld
        var courier: SimulatedCourier
        var lab: ImageLab

        func run(
            as name: String = "r1",
            interruption: Interruption = Interruption(),
            witness: Witness = Witness()
        ) async throws -> RunReport {
            try await world.run(
                lab.plan(world),
                as: name,
                interruption: interruption,
                witness: witness,
                courier: courier
            ).get()
        }

        /// What must hold at every end.
        func expectClean() {
            for node in world.state.withLock({ $0.nodes.keys.sorted() }) {
                #expect(world[node].parts == nil, "\(node)")
            }
            #expect(world.violations == [])
            #expect(courier.seen.violations == [])
        }
    }

    static func scene(
        _ count: Int = 1,
        holding: [String: SourceImage] = [:],
        isTree: Bool = false,
        prunes: Bool = false,
        seed: UInt64 = 1,
        bytesPerSecond: Int = 1_000_000,
        fault: @escaping @Sendable (SimulatedCourier.Call) -> CourierError? = { _ in nil },
        worldFault: @escaping @Sendable (ExecuteWorld.Visit, inout ExecuteWorld.State) -> ExecuteWorld.Fault? = {
            _,
            _ in
            nil
        }
    ) -> Scene {
        let nodes = Lab.nodes(count)
        let world = ExecuteWorld(
            ImageLab.nodes(nodes, holding: holding),
            seed: seed,
            time: SimulatedTime(seed: seed),
            fault: worldFault
        )
        let courier = SimulatedCourier(
            world,
            origin: [name: new],
            bytesPerSecond: bytesPerSecond,
            fault: fault
        )
        var lab = ImageLab(wanted: [.init(reference: name, image: new, nodes: nodes)])
        lab.transfer.isTree = isTree
        lab.prunes = prunes
        return Scene(world: world, courier: courier, lab: lab)
    }

    // MARK: The way

    @Test("an image is brought, loaded once and recorded, and its parts are gone")
    func whole() async throws {
        let scene = Self.scene()
        let witness = Witness()
        let report = try await scene.run(witness: witness)
        #expect(report.words == ["applied"])
        let node = scene.world["n1"]
        #expect(node.engine?.images[Self.new.id]?.names == [Self.name])
        #expect(node.engine?.loads.count == 1)
        // The id that it got on the node is known only now.
        let record = ImageRecord(source: ImageLab.digest("source"), local: Self.new.id)
        #expect(node.applied["image:\(Self.name)"]?.digest == record.digest)
        scene.expectClean()
        #expect(scene.courier.seen.closes == 1)
        #expect(scene.courier.seen.sent[Self.name] == Self.new.bytes / 2 + 1000)
        #expect(scene.lab.plan(scene.world).isEmpty)
    }

    @Test("of its transfer at most four events a second are told, from its beginning to its end, with a rate")
    func events() async throws {
        let scene = Self.scene(bytesPerSecond: 4_000_000)
        let witness = Witness()
        _ = try await scene.run(witness: witness)
        let told = witness.events.compactMap { event -> (TransferProgress, Double?)? in
            guard case .transfer(1, "n1", let progress, let rate) = event else { return nil }
            return (progress, rate)
        }
        #expect(told.count <= 4 * 6 && told.count >= 5)
        #expect(told.last?.0.done == told.last?.0.total)
        #expect(told.first?.1 == nil)
        #expect(told.last?.1.map { $0 > 3_000_000 && $0 < 5_000_000 } == true)
        #expect(
            witness.events.contains {
                if case .waiting(1, "n1 to load shop/cart:1", _, _, _) = $0 { true } else { false }
            }
        )
    }

    @Test("only layers travel that the node has not")
    func lacking() async throws {
        let scene = Self.scene(holding: ["other:1": Self.old])
        let report = try await scene.run()
        #expect(report.words == ["applied"])
        #expect(scene.courier.seen.sent[Self.name] == ImageLab.mebi / 2 + 1000)
        #expect(scene.world["n1"].engine?.loads.count == 1)
        scene.expectClean()
    }

    @Test("a name that stands for something else than the plan saw is a conflict, and nothing is sent")
    func conflict() async throws {
        let scene = Self.scene()
        let plan = scene.lab.plan(scene.world)
        scene.world.change { state in
            state.nodes["n1"]?.engine?.images[ImageLab.digest("x")] = .init(names: [Self.name], layers: ["x"])
        }
        let report = try await scene.world.run(plan, courier: scene.courier).get()
        #expect(
            report.steps[0].outcome
                == .conflict("n1: shop/cart:1 is image \(shortID(ImageLab.digest("x"))), where the plan saw none")
        )
        #expect(scene.courier.seen.calls.isEmpty)
    }

    @Test("what somebody else has brought meanwhile is in place, and recorded")
    func inPlace() async throws {
        let scene = Self.scene()
        let plan = scene.lab.plan(scene.world)
        scene.world.change { state in
            state.nodes["n1"]?.engine?.images[Self.new.id] = .init(names: [Self.name], layers: ["base", "two"])
        }
        let report = try await scene.world.run(plan, courier: scene.courier).get()
        #expect(report.words == ["in place"])
        #expect(scene.world["n1"].applied["image:\(Self.name)"] != nil)
        #expect(scene.courier.seen.calls.isEmpty)
    }

    @Test("the replaced image is recorded as superseded, and removed where that is wanted and nothing needs it")
    func superseded() async throws {
        for (prunes, isUsed) in [(false, false), (true, false), (true, true)] {
            let scene = Self.scene(holding: [Self.name: Self.old], prunes: prunes)
            if isUsed { scene.world.change { $0.nodes["n1"]?.engine?.used = [Self.old.id] } }
            let report = try await scene.run()
            #expect(report.words == ["applied"])
            let isGone = prunes && !isUsed
            #expect((scene.world["n1"].engine?.images[Self.old.id] == nil) == isGone)
            let record = scene.world["n1"].applied["superseded:\(Self.old.id)"]?.digest
            #expect(record == (isGone ? "absent" : sha256(Self.name)))
            scene.expectClean()
        }
    }

    @Test("an image that keeps another name is not superseded")
    func otherName() async throws {
        let scene = Self.scene(holding: [Self.name: Self.old], prunes: true)
        scene.world.change { $0.nodes["n1"]?.engine?.name(Self.old.id, "kept:1") }
        scene.world.change { _ = $0.nodes["n1"]?.engine?.images[Self.old.id]?.names.insert(Self.name) }
        _ = try await scene.run()
        #expect(scene.world["n1"].engine?.images[Self.old.id]?.names == ["kept:1"])
        #expect(scene.world["n1"].applied["superseded:\(Self.old.id)"] == nil)
    }

    // MARK: Engines that want all of it

    @Test("an engine that takes no partial archive is sent the rest, and others of its kind get all of it at once")
    func refusesPartial() async throws {
        let scene = Self.scene(3, holding: ["other:1": Self.old])
        scene.world.change { state in
            for node in Lab.nodes(3) { state.nodes[node]?.engine?.refusesPartial = true }
        }
        var lab = scene.lab
        lab.transfer.parallel = 1
        let report = try await scene.world.run(lab.plan(scene.world), courier: scene.courier).get()
        #expect(report.words == ["applied", "applied", "applied"])
        let loads = Lab.nodes(3).map { scene.world[$0].engine?.loads.count ?? 0 }
        #expect(loads.sorted() == [1, 1, 2])
        // The part that was there already was not sent again.
        #expect(scene.courier.seen.sent[Self.name] == 3 * Self.new.bytes / 2 + 4 * 1000)
        scene.expectClean()
    }

    @Test("a whole archive that is not loaded either has not shown that engines want whole ones")
    func neverLoads() async throws {
        let scene = Self.scene(2, holding: ["other:1": Self.old])
        scene.world.change { $0.nodes["n1"]?.engine?.loadFailure = "Error processing tar file(exit status 1)" }
        var lab = scene.lab
        lab.transfer.parallel = 1
        let report = try await scene.world.run(lab.plan(scene.world), courier: scene.courier).get()
        #expect(report.words == ["failed", "applied"])
        #expect(scene.world["n1"].engine?.loads.count == 2)
        #expect(scene.world["n2"].engine?.loads.map(\.parts.count) == [2])
        scene.expectClean()
    }

    @Test("a full disk is no reason to send more")
    func fullDisk() async throws {
        let scene = Self.scene(holding: ["other:1": Self.old])
        scene.world.change { $0.nodes["n1"]?.engine?.loadFailure = "write /layer.tar: no space left on device" }
        let report = try await scene.run()
        #expect(report.words == ["failed"])
        #expect(scene.world["n1"].engine?.loads.count == 1)
        scene.expectClean()
    }

    // MARK: Orders

    @Test("an image is pulled by digest, tagged and removed by the node itself")
    func orders() async throws {
        let scene = Self.scene(holding: ["other:1": Self.old])
        scene.world.change { $0.nodes["n1"]?.engine?.registry["hub:5000/a@sha256:d"] = (ImageLab.digest("p"), ["x"]) }
        scene.world.change { $0.nodes["n1"]?.engine?.images[ImageLab.digest("loose")] = .init(layers: ["q"]) }
        let plan = Plan([
            .image("hub:5000/a:1", "n1", .pull(digest: "sha256:d", id: nil)),
            .image("mine:2", "n1", .tag(id: Self.old.id)),
            .image("mine:2", "n1", .remove(id: ImageLab.digest("loose"))),
            .image("mine:3", "n1", .remove(id: ImageLab.digest("nowhere"))),
        ])
        let report = try await scene.world.run(plan, courier: scene.courier).get()
        #expect(report.words == ["applied", "applied", "applied", "in place"])
        let engine = try #require(scene.world["n1"].engine)
        #expect(engine.images[ImageLab.digest("p")]?.names == ["hub:5000/a:1"])
        #expect(engine.images[Self.old.id]?.names == ["mine:2", "other:1"])
        #expect(engine.images[ImageLab.digest("loose")] == nil)
        #expect(scene.world["n1"].applied["superseded:\(ImageLab.digest("loose"))"]?.digest == "absent")
    }

    @Test("an image that a container was made from since the plan is not removed")
    func usedMeanwhile() async throws {
        let scene = Self.scene(holding: ["other:1": Self.old])
        scene.world.change { $0.nodes["n1"]?.engine?.used = [Self.old.id] }
        let plan = Plan([.image("other:1", "n1", .remove(id: Self.old.id))])
        let report = try await scene.world.run(plan, courier: scene.courier).get()
        #expect(report.words == ["conflict"])
        #expect(scene.world["n1"].engine?.images[Self.old.id] != nil)
    }

    // MARK: Built ones

    private func building() -> Scene {
        var scene = Self.scene(2)
        scene.courier.change { state in
            state.origin = [:]
            state.contexts[Self.name] = "c1"
            state.builds[Self.name] = Self.new
        }
        scene.lab.wanted[0].context = "c1"
        return scene
    }

    @Test("an image is built before it is brought")
    func built() async throws {
        let scene = building()
        let report = try await scene.world.run(
            scene.lab.plan(scene.world, isBuilt: false),
            courier: scene.courier
        ).get()
        #expect(report.words == ["applied", "applied", "applied"])
        #expect(scene.world["n2"].engine?.images[Self.new.id]?.names == [Self.name])
        scene.expectClean()
    }

    @Test("a context that was changed since the plan ends the run, to plan again")
    func movedContext() async throws {
        let scene = building()
        scene.courier.change { $0.contexts[Self.name] = "c2" }
        let report = try await scene.world.run(
            scene.lab.plan(scene.world, isBuilt: false),
            courier: scene.courier
        ).get()
        #expect(report.words == ["failed", "not reached", "not reached"])
        #expect(report.ending == .assumptionFailed("what shop/cart:1 is built from was changed since the plan"))
    }

    @Test("a build that fails takes its own image along, and nothing else")
    func failedBuild() async throws {
        let scene = building()
        scene.courier.change { $0.builds = [:] }
        let plan = scene.lab.plan(scene.world, isBuilt: false)
        let other = Step.write("/etc/a", "x\n", on: "n1")
        let report = try await scene.world.run(Plan(plan.steps + [other]), courier: scene.courier).get()
        #expect(report.words == ["failed", "not reached", "not reached", "applied"])
        #expect(report.ending == .completed)
    }

    @Test("another image at the origin than was looked at fails its step, and ends nothing else")
    func movedOrigin() async throws {
        let scene = Self.scene()
        let plan = scene.lab.plan(scene.world)
        scene.courier.change { $0.origin[Self.name] = Self.old }
        let report = try await scene.world.run(plan, courier: scene.courier).get()
        #expect(report.words == ["failed"])
        #expect("\(report.steps[0].outcome)".contains("shop/cart:1 is another image by now"))
        #expect(report.ending == .completed)
    }

    @Test("without a courier a step on an image fails clearly")
    func noCourier() async throws {
        let scene = Self.scene()
        let report = try await scene.world.run(scene.lab.plan(scene.world)).get()
        #expect(report.steps[0].outcome == .failed("this run knows no way to bring images anywhere"))
    }
}
