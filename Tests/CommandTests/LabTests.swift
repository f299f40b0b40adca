import FoundationEssentials
import Testing

@testable import Command

/// Commands in this process, with the real files of the repository, on a lab of their own.
private struct LabRun {
    let directory = NSTemporaryDirectoryPath.unique()
    var file: String
    /// What is typed where the command asks, and how long that takes in real time; nil for no terminal.
    var answer: (words: String, after: Duration)?

    func callAsFunction(_ arguments: String...) async -> HeardCommand.Result { await self(list: arguments) }

    func callAsFunction(list arguments: [String]) async -> HeardCommand.Result {
        var command = HeardCommand(environment: ["RECONCILER_LAB": directory])
        if let answer {
            command.answer = {
                try await Task.sleep(for: answer.after)
                return answer.words
            }
        }
        return await command.run(arguments + ["--file", file, "--quiet"])
    }

    func end() { try? FileManager.default.removeItem(atPath: directory) }
}

private enum NSTemporaryDirectoryPath {
    static func unique() -> String { "/tmp/reconciler-lab-\(UUID().uuidString.lowercased())" }
}

@Suite struct LabTests {
    private static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }

    @Test(.timeLimit(.minutes(20)), arguments: ["cluster.yaml", "Testbed/cluster.yaml"])
    func `a bare cluster is planned, applied, planned empty, broken, seen and healed`(file: String) async throws {
        let reconciler = LabRun(file: "\(Self.root)/\(file)")
        defer { reconciler.end() }
        #expect(await reconciler("plan", "--lab", "--detailed-exitcode").status == 2)
        #expect(await reconciler("lab", "load", "feuyeux/nginx", "libmesos/ubuntu").status == 0)
        let applied = await reconciler("apply", "--lab", "--yes")
        #expect(applied.status == 0, "\(applied.output)\(applied.log)")
        let again = await reconciler("plan", "--lab", "--detailed-exitcode")
        #expect(again.status == 0)
        #expect(again.output.hasPrefix("No changes."))
        let status = await reconciler("lab", "status").output
        for app in file == "cluster.yaml" ? ["/hello", "/nginx", "/ubuntu"] : [] {
            #expect(status.contains("\(app) ") && status.contains("1 of 1 running"), "\(status)")
        }

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

    @Test func aForgottenLabHasNoHistory() async throws {
        let reconciler = LabRun(file: "\(Self.root)/cluster.yaml")
        defer { reconciler.end() }
        _ = await reconciler("apply", "--lab", "--yes")
        #expect(await reconciler("history", "--lab").output.contains("reconciler apply"))
        #expect(await reconciler("lab", "reset").status == 0)
        #expect(!(await reconciler("history", "--lab").output.contains("reconciler apply")))
    }

    @Test func `the same seed and the same commands give the same status`() async throws {
        var outputs: Set<String> = []
        var worlds: Set<Data> = []
        // Outside any work tree: what was last applied is recorded with the commit, which others may change meanwhile.
        let declared = NSTemporaryDirectoryPath.unique()
        try FileManager.default.createDirectory(atPath: declared, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: declared) }
        try FileManager.default.copyItem(
            atPath: "\(Self.root)/Testbed/cluster.yaml",
            toPath: "\(declared)/cluster.yaml"
        )
        for _ in 1...2 {
            let reconciler = LabRun(file: "\(declared)/cluster.yaml")
            defer { reconciler.end() }
            _ = await reconciler("lab", "up", "--seed", "7")
            _ = await reconciler("apply", "--lab", "--yes")
            _ = await reconciler("lab", "break", "killed-leader")
            outputs.insert(await reconciler("lab", "status", "--format", "json").output)
            worlds.insert(try #require(FileManager.default.contents(atPath: reconciler.directory + "/world")))
        }
        #expect(outputs.count == 1)
        #expect(worlds.count == 1)
    }

    @Test func `a declaration that outgrew the lab is named with its place and the next move`() async throws {
        let whole = try String(contentsOfFile: "\(Self.root)/Testbed/cluster.yaml", encoding: .utf8)
        let last = "  mesos-slave3:  {address: 10.16.40.13, roles: [mesos-agent, docker]}\n"
        try #require(whole.contains(last))
        let another = last.replacing("slave3", with: "slave4").replacing("40.13", with: "40.14")
        var reconciler = LabRun(file: "\(Self.root)/Testbed/cluster.yaml")
        defer { reconciler.end() }
        #expect(await reconciler("lab", "up").status == 0)
        reconciler.file = reconciler.directory + "/cluster.yaml"

        func declare(_ text: String) throws {
            try text.write(toFile: reconciler.file, atomically: true, encoding: .utf8)
        }
        for (changed, place, move) in [
            (last.replacing("10.16.40.13", with: "10.16.40.99"), ":20:", "`reconciler lab reset`"),
            (last + another, ":21:", "`reconciler lab up`"),
        ] {
            try declare(whole.replacing(last, with: changed))
            let refused = await reconciler("plan", "--lab")
            #expect(refused.status == 1)
            #expect(refused.log.contains("cluster.yaml\(place)"), "\(refused.log)")
            #expect(refused.log.contains(move), "\(refused.log)")
        }
        #expect(await reconciler("lab", "up").output.hasPrefix("mesos-slave4 was added, a bare machine.\n"))
        let grown = await reconciler("plan", "--lab", "--detailed-exitcode")
        #expect(grown.status == 2)
        #expect(grown.output.contains("7 nodes observed"), "\(grown.output)")
        try declare(whole.replacing("os: debian-12", with: "os: centos-7"))
        #expect(await reconciler("lab", "up").log.contains("the machines of the lab run debian-12, not centos-7"))
    }

    @Test func `while somebody thinks about a plan, simulated time goes no faster than he does`() async throws {
        var reconciler = LabRun(file: "\(Self.root)/Testbed/cluster.yaml")
        defer { reconciler.end() }
        func now() async -> String { await reconciler("lab", "wait", "0s").output }
        reconciler.answer = ("no", .seconds(2))
        let declined = await reconciler("apply", "--lab")
        #expect(declined.status == 1)
        #expect(declined.log.contains("nothing was done"))
        // At the pace of a run it would be two minutes past.
        let time = await now()
        #expect(time.contains(" 09:00:"), "\(time)")
    }

    @Test(arguments: [
        (["lab", "wait", "9223372036854775807"], 64, "a year at most"),
        (["lab", "status", "--lab-directory", ""], 64, "--lab-directory is empty"),
        (["lab", "serve", "--speed", "1000"], 64, "up to 60"),
        (["lab", "break", "killed-leader", "--on", "mesos-slave1"], 1, "leave --on out"),
        (["lab", "status", "--lab-directory", #filePath], 1, "that is no directory; --lab-directory"),
        (["plan", "--lab", "--lab-directory", "\(#filePath)/lab"], 1, "--lab-directory keeps it elsewhere"),
    ])
    func `wrong input is told in a sentence with a next move`(
        arguments: [String],
        status: Int32,
        words: String
    ) async {
        let reconciler = LabRun(file: "\(Self.root)/Testbed/cluster.yaml")
        defer { reconciler.end() }
        let result = await reconciler(list: arguments)
        #expect(result.status == status)
        #expect(result.log.contains(words), "\(result.log)")
    }
}
