import Reconciler
import Specs
import Testing
import Transport

extension EndToEnd {
    /// REST of ports that only the nodes themselves can reach, through a real sshd.
    @Suite(.serialized) struct Chapter7Reach {
        @Test("A Marathon that listens for its own node alone is asked through ssh, also after the connection was lost")
        func throughTheNode() async throws {
            let bed = try await TestbedHarness()
            try await bed.resetToConverged()
            try await MesosWitness(bed).waitForMarathon()
            try await bed.tunnelling { transport, _ in
                let info = try await transport.send(RESTRequest(.get, "/v2/info"), to: Self.marathon)
                #expect(info.status == 200)
                #expect(String(decoding: info.body, as: UTF8.self).contains("\"version\""))
                try await bed.on(Self.node, "pkill -u erichan sshd; true")
                let again = try await transport.send(RESTRequest(.get, "/ping"), to: Self.marathon)
                #expect(again.status == 200)
            }
        }

        @Test("An sshd that may forward nothing is named, with what to allow")
        func forwardingForbidden() async throws {
            let bed = try await TestbedHarness()
            let config = "/etc/ssh/sshd_config"
            try await bed.on(
                Self.node,
                "cp -p \(config) \(config).kept && sed -i '1i AllowTcpForwarding no' \(config) && systemctl reload ssh"
            )
            do {
                try await bed.tunnelling { transport, _ in
                    let error = await #expect(throws: RESTError.self) {
                        try await transport.send(RESTRequest(.get, "/ping"), to: Self.marathon)
                    }
                    #expect(error?.message.contains("AllowTcpForwarding") ?? false, "\(String(describing: error))")
                }
            } catch {
                try await Self.restore(bed, config)
                throw error
            }
            try await Self.restore(bed, config)
        }

        @Test("A process that is down is told from a node that is cut off, and neither costs the whole deadline")
        func downAndCutOff() async throws {
            let bed = try await TestbedHarness()
            try await bed.tunnelling { transport, _ in
                let down = await #expect(throws: RESTError.self) {
                    try await transport.send(
                        RESTRequest(.put, "/v2/apps"),
                        to: RESTEndpoint(host: "127.0.0.1", port: 8099, node: NodeName(Self.node))
                    )
                }
                #expect(down?.kind == .refused)
                #expect(down?.mayHaveArrived == false)
                #expect(down?.message.contains("through ssh to") ?? false)
            }
            try await bed.bed("cut", Self.node)
            let clock = ContinuousClock()
            let start = clock.now
            do {
                try await bed.tunnelling { transport, _ in
                    let error = await #expect(throws: RESTError.self) {
                        try await transport.send(RESTRequest(.get, "/ping"), to: Self.marathon)
                    }
                    #expect(error?.mayHaveArrived == false)
                    #expect(error?.message.contains("nobody answers") ?? false, "\(String(describing: error))")
                }
            } catch {
                try await bed.bed("mend", Self.node)
                throw error
            }
            try await bed.bed("mend", Self.node)
            #expect(clock.now - start < .seconds(28))
        }

        private static let node = "mesos-master1"

        /// As the node names it: this machine's own loopback has nobody there.
        private static let marathon = RESTEndpoint(host: "127.0.0.1", port: 8080, node: NodeName(node))

        private static func restore(_ bed: TestbedHarness, _ config: String) async throws {
            try await bed.on(node, "mv \(config).kept \(config) && systemctl reload ssh")
        }
    }
}

extension TestbedHarness {
    /// Gives a transport to `body` whose ssh runs on the operator's side of the testbed's network.
    ///
    /// The test itself is not on that side: it reaches no node but through ssh.
    func tunnelling(_ body: (NetworkTransport, OpenSSHNodeAccess) async throws -> Void) async throws {
        let program = "\(directory)/ssh"
        try write("#!/bin/sh\nexec '\(testbed)' operator ssh \"$@\"\n", to: program)
        _ = try await Self.run("/bin/chmod", ["0700", program])
        let access = try OpenSSHNodeAccess(options: OpenSSHOptions(configFile: sshConfig, program: program))
        let targets = Self.nodes.map { NodeTarget(name: NodeName($0), address: $0, ssh: SSHSpec()) }
        let transport = NetworkTransport(
            targets: Dictionary(uniqueKeysWithValues: targets.map { ($0.name, $0) }),
            forwarding: access
        )
        let outcome: Swift.Result<Void, any Error>
        do {
            outcome = .success(try await body(transport, access))
        } catch {
            outcome = .failure(error)
        }
        await transport.close()
        await access.close()
        try outcome.get()
    }
}
