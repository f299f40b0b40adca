import Subprocess
import SystemPackage
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// The testbed's six nodes and the built binary, as an operator on the testbed's network uses them.
///
/// Needs `RECONCILER_TESTBED` (the `testbed` script) and `RECONCILER_BINARY`; `make e2e` sets both. Without them every
/// test fails: nothing here passes by not being run.
struct TestbedHarness {
    struct Missing: Error, CustomStringConvertible {
        var description: String
    }

    struct Result: Sendable, CustomStringConvertible {
        var status: Int
        var output: String
        var errors: String

        var description: String { "exit \(status)\n--- stdout\n\(output)\n--- stderr\n\(errors)" }
    }

    static let masters = ["mesos-master1", "mesos-master2", "mesos-master3"]
    static let agents = ["mesos-slave1", "mesos-slave2", "mesos-slave3"]
    static var nodes: [String] { masters + agents }
    static let addresses = ["10.16.40.1", "10.16.40.2", "10.16.40.3"]

    let testbed: String
    let binary: String
    let sshConfig: String
    /// A directory with cluster.yaml that a test may change.
    let directory: String

    init() async throws {
        guard let testbed = Self.variable("RECONCILER_TESTBED"), let binary = Self.variable("RECONCILER_BINARY") else {
            throw Missing(description: "RECONCILER_TESTBED and RECONCILER_BINARY are not set: run `make e2e`")
        }
        self.testbed = testbed
        self.binary = binary
        var template = Array("/tmp/reconciler-e2e-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Missing(description: "no temporary directory") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        sshConfig = try await Self.run(testbed, ["ssh-config"]).output.trimmed
        let source = testbed.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        _ = try await Self.run("/bin/cp", ["\(source)/cluster.yaml", "\(directory)/cluster.yaml"])
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// Runs a program to its end; output beyond 8 MiB is an error.
    static func run(_ program: String, _ arguments: [String]) async throws -> Result {
        let result = try await Subprocess.run(
            .path(FilePath(program)),
            arguments: .init(arguments),
            input: .none,
            output: .string(limit: 8 << 20),
            error: .string(limit: 8 << 20)
        )
        let status: Int =
            switch result.terminationStatus {
            case .exited(let code): Int(code)
            case .signaled(let signal): 128 + Int(signal)
            }
        return Result(status: status, output: result.standardOutput, errors: result.standardError)
    }

    /// The testbed's own command; fails the test when it fails.
    func bed(_ arguments: String...) async throws {
        let result = try await Self.run(testbed, arguments)
        try #require(result.status == 0, "testbed \(arguments.joined(separator: " ")): \(result)")
    }

    /// A shell command as root inside a node.
    @discardableResult
    func on(_ node: String, _ command: String) async throws -> Result {
        try await Self.run(testbed, ["exec", node, "sh", "-c", command])
    }

    /// A shell command on the operator's side of the network.
    func operatorShell(_ command: String) async throws -> Result {
        try await Self.run(testbed, ["operator", "bash", "-c", command])
    }

    /// The product, as its user types it: `reconciler plan -f … --ssh-config …`.
    func reconciler(_ command: String, _ arguments: String...) async throws -> Result {
        let common = command == "validate" ? [] : ["--ssh-config", sshConfig]
        return try await Self.run(
            testbed,
            ["operator", binary, command, "-f", "\(directory)/cluster.yaml"] + common + arguments
        )
    }

    /// Replaces a text in this test's cluster.yaml; fails when it is not there.
    func editSpec(_ old: String, _ new: String) async throws {
        let path = "\(directory)/cluster.yaml"
        let text = try await Self.run("/bin/cat", [path]).output
        try #require(text.contains(old), "cluster.yaml has no “\(old)”")
        let edited = text.split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
        try write(edited, to: path)
    }

    func write(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        let bytes = Array(text.utf8)
        try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }

    /// `Mode:` of each server by the word `srvr`, in the order of `addresses`.
    func zooKeeperModes() async throws -> [String] {
        var modes: [String] = []
        for address in Self.addresses {
            let answer = try await operatorShell(
                "exec 3<>/dev/tcp/\(address)/2181 && printf srvr >&3 && timeout 2 cat <&3 | sed -n 's/^Mode: //p'"
            )
            modes.append(answer.output.trimmed)
        }
        return modes
    }

    /// Polls until `condition` holds; fails with `words` after `seconds`.
    func wait(_ seconds: Int, for words: String, _ condition: () async throws -> Bool) async throws {
        for _ in 0..<(seconds * 2) {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(500))
        }
        Testing.Issue.record("waited \(seconds) s for \(words)")
        throw Missing(description: words)
    }
}

extension String {
    var trimmed: String {
        var text = self[...]
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text.drop { $0.isWhitespace })
    }
}
