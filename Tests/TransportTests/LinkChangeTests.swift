import FoundationEssentials
import Glibc
import Reconciler
import TestPrograms
import Testing

@testable import Transport

/// A link's change on the node itself: armed, applied by a process of its own, confirmed or taken back.
///
/// ifup and ifdown are programs of the scratch root that only take notes; no link of this machine is touched.
@Suite("A link changed with its revert armed", .timeLimit(.minutes(20)))
struct LinkChangeTests {
    static let interfaces = "/etc/network/interfaces"
    static let old = "auto nolink0\niface nolink0 inet static\naddress 10.99.0.1\n"
    static let new = "auto nolink0\niface nolink0 inet static\naddress 10.99.0.2\n# it's \\ new\n"
    static let directory = "/var/lib/reconciler/network"

    func root(_ shell: Shell) throws -> ScratchRoot {
        let root = try ScratchRoot(shell)
        try root.put(Self.old, at: Self.interfaces)
        try root.makeDirectory("/etc/cron.d")
        try root.makeDirectory("/etc/init")
        for name in ["ifup", "ifdown"] {
            let deaf =
                name == "ifup"
                ? "if [ -e '\(root.path)/deaf' ]; then rm '\(root.path)/deaf'; trap '' TERM; while :; do sleep 0.1; done; fi\n"
                : ""
            let broken = name == "ifup" ? "[ ! -e '\(root.path)/broken' ] || { echo no carrier; exit 1; }\n" : ""
            let note =
                "echo \"\(name) $* $(sed -n 's/^address //p' '\(root.path)\(Self.interfaces)')\" >>'\(root.path)/calls' || :\n"
            let held = "while [ -e '\(root.path)/held' ]; do sleep 0.05; done\n"
            try root.put("#!/bin/sh\nPATH=/usr/bin:/bin\n\(held)\(deaf)\(broken)\(note)", at: "/sbin/\(name)")
            makeExecutable("\(root.path)/sbin/\(name)")
        }
        return root
    }

    func arm(_ token: String, seconds: Int, expecting digest: String = sha256(old)) -> NodeAction {
        let file = NetworkFile(path: Self.interfaces, text: Self.new, expected: .digest(digest))
        let change = NetworkChange(link: "nolink0", owner: .ifupdown, files: [file])
        return .network(.arm(change, token: token, seconds: seconds))
    }

    func standing(_ root: ScratchRoot, _ token: String) async throws -> NetworkStanding? {
        guard case .done(let detail) = try await root.act(.network(.collect(token: token))) else { return nil }
        return NetworkStanding(detail)
    }

    /// Looks until the change stands like this; what it was last.
    func wait(
        _ root: ScratchRoot,
        _ token: String,
        for word: NetworkStanding.Word
    ) async throws -> NetworkStanding? {
        var last: NetworkStanding?
        for _ in 1...60 {
            last = try await standing(root, token)
            if last?.word == word { return last }
            try await Task.sleep(for: .milliseconds(300))
        }
        return last
    }

    func bootEntries(_ root: ScratchRoot) throws -> [String] {
        try root.entries("/etc/cron.d") + root.entries("/etc/init")
    }

    func guardProcess(_ root: ScratchRoot, _ token: String) throws -> pid_t {
        let line = try root.text("\(Self.directory)/\(token)/process")
        return try #require(line.split(separator: " ").first.flatMap { pid_t($0) })
    }

    /// `onFullDisk`: nothing can be written into any file; names can be made and moved.
    func runGuard(_ root: ScratchRoot, _ token: String, _ mode: String, onFullDisk: Bool = false) async throws {
        let place = "\(Self.directory)/\(token)"
        let words = [root.path + place + "/guard", root.path, place, mode]
        let limited = ["-c", "trap '' XFSZ; ulimit -f 0; . \"$0\""] + words
        let child = ChildProcess(
            program: "/usr/bin/env",
            arguments: ["PATH=\(root.path)/.reconciler-tools"] + root.shell.command + (onFullDisk ? limited : words),
            deadline: .seconds(60)
        )
        _ = try await child.run(in: root.path)
    }

