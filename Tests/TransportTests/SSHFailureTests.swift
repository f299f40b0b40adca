import Reconciler
import Specs
import Testing

@testable import Transport

@Suite struct SSHFailureTests {
    static let node = NodeTarget(name: "mesos-master1", address: "10.16.40.1", ssh: SSHSpec())
    static let command = SSHCommand(options: OpenSSHOptions(), node: node, socket: "/tmp/s")

    /// As OpenSSH 9.2 prints them, line ends of a terminal included.
    @Test(arguments: [
        ("ssh: connect to host 10.16.40.1 port 22: Connection refused\r\n", NodeAccessError.Kind.refused),
        ("ssh: connect to host 10.16.40.1 port 22: Connection timed out\r\n", .unreachable),
        ("ssh: connect to host 10.16.40.1 port 22: No route to host\r\n", .unreachable),
        ("ssh: connect to host 10.16.40.1 port 22: Network is unreachable\r\n", .unreachable),
        ("Connection timed out during banner exchange\r\nConnection to 10.16.40.1 port 22 timed out\r\n", .timedOut),
        ("Timeout, server 10.16.40.1 not responding.\r\n", .timedOut),
        ("ssh: Could not resolve hostname x: Name or service not known\r\n", .nameNotFound),
        ("root@10.16.40.1: Permission denied (publickey,password).\r\n", .authentication),
        ("Received disconnect from 10.16.40.1 port 22:2: Too many authentication failures\r\n", .authentication),
        (
            "No ED25519 host key is known for x and you have requested strict checking.\r\nHost key verification failed.\r\n",
            .hostKeyUnknown
        ),
        (
            "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\nHost key for x has changed and you have "
                + "requested strict checking.\r\nHost key verification failed.\r\n", .hostKeyChanged
        ),
        ("Connection closed by 10.16.40.1 port 22\r\n", .interrupted),
        ("kex_exchange_identification: read: Connection reset by peer\r\n", .interrupted),
        ("client_loop: send disconnect: Broken pipe\r\n", .interrupted),
        ("/root/x: line 3: Bad configuration option: bogus\r\n", .protocolViolation),
        ("", .interrupted), ("something nobody has seen\n", .interrupted),
    ])
    func itsWordsAreTheirOwnClearOutcome(_ words: String, _ kind: NodeAccessError.Kind) {
        let error = SSHFailure.error(words, node: Self.node, command: Self.command)
        #expect(error.kind == kind)
        #expect(error.message.hasPrefix("mesos-master1 at 10.16.40.1: "))
        #expect(error.message.contains("; "), "a next move")
        #expect(!error.message.contains("\n") && !error.message.contains("\r"))
    }

    @Test func theCommandAsksNothingWritesNothingAndIsOneExec() {
        let position = SourcePosition(file: "c", line: 1, column: 1)
        var node = Self.node
        node.ssh.become = Located(.sudo, at: position)
        node.ssh.alias = Located("m1", at: position)
        let command = SSHCommand(options: OpenSSHOptions(configFile: "/c f"), node: node, socket: "/tmp/s")
        for words in [command.visit, command.connect] {
            for option in ["BatchMode=yes", "StrictHostKeyChecking=yes", "UpdateHostKeys=no", "ControlPath=/tmp/s"] {
                #expect(words.contains(option))
            }
            #expect(Array(words.prefix(2)) == ["-F", "/c f"])
        }
        #expect(Array(command.visit.suffix(3)) == ["--", "m1", "sudo -n sh -s"])
        #expect(Array(Self.command.visit.suffix(3)) == ["--", "10.16.40.1", "sh -s"])
    }

    @Test func theNameInKnownHostsIsTheOneSSHLooksUp() {
        func name(_ config: String) -> String { SSHResolvedConfig(config).knownHostsName(destination: "dest") }
        #expect(name("hostname 10.0.0.1\nport 22\n") == "10.0.0.1")
        #expect(name("hostname Node.Example\nport 2222\n") == "[node.example]:2222")
        #expect(name("hostname x\nport 2222\nhostkeyalias node\n") == "node")
        #expect(name("") == "dest")
        #expect(SSHResolvedConfig("userknownhostsfile /a /b\n").userKnownHosts == ["/a", "/b"])
    }
}
