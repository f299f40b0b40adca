import FoundationEssentials
import Glibc
import Reconciler
import Specs
import Testing

@testable import Transport

@Suite(.serialized) struct OpenSSHTests {
    @Test func aNodeIsAskedAndActedOnThroughOneConnection() async throws {
        let sshd = try await LoopbackSSHD()
        let access = try sshd.access()
        let file = sshd.directory.path + "/it's a $(file)"
        let text = hostileTexts.joined(separator: "|")
        let first = try await access.observe([.file(path: file), .clock], on: sshd.node())
        #expect(first.first == .absent)
        let written = try await access.perform(
            [.writeFile(FileWrite(path: file, content: Content(text), expected: .absent))],
            run: RunID("r"),
            on: sshd.node()
        )
        #expect(written == [.done(detail: "")])
        for _ in 0..<3 {
            guard case .file(let answer) = try await access.observe([.file(path: file)], on: sshd.node()).first
            else { throw Surprise("no file") }
            #expect(answer.content == text)
        }
        #expect(try sshd.count("Accepted publickey") == 1, "one login")
        #expect(try sshd.count("Starting session") == 5, "one exec a visit")
        await access.close()
        try await waitUntil { try sshd.count("Disconnected from user") + sshd.count("Connection closed by") >= 1 }
    }

    @Test func visitsAtOnceShareTheConnectionThatTheFirstOneMakes() async throws {
        let sshd = try await LoopbackSSHD()
        let access = try sshd.access()
        let node = sshd.node()
        let answers = try await (0..<6).mapConcurrently(limit: 6) { _ in try await access.observe([.clock], on: node) }
        #expect(answers.count == 6)
        #expect(try sshd.count("Accepted publickey") == 1)
        await access.close()
    }

    @Test func whatProfilesAndBannersPrintIsSkipped() async throws {
        // As a login shell with a talkative profile, before and after.
        let sshd = try await LoopbackSSHD(
            forced:
                #"sh -c 'printf "Welcome\nreconciler 0 begin\nno newline"; echo motd >&2; eval "$SSH_ORIGINAL_COMMAND"; echo bye'"#
        )
        let access = try sshd.access()
        guard case .clock = try await access.observe([.clock], on: sshd.node()).first else {
            throw Surprise("no clock")
        }
        await access.close()
    }

    @Test(arguments: ["/bin/bash", "/bin/dash", "/usr/bin/perl -e exec(@ARGV) sh -c"])
    func theUsersShellDoesNotMatter(_ shell: String) async throws {
        let sshd = try await LoopbackSSHD(
            forced: shell.hasPrefix("/bin") ? "\(shell) -c \"$SSH_ORIGINAL_COMMAND\"" : "exec sh -s"
        )
        let access = try sshd.access()
        #expect(try await access.observe([.file(path: "/nowhere/at/all")], on: sshd.node()) == [.absent])
        await access.close()
    }

    @Test func anAnswerThatBreaksOffIsInterruptedAndNeverAbsent() async throws {
        let sshd = try await LoopbackSSHD(forced: "sh -s | head -c 100")
        let access = try sshd.access()
        let error = await failure { try await access.observe([.platform, .clock], on: sshd.node()) }
        #expect(error?.kind == .interrupted)
        await access.close()
    }

    @Test func aShellThatIsNoneSaysSo() async throws {
        let sshd = try await LoopbackSSHD(forced: "echo This account is not available.")
        let access = try sshd.access()
        let error = await failure { try await access.observe([.clock], on: sshd.node()) }
        #expect(error?.kind == .protocolViolation)
        #expect(error?.message.contains("This account is not available") ?? false)
        await access.close()
    }

    @Test(arguments: [
        ("sudo: a password is required", "NOPASSWD"),
        ("sudo: no tty present and no askpass program specified", "NOPASSWD"),
        ("erichan is not in the sudoers file.  This incident will be reported.", "NOPASSWD"),
        ("sudo: sorry, you must have a tty to run sudo", "requiretty"),
        ("bash: line 1: sudo: command not found", "install it"),
    ])
    func aSudoThatRefusesIsAPrivilegeFailureWithTheNextMove(_ words: String, _ move: String) async throws {
        let sshd = try await LoopbackSSHD(forced: "echo '\(words)' >&2; exit 1")
        let access = try sshd.access()
        let error = await failure { try await access.observe([.clock], on: sshd.node()) }
        #expect(error?.kind == .privilege)
        #expect(error?.message.contains(words) ?? false)
        #expect(error?.message.contains(move) ?? false)
        await access.close()
    }

