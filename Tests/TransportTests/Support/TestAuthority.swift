import FoundationEssentials
import Glibc
import Testing

@testable import Transport

/// A certificate authority in a directory of its own, and the certificates that it issued; made by `openssl` when the test runs.
final class TestAuthority {
    let directory: PrivateDirectory

    /// With `ca.pem`, an authority; `other.pem`, another; and no certificate yet.
    init() async throws {
        directory = try #require(PrivateDirectory())
        for name in ["ca", "other"] {
            try await openssl(
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "30",
                "-subj",
                "/CN=\(name)",
                "-keyout",
                path("\(name).key"),
                "-out",
                path("\(name).pem"),
                "-addext",
                "basicConstraints=critical,CA:TRUE"
            )
        }
    }

    deinit { directory.remove() }

    func path(_ name: String) -> String { "\(directory.path)/\(name)" }

    /// A key and a certificate for `names` (`DNS:localhost,IP:127.0.0.1`); expired the day before yesterday if so wanted.
    func issue(_ name: String, for names: String, isExpired: Bool = false) async throws {
        try await openssl(
            "req",
            "-new",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            "/CN=server",
            "-keyout",
            path("\(name).key"),
            "-out",
            path("\(name).csr")
        )
        _ = directory.write("", to: "\(name).index")
        _ = directory.write(
            """
            [ca]
            default_ca = it
            [it]
            database = \(path("\(name).index"))
            new_certs_dir = \(directory.path)
            rand_serial = yes
            default_md = sha256
            policy = any
            x509_extensions = server
            [any]
            commonName = supplied
            [server]
            subjectAltName = \(names)

            """,
            to: "\(name).cnf"
        )
        let day = 86_400.0
        let dates = (isExpired ? [-9, -2] : [-1, 20]).map { Self.stamp(Date(timeIntervalSinceNow: $0 * day)) }
        try await openssl(
            "ca",
            "-batch",
            "-notext",
            "-config",
            path("\(name).cnf"),
            "-in",
            path("\(name).csr"),
            "-cert",
            path("ca.pem"),
            "-keyfile",
            path("ca.key"),
            "-out",
            path("\(name).pem"),
            "-startdate",
            dates[0],
            "-enddate",
            dates[1]
        )
    }

    /// Signed by its own key.
    func selfSign(_ name: String, for names: String) async throws {
        try await openssl(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=server",
            "-keyout",
            path("\(name).key"),
            "-out",
            path("\(name).pem"),
            "-addext",
            "subjectAltName=\(names)"
        )
    }

    /// A web server of one page with the certificate `name`, on a free port of 127.0.0.1.
    func serve(_ name: String) async throws -> TLSServer {
        let port = try ScriptedPeer.freePort()
        let process = try LoopbackSSHD.spawn([
            "/usr/bin/openssl", "s_server", "-accept", "127.0.0.1:\(port)", "-cert", path("\(name).pem"),
            "-key", path("\(name).key"), "-www", "-quiet",
        ])
        let server = TLSServer(port: port, process: process)
        try await waitUntil { ScriptedPeer.isOpen(port) }
        return server
    }

    private func openssl(_ arguments: String...) async throws { try await LoopbackSSHD.tool("openssl", arguments) }

    /// As ASN.1 writes a time: 20261122101500Z.
    private static func stamp(_ date: Date) -> String {
        date.ISO8601Format().filter { $0.isNumber || $0 == "Z" }
    }
}

/// Ended at the end, by its process id.
final class TLSServer {
    let port: Int
    private let process: pid_t

    init(port: Int, process: pid_t) {
        self.port = port
        self.process = process
    }

    deinit {
        // It may have been started with SIGTERM blocked.
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }
}
