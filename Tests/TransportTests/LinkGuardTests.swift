import FoundationEssentials
import Glibc
import Reconciler
import Testing

@testable import Transport

/// What the node does by itself where something else goes wrong as well.
extension LinkChangeTests {
    private static let unbegun = NetworkStanding(.reverted, "it was armed and never begun")

    /// A change that is applied, and whose process is gone.
    private func orphan(_ root: ScratchRoot, _ token: String = "t-1") async throws {
        _ = try await root.act(arm(token, seconds: 60))
        #expect(try await wait(root, token, for: .applied)?.word == .applied)
        kill(try guardProcess(root, token), SIGKILL)
        #expect(try await wait(root, token, for: .trouble)?.word == .trouble)
    }

    @Test(arguments: Shell.allCases)
    func `a full disk does not keep a change from being taken back`(shell: Shell) async throws {
        let root = try root(shell)
        try await orphan(root)
        try await runGuard(root, "t-1", "watch", onFullDisk: true)
        #expect(try root.text(Self.interfaces) == Self.old)
        #expect(try await standing(root, "t-1")?.word == .reverted)
        #expect(try bootEntries(root) == [])
        #expect(try root.entries("/etc/network") == ["interfaces"])
    }

    @Test func `where its files and even the programs are gone, the process that waits ends`() async throws {
        let root = try root(.dash)
        _ = try await root.act(arm("t-1", seconds: 3600))
        #expect(try await wait(root, "t-1", for: .applied)?.word == .applied)
        let line = "/proc/\(try guardProcess(root, "t-1"))/cmdline"
        func isThere() -> Bool { (try? String(contentsOf: line).contains(root.path)) ?? false }
        #expect(isThere())
        try FileManager.default.removeItem(atPath: root.path)
        try await waitUntil { !isThere() }
    }

    @Test(arguments: Shell.allCases)
    func `on a full disk nothing is begun`(shell: Shell) async throws {
        let root = try root(shell)
        try await layArmed(root, "t-1")
        try await runGuard(root, "t-1", "run", onFullDisk: true)
        #expect(try root.text(Self.interfaces) == Self.old)
        #expect(!root.exists("/calls"))
        #expect(try await standing(root, "t-1")?.word == .reverted)
    }

    @Test(arguments: ["boot", "late", "watch"])
    func `what was confirmed before the power went stays, and is over`(mode: String) async throws {
        let root = try root(.dash)
        try await orphan(root)
        let place = "\(root.path)\(Self.directory)/t-1"
        try FileManager.default.linkItem(atPath: place + "/vote.confirmed", toPath: place + "/decided")
        try await runGuard(root, "t-1", mode)
        #expect(try await standing(root, "t-1") == NetworkStanding(.confirmed))
        #expect(try root.text(Self.interfaces) == Self.new)
        #expect(try bootEntries(root) == [])
        #expect(try await root.act(arm("t-2", seconds: 1, expecting: sha256(Self.new))) == .done(detail: "armed"))
    }

    @Test
    func `a visit that was cut off while it armed holds no later change`() async throws {
        let root = try root(.dash)
        try root.put("link=nolink0\nowner=ifupdown\nseconds=9\n", at: "\(Self.directory)/t-0/plan")
        try root.put("/etc/network/interfaces\n", at: "\(Self.directory)/t-0/1.path")
        try root.put(Self.old, at: "/etc/network/.reconciler-network-t-0-1.old")
        #expect(try await root.act(arm("t-1", seconds: 1)) == .done(detail: "armed"))
        #expect(try root.entries(Self.directory) == ["t-1"])
        #expect(try await wait(root, "t-1", for: .reverted)?.word == .reverted)
        #expect(try root.entries("/etc/network") == ["interfaces"])
    }

    /// What the visit leaves that ends just before it starts the process.
    private func layArmed(_ root: ScratchRoot, _ token: String) async throws {
        let place = "\(Self.directory)/\(token)"
        let files = [
            "plan": "link=nolink0\nowner=ifupdown\nseconds=9\n", "guard": NodeScript.Library.netGuard.text,
            "state": "armed\n\n", "vote.confirmed": "confirmed\n", "vote.reverted": "reverted\n",
            "word.reverted": "reverted\nfull\n", "1.path": "\(Self.interfaces)\n", "1.old": Self.old,
            "1.new": Self.new, "process": "\n",
        ]
        for (name, text) in files { try root.put(text, at: "\(place)/\(name)") }
        #expect(try await standing(root, token)?.word == .armed)
    }

