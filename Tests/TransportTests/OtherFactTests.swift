import FoundationEssentials
import Glibc
import Reconciler
import Testing

@testable import Transport

@Suite struct OtherFactTests {
    @Test(arguments: Shell.allCases)
    func thePlatformIsReadFromTheNodesOwnFiles(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        try root.put("ID=ubuntu\nVERSION_ID=\"14.04\"\nPRETTY_NAME='Ubuntu $(id)'\n", at: "/etc/os-release")
        try root.put("for f in /etc/mesos-agent/*; do :; done\n", at: "/usr/bin/mesos-init-wrapper")
        try root.program("initctl", "echo 'init (upstart 1.12.1)'")
        try root.program("apt-get", "exit 0")
        guard case .platform(let answer) = try await root.ask(.platform) else { throw Surprise("no platform") }
        #expect((answer.osID, answer.osVersion) == ("ubuntu", "14.04"))
        #expect((answer.initSystem, answer.packageManager) == ("upstart", "apt"))
        #expect(answer.wrapperAgentDirectory == "/etc/mesos-agent")
        #expect(!answer.hostname.isEmpty && !answer.machine.isEmpty)
        try root.makeDirectory("/run/systemd/system")
        guard case .platform(let booted) = try await root.ask(.platform) else { throw Surprise("no platform") }
        #expect(booted.initSystem == "systemd")
    }

    @Test func aReleaseWithoutOsReleaseIsReadFromItsSentence() {
        var answer = ScriptAnswer(status: 0, text: Array("K found".utf8))
        answer.fields = [
            .init(name: "release", value: []), .init(name: "redhat", value: Array("CentOS release 6.5 (Final)".utf8)),
        ]
        guard case .platform(let platform) = FactRequest.platform.read(answer) else {
            Testing.Issue.record("no platform")
            return
        }
        #expect((platform.osID, platform.osVersion) == ("centos", "6.5"))
    }

