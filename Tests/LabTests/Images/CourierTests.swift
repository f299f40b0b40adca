import Daemons
import FoundationEssentials
import Reconciler
import Specs
import Synchronization
import Testing

@testable import Lab

/// A cluster whose engines run, a courier, and what it does to `web`.
struct CourierLab {
    let fixture: LabFixture
    let courier: LabImageCourier
    var access: LabNodeAccess { fixture.lab.access() }

    init(beside directory: String? = nil) async throws {
        fixture = try await LabFixture.converged("Testbed/cluster.yaml")
        courier = fixture.lab.courier(beside: directory)
    }

    static func image(_ reference: String, _ origin: ImageOrigin) -> DesiredImage {
        DesiredImage(
            reference: reference,
            origin: origin,
            nodes: ["mesos-slave1"],
            position: SourcePosition(file: "cluster.yaml", line: 1, column: 1)
        )
    }

    static let web = image("web:latest", .engine(.thisMachine))

    static func target(_ node: NodeName) -> NodeTarget { NodeTarget(name: node, address: "", ssh: SSHSpec()) }

    func found(_ desired: DesiredImage) async throws -> SourceImage {
        let look = try await fixture.lab.run { await courier.look(for: [desired]) }[desired.reference]
        guard case .found(let image)? = look?.image else { throw LabError(.noTarget, "\(String(describing: look))") }
        return image
    }

    func pack(_ desired: DesiredImage = web, layers: Set<String>? = nil) async throws -> ImagePack {
        let image = try await found(desired)
        return try await fixture.lab.run {
            try await courier.pack(image, of: desired, layers: layers) { _ in }
        }
    }

    func stage(_ pack: ImagePack, on nodes: NodeName...) async throws {
        for node in nodes {
            let results = try await act(.image(.stage(bytes: pack.bytes, unpacked: pack.unpackedBytes)), on: node)
            try #require(results.isDone, "\(results)")
        }
    }

    func act(_ action: NodeAction, on node: NodeName) async throws -> ActionResult {
        let results = try await fixture.lab.run {
            try await access.perform([action], run: RunID("r1"), on: Self.target(node))
        }
        return try #require(results.first)
    }

    func deliver(
        _ pack: ImagePack,
        to node: NodeName,
        from feeder: NodeName? = nil,
        bandwidth: Int? = nil,
        progress: @escaping @Sendable (TransferProgress) -> Void = { _ in }
    ) async throws -> Delivery {
        try await fixture.lab.run {
            try await courier.deliver(
                pack,
                to: Self.target(node),
                from: feeder.map(Self.target),
                bandwidth: bandwidth,
                progress: progress
            )
        }
    }

    func failure(_ pack: ImagePack, to node: NodeName, from feeder: NodeName? = nil) async throws -> CourierError {
        let error = await #expect(throws: CourierError.self) { try await deliver(pack, to: node, from: feeder) }
        return try #require(error)
    }

    func now() throws -> Moment { try fixture.lab.read { $0.now } }
}

extension Observation {
    /// Why it is not known.
    fileprivate var trouble: String? {
        if case .unknown(let reason) = self { reason } else { nil }
    }
}

@Suite struct CourierTests {
    @Test func `a declared image goes from its origin onto a node, and its second version in less`() async throws {
        let lab = try await CourierLab()
        let pack = try await lab.pack()
        #expect(pack.parts.count == 3 && !pack.isPartial && pack.unpackedBytes == 180_000_000)
        try await lab.stage(pack, on: "mesos-slave1")
        let seen = Mutex<[TransferProgress]>([])
        let began = try lab.now()
        let delivery = try await lab.deliver(pack, to: "mesos-slave1") { step in seen.withLock { $0.append(step) } }
        #expect(delivery == Delivery(sent: pack.bytes, present: 0))
        // 72 MB at 100 MB a second, told four times a second.
        #expect(700...1000 ~= (try lab.now()) - began)
        #expect(seen.withLock { $0.map(\.done) } == [0, 25_000_000, 50_000_000, pack.bytes])
        #expect(try await lab.deliver(pack, to: "mesos-slave1") == Delivery(sent: 0, present: pack.bytes))

        let load = ImageLoad(parts: pack.parts.map(\.digest), id: pack.id, reference: "web:latest", layers: [])
        #expect(try await lab.act(.image(.load(load, job: "j1")), on: "mesos-slave1").isDone)
        #expect(try await lab.act(.collect(job: "j1", seconds: 60), on: "mesos-slave1").isDone)
        #expect(try await lab.act(.image(.clear), on: "mesos-slave1").isDone)
        #expect(try lab.fixture.status().nodes.first { $0.name == "mesos-slave1" }?.images == ["web:latest"])

        let api = CourierLab.image("api:latest", .engine(.ssh("elsewhere")))
        let source = try await lab.found(api)
        let rest = try await lab.pack(api, layers: Set(source.layers.dropFirst().map(\.diffID)))
        #expect(rest.isPartial && rest.unpackedBytes == 60_000_000)
        try await lab.stage(rest, on: "mesos-slave1")
        _ = try await lab.deliver(rest, to: "mesos-slave1")
        let again = ImageLoad(parts: rest.parts.map(\.digest), id: rest.id, reference: "api:latest", layers: [])
        #expect(try await lab.act(.image(.load(again, job: "j2")), on: "mesos-slave1").isDone)
        #expect(try await lab.act(.collect(job: "j2", seconds: 60), on: "mesos-slave1").isDone)
    }