    @Test(arguments: Shell.allCases)
    func `a confirmed change stays, and nothing is left that would take it back`(shell: Shell) async throws {
        let root = try root(shell)
        try root.put("", at: "/held")
        #expect(try await root.act(arm("t-1", seconds: 120)) == .done(detail: "armed"))
        #expect(try bootEntries(root) == ["reconciler-network", "reconciler-network.conf"])
        #expect(try root.text(Self.interfaces) == Self.old, "the visit ends before anything is changed")
        guard case .failed = try await root.act(.network(.confirm(token: "t-1"))) else {
            Issue.record("confirmed before it was applied")
            return
        }
        try FileManager.default.removeItem(atPath: root.path + "/held")
        #expect(try await wait(root, "t-1", for: .applied)?.word == .applied)
        #expect(try root.text(Self.interfaces) == Self.new)
        #expect(try await root.act(.network(.confirm(token: "t-1"))) == .done(detail: ""))
        #expect(try await root.act(.network(.confirm(token: "t-1"))) == .alreadyInPlace)
        #expect(try await standing(root, "t-1") == NetworkStanding(.confirmed))
        #expect(try bootEntries(root) == [])
        #expect(try root.text("/calls") == "ifdown nolink0 10.99.0.1\nifup nolink0 10.99.0.2\n")
        // What is over makes room for the next.
        #expect(try await root.act(arm("t-2", seconds: 1, expecting: sha256(Self.new))) == .done(detail: "armed"))
        #expect(try root.entries(Self.directory) == ["t-2"])
    }

    @Test(arguments: Shell.allCases)
    func `a change that nobody confirms is taken back by the node`(shell: Shell) async throws {
        let root = try root(shell)
        _ = try await root.act(arm("t-1", seconds: 2))
        let standing = try await wait(root, "t-1", for: .reverted)
        #expect(standing == NetworkStanding(.reverted, "nobody confirmed the change within 2 s"))
        #expect(try root.text(Self.interfaces) == Self.old)
        #expect(try bootEntries(root) == [])
        #expect(
            try root.text("/calls")
                == "ifdown nolink0 10.99.0.1\nifup nolink0 10.99.0.2\nifdown nolink0 10.99.0.2\nifup nolink0 10.99.0.1\n"
        )
        guard case .conflict = try await root.act(.network(.confirm(token: "t-1"))) else {
            Issue.record("confirmed after it was taken back")
            return
        }
    }

    @Test(arguments: Shell.allCases)
    func `where the process that waits is killed, cron takes the change back`(shell: Shell) async throws {
        let root = try root(shell)
        _ = try await root.act(arm("t-1", seconds: 60))
        _ = try await wait(root, "t-1", for: .applied)
        kill(try guardProcess(root, "t-1"), SIGKILL)
        #expect(try await wait(root, "t-1", for: .trouble)?.word == .trouble)
        guard case .failed(let reason) = try await root.act(arm("t-2", seconds: 60)) else {
            Issue.record("armed beside a change that is not over")
            return
        }
        #expect(reason.contains("is not over"), "\(reason)")
        try await runGuard(root, "t-1", "watch")
        #expect(try await standing(root, "t-1")?.word == .reverted)
        #expect(try root.text(Self.interfaces) == Self.old)
    }

    @Test(arguments: Shell.allCases)
    func `a boot puts the old file back before the network comes up`(shell: Shell) async throws {
        let root = try root(shell)
        _ = try await root.act(arm("t-1", seconds: 60))
        _ = try await wait(root, "t-1", for: .applied)
        kill(try guardProcess(root, "t-1"), SIGKILL)
        let calls = try root.text("/calls")
        try await runGuard(root, "t-1", "boot")
        #expect(try root.text(Self.interfaces) == Self.old)
        #expect(try root.text("/calls") == calls, "the network is not up yet: nothing is brought down or up")
        #expect(
            try await standing(root, "t-1")
                == NetworkStanding(.reverted, "the node booted before the change was confirmed")
        )
        #expect(try bootEntries(root) == [])
    }

    @Test
    func `a revert that fails is told and tried until it succeeds`() async throws {
        let root = try root(.dash)
        try root.put("", at: "/broken")
        _ = try await root.act(arm("t-1", seconds: 60))
        let trouble = try await wait(root, "t-1", for: .trouble)
        #expect(trouble?.words.contains("no carrier") == true, "\(String(describing: trouble))")
        #expect(try root.text(Self.interfaces) == Self.old)
        try FileManager.default.removeItem(atPath: root.path + "/broken")
        let standing = try await wait(root, "t-1", for: .reverted)
        #expect(standing?.words.contains("could not be applied") == true)
    }

    @Test(arguments: Shell.allCases)
    func `a file that is not as observed is a conflict, and nothing is armed`(shell: Shell) async throws {
        let root = try root(shell)
        guard case .conflict = try await root.act(arm("t-1", seconds: 5, expecting: sha256("another"))) else {
            Issue.record("armed over another file")
            return
        }
        #expect(try bootEntries(root) == [])
        #expect(try root.entries(Self.directory) == [])
    }

    @Test
    func `without cron, systemd or upstart nothing is armed`() async throws {
        let root = try root(.dash)
        for place in ["/etc/cron.d", "/etc/init"] { try FileManager.default.removeItem(atPath: root.path + place) }
        guard case .failed(let reason) = try await root.act(arm("t-1", seconds: 5)) else {
            Issue.record("armed without anything for the next boot")
            return
        }
        #expect(reason.contains("install cron"), "\(reason)")
        #expect(try root.text(Self.interfaces) == Self.old)
    }
}