    @Test(arguments: Shell.allCases)
    func flagsAreReadFromTheHelp(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        try root.program(
            "mesos-master",
            """
            [ "$1" = --help ] || exit 9
            echo 'Usage: mesos-master [options]'
            echo '  --acls=VALUE        The value could be a JSON ... --not_a_flag'
            echo '  --[no-]authenticate If set (default: false)'
            echo '  --ip=VALUE'
            echo '  -z, --zk  <arg>     ZooKeeper'
            echo '  --ip=VALUE again'
            exit 1
            """
        )
        try root.program("mute", "exit 0")
        #expect(
            try await root.ask(.flagNames(program: "mesos-master")) == .flagNames(["acls", "authenticate", "ip", "zk"])
        )
        #expect(try await root.ask(.flagNames(program: "mesos-none")) == .absent)
        #expect(try await root.ask(.flagNames(program: "/usr/sbin/mesos-none")) == .absent)
        guard case .unknown = try await root.ask(.flagNames(program: "mute")) else { throw Surprise("flags of none") }
    }

    @Test(arguments: Shell.allCases)
    func serversOnTheNodeAreAsked(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        let server = try LoopbackServer { request in
            if request == "srvr" { return "Zookeeper version: 3.8.0\nMode: leader\n" }
            if request == "empt" { return "" }
            return
                "HTTP/1.1 503 Busy\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nbusy: \(request.prefix(10))\n"
        }
        defer { server.stop() }
        #expect(
            try await root.ask(.fourLetterWord("srvr", address: "127.0.0.1", port: server.port))
                == .text("Zookeeper version: 3.8.0\nMode: leader\n")
        )
        guard
            case .unknown(let reason) = try await root.ask(
                .fourLetterWord("empt", address: "127.0.0.1", port: server.port)
            )
        else { throw Surprise("an answer") }
        #expect(reason.contains("closed without an answer"))
        #expect(
            try await root.ask(.http(address: "127.0.0.1", port: server.port, path: "/health?a=%20b"))
                == .http(status: 503, body: "busy: GET /healt\n")
        )
        let closed = try ScriptedPeer.closedPort()
        #expect(try await root.ask(.fourLetterWord("srvr", address: "127.0.0.1", port: closed)) == .absent)
        #expect(try await root.ask(.http(address: "127.0.0.1", port: closed, path: "/")) == .absent)
    }

    @Test func everyToolThatOpensConnectionsGivesTheSameAnswer() async throws {
        let server = try LoopbackServer { request in
            request == "ruok"
                ? "imok" : "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"
        }
        defer { server.stop() }
        let closed = try ScriptedPeer.closedPort()
        for tool in ["bash", "perl", "curl"] {
            let root = try ScratchRoot()
            // Only one of them is there.
            let path = try onlyTools(in: root, with: tool)
            let calls = try [
                FactRequest.fourLetterWord("ruok", address: "127.0.0.1", port: server.port),
                .http(address: "127.0.0.1", port: server.port, path: "/"),
                .fourLetterWord("ruok", address: "127.0.0.1", port: closed),
            ]
            let script = NodeScript.observing(
                try calls.map { try $0.call() },
                nonce: "n",
                at: .scratch(root: root.path, path: path)
            )
            let child = ChildProcess(
                program: "/bin/dash",
                arguments: ["-s"],
                input: Array(script.text.utf8),
                deadline: .seconds(90)
            )
            let transcript = try Transcript(try await child.run(in: root.path).output, nonce: "n")
            let answers = zip(calls, transcript.answers).map { $0.read($1) }
            #expect(answers == [.text("imok"), .http(status: 200, body: "hello!"), .absent], "\(tool)")
        }
        let root = try ScratchRoot()
        let path = try onlyTools(in: root, with: "true")
        let call = FactRequest.fourLetterWord("ruok", address: "127.0.0.1", port: server.port)
        let script = NodeScript.observing([try call.call()], nonce: "n", at: .scratch(root: root.path, path: path))
        let child = ChildProcess(
            program: "/bin/dash",
            arguments: ["-s"],
            input: Array(script.text.utf8),
            deadline: .seconds(90)
        )
        let transcript = try Transcript(try await child.run(in: root.path).output, nonce: "n")
        #expect(
            transcript.answers.first.map(call.read)
                == .unknown(reason: "no tool is here that opens a connection (bash, perl, nc, curl)")
        )
    }

    private func onlyTools(in root: ScratchRoot, with tool: String) throws -> String {
        for name in ["base64", "cat", "head", "timeout", "sleep", tool] {
            try FileManager.default.createSymbolicLink(
                atPath: root.programs + "/" + name,
                withDestinationPath: "/usr/bin/" + name
            )
        }
        return root.programs
    }

    @Test(arguments: Shell.allCases)
    func namesDiskAndClockAreAsked(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        let began = Date().timeIntervalSince1970
        let answers = try await root.observe(
            .resolve(name: "localhost"),
            // A label of more than 63 letters is no name at all: no name server is asked.
            .resolve(name: String(repeating: "x", count: 70)),
            .disk(path: "/var/lib/not here yet/x"),
            .clock,
            .resolve(name: "-x")
        )
        guard case .addresses(let addresses) = answers[0] else { throw Surprise("\(answers[0])") }
        #expect(addresses.contains { $0 == "127.0.0.1" || $0 == "::1" })
        #expect(Set(addresses).count == addresses.count)
        #expect(answers[1] == .absent)
        guard case .disk(let free, let total) = answers[2] else { throw Surprise("\(answers[2])") }
        #expect(0 < free && free <= total)
        guard case .clock(let seconds) = answers[3] else { throw Surprise("\(answers[3])") }
        #expect(began - 1 < seconds && seconds < Date().timeIntervalSince1970 + 1)
        guard case .unknown = answers[4] else { throw Surprise("an option as a name") }
    }

    @Test(arguments: [
        ("echo 20.10.24", FactAnswer.dockerEngine(version: "20.10.24")),
        (
            "echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.' >&2; exit 1",
            .unknown(reason: "docker version: Cannot connect to the Docker daemon at unix:///var/run/docker.sock.")
        ),
        (
            "if [ $# -gt 1 ]; then echo 'flag provided but not defined: --format' >&2; exit 2; fi; "
                + "echo 'Client version: 1.4.0'; echo 'Server version: 1.4.1'; echo 'OS/Arch (server): linux/amd64'",
            .dockerEngine(version: "1.4.1")
        ),
    ])
    func theEngineAnswersOrIsUnknown(_ script: String, _ expected: FactAnswer) async throws {
        let root = try ScratchRoot()
        #expect(try await root.ask(.dockerEngine) == .absent)
        try root.program("docker", script)
        #expect(try await root.ask(.dockerEngine) == expected)
    }

    @Test func base64IsReadStrictly() {
        for length in 0..<100 {
            let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max) }
            #expect(base64Decoded(Data(bytes).base64EncodedString().utf8) == bytes)
        }
        for wrong in ["A", "AB=", "AB===", "A=BC", "A B=", "AB:=", "ABCDE"] {
            #expect(base64Decoded(wrong.utf8) == nil, "\(wrong)")
        }
    }

    @Test(arguments: [
        ("::ffff:10.16.40.1", "10.16.40.1"), ("10.16.40.1", "10.16.40.1"), ("::1", "::1"), ("::ffff:a:b", "::ffff:a:b"),
    ])
    func addressesOfIPv4AreShownAsSuch(_ seen: String, _ shown: String) {
        #expect(unmapped(Substring(seen)) == Substring(shown))
    }
}