    @Test func `a cut leaves what arrived, and only the rest is sent again`() async throws {
        let lab = try await CourierLab()
        let pack = try await lab.pack()
        try await lab.stage(pack, on: "mesos-slave1")
        try lab.fixture.inject(.cutTransfer(to: "mesos-slave1"))
        let cut = try await lab.failure(pack, to: "mesos-slave1")
        #expect(cut.kind == .unreachable && cut.sent == pack.bytes / 2)
        #expect(
            try await lab.deliver(pack, to: "mesos-slave1")
                == Delivery(sent: pack.bytes - pack.bytes / 2, present: pack.bytes / 2)
        )
    }

    @Test func `nodes that cannot take an image say why`() async throws {
        let lab = try await CourierLab()
        let pack = try await lab.pack()
        #expect(try await lab.failure(pack, to: "mesos-slave1").message.hasSuffix("is not there; stage it first"))
        try await lab.stage(pack, on: "mesos-slave1", "mesos-slave2", "mesos-slave3")
        try lab.fixture.inject(.powerOff("mesos-slave1"))
        #expect(try await lab.failure(pack, to: "mesos-slave1").kind == .unreachable)
        try lab.fixture.inject(.fillDisk("mesos-slave2"))
        let full = try await lab.failure(pack, to: "mesos-slave2")
        #expect(full.kind == .diskFull && full.message.contains("No space left on device"))
        #expect(try await lab.failure(pack, to: "mesos-slave3", from: "mesos-slave2").kind == .feeder)
        #expect(try await lab.failure(pack, to: "mesos-slave3", from: "mesos-slave1").kind == .feeder)
        _ = try await lab.deliver(pack, to: "mesos-slave3")
        try lab.fixture.inject(.emptyDisk("mesos-slave2"))
        #expect(try await lab.deliver(pack, to: "mesos-slave2", from: "mesos-slave3").sent == pack.bytes)
    }

    @Test func `transfers from one machine share what it can send, feeders add theirs`() async throws {
        let lab = try await CourierLab()
        let pack = try await lab.pack()
        try await lab.stage(pack, on: "mesos-slave1", "mesos-slave2", "mesos-slave3")
        func seconds(_ nodes: [(NodeName, NodeName?)], bandwidth: Int? = nil) async throws -> Double {
            let began = try lab.now()
            try await lab.fixture.lab.run {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (node, feeder) in nodes {
                        group.addTask { _ = try await lab.deliver(pack, to: node, from: feeder, bandwidth: bandwidth) }
                    }
                    try await group.waitForAll()
                }
            }
            return Double((try lab.now()) - began) / 1000
        }
        #expect(1.4...1.8 ~= (try await seconds([("mesos-slave1", nil), ("mesos-slave2", nil)])))
        #expect(0.7...1.0 ~= (try await seconds([("mesos-slave3", "mesos-slave1")])))
        #expect(try await lab.act(.image(.clear), on: "mesos-slave3").isDone)
        try await lab.stage(pack, on: "mesos-slave3")
        #expect(7.2...7.6 ~= (try await seconds([("mesos-slave3", nil)], bandwidth: 10_000_000)))
    }

    @Test func `the same transfers at once give the same world, to the last byte`() async throws {
        var worlds: Set<[UInt8]> = []
        for _ in 1...2 {
            let lab = try await CourierLab()
            let pack = try await lab.pack()
            try await lab.stage(pack, on: "mesos-slave1", "mesos-slave2", "mesos-slave3")
            try lab.fixture.inject(.cutTransfer(to: "mesos-slave2"))
            let outcomes = try await lab.fixture.lab.run {
                await withTaskGroup(of: Int.self) { group in
                    for node in ["mesos-slave1", "mesos-slave2", "mesos-slave3"] {
                        group.addTask { (try? await lab.deliver(pack, to: NodeName(node)).sent) ?? -1 }
                    }
                    return await group.reduce(into: []) { $0.append($1) }.sorted()
                }
            }
            #expect(outcomes == [-1, pack.bytes, pack.bytes])
            worlds.insert(try LabFile.encoded(try lab.fixture.lab.read { $0 }))
        }
        #expect(worlds.count == 1)
    }

    @Test func `origins are told apart: absent, moved, down, out of reach`() async throws {
        let lab = try await CourierLab()
        let here = CourierLab.image("web:latest", .engine(.ssh("mesos-slave1")))
        func look(_ desired: DesiredImage) async throws -> SourceLook? {
            try await lab.fixture.lab.run { await lab.courier.look(for: [desired]) }[desired.reference]
        }
        #expect(try await look(here)?.image == .absent)
        try lab.fixture.inject(.addImage("web", on: "mesos-slave1"))
        let old = try await lab.found(here)
        #expect(old == (try await lab.found(CourierLab.web)), "by hand it is the same image")
        _ = try lab.fixture.lab.change { world throws(LabError) in
            world.machines[try world.index("mesos-slave1")].node.engine?.add(
                "web:latest",
                layers: [.init("new", bytes: 1)],
                created: world.now
            )
        }
        let moved = await #expect(throws: CourierError.self) {
            try await lab.fixture.lab.run { try await lab.courier.pack(old, of: here, layers: nil) { _ in } }
        }
        #expect(moved?.kind == .moved)
        try lab.fixture.inject(.stopEngine("mesos-slave1"))
        let down = try await look(here)?.image.trouble
        #expect(down?.contains("Cannot connect to the Docker daemon") == true)
        try lab.fixture.inject(.powerOff("mesos-slave1"))
        #expect(try await look(here)?.image.trouble?.contains("No route to host") == true)
        let registry = CourierLab.image("a/b@sha256:1", .registry)
        #expect(try await look(registry)?.image.trouble?.contains("no registry") == true)
    }

    @Test func `a build follows its context`() async throws {
        let directory = "/tmp/reconciler-context-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory + "/web", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        func write(_ text: String) throws {
            try Data(text.utf8).write(to: URL(filePath: directory + "/web/Dockerfile"))
        }
        try write("FROM scratch\n")
        let lab = try await CourierLab(beside: directory)
        let desired = CourierLab.image("web:latest", .build(directory: "web", on: .thisMachine))
        func look() async throws -> SourceLook? {
            try await lab.fixture.lab.run { await lab.courier.look(for: [desired]) }["web:latest"]
        }
        let before = try await look()
        #expect(before?.image == .absent && before?.context != nil)
        let lines = Mutex<[String]>([])
        let built = try await lab.fixture.lab.run {
            try await lab.courier.build(desired) { line in lines.withLock { $0.append(line) } }
        }
        #expect(lines.withLock { $0.count } == 3)
        #expect(try await look()?.image == .found(built))
        try write("FROM other\n")
        let changed = try await look()
        #expect(changed?.image == .absent && changed?.context != before?.context)
        let next = try await lab.fixture.lab.run { try await lab.courier.build(desired) { _ in } }
        #expect(next.id != built.id)
    }

    @Test func `what is known of images is saved with the world, and earlier worlds still open`() async throws {
        let lab = try await CourierLab()
        let pack = try await lab.pack()
        try await lab.stage(pack, on: "mesos-slave1")
        _ = try await lab.deliver(pack, to: "mesos-slave1")
        let world = try lab.fixture.lab.read { $0 }
        let bytes = try LabFile.encoded(world)
        let opened = try LabFile.decoded(bytes)
        #expect(try LabFile.encoded(opened) == bytes)
        #expect(opened.arrived(pack, on: "mesos-slave1") == pack.bytes)

        // As it was kept before: the engine beside the node, nothing of parts.
        var document = try JSON(parsing: bytes)
        var machines = document.object?["machines"]?.array ?? []
        for index in machines.indices {
            guard var machine = machines[index].object, var node = machine["node"]?.object else { continue }
            machine["engine"] = node["engine"]
            for key in ["engine", "stagedParts", "partsEnd", "imageJobs"] { node[key] = nil }
            machine["node"] = .object(node)
            machines[index] = .object(machine)
        }
        var members = try #require(document.object)
        members["machines"] = .array(machines)
        members["images"] = nil
        document = .object(members)
        let earlier = try LabFile.decoded(Array(document.text.utf8))
        #expect(earlier.machines.allSatisfy { $0.node.engine != nil && $0.node.stagedParts == nil })
    }
}
