import Daemons
import Glibc
import Reconciler
import Specs
import Synchronization
import Testing

@testable import Transport

/// Through a real sshd.
///
/// Its node sees the same loopback as the test: so that the network does not lead where the node does, the
/// endpoint names a port that is closed, and the forward is made to another.
@Suite(.serialized, .ownThread) struct ForwardTests {
    @Test("A closed port is reached through the node's ssh connection, which is logged in to once")
    func throughSSH() async throws {
        let sshd = try await LoopbackSSHD()
        let access = try sshd.access()
        let closed = try ScriptedPeer.closedPort()
        try await serving { request in
            HTTPResponse(200, body: Array("\(request.method) \(request[header: "Host"] ?? "")".utf8))
        } _: { port in
            try await tunnelling(access, sshd.node(), [closed: port]) { transport, _ in
                let endpoint = at(closed)
                let texts = try await (0..<8).mapConcurrently(limit: 8) { _ in
                    try await transport.send(RESTRequest(.get, "/"), to: endpoint).text
                }
                #expect(Set(texts) == ["GET 127.0.0.1:\(closed)"])
                let written = try await transport.send(RESTRequest(.put, "/", body: [1]), to: endpoint)
                #expect(written.text == "PUT 127.0.0.1:\(closed)")
                #expect(sockets(of: access).count == 1, "one forward")
            }
        }
        #expect(try sshd.count("Accepted publickey") == 1, "one login")
        #expect(sockets(of: access).isEmpty, "cancelled with the transport")
        await access.close()
    }

    @Test("The way that worked is tried first from then on")
    func theWayIsRemembered() async throws {
        let sshd = try await LoopbackSSHD()
        let access = try sshd.access()
        let hole = try BlackHole()
        try await serving { _ in
            HTTPResponse(204)
        } _: { port in
            try await tunnelling(access, sshd.node(), [hole.port: port]) { transport, _ in
                let clock = ContinuousClock()
                let first = try await clock.measure {
                    _ = try await transport.send(RESTRequest(.get, "/"), to: at(hole.port))
                }
                // The quickest of some: a loaded machine delays any of them.
                var others: [Duration] = []
                for _ in 1...5 {
                    others.append(
                        try await clock.measure {
                            _ = try await transport.send(RESTRequest(.get, "/"), to: at(hole.port))
                        }
                    )
                }
                #expect(first > .seconds(2), "the network first: \(first)")
                #expect(others.contains { $0 < .seconds(2) }, "then ssh at once: \(others)")
            }
        }
        await access.close()
    }

    @Test("An open port is asked over the network, and no node is logged in to")
    func theNetworkComesFirst() async throws {
        let sshd = try await LoopbackSSHD()
        let access = try sshd.access()
        try await serving { _ in
            HTTPResponse(503)
        } _: { port in
            try await tunnelling(access, sshd.node(), [:]) { transport, _ in
                let answer = try await transport.send(RESTRequest(.get, "/"), to: at(port))
                #expect(answer.status == 503)
            }
        }
        #expect(try sshd.count("Accepted publickey") == 0)
        await access.close()
    }

