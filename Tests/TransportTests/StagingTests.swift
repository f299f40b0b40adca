import FoundationEssentials
import Glibc
import Reconciler
import Testing

@testable import Transport

/// The directory of parts and its janitor.
@Suite struct StagingTests {
    private static let images = "/var/lib/reconciler/images"
    private static let stage = NodeAction.image(.stage(bytes: 1000, unpacked: 1000))

    private func janitor(_ root: ScratchRoot) throws -> pid_t {
        try #require(try root.text(Self.images + "/.janitor").split(separator: " ").first.flatMap { pid_t($0) })
    }

    /// Whether it runs; one that only waits to be reaped does not.
    private func isAlive(_ pid: pid_t) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
        return status.split(separator: ")").last?.split(separator: " ").first != "Z"
    }

    /// A janitor that looks every 0.2 s; `looks` of them, all the same, are enough.
    private func watching(_ root: ScratchRoot, looks: Int) async throws {
        let call = ShellCall(
            "act_image_stage",
            ["0", "0", NodeScript.Library.janitor.text, "0.2", String(looks)]
        )
        let path = "\(root.programs):\(root.path)/.reconciler-tools"
        // Makes the directory of tools.
        _ = try await root.ask(.clock)
        let script = NodeScript.performing(
            [call],
            run: ScratchRoot.run,
            nonce: "n",
            at: .scratch(root: root.path, path: path)
        )
        let child = ChildProcess(
            program: root.shell.command[0],
            arguments: root.shell.command.dropFirst() + ["-s"],
            input: Array(script.text.utf8),
            deadline: .seconds(60)
        )
        let ended = try await child.run(in: root.path)
        let transcript = try Transcript(ended.output, nonce: "n")
        #expect(transcript.answers.map(ActionResult.init) == [.done(detail: "")], "\(ended.errors)")
    }

    /// As a load does, until the descriptor is closed.
    private func holdLock(_ root: ScratchRoot) throws -> Int32 {
        try root.makeDirectory("/run/reconciler")
        let descriptor = open(root.path + "/run/reconciler/images.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        return descriptor
    }

    @Test(arguments: Shell.allCases)
    func aDirectoryOfOurOwnIsMadeWithOneJanitorAndBothEnd(_ shell: Shell) async throws {
        let root = try ImageFactTests.node(shell)
        #expect(try await root.act(Self.stage) == .done(detail: ""))
        #expect(try root.mode(Self.images) == 0o700)
        let pid = try janitor(root)
        #expect(isAlive(pid))
        #expect(try await root.act(Self.stage) == .alreadyInPlace)
        #expect(try janitor(root) == pid)
        try root.put("part", at: Self.images + "/" + ImageActTests.part("1"))
        #expect(try await root.act(.image(.clear)) == .done(detail: ""))
        #expect(!root.exists(Self.images))
        #expect(!isAlive(pid))
        #expect(try await root.act(.image(.clear)) == .alreadyInPlace)
    }

    @Test(arguments: Shell.allCases)
    func aJanitorThatDiedIsReplacedAndAStrangersProcessIsLeftAlone(_ shell: Shell) async throws {
        let root = try ImageFactTests.node(shell)
        // As after a restart of the node: its number is another's by now.
        try root.put("\(getpid()) 1 another-boot\n", at: Self.images + "/.janitor")
        #expect(try await root.act(Self.stage) == .done(detail: ""))
        let pid = try janitor(root)
        #expect(pid != getpid())
        kill(pid, SIGKILL)
        try await waitUntil { !isAlive(pid) }
        #expect(try await root.act(Self.stage) == .done(detail: ""))
        #expect(try janitor(root) != pid)
        _ = try await root.act(.image(.clear))
    }

    @Test(arguments: [
        (bytes: 1 << 50, unpacked: 0), (bytes: 0, unpacked: 1 << 50), (bytes: 1 << 49, unpacked: 1 << 49),
    ])
    func withoutRoomNothingIsMade(_ bytes: Int, _ unpacked: Int) async throws {
        for shell in Shell.allCases {
            let root = try ImageFactTests.node(shell)
            guard
                case .failed(let reason) = try await root.act(.image(.stage(bytes: bytes, unpacked: unpacked)))
            else { throw Surprise("staged") }
            // The scratch root is one file system.
            #expect(reason.contains("not enough room: \(bytes + 2 * unpacked) bytes are needed"))
            #expect(reason.contains("are free; make room and run again"))
            #expect(!root.exists(Self.images))
        }
    }

    @Test func partsThatAreThereNeedNoMoreRoom() async throws {
        let root = try ImageFactTests.node()
        try root.program("df", "echo 'Filesystem 1024-blocks Used Available Capacity Mounted on'; echo 'd 9 8 1 89% /'")
        guard case .failed(let reason) = try await root.act(.image(.stage(bytes: 3000, unpacked: 0)))
        else { throw Surprise("staged") }
        #expect(reason.contains("3000 bytes are needed (3000 for the parts, 0 for unpacking), 1024 are free"))
        try root.put(String(repeating: "p", count: 2000), at: Self.images + "/" + ImageActTests.part("1"))
        #expect(try await root.act(.image(.stage(bytes: 3000, unpacked: 0))) == .done(detail: ""))
        _ = try await root.act(.image(.clear))
    }

    @Test(arguments: Shell.allCases)
    func whatNobodyAddsToIsRemovedWithTheKeysOfFeeders(_ shell: Shell) async throws {
        let root = try ImageFactTests.node(shell)
        let keys = "/home/u/.ssh/authorized_keys"
        try root.put(
            "ssh-ed25519 AAAA me@desk\nrestrict,command=\"x\" ssh-ed25519 BBBB reconciler-feed-run-1\nssh-rsa CC # x\n",
            at: keys
        )
        chmod(root.path + keys, 0o640)
        let lock = try holdLock(root)
        try await watching(root, looks: 5)
        try root.put("\(keys)\n/home/gone/.ssh/authorized_keys\n", at: Self.images + "/.feeds")
        let pid = try janitor(root)
        close(lock)
        try await waitUntil { !root.exists(Self.images) }
        try await waitUntil { !isAlive(pid) }
        #expect(try root.text(keys) == "ssh-ed25519 AAAA me@desk\nssh-rsa CC # x\n")
        #expect(try root.mode(keys) == 0o640)
        #expect(try root.entries("/home/u/.ssh") == ["authorized_keys"])
    }

    @Test(arguments: Shell.allCases)
    func clearingRemovesTheKeysOfFeedersToo(_ shell: Shell) async throws {
        let root = try ImageFactTests.node(shell)
        let keys = "/home/u/.ssh/authorized_keys"
        try root.put("restrict ssh-ed25519 BBBB reconciler-feed-run-1\n", at: keys)
        try root.put("\(keys)\n", at: Self.images + "/.feeds")
        #expect(try await root.act(.image(.clear)) == .done(detail: ""))
        #expect(try root.text(keys).isEmpty)
    }

    @Test(arguments: Shell.allCases)
    func keysBesideAZeroByteStay(_ shell: Shell) async throws {
        let root = try ImageFactTests.node(shell)
        let keys = "/home/u/.ssh/authorized_keys"
        let own = "ssh-ed25519 AAAA me@desk\n"
        try root.put(own + "restrict ssh-ed25519 BBBB reconciler-feed-run-1\n\0\0\n", at: keys)
        try root.put("\(keys)\n", at: Self.images + "/.feeds")
        #expect(try await root.act(.image(.clear)) == .done(detail: ""))
        let left = try root.text(keys)
        #expect(left.hasPrefix(own) && !left.contains("reconciler-feed"), "\(left.debugDescription)")
    }

    @Test(arguments: Shell.allCases)
    func aRunningLoadKeepsTheDirectory(_ shell: Shell) async throws {
        let root = try ImageActTests.staged(shell)
        try root.remember("", as: "hold")
        _ = try await root.act(.image(.load(ImageActTests.load(["1", "2"]), job: "job-1")))
        try await waitUntil { try root.remembered("log").contains("load") }
        try await watching(root, looks: 3)
        let pid = try janitor(root)
        // Many times what it waits for; only the load keeps it from removing.
        try await Task.sleep(for: .seconds(3))
        #expect(isAlive(pid) && root.exists(Self.images))
        guard case .failed(let reason) = try await root.act(.image(.clear)) else { throw Surprise("cleared") }
        #expect(reason.contains("parts are being loaded"))
        #expect(isAlive(pid) && root.exists(Self.images))
        try FileManager.default.removeItem(atPath: root.programs + "/state/hold")
        guard case .done = try await root.act(.collect(job: "job-1", seconds: 90)) else { throw Surprise("not loaded") }
        try await waitUntil { !root.exists(Self.images) }
    }

    @Test(arguments: Shell.allCases)
    func whatAJanitorLeavesAtAPowerCutTheNextBootRemoves(_ shell: Shell) async throws {
        let root = try ImageFactTests.node(shell)
        let (keys, cron) = ("/home/u/.ssh/authorized_keys", "/etc/cron.d/reconciler-images")
        try root.makeDirectory("/etc/cron.d")
        try root.put("restrict ssh-ed25519 BBBB reconciler-feed-run-1\n", at: keys)
        #expect(try await root.act(Self.stage) == .done(detail: ""))
        #expect(try root.text(cron) == "@reboot root sh /var/lib/reconciler/images/.boot '' clear\n")
        #expect(try root.mode(cron) == 0o644)
        #expect(try root.entries("/etc/cron.d") == ["reconciler-images"])
        try root.put("part", at: Self.images + "/" + ImageActTests.part("1"))
        try root.put("\(keys)\n", at: Self.images + "/.feeds")
        let pid = try janitor(root)
        kill(pid, SIGKILL)
        try await waitUntil { !isAlive(pid) }
        // As cron does it, with the scratch root for the node's own.
        let shell = root.shell.command
        let boot = ChildProcess(
            program: shell[0],
            arguments: shell.dropFirst() + [root.path + Self.images + "/.boot", root.path, "clear"],
            input: [],
            deadline: .seconds(60)
        )
        _ = try await boot.run(in: root.path)
        #expect(!root.exists(Self.images) && !root.exists(cron))
        #expect(try root.text(keys).isEmpty)
    }

    @Test func clearingTakesTheBootsLineAway() async throws {
        let root = try ImageFactTests.node()
        try root.makeDirectory("/etc/cron.d")
        _ = try await root.act(Self.stage)
        #expect(root.exists("/etc/cron.d/reconciler-images"))
        #expect(try await root.act(.image(.clear)) == .done(detail: ""))
        #expect(try root.entries("/etc/cron.d").isEmpty)
    }

    @Test func aJanitorOfADirectoryThatIsGoneEnds() async throws {
        let root = try ImageFactTests.node()
        try await watching(root, looks: 1000)
        let pid = try janitor(root)
        try FileManager.default.removeItem(atPath: root.path + Self.images)
        try await waitUntil { !isAlive(pid) }
    }
}
