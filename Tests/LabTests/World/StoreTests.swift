import Daemons
import FoundationEssentials
import Glibc
import Reconciler
import Specs
import Testing

@testable import Lab

@Suite("A lab kept in a directory", .timeLimit(.minutes(20)))
struct StoreTests {
    /// A directory of its own for `body`.
    private func inDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/lab-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(directory)
    }

    private func world() throws -> LabWorld {
        try LabWorld(spec: LabFixture.spec("Testbed/cluster.yaml"), seed: 3)
    }

    @Test func `what one program does, another one sees`() async throws {
        try await inDirectory { directory in
            try Lab.create(world(), in: directory)
            let (one, other) = (try Lab(directory: directory), try Lab(directory: directory))
            try one.change { world throws(LabError) in try world.inject(.unplug("mesos-slave1")) }
            #expect(try other.read { $0.status.nodes.filter { !$0.isPluggedIn }.map(\.name) } == ["mesos-slave1"])
            try other.change { world throws(LabError) in try world.inject(.plugIn("mesos-slave1")) }
            #expect(try one.read { $0.status.nodes.allSatisfy(\.isPluggedIn) })
        }
    }

    @Test func `a whole apply runs over it, and the next program has nothing to do`() async throws {
        try await inDirectory { directory in
            try Lab.create(world(), in: directory)
            let spec = try LabFixture.spec("Testbed/cluster.yaml")
            let first = LabFixture(spec, lab: try Lab(directory: directory))
            let report = try await first.apply(await first.plan()).get()
            #expect(report.troubles == [])
            let second = LabFixture(spec, lab: try Lab(directory: directory))
            #expect(try second.lab.read { $0.now } >= first.lab.clock.now.moment)
            let plan = try await second.plan()
            #expect(plan.isEmpty, "\(plan.words)")
        }
    }

    @Test func `what time did and could not be saved is told, unless there is worse to tell`() async throws {
        struct Worse: Error {}
        try await inDirectory { directory in
            try Lab.create(world(), in: directory)
            let lab = try Lab(directory: directory)
            try await lab.run { try await lab.clock.sleep(for: .seconds(60)) }
            let saved = try Lab(directory: directory).read { $0.now }
            #expect(saved == LabWorld.beginning + 60_000)
            do {
                // Someone resets the lab while it is used.
                try await lab.run { try Lab.reset(directory) }
                Issue.record("nothing was said")
            } catch let error as LabError {
                #expect(error.kind == .missing)
            }
            await #expect(throws: Worse.self) { try await lab.run { throw Worse() } }
        }
    }

    @Test func `steps of two programs at once are all done`() async throws {
        try await inDirectory { directory in
            try Lab.create(world(), in: directory)
            await withTaskGroup(of: Void.self) { group in
                for program in 1...2 {
                    group.addTask {
                        for step in 1...10 {
                            try? Lab(directory: directory).change { world throws(LabError) in
                                try world.inject(.write(path: "/tmp/\(program)-\(step)", text: "", on: "mesos-slave1"))
                            }
                        }
                    }
                }
            }
            let files = try Lab(directory: directory).read { world in
                world.machines.first { $0.name == "mesos-slave1" }?.node.files.list("/tmp")?.count { $0.contains("-") }
            }
            #expect(files == 20)
        }
    }

    @Test func `a world made anew is never overwritten by who held the one before`() async throws {
        try await inDirectory { directory in
            #expect(try Lab.create(world(), in: directory))
            let lab = try Lab(directory: directory)
            try lab.change { world throws(LabError) in try world.inject(.unplug("mesos-slave1")) }
            try Lab.reset(directory)
            #expect(try Lab.create(world(), in: directory))
            #expect(try Lab.create(world(), in: directory) == false)
            // As many times saved as the one that `lab` holds.
            try Lab(directory: directory).change { _ throws(LabError) in }
            try lab.change { _ throws(LabError) in }
            #expect(try Lab(directory: directory).read { $0.status.nodes.allSatisfy(\.isPluggedIn) })
        }
    }

    @Test func `secrets on its nodes are for the owner's eyes only`() async throws {
        try await inDirectory { directory in
            try Lab.create(world(), in: directory)
            for (path, mode) in [(directory, mode_t(0o700)), (directory + "/world", 0o600)] {
                var status = stat()
                try #require(stat(path, &status) == 0)
                #expect(status.st_mode & 0o777 == mode, "\(path)")
            }
        }
    }

    @Test func `two programs never draw the same id, and equal worlds draw equal ones`() async throws {
        func drawn() async throws -> [String] {
            var ids: [String] = []
            try await inDirectory { directory in
                try Lab.create(world(), in: directory)
                let labs = [try Lab(directory: directory), try Lab(directory: directory)]
                for turn in 0..<6 { ids.append(try labs[turn % 2].change { $0.drawID() }) }
            }
            return ids
        }
        let ids = try await drawn()
        #expect(Set(ids).count == 6)
        #expect(try await drawn() == ids)
    }

    @Test func `what cannot be read says so, and what to do`() async throws {
        try await inDirectory { directory in
            func failure() -> LabError? {
                do throws(LabError) {
                    _ = try Lab(directory: directory)
                    return nil
                } catch {
                    return error
                }
            }
            #expect(failure()?.kind == .missing)
            #expect(failure()?.description.contains("`reconciler lab up`") == true)
            try Lab.create(world(), in: directory)
            #expect(failure() == nil)
            let file = directory + "/world"
            let whole = try #require(FileManager.default.contents(atPath: file))
            try whole.prefix(whole.count / 2).write(to: URL(filePath: file))
            #expect(failure()?.kind == .unreadable)
            #expect(failure()?.description.contains("`reconciler lab reset`") == true)
            try Data("reconciler-lab 99 1\n{}".utf8).write(to: URL(filePath: file))
            #expect(failure()?.description.contains("a newer version") == true)
            try Data("something else".utf8).write(to: URL(filePath: file))
            #expect(failure()?.kind == .unreadable)
            try Lab.reset(directory)
            #expect(failure()?.kind == .missing)
            try Lab.reset(directory)
        }
    }

    /// What a step costs is what it costs to write this much: tens of milliseconds for each megabyte.
    @Test func `a converged cluster takes less than half a megabyte`() async throws {
        let fixture = try await LabFixture.converged("Testbed/cluster.yaml")
        let bytes = try fixture.lab.read { try? LabFile.encoded($0).count }
        #expect(bytes ?? .max < 500_000)
    }

    @Test func `a version or platform that the lab does not know is named with those it knows`() throws {
        var spec = try LabFixture.spec("Testbed/cluster.yaml")
        let here = SourcePosition(file: "cluster.yaml", line: 1, column: 1)
        spec.versions.mesos = Located("9.9.9", at: here)
        do throws(LabError) {
            _ = try LabWorld(spec: spec, seed: 1)
            Issue.record("it was taken")
        } catch {
            #expect(error.kind == .unsupported)
            #expect(error.description.contains("9.9.9") && error.description.contains("1.11.0"))
        }
    }
}