    @Test func anUnknownHostKeyIsRefusedAndADeclaredOneEnrols() async throws {
        let sshd = try await LoopbackSSHD()
        try sshd.writeClientConfig(hostKey: nil)
        let access = try sshd.access()
        let unknown = await failure { try await access.observe([.clock], on: sshd.node()) }
        #expect(unknown?.kind == .hostKeyUnknown)
        #expect(unknown?.message.contains("hostKey") ?? false)
        let enrolled = sshd.node(hostKey: try sshd.publicKey("host") + " comment")
        guard case .clock = try await access.observe([.clock], on: enrolled).first else { throw Surprise("no clock") }
        #expect(try String(contentsOf: sshd.directory.path + "/known_hosts").isEmpty, "the user's file is left alone")
        await access.close()
    }

    @Test func aDeclaredKeyStandsBesideTheUsersOwnKnownHosts() async throws {
        let sshd = try await LoopbackSSHD()
        let access = try sshd.access()
        // The right key is in the user's file; the declared one is another: either is accepted, neither replaces.
        let node = sshd.node(hostKey: try sshd.publicKey("other-host"))
        guard case .clock = try await access.observe([.clock], on: node).first else { throw Surprise("no clock") }
        await access.close()
    }

    @Test func aChangedHostKeyIsRefusedEvenWithAnotherOneDeclared() async throws {
        let sshd = try await LoopbackSSHD()
        try sshd.writeClientConfig(hostKey: "other-host")
        let access = try sshd.access()
        let changed = await failure { try await access.observe([.clock], on: sshd.node()) }
        #expect(changed?.kind == .hostKeyChanged)
        #expect(changed?.message.contains("ssh-keygen -R") ?? false)
        #expect(changed?.isRetryable == false)
        await access.close()
    }

    @Test func aKeyThatIsNotAcceptedIsAnAuthenticationFailure() async throws {
        let sshd = try await LoopbackSSHD()
        try sshd.writeClientConfig(identity: "stranger")
        let access = try sshd.access()
        let error = await failure { try await access.observe([.clock], on: sshd.node()) }
        #expect(error?.kind == .authentication)
        #expect(error?.message.contains("Permission denied") ?? false)
        await access.close()
    }

    @Test func theNodesOwnSSHSettingsHoldOverTheConfiguration() async throws {
        let sshd = try await LoopbackSSHD()
        try sshd.writeClientConfig(identity: "stranger", more: "RemoteCommand /bin/false\n    RequestTTY force")
        let position = SourcePosition(file: "cluster.yaml", line: 1, column: 1)
        let node = NodeTarget(
            name: "n1",
            address: "127.0.0.1",
            ssh: SSHSpec(
                user: Located(sshd.user, at: position),
                port: Located(sshd.port, at: position),
                identityFile: Located(sshd.directory.path + "/client", at: position)
            )
        )
        let access = try sshd.access()
        guard case .clock = try await access.observe([.clock], on: node).first else { throw Surprise("no clock") }
        await access.close()
    }

    @Test func aRefusedPortAndANameThatDoesNotResolveAreToldApart() async throws {
        let closed = try ScriptedPeer.closedPort()
        let access = try OpenSSHNodeAccess(options: OpenSSHOptions(configFile: "/dev/null"))
        let refused = await failure {
            try await access.observe([.clock], on: target("127.0.0.1", port: closed))
        }
        #expect(refused?.kind == .refused)
        // A label of more than 63 letters is no name at all: no name server is asked.
        let nobody = String(repeating: "x", count: 70)
        let unnamed = await failure { try await access.observe([.clock], on: target(nobody, port: 22)) }
        #expect(unnamed?.kind == .nameNotFound)
        let option = await failure {
            try await access.observe([.clock], on: target("-oProxyCommand=touch /tmp/never", port: 22))
        }
        #expect(option != nil)
        #expect(access2("/tmp/never") == false, "an address is never an option")
        await access.close()
    }

