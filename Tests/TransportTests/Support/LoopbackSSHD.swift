import FoundationEssentials
import Glibc
import Reconciler
import Specs
import Testing

@testable import Transport

/// A real sshd on 127.0.0.1, run as the current user, with keys of its own; ended at the end, by its process id.
final class LoopbackSSHD {
    let directory: PrivateDirectory
    let port: Int
    let user: String
    private let process: pid_t

    /// `forced` runs instead of whatever is asked for, as `ForceCommand`; `settings` are lines of sshd_config.
    init(forced: String? = nil, settings: String = "") async throws {
        directory = try #require(PrivateDirectory())
        if getuid() == 0 { mkdir("/run/sshd", 0o755) }
        try #require(Glibc.access("/usr/sbin/sshd", X_OK) == 0, "/usr/sbin/sshd is missing: make setup")
        for key in ["host", "other-host", "client", "stranger"] {
            try await Self.tool("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "\(directory.path)/\(key)"])
        }
        user = try await Self.tool("id", ["-un"]).filter { !$0.isWhitespace }
        port = try ScriptedPeer.freePort()
        _ = directory.write(try String(contentsOf: directory.path + "/client.pub"), to: "authorized_keys")
        let config = """
            ListenAddress 127.0.0.1
            Port \(port)
            HostKey \(directory.path)/host
            AuthorizedKeysFile \(directory.path)/authorized_keys
            PidFile none
            UsePAM no
            StrictModes no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin yes
            LogLevel VERBOSE
            MaxStartups 100
            \(forced.map { "ForceCommand \($0)" } ?? "")
            \(settings)

            """
        _ = directory.write(config, to: "sshd_config")
        process = try Self.spawn(
            ["/usr/sbin/sshd", "-D", "-f", directory.path + "/sshd_config", "-E", directory.path + "/log"]
        )
        try writeClientConfig()
        try await waitUntil { (try? self.log().contains("Server listening")) ?? false }
    }

    deinit {
        kill(process, SIGTERM)
        waitpid(process, nil, 0)
        try? FileManager.default.removeItem(atPath: directory.path)
    }

    func log() throws -> String { try String(contentsOf: directory.path + "/log") }

    /// How often `text` is in sshd's log.
    func count(_ text: String) throws -> Int {
        try log().split(whereSeparator: \.isNewline).filter { $0.contains(text) }.count
    }

    func publicKey(_ key: String) throws -> String {
        try String(contentsOf: "\(directory.path)/\(key).pub").split(separator: " ").prefix(2).joined(separator: " ")
    }

    /// An ssh_config that knows `hostKey` (nil: no key at all) and logs in with `identity`.
    func writeClientConfig(hostKey: String? = "host", identity: String = "client", more: String = "") throws {
        let known = try hostKey.map { "[127.0.0.1]:\(port) \(try publicKey($0))\n" } ?? ""
        _ = directory.write(known, to: "known_hosts")
        _ = directory.write(
            """
            Host loopback
                HostName 127.0.0.1
                Port \(port)
            Host *
                User \(user)
                IdentityFile \(directory.path)/\(identity)
                IdentitiesOnly yes
                IdentityAgent none
                UserKnownHostsFile \(directory.path)/known_hosts
                GlobalKnownHostsFile /dev/null
                \(more)

            """,
            to: "ssh_config"
        )
    }

    func access(
        visitDeadline: Duration = .seconds(60),
        secrets: SecretStore = SecretStore()
    ) throws -> OpenSSHNodeAccess {
        try OpenSSHNodeAccess(
            options: OpenSSHOptions(
                configFile: directory.path + "/ssh_config",
                loginDeadline: .seconds(15),
                visitDeadline: visitDeadline,
                persistSeconds: 20
            ),
            secrets: secrets
        )
    }

    /// The node by its alias.
    func node(hostKey: String? = nil) -> NodeTarget {
        NodeTarget(name: "loopback", address: "loopback", ssh: SSHSpec(), hostKey: hostKey)
    }

    @discardableResult
    static func tool(_ program: String, _ arguments: [String]) async throws -> String {
        let ended = try await ChildProcess(program: program, arguments: arguments, deadline: .seconds(90)).run(
            in: "/tmp"
        )
        try #require(ended.exitCode == 0, "\(program): \(ended.errors)")
        return String(decoding: ended.output, as: UTF8.self)
    }

    static func spawn(_ words: [String]) throws -> pid_t {
        var process = pid_t()
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        try #require(posix_spawn(&process, words[0], nil, nil, arguments, environ) == 0)
        return process
    }
}

extension String {
    init(contentsOf path: String) throws {
        self = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }
}