    @Test
    func `what was armed and never begun is given up by cron, without touching the link`() async throws {
        let root = try root(.dash)
        try await layArmed(root, "t-1")
        // Whoever arms it may be at it this moment.
        try await runGuard(root, "t-1", "watch")
        #expect(try await standing(root, "t-1")?.word == .armed)
        try await runGuard(root, "t-1", "watch")
        #expect(try await standing(root, "t-1") == Self.unbegun)
        #expect(!root.exists("/calls"))
    }

    @Test
    func `what was armed and never begun makes room for the next change`() async throws {
        let root = try root(.dash)
        try await layArmed(root, "t-0")
        #expect(try await root.act(arm("t-1", seconds: 1)) == .done(detail: "armed"))
        #expect(try root.entries(Self.directory) == ["t-1"])
    }

    @Test
    func `a program that does not let itself be ended does not keep the link down`() async throws {
        let root = try root(.dash)
        try root.put("", at: "/deaf")
        _ = try await root.act(arm("t-1", seconds: 2))
        let standing = try await wait(root, "t-1", for: .reverted)
        #expect(standing?.words.contains("could not be applied") == true, "\(String(describing: standing))")
        #expect(try root.text(Self.interfaces) == Self.old)
    }

    @Test(arguments: Shell.allCases)
    func `a process that its init system starts again takes the change back`(shell: Shell) async throws {
        let root = try root(shell)
        try await orphan(root)
        try await runGuard(root, "t-1", "run")
        #expect(try await standing(root, "t-1")?.word == .reverted)
        #expect(try root.text(Self.interfaces) == Self.old)
    }

    @Test
    func `a link that came up before the boot's own turn is brought up again with the old file`() async throws {
        let root = try root(.dash)
        try await orphan(root)
        try root.put("lo=lo\nnolink0=nolink0\n", at: "/run/network/ifstate")
        try await runGuard(root, "t-1", "boot")
        #expect(try root.text(Self.interfaces) == Self.old)
        #expect(try root.text("/calls").hasSuffix("ifdown nolink0 10.99.0.2\nifup nolink0 10.99.0.1\n"))
        #expect(try await standing(root, "t-1")?.word == .reverted)
    }

    @Test
    func `a directory of cron's that nobody reads is nothing to rely on`() async throws {
        let root = try root(.dash)
        try FileManager.default.removeItem(atPath: root.path + "/etc/init")
        guard case .failed(let reason) = try await root.act(arm("t-1", seconds: 5)) else {
            Issue.record("armed with nobody there who reads /etc/cron.d")
            return
        }
        #expect(reason.contains("install cron"), "\(reason)")
        #expect(try root.entries("/etc/cron.d") == [] && root.entries("/etc/network") == ["interfaces"])
        try root.put("", at: "/usr/sbin/cron")
        #expect(chmod("\(root.path)/usr/sbin/cron", 0o755) == 0)
        #expect(try await root.act(arm("t-2", seconds: 1)) == .done(detail: "armed"))
    }

    @Test
    func `a file behind a link keeps its place and its mode`() async throws {
        let root = try root(.dash)
        try root.put(Self.old, at: "/srv/interfaces")
        #expect(chmod("\(root.path)/srv/interfaces", 0o640) == 0)
        try FileManager.default.removeItem(atPath: root.path + Self.interfaces)
        try root.makeLink(Self.interfaces, to: "/srv/interfaces")
        try await orphan(root)
        #expect(try root.text("/srv/interfaces") == Self.new && root.mode("/srv/interfaces") == 0o640)
        try await runGuard(root, "t-1", "watch")
        #expect(try await standing(root, "t-1")?.word == .reverted)
        #expect(try root.text("/srv/interfaces") == Self.old && root.mode("/srv/interfaces") == 0o640)
        #expect(try root.entries("/srv") == ["interfaces"])
    }
}
