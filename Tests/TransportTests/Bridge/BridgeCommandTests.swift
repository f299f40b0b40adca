import FoundationEssentials
import Specs
import Testing

@testable import Transport

@Suite struct BridgeCommandTests {
    @Test("help tells every command and every exit code; no command at all is wrong", arguments: BridgeShell.allCases)
    func help(_ shell: BridgeShell) async throws {
        let node = try BridgeNode(shell)
        let help = try await node.run("help")
        #expect(help.status == 0)
        for word in [
            "install_haproxy_system MARATHON", "install_cronjob MARATHON", "cronjob", "header", "apps MARATHON",
            "config MARATHON",
            "refresh_system_haproxy", "logged COMMAND", "\n  0 ", "\n  1 ", "\n  2 ", "\n  3 ", "\n  4 ",
        ] { #expect(help.output.contains(word), "\(word)") }
        let none = try await BridgeNode(shell).run("", environment: [:])
        #expect(none.status == 2)
    }

    @Test(
        "what is no command or no Marathon is refused",
        arguments: [
            ["frob"], ["render"], ["; id"], ["logged"], ["logged", "frob"], ["logged", "header"], ["logged", "config"],
            ["install_cronjob"], ["install_cronjob", "-o"], ["install_cronjob", "m:99999"],
            ["install_cronjob", "m 8080"],
            ["install_cronjob", "http://user:s3cret@m:8080"], ["install_cronjob", "ftp://m:21"],
            ["install_cronjob", "m:8080/x"],
            ["apps"], ["config"], ["refresh_system_haproxy"],
        ]
    )
    func refused(_ words: [String]) async throws {
        let node = try BridgeNode()
        let ended = words.count == 1 ? try await node.run(words[0]) : try await node.run(words[0], words[1])
        #expect(ended.status == 2)
        #expect(ended.errors.contains("haproxy-marathon-bridge help tells"))
        #expect(!ended.errors.contains("s3cret"))
        #expect(node.calls == [])
        #expect(!node.exists("/etc/cron.d/haproxy-marathon-bridge"))
    }

    @Test("the cron file is the seed's line", arguments: BridgeShell.allCases)
    func cronjob(_ shell: BridgeShell) async throws {
        let ended = try await BridgeNode(shell).run("cronjob")
        #expect(ended.output == BridgeScript.cronLine)
        #expect(
            ended.output
                == "* * * * * root /usr/local/bin/haproxy-marathon-bridge logged refresh_system_haproxy $(cat /etc/haproxy-marathon-bridge/marathons)\n"
        )
    }

    @Test(
        "install_cronjob writes the list, itself and the cron file, and leaves haproxy.cfg alone",
        arguments: BridgeShell.allCases
    )
    func install(_ shell: BridgeShell) async throws {
        let node = try BridgeNode(shell)
        try node.put("# theirs\n", at: "/etc/haproxy/haproxy.cfg")
        try node.put("# Set ENABLED\nENABLED=0\nEXTRAOPTS=\"-de\"\n", at: "/etc/default/haproxy")
        #expect(try await node.run("install_cronjob", "localhost:8080", environment: [:]).status == 0)
        #expect(try node.text("/etc/haproxy-marathon-bridge/marathons") == "localhost:8080\n")
        #expect(try node.text("/usr/local/bin/haproxy-marathon-bridge") == BridgeScript.text)
        #expect(try node.mode("/usr/local/bin/haproxy-marathon-bridge") == 0o755)
        #expect(try node.text("/etc/cron.d/haproxy-marathon-bridge") == BridgeScript.cronLine)
        #expect(try node.mode("/etc/cron.d/haproxy-marathon-bridge") == 0o644)
        #expect(try node.text("/etc/default/haproxy") == "# Set ENABLED\nENABLED=1\nEXTRAOPTS=\"-de\"\n")
        #expect(node.config == "# theirs\n")
        // Once more without a list, from the installed copy: nothing is lost.
        try node.put(BridgeScript.text, at: "/bridge")
        #expect(try await node.run("install_cronjob").status == 0)
        #expect(try node.text("/etc/haproxy-marathon-bridge/marathons") == "localhost:8080\n")
    }

