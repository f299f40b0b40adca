import Specs
import Testing

@testable import Reconciler

@Suite("Visits", .timeLimit(.minutes(20)))
struct ExecuteVisitTests {
    typealias FaultMaker = @Sendable (ExecuteWorld.Visit, inout ExecuteWorld.State) -> ExecuteWorld.Fault?

    private func world(
        _ count: Int = 3,
        _ seed: UInt64 = 1,
        node: SimulatedNode = SimulatedNode(),
        fault: @escaping FaultMaker = { _, _ in nil }
    ) -> ExecuteWorld {
        let nodes = Dictionary(Lab.nodes(count).map { ($0, node) }) { first, _ in first }
        return ExecuteWorld(nodes, seed: seed, time: SimulatedTime(seed: seed), fault: fault)
    }

    private func keyed(_ key: String, _ value: Content) -> LateEdit {
        LateEdit(path: zooKeeperFile, body: .keyed(KeyedEdit(format: .properties, set: [.init(key, value)])))
    }

    @Test("a file that changed since it was observed is a conflict and stays")
    func conflict() async throws {
        let world = world()
        world.edit("n1", "/etc/mesos/zk", "by hand\n")
        let plan = Plan([.write("/etc/mesos/zk", "ours\n", on: "n1"), .write("/etc/mesos/zk", "ours\n", on: "n2")])
        let report = try await world.run(plan).get()
        #expect(report.words == ["conflict", "applied"])
        #expect(world["n1"].files["/etc/mesos/zk"]?.content == "by hand\n")
        #expect(world["n1"].applied == [:])
    }

    @Test("a conflict with exactly what is wanted is none")
    func equalConflict() async throws {
        let world = world()
        world.edit("n1", "/etc/mesos/zk", "ours\n")
        let report = try await world.run(Plan([.write("/etc/mesos/zk", "ours\n", on: "n1")])).get()
        #expect(report.words == ["in place"])
        #expect(world["n1"].applied["file:/etc/mesos/zk"]?.digest == Content("ours\n").digest)
    }

    @Test("a conflict in the content alone is one where the mode is wrong")
    func equalContentWrongMode() async throws {
        let world = world()
        world.edit("n1", "/etc/key", "ours\n")
        let write = FileWrite(path: "/etc/key", content: "ours\n", mode: 0o600, expected: .absent)
        let report = try await world.run(Plan([.visit("n1", [.action(.writeFile(write))])])).get()
        #expect(report.words == ["conflict"])
    }

    @Test("what was written before a failure is recorded, what was not is not")
    func recordsFollowWrites() async throws {
        let world = world()
        world.edit("n1", "/etc/b", "by hand\n")
        let actions = ["/etc/a", "/etc/b", "/etc/c"].map {
            PlannedAction.action(.writeFile(FileWrite(path: $0, content: "x\n", expected: .absent)))
        }
        let changes = ["/etc/a", "/etc/b", "/etc/c"].map { Change.file($0, "x\n", on: "n1") }
        let report = try await world.run(Plan([.visit("n1", actions, changes: changes)])).get()
        #expect(report.words == ["conflict"])
        #expect(world["n1"].applied.keys.sorted() == ["file:/etc/a"])
        #expect(world["n1"].files["/etc/c"] == nil)
    }

    @Test("a write whose connection broke is taken up once, wherever it broke", arguments: [0, 1, 2])
    func brokenWrite(after: Int) async throws {
        let world = world { visit, state in
            let isFirst = state.visits.filter { $0.writes("/etc/a") }.count == 1
            return visit.writes("/etc/a") && isFirst ? .drop(after: after) : nil
        }
        let report = try await world.run(Plan([.write("/etc/a", "x\n", on: "n1")])).get()
        #expect(report.words == ["applied"])
        #expect(world["n1"].files["/etc/a"]?.content == "x\n")
        #expect(world["n1"].applied["file:/etc/a"] != nil)
    }

    @Test("a node that stays silent is a failure, one that broke off twice is unknown")
    func silence() async throws {
        let world = world { visit, _ in
            switch visit.node {
            case "n1" where !visit.isLease: .unreachable
            case "n2" where !visit.isLease: .drop(after: 1)
            default: nil
            }
        }
        let plan = Plan([.write("/etc/a", "x\n", on: "n1"), .write("/etc/a", "x\n", on: "n2")])
        let report = try await world.run(plan).get()
        #expect(report.words == ["failed", "unknown"])
    }

