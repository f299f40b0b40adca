import Reconciler
import Specs
import Testing

@testable import Transport

@Suite struct RecordTests {
    static func holder(_ token: String, command: String = "reconciler apply") -> LeaseHolder {
        LeaseHolder(token: token, user: "o'brien", host: "desk", pid: 42, command: command)
    }

    @Test(arguments: Shell.allCases)
    func oneHolderAtATimeAndTheNextAfterItGaveBack(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        #expect(try await root.ask(.lease) == .absent)
        guard case .clock(let began) = try await root.ask(.clock) else { throw Surprise("no clock") }
        guard
            case .done = try await root.act(
                .lease(.acquire(Self.holder("a", command: "apply\nexpires=0"), seconds: 30))
            )
        else { throw Surprise("not acquired") }
        guard case .lease(let text, let now) = try await root.ask(.lease) else { throw Surprise("no lease") }
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.prefix(5) == ["token=a", "user=o'brien", "host=desk", "pid=42", "command=apply expires=0"])
        #expect(lines.count == 7)
        let expires = try #require(lines.last.flatMap { Int($0.dropFirst("expires=".count)) })
        // Acquired between the two looks at the clock, however long that took.
        #expect((Int(began) + 30...now + 31).contains(expires))

        guard case .conflict(let found) = try await root.act(.lease(.acquire(Self.holder("b"), seconds: 30)))
        else { throw Surprise("two holders") }
        #expect(found.contains("user=o'brien") && found.contains("host=desk"))
        #expect(try await root.act(.lease(.renew(token: "b", seconds: 30))) != .done(detail: ""))
        guard case .done = try await root.act(.lease(.renew(token: "a", seconds: 60))) else {
            throw Surprise("not renewed")
        }
        guard case .conflict = try await root.act(.lease(.release(token: "b"))) else {
            throw Surprise("b gave back a's")
        }
        guard case .done = try await root.act(.lease(.release(token: "a"))) else { throw Surprise("not released") }
        #expect(try await root.act(.lease(.release(token: "a"))) == .alreadyInPlace)
        guard case .conflict = try await root.act(.lease(.renew(token: "a", seconds: 60))) else {
            throw Surprise("renewed")
        }
        guard case .done = try await root.act(.lease(.acquire(Self.holder("b"), seconds: 30))) else {
            throw Surprise("b")
        }
    }

    /// Under dash alone: busybox sh runs its own `dd` whatever PATH says.
    @Test(arguments: [
        (
            "No space left on device",
            "disk full: dd: error writing 'x': No space left on device; make room and run again"
        ),
        ("Input/output error", "dd: error writing 'x': Input/output error"),
    ])
    func whatKeepsARecordFromBeingWrittenIsSaidAndNotHowFastItFailed(_ trouble: String, _ words: String) async throws {
        let root = try ScratchRoot()
        let lines = [
            "dd: error writing 'x': \(trouble)", "1+0 records in", "0+0 records out",
            "0 bytes copied, 0.0012 s, 0.0 kB/s",
        ]
        let statements = lines.map { "echo \"\($0)\" >&2; " }.joined()
        try root.program("dd", "cat >/dev/null; \(statements)exit 1")
        let lease = try await root.act(.lease(.acquire(Self.holder("a"), seconds: 30)))
        #expect(lease == .failed(reason: "/var/lib/reconciler/lease: \(words)"))
        let entry = AppliedEntry(resource: "app:/a", digest: "d", revision: "r")
        let applied = try await root.act(.recordApplied([entry]))
        #expect(applied == .failed(reason: "/var/lib/reconciler/applied: \(words)"))
        #expect(try root.entries("/var/lib/reconciler") == ["lock"])
    }

    @Test(arguments: Shell.allCases)
    func anExpiredLeaseCanBeTakenAndOneThatCannotBeReadCannot(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        try root.put("token=old\nuser=x\nexpires=1000\n", at: "/var/lib/reconciler/lease")
        guard case .done = try await root.act(.lease(.acquire(Self.holder("a"), seconds: 30))) else {
            throw Surprise("held")
        }
        guard case .done = try await root.act(.lease(.acquire(Self.holder("a"), seconds: 30))) else {
            throw Surprise("own")
        }
        try root.put("scribble", at: "/var/lib/reconciler/lease")
        guard case .conflict = try await root.act(.lease(.acquire(Self.holder("a"), seconds: 30)))
        else { throw Surprise("taken") }
    }

    @Test func ofManyAtOnceOneGetsTheLease() async throws {
        let root = try ScratchRoot()
        let access = root.access
        let results = try await (0..<8).mapConcurrently(limit: 8) { index in
            try await access.perform(
                [.lease(.acquire(RecordTests.holder("t\(index)"), seconds: 30))],
                run: RunID("r\(index)"),
                on: ScratchRoot.node
            )
        }
        let winners = results.filter { if case .done = $0.first { true } else { false } }
        #expect(winners.count == 1)
    }

    @Test(arguments: Shell.allCases)
    func theAppliedRecordKeepsTheLastEntryOfEachResource(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        #expect(try await root.ask(.applied) == .absent)
        let zk = AppliedEntry(resource: "file:/etc/mesos/zk", digest: "d1", revision: "abc")
        let odd = AppliedEntry(resource: "file:/etc/it's \\n $(x) ä", digest: "d2", revision: "-")
        #expect(try await root.act(.recordApplied([zk, odd])) == .done(detail: ""))
        let newer = AppliedEntry(resource: zk.resource, digest: "absent", revision: "def")
        #expect(try await root.act(.recordApplied([newer]), run: RunID("run-2")) == .done(detail: ""))
        guard case .applied(let text) = try await root.ask(.applied) else { throw Surprise("no record") }
        let rows = text.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        #expect(
            rows.map { Array($0.prefix(4)) } == [
                [odd.resource, "d2", "-", "run-1"], [zk.resource, "absent", "def", "run-2"],
            ]
        )
        #expect(rows.allSatisfy { $0.count == 5 && Int($0[4]) != nil })
        let bad = AppliedEntry(resource: "a\tb", digest: "d", revision: "-")
        guard case .failed = try await root.act(.recordApplied([bad])) else { throw Surprise("recorded") }
    }
}
