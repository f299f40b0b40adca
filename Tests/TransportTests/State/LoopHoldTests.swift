import FoundationEssentials
import Glibc
import Testing

@testable import Transport

@Suite("The hold of a loop on its state directory")
struct LoopHoldTests {
    private let directory: StateDirectory

    init() throws {
        let base = try #require(PrivateDirectory()).path
        directory = StateDirectory(cluster: "east", override: base + "/deep/state", environment: [:])
    }

    private func holder() throws -> Int?? {
        switch try LoopHold.of(directory) {
        case .ours(let hold):
            hold.release()
            return nil
        case .held(let pid): return .some(pid)
        }
    }

    @Test("makes the directory, and keeps a second loop off until it is let go of")
    func keepsOff() throws {
        guard case .ours(let hold) = try LoopHold.of(directory) else {
            Issue.record("nobody else holds it")
            return
        }
        #expect(try holder() == .some(Int(getpid())))
        hold.release()
        #expect(try holder() == nil)
    }

    @Test("ends with whoever forgets to let go")
    func ends() throws {
        do { _ = try LoopHold.of(directory) }
        #expect(try holder() == nil)
    }

    @Test("is not in the way of an earlier loop's file, and names nobody where the file does not")
    func files() throws {
        try directory.prepare()
        try "4711\n".write(toFile: directory.file("loop.lock"), atomically: false, encoding: .utf8)
        #expect(try holder() == nil)
        let file = open(directory.file("loop.lock"), O_RDWR | O_TRUNC | O_CLOEXEC)
        try #require(flock(file, LOCK_EX) == 0)
        #expect(try holder() == .some(nil))
        close(file)
    }

    @Test("says what is in the way where it cannot be had")
    func troubles() throws {
        try directory.prepare()
        #expect(mkdir(directory.file("loop.lock"), 0o700) == 0)
        // A directory can be opened for reading, and locked as well.
        #expect(try holder() == nil)
        let nowhere = StateDirectory(cluster: "", override: "/proc/reconciler", environment: [:])
        #expect(throws: StateError.self) { _ = try LoopHold.of(nowhere) }
    }
}