    @Test func aHostThatTakesTheConnectionAndSaysNothingTimesOut() async throws {
        let silent = try LoopbackServer(nil)
        defer { silent.stop() }
        let access = try OpenSSHNodeAccess(options: OpenSSHOptions(configFile: "/dev/null"))
        let clock = ContinuousClock()
        var error: NodeAccessError?
        let time = await clock.measure {
            error = await failure {
                try await access.observe([.clock], on: target("127.0.0.1", port: silent.port, timeout: 1))
            }
        }
        #expect(error?.kind == .timedOut)
        #expect(time < .seconds(30))
        await access.close()
    }

    @Test func aVisitThatTakesTooLongIsEndedAndOthersGoOn() async throws {
        let sshd = try await LoopbackSSHD(forced: "if [ -e $HOME/nothing ]; then :; fi; sleep 30")
        let access = try sshd.access(visitDeadline: .seconds(1))
        let clock = ContinuousClock()
        var error: NodeAccessError?
        let time = await clock.measure {
            error = await failure { try await access.observe([.clock], on: sshd.node()) }
        }
        #expect(error?.kind == .timedOut)
        #expect(time < .seconds(30))
        await access.close()
    }

    @Test func moreThanTheLimitOfOutputIsAnErrorAndNotAllMemory() async throws {
        let directory = try #require(PrivateDirectory())
        defer { directory.remove() }
        let child = ChildProcess(
            program: "/bin/sh",
            arguments: ["-c", "while :; do printf 0123456789012345678901234567890123456789; done"],
            deadline: .seconds(90),
            outputLimit: 1 << 20
        )
        await #expect(throws: ChildProcess.Failure.tooMuchOutput(limit: 1 << 20)) {
            try await child.run(in: directory.path)
        }
    }

    @Test func aCancelledVisitEndsSoonAndSaysSo() async throws {
        let sshd = try await LoopbackSSHD(forced: "sleep 30")
        let access = try sshd.access()
        let node = sshd.node()
        let visit = Task { await failure { try await access.observe([.clock], on: node) } }
        try await waitUntil { try sshd.count("Starting session") == 1 }
        visit.cancel()
        #expect(await visit.value?.kind == .interrupted)
        await access.close()
    }

    @Test func aSecretThatAShellQuotesIsNotInTheMessage() async throws {
        let sshd = try await LoopbackSSHD(forced: "grep -o 'tops3cret' | head -n 1 >&2; exit 2")
        let access = try sshd.access(secrets: SecretStore([.environment("TOKEN"): "tops3cret"]))
        let write = FileWrite(path: "/nope/x", content: Content([.secret(.environment("TOKEN"))]), expected: .absent)
        let error = await failure { try await access.perform([.writeFile(write)], run: RunID("r"), on: sshd.node()) }
        #expect(error?.message.contains("${env:TOKEN}") ?? false)
        #expect(!(error?.message.contains("tops3cret") ?? true))
        await access.close()
    }

    @Test func aClientThatIsNotInstalledIsSaid() async throws {
        let access = try OpenSSHNodeAccess(options: OpenSSHOptions(program: "no-such-ssh"))
        let error = await failure { try await access.observe([.clock], on: target("127.0.0.1", port: 22)) }
        #expect(error?.message.contains("not installed") ?? false)
        await access.close()
    }

    private func access2(_ path: String) -> Bool { Glibc.access(path, F_OK) == 0 }

    private func target(_ address: String, port: Int, timeout: Int = 3) -> NodeTarget {
        let position = SourcePosition(file: "cluster.yaml", line: 1, column: 1)
        return NodeTarget(
            name: "node",
            address: address,
            ssh: SSHSpec(port: Located(port, at: position), connectTimeout: Located(timeout, at: position))
        )
    }
}

/// The error that `body` must throw; nil where it does not.
func failure<Value>(_ body: () async throws -> Value) async -> NodeAccessError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? NodeAccessError
    }
}