    @Test("With both ways closed one error names both")
    func bothWaysClosed() async throws {
        let sshd = try await LoopbackSSHD()
        let access = try sshd.access()
        let closed = try ScriptedPeer.closedPort()
        try await tunnelling(access, sshd.node(), [:]) { transport, _ in
            let error = try await fault(of: transport, RESTRequest(.post, "/"), at: at(closed))
            #expect(error.kind == .refused)
            #expect(!error.mayHaveArrived)
            #expect(
                error.message.contains(
                    "nobody listens on the port (Connection refused), and through ssh to loopback: nobody listens on the port (connect failed: Connection refused)"
                ),
                "\(error)"
            )
        }
        await access.close()
    }

    @Test("An sshd that forwards nothing is named with what to allow")
    func forwardingForbidden() async throws {
        let sshd = try await LoopbackSSHD(settings: "AllowTcpForwarding no")
        let access = try sshd.access()
        let closed = try ScriptedPeer.closedPort()
        try await serving { _ in
            HTTPResponse(200)
        } _: { port in
            try await tunnelling(access, sshd.node(), [closed: port]) { transport, _ in
                let error = try await fault(of: transport, at: at(closed))
                #expect(error.kind == .refused, "as the network says: \(error)")
                #expect(error.message.contains("administratively prohibited"), "\(error)")
                #expect(error.message.contains("AllowTcpForwarding"), "\(error)")
            }
        }
        await access.close()
    }

    @Test("A node that lets nobody in is named in the words of its visits")
    func theNodeItselfFails() async throws {
        let sshd = try await LoopbackSSHD()
        let access = try sshd.access()
        let closed = try ScriptedPeer.closedPort()
        for (change, words) in [("other-host", "ssh-keygen -R"), ("host", "authorized_keys")] {
            try sshd.writeClientConfig(hostKey: change, identity: change == "host" ? "stranger" : "client")
            try await tunnelling(access, sshd.node(), [:]) { transport, forwarding in
                let error = try await fault(of: transport, at: at(closed))
                #expect(error.kind == .refused, "\(error)")
                #expect(!error.mayHaveArrived)
                #expect(error.message.contains(words), "\(error)")
                #expect(
                    error.message.contains("through ssh to loopback: its host key") == (change != "host"),
                    "\(error)"
                )
                forwarding.isKept = true
            }
        }
        await access.close()
    }

    @Test("A connection that ended is made again, also where it left its socket behind", arguments: [SIGTERM, SIGKILL])
    func theConnectionEnds(_ signal: Int32) async throws {
        let sshd = try await LoopbackSSHD()
        let access = try sshd.access()
        let closed = try ScriptedPeer.closedPort()
        try await serving { _ in
            HTTPResponse(200)
        } _: { port in
            try await tunnelling(access, sshd.node(), [closed: port]) { transport, _ in
                _ = try await transport.send(RESTRequest(.get, "/"), to: at(closed))
                let master = try await masterProcess(access)
                kill(master, signal)
                try await waitUntil { kill(master, 0) != 0 }
                let answer = try await transport.send(RESTRequest(.get, "/"), to: at(closed))
                #expect(answer.status == 200)
            }
        }
        #expect(try sshd.count("Accepted publickey") == 2)
        await access.close()
    }

    @Test("A write to a process that has ended meanwhile surely did not arrive")
    func aWriteAfterTheEnd() async throws {
        let sshd = try await LoopbackSSHD()
        let access = try sshd.access()
        let closed = try ScriptedPeer.closedPort()
        let peer = try ScriptedPeer([.readHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), .stay])
        try await tunnelling(access, sshd.node(), [closed: peer.port]) { transport, _ in
            _ = try await transport.send(RESTRequest(.get, "/"), to: at(closed))
            peer.stop()
            let write = try await fault(of: transport, RESTRequest(.put, "/"), at: at(closed))
            #expect(write.kind == .refused, "\(write)")
            #expect(!write.mayHaveArrived, "\(write)")
            // A read is not announced: its socket takes it, and the node tells why nothing came back.
            let read = try await fault(of: transport, at: at(closed))
            #expect(read.kind == .refused, "\(read)")
        }
        await access.close()
    }

    @Test("A server that hangs up without a word may have read the request")
    func hangingUpBehindTheTunnel() async throws {
        let sshd = try await LoopbackSSHD()
        let access = try sshd.access()
        let closed = try ScriptedPeer.closedPort()
        let peer = try ScriptedPeer([.readHead])
        defer { peer.stop() }
        try await tunnelling(access, sshd.node(), [closed: peer.port]) { transport, _ in
            let error = try await fault(of: transport, RESTRequest(.put, "/"), at: at(closed))
            #expect(error.kind == .interrupted, "\(error)")
            #expect(error.mayHaveArrived)
            #expect(error.message.contains("through ssh to loopback: the connection"), "\(error)")
        }
        await access.close()
    }

    @Test("The deadline covers the login", .timeLimit(.minutes(20)))
    func theDeadlineCoversTheLogin() async throws {
        let silent = try LoopbackServer(nil)
        let access = try OpenSSHNodeAccess(options: OpenSSHOptions(configFile: "/dev/null"))
        let position = SourcePosition(file: "cluster.yaml", line: 1, column: 1)
        let node = NodeTarget(
            name: "loopback",
            address: "127.0.0.1",
            ssh: SSHSpec(port: Located(silent.port, at: position), connectTimeout: Located(20, at: position))
        )
        let closed = try ScriptedPeer.closedPort()
        let clock = ContinuousClock()
        let start = clock.now
        let transport = NetworkTransport(targets: ["loopback": node], forwarding: access)
        let error = try await fault(of: transport, RESTRequest(.put, "/", deadline: .seconds(1)), at: at(closed))
        #expect(clock.now - start < .seconds(15))
        #expect(!error.mayHaveArrived)
        #expect(error.kind == .unreachable, "\(error)")
        #expect(
            error.message.contains("nobody listens on the port (Connection refused), and through ssh to"),
            "\(error)"
        )
        silent.stop()
        await transport.close()
        await access.close()
    }

    @Test("TLS behind the tunnel is verified for the endpoint's own host")
    func tlsThroughSSH() async throws {
        let sshd = try await LoopbackSSHD()
        let access = try sshd.access()
        let authority = try await TestAuthority()
        try await authority.issue("good", for: "DNS:localhost,IP:127.0.0.1")
        try await authority.issue("elsewhere", for: "DNS:marathon.example,IP:10.16.40.1")
        let good = try await authority.serve("good")
        let bad = try await authority.serve("elsewhere")
        let closed = [try ScriptedPeer.closedPort(), try ScriptedPeer.closedPort()]
        let ports = [closed[0]: good.port, closed[1]: bad.port]
        try await tunnelling(access, sshd.node(), ports, authority.directory.path) { transport, _ in
            for host in ["localhost", "127.0.0.1"] {
                let fine = at(closed[0], .https, host, authority: "ca.pem")
                for _ in 0..<3 {
                    let answer = try await transport.send(RESTRequest(.get, "/"), to: fine)
                    #expect(answer.text.contains("s_server"))
                }
                let wrong = try await fault(of: transport, at: at(closed[1], .https, host, authority: "ca.pem"))
                #expect(wrong.kind == .untrusted, "\(wrong)")
                #expect(wrong.message.contains("not for \(host)"), "\(wrong)")
                let unknown = try await fault(of: transport, RESTRequest(.put, "/"), at: at(closed[0], .https, host))
                #expect(unknown.kind == .untrusted, "\(unknown)")
                #expect(!unknown.mayHaveArrived)
                #expect(unknown.message.contains("`marathon.authority`"), "\(unknown)")
            }
            // Those of the relays are gone with their requests.
            #expect(sockets(of: access).count == 4, "\(sockets(of: access))")
        }
        await access.close()
    }

    @Test("Whatever ends the run, no socket and no connection stays")
    func nothingStays() async throws {
        let sshd = try await LoopbackSSHD()
        let access = try sshd.access()
        let closed = try ScriptedPeer.closedPort()
        let peer = try ScriptedPeer([.readHead, .stay])
        defer { peer.stop() }
        let node = sshd.node()
        let run = Task {
            try await tunnelling(access, node, [closed: peer.port]) { transport, _ in
                _ = try await transport.send(RESTRequest(.get, "/"), to: at(closed))
            }
        }
        try await waitUntil { peer.connections >= 2 }
        let directory = try #require(sockets(of: access).first).split(separator: "/").dropLast().joined(separator: "/")
        let master = try await masterProcess(access)
        run.cancel()
        await #expect(throws: RESTError.self) { try await run.value }
        #expect(sockets(of: access).isEmpty)
        await access.close()
        #expect(Glibc.access("/" + directory, F_OK) != 0)
        try await waitUntil { kill(master, 0) != 0 }
    }

    // MARK: - Support

    private func at(
        _ port: Int,
        _ scheme: RESTEndpoint.Scheme = .http,
        _ host: String = "127.0.0.1",
        authority: String? = nil
    ) -> RESTEndpoint {
        RESTEndpoint(scheme, host: host, port: port, node: "loopback", authority: authority)
    }

    private func tunnelling(
        _ access: OpenSSHNodeAccess,
        _ node: NodeTarget,
        _ ports: [Int: Int],
        _ directory: String = ".",
        _ body: (NetworkTransport, Detour) async throws -> Void
    ) async throws {
        let detour = Detour(access, ports)
        let transport = NetworkTransport(
            options: NetworkOptions(connectTimeout: .seconds(3)),
            targets: ["loopback": node],
            forwarding: detour,
            directory: directory
        )
        try await transporting(transport) { try await body($0, detour) }
    }

    /// Of forwards and relays, as they are in the file system.
    private func sockets(of access: OpenSSHNodeAccess) -> [String] {
        let directory = access.socketDirectory
        guard let entries = opendir(directory) else { return [] }
        defer { closedir(entries) }
        var found: [String] = []
        while let entry = readdir(entries) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix("f") { found.append("\(directory)/\(name)") }
        }
        return found.sorted()
    }

    private func masterProcess(_ access: OpenSSHNodeAccess) async throws -> pid_t {
        let asked = try await ChildProcess(
            program: "ssh",
            arguments: ["-F", "/dev/null", "-o", "ControlPath=\(access.socketDirectory)/0", "-O", "check", "x"],
            deadline: .seconds(60)
        ).run(in: "/tmp")
        return try #require(pid_t(asked.errors.filter(\.isNumber)), "\(asked.errors)")
    }
}

/// Forwards by ssh, to other ports than those asked for.
private final class Detour: PortForwarding {
    private let access: OpenSSHNodeAccess
    private let ports: [Int: Int]
    private let kept = Mutex(false)

    init(_ access: OpenSSHNodeAccess, _ ports: [Int: Int]) {
        self.access = access
        self.ports = ports
    }

    /// Whether the forwards outlive their transport.
    var isKept: Bool {
        get { kept.withLock { $0 } }
        set { kept.withLock { $0 = newValue } }
    }

    func socket(to port: ForwardedPort, on node: NodeTarget) async throws(ForwardFailure) -> String {
        try await access.socket(to: mapped(port), on: node)
    }

    func check(_ port: ForwardedPort, on node: NodeTarget) async throws(ForwardFailure) {
        try await access.check(mapped(port), on: node)
    }

    func forget(_ port: ForwardedPort, on node: NodeTarget) async { await access.forget(mapped(port), on: node) }

    func cancelForwards() async { if !isKept { await access.cancelForwards() } }

    private func mapped(_ port: ForwardedPort) -> ForwardedPort {
        ForwardedPort(host: port.host, port: ports[port.port] ?? port.port)
    }
}
