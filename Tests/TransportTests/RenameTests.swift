import Reconciler
import Testing

@testable import Transport

/// The scratch root has a kernel of its own, a file; the machine's is never touched.
@Suite struct RenameTests {
    @Test("the running host name is set once, and its old one is told", arguments: Shell.allCases)
    func once(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        try root.put("debian\n", at: "/proc/sys/kernel/hostname")
        #expect(try await root.act(.setHostName("m1")) == .done(detail: "debian became m1"))
        #expect(try root.text("/proc/sys/kernel/hostname") == "m1\n")
        #expect(try await root.act(.setHostName("m1")) == .alreadyInPlace)
        #expect(try await root.act(.setHostName("10.16.40.1")) == .done(detail: "m1 became 10.16.40.1"))
    }

    @Test("what cannot be set fails with the reason, and what is no name is not tried", arguments: Shell.allCases)
    func failures(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        guard case .failed(let missing) = try await root.act(.setHostName("m1")) else { throw Surprise("a name") }
        #expect(missing.contains("/proc/sys/kernel/hostname: cannot be read"))
        for name in ["", "-m1", "m 1", "m1\n", "m_1", "$(id)", String(repeating: "m", count: 65)] {
            guard case .failed(let reason) = try await root.act(.setHostName(name)) else { throw Surprise(name) }
            #expect(reason.contains("cannot be a host name"), "\(name)")
        }
    }
}