    @Test("a restart of whatever runs is never repeated after a broken connection")
    func blindRestart() async throws {
        var node = SimulatedNode()
        node.services["agent"] = SimulatedNode.Daemon()
        let world = world(node: node) { visit, _ in visit.restarts ? .drop(after: 0) : nil }
        let step = Step.visit("n1", [.action(.service(.restartUnit("agent", pid: nil)))])
        let report = try await world.run(Plan([step])).get()
        #expect(report.words == ["unknown"])
        #expect(world.visits.filter(\.restarts).count == 1)
    }

    @Test("a late edit keeps what the package brought and sets its keys", arguments: [true, false])
    func lateEdit(exists: Bool) async throws {
        let world = world()
        if exists { world.edit("n1", zooKeeperFile, "tickTime=1000\nfoo=bar\n") }
        let step = Step.visit(
            "n1",
            [.edit(keyed("tickTime", "2000"))],
            changes: [.file(zooKeeperFile, "tickTime=2000", on: "n1")]
        )
        let report = try await world.run(Plan([step])).get()
        #expect(report.words == ["applied"])
        #expect(world["n1"].files[zooKeeperFile]?.content == "tickTime=2000\n\(exists ? "foo=bar\n" : "")")
        #expect(world["n1"].applied["file:\(zooKeeperFile)"] != nil)
        let again = try await world.run(Plan([step]), as: "r2").get()
        #expect(again.words == ["in place"])
    }

    @Test("a late edit of a file that is no JSON object leaves it and says where", arguments: ["[1]", "{\n  x\n}\n"])
    func lateEditOfNoObject(text: String) async throws {
        let world = world()
        let path = "/etc/docker/daemon.json"
        world.edit("n1", path, text)
        let edit = LateEdit(path: path, body: .keyed(KeyedEdit(format: .json, set: [.init("debug", "true")])))
        let report = try await world.run(Plan([.visit("n1", [.edit(edit)])])).get()
        #expect(report.words == ["failed"])
        let said = "\(report.steps.map(\.outcome))"
        #expect(said.contains("\(path): it is ") && said.contains("so no key of it can be set"), "\(said)")
        #expect(world["n1"].files[path]?.content == text)
    }

    @Test("a late edit writes over exactly what it read, secrets or not", arguments: [true, false])
    func lateEditRace(isSecret: Bool) async throws {
        let world = world { visit, state in
            if visit.writes(zooKeeperFile) { state.nodes["n1"]?.write(zooKeeperFile, "a=9\n") }
            return nil
        }
        world.edit("n1", zooKeeperFile, "a=1\n")
        let value: Content = isSecret ? Content([.secret(.environment("PASSWORD"))]) : "2"
        let report = try await world.run(Plan([.visit("n1", [.edit(keyed("a", value))])])).get()
        #expect(report.words == ["conflict"])
        #expect(world["n1"].files[zooKeeperFile]?.content == "a=9\n")
        let writes = world.visits.flatMap(\.actions).compactMap { action in
            if case .writeFile(let write) = action { write } else { nil }
        }
        #expect(writes.map(\.content.isSensitive) == [isSecret])
        #expect(writes.map(\.expected) == [isSecret ? .stamp("stamp-2") : .digest(sha256("a=1\n"))])
    }

    @Test("a late edit that cannot be made changes nothing and says why")
    func hopelessEdit() async throws {
        let world = world()
        world.edit("n1", zooKeeperFile, "<<<\n")
        let secret = Content([.secret(.file("missing"))])
        let plan = Plan([
            .visit("n1", [.edit(keyed("a", "2"))]), .visit("n2", [.edit(keyed("a", secret))]),
            .visit("n3", [.edit(LateEdit(path: "/etc/none", body: .absent))]),
        ])
        let report = try await world.run(plan).get()
        #expect(report.words == ["failed", "failed", "in place"])
        #expect(world["n1"].files[zooKeeperFile]?.content == "<<<\n")
    }

    @Test("a late removal removes what is there")
    func lateRemoval() async throws {
        let world = world()
        world.edit("n1", "/etc/mesos-slave/port", "5051\n")
        let step = Step.visit("n1", [.edit(LateEdit(path: "/etc/mesos-slave/port", body: .absent))])
        let report = try await world.run(Plan([step])).get()
        #expect(report.words == ["applied"])
        #expect(world["n1"].files == [:])
    }

