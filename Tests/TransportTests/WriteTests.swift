import FoundationEssentials
import Reconciler
import Specs
import Testing

@testable import Transport

@Suite struct WriteTests {
    @Test(arguments: Shell.allCases)
    func hostileContentsAreWrittenByteForByte(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        let actions = hostileTexts.enumerated().map { index, text in
            NodeAction.writeFile(FileWrite(path: "/etc/it's $(x)/\(index)", content: Content(text), expected: .absent))
        }
        let results = try await root.access.perform(actions, run: ScratchRoot.run, on: ScratchRoot.node)
        #expect(results == hostileTexts.map { _ in .done(detail: "") })
        for (index, text) in hostileTexts.enumerated() { #expect(try root.text("/etc/it's $(x)/\(index)") == text) }
        #expect(try root.mode("/etc/it's $(x)/0") == 0o644)
        #expect(try root.mode("/etc/it's $(x)") == 0o755)
        let again = try await root.access.perform(actions, run: ScratchRoot.run, on: ScratchRoot.node)
        #expect(again == hostileTexts.map { _ in .alreadyInPlace })
        #expect(!FileManager.default.fileExists(atPath: "/tmp/never"))
    }

    @Test(arguments: Shell.allCases)
    func aTextOfAMebibyteIsWrittenWholeAndToldByItsDigest(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        let text = String(repeating: "a line with 'quotes', \\ and é\n", count: (1 << 20) / 32)
        let result = try await root.act(
            .writeFile(FileWrite(path: "/etc/large", content: Content(text), expected: .absent))
        )
        #expect(result == .done(detail: ""))
        let found = try await root.file("/etc/large")
        #expect(found.content == nil && found.digest == sha256(text) && found.size == text.utf8.count)
    }

    @Test(arguments: Shell.allCases)
    func aWriteGoesAheadOnlyOnWhatWasObserved(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        try root.put("old", at: "/etc/f")
        let observed = try await root.file("/etc/f")
        try root.put("else", at: "/etc/f")
        for expected in [FileExpectation.digest(observed.digest), .stamp(observed.stamp), .absent] {
            let result = try await root.act(
                .writeFile(FileWrite(path: "/etc/f", content: "new", expected: expected))
            )
            guard case .conflict(let found) = result else { throw Surprise("\(result)") }
            #expect(found.hasPrefix("/etc/f: a") && found.contains("4 bytes") && !found.contains("else"))
            #expect(try root.text("/etc/f") == "else")
        }
        let missing = try await root.act(
            .writeFile(FileWrite(path: "/etc/g", content: "new", expected: .digest(observed.digest)))
        )
        #expect(missing == .conflict(found: "/etc/g: no file"))
        #expect(!root.exists("/etc/g"))
        let now = try await root.file("/etc/f")
        let done = try await root.act(
            .writeFile(FileWrite(path: "/etc/f", content: "new", expected: .stamp(now.stamp)))
        )
        #expect(done == .done(detail: "backup /var/lib/reconciler/backup/run-1/etc/f"))
        #expect(try root.entries("/etc") == ["f"], "no temporary file stays")
    }

    @Test(arguments: Shell.allCases)
    func oldContentIsKeptWhereOnlyTheOwnerLooks(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        try root.put("one", at: "/etc/f")
        for (before, after) in [("one", "two"), ("two", "three")] {
            let write = FileWrite(path: "/etc/f", content: Content(after), expected: .digest(sha256(before)))
            guard case .done = try await root.act(.writeFile(write)) else { throw Surprise("not written") }
        }
        #expect(try root.text("/var/lib/reconciler/backup/run-1/etc/f") == "one")
        #expect(try root.text("/var/lib/reconciler/backup/run-1/etc/f~2") == "two")
        #expect(try root.mode("/var/lib/reconciler/backup") == 0o700)
        #expect(try root.mode("/var/lib/reconciler/backup/run-1") == 0o700)
    }

    @Test(arguments: Shell.allCases)
    func modesAreKeptOrSetAndSecretsAreClosed(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        root.secrets = SecretStore([.environment("TOKEN"): "s3cret'\\n"])
        try root.put("old", at: "/etc/kept")
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: root.path + "/etc/kept")
        let secret = Content([.literal("token="), .secret(.environment("TOKEN"))])
        let results = try await root.perform(
            .writeFile(FileWrite(path: "/etc/kept", content: "new", expected: .digest(sha256("old")))),
            .writeFile(FileWrite(path: "/etc/secret", content: secret, expected: .absent)),
            .writeFile(FileWrite(path: "/etc/set", content: "x", mode: 0o755, expected: .absent)),
            .writeFile(FileWrite(path: "/etc/kept", content: "new", mode: 0o600, expected: .digest(sha256("new"))))
        )
        #expect(results.count == 4)
        for result in results {
            guard case .done = result else { throw Surprise("\(result)") }
        }
        #expect(try root.text("/etc/secret") == "token=s3cret'\\n")
        #expect(
            try [root.mode("/etc/kept"), root.mode("/etc/secret"), root.mode("/etc/set")] == [0o600, 0o600, 0o755]
        )
    }

    @Test func aSecretThatIsNotKnownStopsTheBatchBeforeItBegins() async throws {
        let root = try ScratchRoot()
        let results = try await root.perform(
            .writeFile(FileWrite(path: "/etc/first", content: "x", expected: .absent)),
            .writeFile(
                FileWrite(path: "/etc/second", content: Content([.secret(.environment("NOPE"))]), expected: .absent)
            )
        )
        #expect(
            results == [
                .failed(
                    reason: "/etc/second: the value of a secret is not known (${env:NOPE}); set it and run again; "
                        + "none of these 2 actions was begun"
                )
            ]
        )
        #expect(!root.exists("/etc/first"))
    }

    @Test(arguments: Shell.allCases)
    func aLinkIsWrittenThroughAndStaysALink(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        try root.put("old", at: "/etc/zookeeper/conf_example/zoo.cfg")
        try root.makeLink("/etc/zookeeper/conf", to: "/etc/zookeeper/conf_example")
        try root.makeDirectory("/var/lib/zookeeper")
        try root.makeLink("/var/lib/zookeeper/myid", to: "/etc/zookeeper/conf/myid")
        let results = try await root.perform(
            .writeFile(
                FileWrite(path: "/etc/zookeeper/conf/zoo.cfg", content: "new", expected: .digest(sha256("old")))
            ),
            .writeFile(FileWrite(path: "/var/lib/zookeeper/myid", content: "1\n", expected: .absent))
        )
        #expect(results.count == 2)
        #expect(try root.text("/etc/zookeeper/conf_example/zoo.cfg") == "new")
        #expect(try root.text("/etc/zookeeper/conf_example/myid") == "1\n")
        let link = try FileManager.default.destinationOfSymbolicLink(atPath: root.path + "/var/lib/zookeeper/myid")
        #expect(link == "/etc/zookeeper/conf/myid")
    }

    @Test(arguments: Shell.allCases)
    func aBatchStopsAtTheFirstThatDoesNotSucceed(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        let results = try await root.perform(
            .writeFile(FileWrite(path: "/etc/a", content: "a", expected: .absent)),
            .writeFile(FileWrite(path: "/etc/b", content: "b", expected: .digest(sha256("?")))),
            .writeFile(FileWrite(path: "/etc/c", content: "c", expected: .absent))
        )
        #expect(results == [.done(detail: ""), .conflict(found: "/etc/b: no file")])
        #expect(try root.entries("/etc") == ["a"])
    }

    @Test(arguments: Shell.allCases)
    func aKilledWriteLeavesNoHalfFileAndTheNextOneSweeps(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        try root.put("old", at: "/etc/mesos-slave/ip")
        // Between the temporary file and the rename, when the service's state is read, the whole script is killed.
        try root.makeDirectory("/run/systemd/system")
        try root.program("systemctl", killAncestors)
        let write = FileWrite(
            path: "/etc/mesos-slave/ip",
            content: "new",
            expected: .digest(sha256("old")),
            readBy: ["mesos-slave"]
        )
        // Its parts are killed one by one: the outermost may still find the words for it.
        do {
            guard case .failed = try await root.act(.writeFile(write)) else { throw Surprise("it counts as written") }
        } catch is NodeAccessError {}
        #expect(try root.text("/etc/mesos-slave/ip") == "old")
        let left = try root.entries("/etc/mesos-slave")
        #expect(left.allSatisfy { $0 == "ip" || $0.hasPrefix(".reconciler-") })
        #expect(left.count == 2, "the kill came after the temporary file was made")
        guard
            case .directory(_, let entries) = try await root.ask(.directory(path: "/etc/mesos-slave", recursive: true))
        else { throw Surprise("no directory") }
        #expect(entries.map(\.path) == ["/etc/mesos-slave/ip"], "the wrapper would not read it either")
        try FileManager.default.removeItem(atPath: root.programs + "/systemctl")
        guard case .done = try await root.act(.writeFile(write)) else { throw Surprise("not written") }
        #expect(try root.entries("/etc/mesos-slave") == ["ip"])
        #expect(try root.text("/etc/mesos-slave/ip") == "new")
    }

    // busybox sh runs its own `dd` and `ln` whatever PATH says, so these two stand in for them under dash alone.
    @Test func aFullDiskIsSaidAndLeavesTheOldFile() async throws {
        let root = try ScratchRoot()
        try root.put("old", at: "/etc/f")
        try root.program("dd", #"cat >/dev/null; echo "dd: error writing 'x': No space left on device" >&2; exit 1"#)
        let result = try await root.act(
            .writeFile(FileWrite(path: "/etc/f", content: "new", expected: .digest(sha256("old"))))
        )
        guard case .failed(let reason) = result else { throw Surprise("\(result)") }
        #expect(reason.contains("disk full"))
        #expect(try root.text("/etc/f") == "old")
        #expect(try root.entries("/etc") == ["f"])
    }

    @Test func aFileMadeMeanwhileIsNotOverwritten() async throws {
        let root = try ScratchRoot()
        // Somebody else is faster than our last look.
        try root.program("ln", #"for last; do :; done; echo theirs >"$last"; exec /bin/ln "$@""#)
        let result = try await root.act(.writeFile(FileWrite(path: "/etc/f", content: "ours", expected: .absent)))
        #expect(result == .conflict(found: "/etc/f: a file that was made meanwhile"))
        #expect(try root.text("/etc/f") == "theirs\n")
    }

    @Test(arguments: Shell.allCases)
    func removingKeepsABackupAndComparesFirst(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        try root.put("3", at: "/etc/mesos-master/quorum.bak")
        let remove = { (digest: String) in
            NodeAction.removeFile(path: "/etc/mesos-master/quorum.bak", expected: .digest(digest), readBy: [])
        }
        guard case .conflict = try await root.act(remove(sha256("2"))) else { throw Surprise("no conflict") }
        #expect(root.exists("/etc/mesos-master/quorum.bak"))
        #expect(
            try await root.act(remove(sha256("3")))
                == .done(detail: "backup /var/lib/reconciler/backup/run-1/etc/mesos-master/quorum.bak")
        )
        #expect(!root.exists("/etc/mesos-master/quorum.bak"))
        #expect(try root.text("/var/lib/reconciler/backup/run-1/etc/mesos-master/quorum.bak") == "3")
        #expect(try await root.act(remove(sha256("3"))) == .alreadyInPlace)
    }

    @Test(arguments: Shell.allCases)
    func removingALinkLeavesWhatItLeadsTo(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        try root.put("v", at: "/srv/value")
        try root.makeDirectory("/etc/d")
        try root.makeLink("/etc/d/flag", to: "/srv/value")
        guard
            case .done = try await root.act(
                .removeFile(path: "/etc/d/flag", expected: .digest(sha256("v")), readBy: [])
            )
        else { throw Surprise("not removed") }
        #expect(try root.entries("/etc/d").isEmpty)
        #expect(try root.text("/srv/value") == "v")
    }

    @Test func aDirectoryIsNeverReplaced() async throws {
        let root = try ScratchRoot()
        try root.makeDirectory("/etc/d")
        let write = FileWrite(path: "/etc/d", content: "x", expected: .absent)
        #expect(try await root.act(.writeFile(write)) == .conflict(found: "/etc/d: a directory"))
    }
}

/// Kills every shell above it, up to the test's own process.
private let killAncestors = #"""
    pid=$PPID doomed=
    while :; do
        case $(cat "/proc/$pid/comm") in
            timeout | dash | sh | busybox) doomed="$doomed $pid" ;;
            *) break ;;
        esac
        pid=$(sed 's/.*) //' "/proc/$pid/stat" | cut -d ' ' -f 2)
    done
    kill -9 $doomed
    """#