    @Test("ENABLED is written only where HAProxy's packages look for it")
    func enabled() async throws {
        let node = try BridgeNode()
        #expect(try await node.run("install_cronjob", "m:8080").status == 0)
        #expect(!node.exists("/etc/default/haproxy"))
        try node.put("test \"$ENABLED\" != \"0\" || exit 0\n", at: "/etc/init.d/haproxy")
        #expect(try await node.run("install_cronjob", "m:8080").status == 0)
        #expect(try node.text("/etc/default/haproxy") == "ENABLED=1\n")
    }

    @Test("HAProxy is installed without questions and without recommends", arguments: ["apt-get", "yum"])
    func packages(_ manager: String) async throws {
        let node = try BridgeNode()
        try node.unlink("haproxy")
        try node.program(manager, "echo \"$DEBIAN_FRONTEND $*\" >>\"$HERE/installed\"")
        #expect(try await node.run("install_haproxy_system", "m:8080").status == 0)
        let said = try node.remembered("installed")
        #expect(
            said
                == (manager == "yum"
                    ? " -y install haproxy\n"
                    : "noninteractive install -y --no-install-recommends -o Dpkg::Options::=--force-confold haproxy\n")
        )
        #expect(node.calls == (manager == "yum" ? ["enable haproxy"] : []))
        #expect(node.exists("/etc/cron.d/haproxy-marathon-bridge"))
        try node.program(manager, "echo nothing to install; exit 1")
        #expect(try await node.run("install_haproxy_system", "m:8080").status == 1)
        try node.unlink(manager)
        let none = try await node.run("install_haproxy_system", "m:8080")
        #expect(none.status == 1)
        #expect(none.errors.contains("neither apt-get nor yum"))
    }

    @Test("logged hands everything to the log and keeps the status", arguments: BridgeShell.allCases)
    func logged(_ shell: BridgeShell) async throws {
        let node = try BridgeNode(shell)
        try node.program("logger", "echo \"$*\" >\"$HERE/logger\"; cat >>\"$HERE/logged\"")
        let cron = try await node.run("logged", "cronjob")
        #expect(cron.status == 0)
        #expect(cron.output + cron.errors == "")
        #expect(try node.remembered("logged") == BridgeScript.cronLine)
        #expect(try node.remembered("logger") == "-t haproxy-marathon-bridge\n")
        let kept = try await node.run("logged", "refresh_system_haproxy", "m:8080")
        #expect(kept.status == 3)
        #expect(try node.remembered("logged").contains("m:8080: curl: (7)"))
        try node.unlink("logger")
        let unlogged = try await node.run("logged", "cronjob")
        #expect(unlogged.output == BridgeScript.cronLine)
    }

    @Test("curl is bounded, verifies, and reads no settings but the bridge's")
    func curlArguments() async throws {
        let node = try BridgeNode()
        try node.put("timeout=7\n", at: "/etc/haproxy-marathon-bridge/settings")
        try node.answer(twoApps, of: "m.example:8443")
        let ended = try await node.run("apps", "https://m.example:8443/")
        #expect(ended.status == 0)
        let arguments = try node.remembered("curl.log").split(separator: "\n").map(String.init)
        #expect(arguments.first == "-q")
        #expect(arguments.last == "https://m.example:8443/v2/apps?embed=apps.tasks")
        for (option, value) in [
            ("--max-time", "7"), ("--proto", "=https"), ("--noproxy", "*"), ("--max-redirs", "3"),
            ("-H", "Accept: application/json"),
        ] { #expect(arguments.firstIndex(of: option).map { arguments[$0 + 1] } == value) }
        for option in ["-f", "-sS", "--no-insecure", "--no-location-trusted"] { #expect(arguments.contains(option)) }
        for option in ["-k", "-K", "--insecure"] { #expect(!arguments.contains(option)) }
        // Before 7.20 curl knows no --proto.
        try node.forget("curl.log")
        try node.program(
            "curl",
            "case \" $* \" in *--proto*) exit 2 ;; esac\nprintf '%s\\n' \"$@\" >>\"$HERE/curl.log\"; exit 7"
        )
        _ = try await node.run("apps", "m:8080")
        #expect(try node.remembered("curl.log").contains("http://m:8080/v2/apps"))
    }

    /// What a real server does to the real curl, and whether it is an answer.
    static let conversations: [(String, Bool)] = [
        (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(twoApps.utf8.count)\r\n\r\n\(twoApps)",
            true
        ),
        ("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n\(twoApps)", true),
        ("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n\(twoApps.dropLast(5))", false),
        ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n\(twoApps)", false),
        (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"app\r\n",
            false
        ),
        ("HTTP/1.1 302 Found\r\nLocation: /v2/apps?embed=apps.tasks\r\nContent-Length: 0\r\n\r\n", false),
        ("HTTP/1.1 302 Found\r\nLocation: file:///etc/hostname\r\nContent-Length: 0\r\n\r\n", false),
        ("HTTP/1.1 304 Not Modified\r\n\r\n", false), ("garbage\r\n\r\n", false), ("", false),
        (
            "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: \(twoApps.utf8.count)\r\n\r\n\(twoApps)",
            false
        ),
    ]

    @Test("over a real connection only a whole answer counts", arguments: conversations.indices)
    func conversation(_ index: Int) async throws {
        let (reply, isAnswer) = Self.conversations[index]
        let server = try LoopbackServer { _ in reply }
        defer { server.stop() }
        let node = try realCurl()
        let ended = try await node.run(
            "apps",
            "127.0.0.1:\(server.port)",
            environment: ["http_proxy": "http://127.0.0.1:1"]
        )
        #expect(ended.status == (isAnswer ? 0 : 3), "\(ended.errors)")
        #expect(ended.output.contains("listen web-10000") == isAnswer)
    }

    @Test("a Marathon that says nothing costs its timeout, then the next is asked")
    func timeout() async throws {
        let silent = try ScriptedPeer([.readHead, .stay])
        defer { silent.stop() }
        let server = try LoopbackServer { _ in "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n\(twoApps)" }
        defer { server.stop() }
        let node = try realCurl()
        try node.put("timeout=1\n", at: "/etc/haproxy-marathon-bridge/settings")
        let ended = try await node.run("apps", "127.0.0.1:\(silent.port)", "http://127.0.0.1:\(server.port)")
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(ended.errors.contains("timed out"))
    }

    @Test("an answer without end is cut off and leaves nothing behind")
    func flood() async throws {
        let peer = try ScriptedPeer([
            .readHead, .send("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"apps\":["),
            .flood(String(repeating: "[],", count: 20_000)),
        ])
        defer { peer.stop() }
        let node = try realCurl()
        try node.put("timeout=3\n", at: "/etc/haproxy-marathon-bridge/settings")
        let ended = try await node.run("apps", "127.0.0.1:\(peer.port)")
        #expect(ended.status == 3)
        #expect(ended.output == "")
        #expect(try node.entries("/tmp") == [])
    }

    @Test("credentials go to the Marathon asked, not to where it redirects")
    func redirect() async throws {
        let other = try LoopbackServer { request in
            let isTold = request.contains("Authorization")
            return "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n\(isTold ? "[]" : twoApps)"
        }
        defer { other.stop() }
        let port = other.port
        let server = try LoopbackServer { request in
            request.contains("Authorization: Basic cm9ib3Q6cw==")
                ? "HTTP/1.1 302 Found\r\nLocation: http://localhost:\(port)/v2/apps\r\nContent-Length: 0\r\n\r\n"
                : "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
        }
        defer { server.stop() }
        let node = try realCurl()
        try node.put("user = \"robot:s\"\nlocation-trusted\n", at: "/etc/haproxy-marathon-bridge/curlrc")
        let ended = try await node.run("apps", "127.0.0.1:\(server.port)")
        #expect(ended.status == 0, "\(ended.errors)")
    }

    private func realCurl() throws -> BridgeNode {
        let node = try BridgeNode()
        try node.link("curl", to: "/usr/bin/curl")
        return node
    }

    @Test("the script passes shellcheck")
    func shellcheck() async throws {
        let directory = try #require(PrivateDirectory())
        defer { directory.remove() }
        let child = ChildProcess(
            program: "shellcheck",
            arguments: ["--shell=sh", "--severity=style", "-"],
            input: Array(BridgeScript.text.utf8),
            deadline: .seconds(120)
        )
        let ended = try await child.run(in: directory.path)
        #expect(ended.exitCode == 0, "\(String(decoding: ended.output.prefix(2000), as: UTF8.self))")
    }
}