    private func installing() -> (SimulatedNode, Step) {
        var node = SimulatedNode()
        node.offered["zookeeperd"] = ("3.8.0-11", [zooKeeperFile: "dataDir=/tmp/zookeeper\n"], [.zooKeeper])
        let actions: [PlannedAction] = [
            .action(.service(.maskUnit(.zooKeeper))),
            .action(.installPackages([PackageInstall(name: "zookeeperd")], job: "install")),
            .edit(keyed("dataDir", "/var/lib/zookeeper")),
        ]
        var package = Change.file("", "", on: "n1")
        package.applied = AppliedEntry(resource: "package:zookeeperd", digest: "p", revision: "r")
        return (node, .visit("n1", actions, changes: [package, .file(zooKeeperFile, "k", on: "n1")]))
    }

    @Test("an installation goes on detached, is collected, and the edit follows it")
    func installation() async throws {
        let (node, step) = installing()
        let world = world(node: node)
        let report = try await world.run(Plan([step])).get()
        #expect(report.words == ["applied"])
        #expect(world["n1"].files[zooKeeperFile]?.content == "dataDir=/var/lib/zookeeper\n")
        #expect(world["n1"].applied.keys.sorted() == ["file:\(zooKeeperFile)", "package:zookeeperd"])
        #expect(world.restarts == [])
        #expect(report.steps[0].seconds > 39)
    }

    @Test("an installation survives any broken connection and is started once", arguments: seeds(40))
    func brokenInstallation(seed: UInt64) async throws {
        let (node, step) = installing()
        let world = world(3, seed, node: node) { visit, state in
            // Anything but the first two visits and the last writes may break: those have one retry each.
            let collects = visit.actions.contains { if case .collect = $0 { true } else { false } }
            let installs = visit.actions.contains { if case .installPackages = $0 { true } else { false } }
            if installs, state.visits.filter({ $0.actions == visit.actions }).count == 1 {
                return .drop(after: Int.random(in: 0...2, using: &state.numbers))
            }
            return collects && Bool.random(using: &state.numbers) ? .drop(after: 1) : nil
        }
        let report = try await world.run(Plan([step])).get()
        #expect(report.words == ["applied"])
        #expect(world["n1"].jobsStarted == 1)
        #expect(world.violations == [])
        #expect(world["n1"].packages["zookeeperd"] == "3.8.0-11")
        #expect(world["n1"].files[zooKeeperFile]?.content == "dataDir=/var/lib/zookeeper\n")
    }

    @Test("an installation that never ends is given up after a quarter of an hour, as unknown")
    func endlessInstallation() async throws {
        let installing = installing()
        var node = installing.0
        node.installTime = .seconds(3600)
        let world = world(node: node)
        let report = try await world.run(Plan([installing.1])).get()
        #expect(report.words == ["unknown"])
        #expect((900..<930).contains(report.steps[0].seconds))
        #expect(world["n1"].applied == [:])
    }

    @Test("a failed action names itself, the node and the node's words")
    func failedAction() async throws {
        let world = world { visit, _ in visit.writes("/etc/a") ? .fail(0, "read-only file system") : nil }
        let report = try await world.run(Plan([.write("/etc/a", "x\n", on: "n1")])).get()
        #expect(report.steps[0].outcome == .failed("n1: could not write /etc/a: read-only file system"))
    }

    @Test("a record that cannot be written takes nothing back")
    func failedRecord() async throws {
        let world = world { visit, _ in visit.writes("/etc/a") ? .fail(1, "no space left on device") : nil }
        let actions = ["/etc/a", "/etc/b"].map {
            PlannedAction.action(.writeFile(FileWrite(path: $0, content: "x\n", expected: .absent)))
        }
        let step = Step.visit("n1", actions, changes: [.file("/etc/a", "x\n", on: "n1")])
        let report = try await world.run(Plan([step])).get()
        #expect(report.words == ["applied"])
        #expect(world["n1"].files.keys.sorted() == ["/etc/a", "/etc/b"])
    }

    @Test("no event and no report holds a secret's value")
    func secretsStayHidden() async throws {
        let world = world()
        world.edit("n1", zooKeeperFile, "password=s3cret-value\n")
        let witness = Witness()
        let secret = Content([.secret(.environment("PASSWORD"))])
        let plan = Plan([
            .visit("n1", [.edit(keyed("other", secret))]), .write("/etc/secret", secret, on: "n2"),
            .write("/etc/secret", "password", on: "n2"),
        ])
        let report = try await world.run(plan, witness: witness).get()
        #expect(report.words == ["applied", "applied", "conflict"])
        #expect(world["n2"].files["/etc/secret"]?.content == "s3cret-value")
        #expect(!"\(report) \(witness.events) \(world.visits.flatMap(\.actions))".contains("s3cret-value"))
    }
}
