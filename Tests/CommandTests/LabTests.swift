import FoundationEssentials
import Synchronization
import Testing

@testable import Command

/// Commands in this process, with the real files of the repository, on a lab of their own.
private struct LabRun {
    let directory = NSTemporaryDirectoryPath.unique()
    var file: String

    struct Result: Sendable {
        var status: Int32
        var output: String
        var log: String
    }

    func callAsFunction(_ arguments: String...) async -> Result {
        let said = Mutex<(output: String, log: String)>(("", ""))
        let console = Console(
            write: { text in said.withLock { $0.output += text } },
            log: { text in said.withLock { $0.log += text } },
            readLine: { _ in nil },
            canAsk: false,
            outputIsTerminal: false,
            logIsTerminal: false,
            logWidth: { 80 },
            environment: { [directory] in $0 == "RECONCILER_LAB" ? directory : nil },
            time: { "2024-05-01T12:00:00Z" }
        )
        let surroundings = Surroundings(console: console, interrupts: Interrupts(), wiring: .live)
        let status = await Surroundings.$current.withValue(surroundings) {
            await ReconcilerCommand.run(arguments + ["--file", file, "--quiet"])
        }
        return said.withLock { Result(status: status.code, output: $0.output, log: $0.log) }
    }

    func end() { try? FileManager.default.removeItem(atPath: directory) }
}

private enum NSTemporaryDirectoryPath {
    static func unique() -> String { "/tmp/reconciler-lab-\(UUID().uuidString.lowercased())" }
}

@Suite struct LabTests {
    private static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }

    @Test(.timeLimit(.minutes(2)), arguments: ["cluster.yaml", "Testbed/cluster.yaml"])
    func `a bare cluster is planned, applied, planned empty, broken, seen and healed`(file: String) async throws {
        let reconciler = LabRun(file: "\(Self.root)/\(file)")
        defer { reconciler.end() }
        #expect(await reconciler("plan", "--lab", "--detailed-exitcode").status == 2)
        let applied = await reconciler("apply", "--lab", "--yes")
        #expect(applied.status == 0, "\(applied.output)\(applied.log)")
        let again = await reconciler("plan", "--lab", "--detailed-exitcode")
        #expect(again.status == 0)
        #expect(again.output.hasPrefix("No changes."))
        #expect(again.output.contains("Not managed by this version:"))

        for words in [
            ["hand-edited-file", "--on", "mesos-slave1"], ["stopped-service", "--on", "mesos-slave2"],
            ["dead-host", "--on", "mesos-slave3"],
        ] {
            #expect(await reconciler("lab", "break", words[0], words[1], words[2]).status == 0)
        }
        let seen = await reconciler("plan", "--lab")
        #expect(seen.status == 4)
        #expect(seen.output.contains("mesos-slave1: /etc/mesos-slave/executor_registration_timeout 1mins → 5mins"))
        #expect(seen.output.contains("mesos-slave2  start mesos-slave"))
        #expect(seen.output.contains("? mesos-slave3  did not answer"))
        #expect(await reconciler("apply", "--lab", "--yes").status == 4)
        #expect(await reconciler("lab", "mend").output == "mesos-slave3 has power again.\n")
        let healed = await reconciler("plan", "--lab", "--detailed-exitcode")
        #expect(healed.status == 0, "\(healed.output)")
    }

    @Test func `the lab says what it does not know, and what to do about a world it cannot read`() async throws {
        let reconciler = LabRun(file: "\(Self.root)/cluster.yaml")
        defer { reconciler.end() }
        #expect(await reconciler("lab", "up").output.contains("Next: reconciler plan --lab"))
        #expect(await reconciler("lab", "up").output.contains("is up already"))
        let nobody = await reconciler("lab", "break", "dead-host", "--on", "mesos-slave9")
        #expect(nobody.status == 1)
        #expect(nobody.log.contains("no node named mesos-slave9"))
        #expect(await reconciler("lab", "break", "earthquake").status == 64)
        #expect(await reconciler("lab", "wait", "2h").output.contains("11:0"))
        try "{".write(toFile: reconciler.directory + "/world", atomically: true, encoding: .utf8)
        let damaged = await reconciler("plan", "--lab")
        #expect(damaged.status == 1)
        #expect(damaged.log.contains("lab reset"), "\(damaged.log)")
        #expect(await reconciler("lab", "reset").status == 0)
        #expect(await reconciler("lab", "status").status == 0)
    }

    @Test func `the same seed and the same commands give the same status`() async throws {
        var outputs: Set<String> = []
        for _ in 1...2 {
            let reconciler = LabRun(file: "\(Self.root)/Testbed/cluster.yaml")
            defer { reconciler.end() }
            _ = await reconciler("lab", "up", "--seed", "7")
            _ = await reconciler("apply", "--lab", "--yes")
            _ = await reconciler("lab", "break", "killed-leader")
            outputs.insert(await reconciler("lab", "status", "--format", "json").output)
        }
        #expect(outputs.count == 1)
    }
}
