import FoundationEssentials
import Glibc
import Reconciler
import Specs
import Testing

@testable import Transport

@Suite("What the loop keeps")
struct LoopStoreTests {
    private let directory: StateDirectory
    private let store: LoopStore
    private static let item = LoopItem(node: "a1", resource: "file:/etc/mesos/zk")

    init() throws {
        let base = try #require(PrivateDirectory()).path
        directory = StateDirectory(cluster: "east", override: base + "/deep/state", environment: [:])
        try directory.prepare()
        store = LoopStore(directory)
    }

    private func mode(of path: String) -> UInt32 {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    @Test("comes back as it was, and is for its owner only")
    func memory() throws {
        #expect(try store.kept() == nil)
        var memory = LoopMemory(goodRevision: "abc", failures: 2)
        memory.breaker.corrected([Self.item], at: 1000)
        memory.breaker.corrected([Self.item], at: 1001)
        memory.breaker.corrected([Self.item], at: 1002)
        _ = memory.breaker.seen([Self.item], at: 1003) { _ in ["owner root:root"] }
        let kept = LoopStore.Kept(at: 1003, intervalSeconds: 300, memory: memory)
        try store.keep(kept)
        #expect(try store.kept() == kept)
        #expect(mode(of: directory.path) == 0o700 && mode(of: directory.file("loop.json")) == 0o600)
    }

    @Test("is told from nothing where it is damaged: a pause that cannot be read is unknown")
    func damaged() throws {
        for name in ["loop.json", "pause.json"] {
            try "{\"reason\": ".write(toFile: directory.file(name), atomically: true, encoding: .utf8)
        }
        #expect(throws: StateError.self) { try store.kept() }
        guard case .unknown(let reason) = store.pause else {
            Issue.record("a damaged pause is \(store.pause)")
            return
        }
        #expect(reason.contains("pause.json"))
    }

    @Test("pauses and ends the pause")
    func pause() throws {
        #expect(store.pause == .absent)
        let pause = LoopPause(reason: "maintenance", by: "me@here", since: 10, until: 20)
        try store.set(pause)
        #expect(store.pause == .found(pause))
        #expect(try store.endPause())
        #expect(try !store.endPause())
        #expect(store.pause == .absent)
    }

    @Test("hands each resumed item to the loop once, all of them standing for themselves")
    func resume() throws {
        #expect(try store.takeResumed().isEmpty)
        try store.resume(Self.item, by: "me@here", at: 1)
        try store.resume(nil, by: "me@here", at: 2)
        #expect(try store.takeResumed() == [Self.item, nil])
        #expect(try store.takeResumed().isEmpty)
    }

    @Test("loses no item while it is taken away at the same time")
    func resumeAtOnce() async throws {
        let items = (0..<200).map { LoopItem(resource: "app:/\($0)") }
        let taken = try await withThrowingTaskGroup(of: [LoopItem?].self) { group in
            group.addTask {
                for item in items { try store.resume(item, by: "me@here", at: 1) }
                return []
            }
            group.addTask {
                var taken: [LoopItem?] = []
                for _ in 0..<200 {
                    taken += try store.takeResumed()
                    await Task.yield()
                }
                return taken
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let rest = try store.takeResumed()
        #expect(Set((taken + rest).compactMap(\.self)) == Set(items))
        #expect(taken.count + rest.count == items.count)
    }

    @Test("tells whether a loop runs by when it wrote last")
    func recent() {
        let kept = LoopStore.Kept(at: 10_000, intervalSeconds: 300, memory: LoopMemory())
        #expect(kept.isRecent(at: 10_600))
        #expect(!kept.isRecent(at: 20_000))
    }
}
