import FoundationEssentials
import Specs
import Testing

@testable import Transport

/// `web` at 10000 with two tasks, and `api` at 10001 with one.
let twoApps = marathonApps([
    ("/web", 2, 10000, ["10.0.0.1:31001", "10.0.0.2:31002"]), ("/api", 1, 10001, ["10.0.0.3:31003"]),
])

/// `/v2/apps?embed=apps.tasks` as Marathon 0.8.2 to 1.1 answers it.
func marathonApps(_ apps: [(id: String, instances: Int, port: Int, tasks: [String])]) -> String {
    let apps = apps.map { app in
        let tasks = app.tasks.map { task in
            let parts = task.split(separator: ":")
            return #"{"host":"\#(parts[0])","ports":[\#(parts[1])],"startedAt":"2015-01-01T00:00:00.000Z"}"#
        }
        return #"{"id":"\#(app.id)","instances":\#(app.instances),"ports":[\#(app.port)],"tasks":["#
            + tasks.joined(separator: ",") + "]}"
    }
    return #"{"apps":["# + apps.joined(separator: ",") + "]}"
}

extension BridgeNode {
    /// A node that serves `twoApps`.
    static func serving(_ shell: BridgeShell = .dash) async throws -> BridgeNode {
        let node = try BridgeNode(shell)
        try node.answer(twoApps)
        let ended = try await node.refresh()
        try #require(ended.status == 0, "\(ended.errors)")
        return node
    }
}

@Suite struct BridgeRefreshTests {
    @Test(
        "a first refresh writes the file, starts HAProxy, keeps a copy, and says what it did",
        arguments: BridgeShell.allCases
    )
    func first(_ shell: BridgeShell) async throws {
        let node = try await BridgeNode.serving(shell)
        #expect(node.listeners == ["web-10000", "api-10001"])
        #expect(
            node.servers == ["web-1 10.0.0.1:31001 check", "web-2 10.0.0.2:31002 check", "api-1 10.0.0.3:31003 check"]
        )
        #expect(node.calls == ["start haproxy"])
        #expect(node.loaded == node.config)
        #expect(try node.text("/var/lib/haproxy-marathon-bridge/haproxy.cfg.good") == node.config)
        let lastRun = node.lastRun
        #expect(lastRun["outcome"] == "updated")
        #expect(lastRun["marathon"] == "m:8080")
        #expect(lastRun["apps"] == "2")
        #expect(lastRun["servers"] == "3")
        #expect(lastRun["message"] == "")
        let now = Date().timeIntervalSince1970
        #expect(abs(now - (Double(lastRun["at"] ?? "") ?? 0)) < 120)
        #expect(Set(lastRun.keys) == ["at", "outcome", "since", "marathon", "apps", "servers", "message"])
        #expect(try node.entries("/etc/haproxy") == ["haproxy.cfg"])
        #expect(try node.entries("/tmp") == [])
    }

    @Test("an equal answer changes nothing and reloads nothing", arguments: BridgeShell.allCases)
    func unchanged(_ shell: BridgeShell) async throws {
        let node = try await BridgeNode.serving(shell)
        let ended = try await node.refresh()
        #expect(ended.status == 0)
        #expect(ended.errors == "")
        #expect(node.calls == ["start haproxy"])
        #expect(node.lastRun["outcome"] == "unchanged")
    }

    @Test("another task reloads once")
    func another() async throws {
        let node = try await BridgeNode.serving()
        try node.answer(marathonApps([("/web", 1, 10000, ["10.0.0.9:31009"]), ("/api", 1, 10001, ["10.0.0.3:31003"])]))
        #expect(try await node.refresh().status == 0)
        #expect(node.calls == ["start haproxy", "reload haproxy"])
        #expect(node.servers == ["web-1 10.0.0.9:31009 check", "api-1 10.0.0.3:31003 check"])
        #expect(node.loaded == node.config)
    }

    /// Answers that must not change anything: body, content type, status.
    static let unusable: [(String, String, Int)] = [
        ("", "application/json", 200), ("", "text/plain", 200), ("", "", 200), ("{}", "application/json", 200),
        (#"{"apps":[]}"#, "application/json", 200), (#"{"tasks":[]}"#, "application/json", 200),
        (#"{"message":"hello"}"#, "application/json", 200), (#"{"apps":null}"#, "application/json", 200),
        (String(twoApps.dropLast(3)), "application/json", 200), (String(twoApps.dropLast(60)), "application/json", 200),
        ("<html><body>web\t10000\t1.2.3.4:5</body></html>", "text/html", 200),
        ("<html>\n<body>502</body>\n</html>\n", "text/plain", 200),
        ("web\t10000\t10.0.0.1:31001\t\napi\t10001\t10.0.0.3:310", "text/plain", 200),
        ("web\t10000\t10.0.0.1:31001\t\napi\n", "text/plain", 200),
        ("web\t10000\t10.0.0.1\t\n", "text/plain", 200), ("web\tten\t10.0.0.1:1\t\n", "text/plain", 200),
        (twoApps, "application/octet-stream", 200), (twoApps, "application/json", 401),
        (twoApps, "application/json", 503), ("", "application/json", 204), (twoApps + "\0", "application/json", 200),
    ]

    @Test("an answer that is none keeps what works", arguments: unusable.indices)
    func keeps(_ index: Int) async throws {
        let node = try await BridgeNode.serving()
        let before = node.config
        let (body, type, status) = Self.unusable[index]
        for path in ["apps", "tasks"] { try node.answer(body, type: type, status: status, to: path) }
        let ended = try await node.refresh()
        #expect(ended.status == 3, "\(ended.errors)")
        #expect(node.config == before)
        #expect(node.calls == ["start haproxy"])
        #expect(node.lastRun["outcome"] == "kept")
        #expect(node.lastRun["servers"] == "3")
        #expect(node.lastRun["message"]?.contains("m:8080") == true)
    }

    @Test("Marathons are asked in turn until one gives a whole answer", arguments: [nil, "<html>", #"{"apps":[]}"#])
    func inTurn(_ first: String?) async throws {
        let node = try await BridgeNode.serving()
        node.silence()
        if let first { for path in ["apps", "tasks"] { try node.answer(first, to: path) } }
        try node.answer(
            marathonApps([("/web", 1, 10000, ["10.9.9.9:1"]), ("/api", 1, 10001, ["10.9.9.8:2"])]),
            of: "n:8080"
        )
        #expect(try await node.refresh("m:8080", "n:8080").status == 0)
        #expect(node.lastRun["marathon"] == "n:8080")
        #expect(node.servers == ["web-1 10.9.9.9:1 check", "api-1 10.9.9.8:2 check"])
    }

    @Test(
        "an app that an answer has lost stays for one more answer, the others are brought up to date",
        arguments: BridgeShell.allCases
    )
    func lost(_ shell: BridgeShell) async throws {
        let node = try await BridgeNode.serving(shell)
        try node.answer(marathonApps([("/api", 1, 10001, ["10.0.0.4:31004"])]))
        #expect(try await node.refresh().status == 0)
        #expect(node.listeners == ["web-10000", "api-10001"])
        #expect(node.servers.last == "api-1 10.0.0.4:31004 check")
        #expect(node.lastRun["message"]?.contains("web-10000") == true)
        // Too soon after the first to be another minute's answer.
        #expect(try await node.refresh().status == 0)
        #expect(node.listeners == ["web-10000", "api-10001"])
        try node.age()
        #expect(try await node.refresh().status == 0)
        #expect(node.listeners == ["api-10001"])
        #expect(node.lastRun["message"] == "")
    }

    @Test("an app that comes back in between is not counted as gone")
    func back() async throws {
        let node = try await BridgeNode.serving()
        let partial = marathonApps([("/api", 1, 10001, ["10.0.0.3:31003"]), ("/web", 2, 10000, [])])
        try node.answer(partial)
        _ = try await node.refresh()
        try node.answer(twoApps)
        _ = try await node.refresh()
        try node.answer(partial)
        #expect(try await node.refresh().status == 0)
        #expect(node.listeners == ["web-10000", "api-10001"])
    }

    @Test("an app scaled to none is gone at once")
    func scaled() async throws {
        let node = try await BridgeNode.serving()
        try node.answer(marathonApps([("/api", 1, 10001, ["10.0.0.3:31003"]), ("/web", 0, 10000, [])]))
        #expect(try await node.refresh().status == 0)
        #expect(node.listeners == ["api-10001"])
        try node.answer(marathonApps([("/api", 0, 10001, []), ("/web", 0, 10000, [])]))
        #expect(try await node.refresh().status == 0)
        #expect(node.listeners == [])
        #expect(node.lastRun["outcome"] == "updated")
    }

    @Test("apps of which none runs keep what works, however often they are answered")
    func noneRuns() async throws {
        let node = try await BridgeNode.serving()
        try node.answer(marathonApps([("/api", 1, 10001, []), ("/web", 2, 10000, [])]))
        for _ in 0..<2 { #expect(try await node.refresh().status == 3) }
        #expect(node.servers.count == 3)
    }

    @Test("an empty Marathon keeps the servers of a file that the original script made")
    func migration() async throws {
        let node = try BridgeNode()
        let original =
            "global\n  daemon\n\nlisten stats\n  bind 127.0.0.1:9090\n\nlisten web-80\n  bind 0.0.0.0:80\n  mode tcp\n"
            + "  option tcplog\n  balance leastconn\n  server web-2 10.0.0.1:31000 check\n"
        try node.put(original, at: "/etc/haproxy/haproxy.cfg")
        try node.answer(#"{"apps":[]}"#)
        #expect(try await node.refresh().status == 3)
        #expect(node.config == original)
        #expect(node.lastRun["servers"] == "1")
    }

    @Test(
        "a HAProxy that is stopped is started with its good file before any Marathon answers",
        arguments: BridgeShell.allCases
    )
    func stopped(_ shell: BridgeShell) async throws {
        let node = try await BridgeNode.serving(shell)
        try node.stopHAProxy()
        node.silence()
        #expect(try await node.refresh().status == 3)
        #expect(node.isRunning)
        #expect(node.calls == ["start haproxy", "start haproxy"])
        #expect(node.lastRun["message"]?.contains("has been started") == true)
    }

    @Test("a HAProxy that runs without the listeners of its file is reloaded")
    func notListening() async throws {
        let node = try await BridgeNode.serving()
        try node.put("", at: "/proc/net/tcp")
        #expect(try await node.refresh().status == 0)
        #expect(node.calls == ["start haproxy", "reload haproxy"])
    }

    @Test("an edit by hand is overwritten")
    func edited() async throws {
        let node = try await BridgeNode.serving()
        let made = node.config
        try node.put(made + "# mine\n", at: "/etc/haproxy/haproxy.cfg")
        #expect(try await node.refresh().status == 0)
        #expect(node.config == made)
        #expect(made.hasPrefix(BridgeScript.firstLine + "\n"))
    }

    @Test(
        "the file keeps its mode; what others may not read in the header they may not read in the file",
        arguments: [
            (0o644, 0o644, 0o644), (0o640, 0o644, 0o640), (0o644, 0o600, 0o640),
        ]
    )
    func modes(_ file: Int, _ header: Int, _ after: Int) async throws {
        let node = try BridgeNode()
        try node.put("# old\n", at: "/etc/haproxy/haproxy.cfg")
        try node.setMode(file, of: "/etc/haproxy/haproxy.cfg")
        try node.put("defaults\n", at: "/etc/haproxy-marathon-bridge/header")
        try node.setMode(header, of: "/etc/haproxy-marathon-bridge/header")
        try node.answer(twoApps)
        #expect(try await node.refresh().status == 0)
        #expect(try node.mode("/etc/haproxy/haproxy.cfg") == after)
        #expect(try node.mode("/var/lib/haproxy-marathon-bridge/haproxy.cfg.good") == 0o600)
        #expect(try node.mode("/var/lib/haproxy-marathon-bridge/last-run") == 0o644)
    }

    @Test("a link stays a link")
    func link() async throws {
        let node = try BridgeNode()
        try node.put("# old\n", at: "/etc/haproxy/real.cfg")
        try FileManager.default.createSymbolicLink(
            atPath: node.root + "/etc/haproxy/haproxy.cfg",
            withDestinationPath: "real.cfg"
        )
        try node.answer(twoApps)
        #expect(try await node.refresh().status == 0)
        #expect(try node.text("/etc/haproxy/real.cfg").contains("listen web-10000"))
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: node.root + "/etc/haproxy/haproxy.cfg")
        #expect(target == "real.cfg")
    }

    @Test("one run at a time, with flock and without", arguments: [true, false], BridgeShell.allCases)
    func lock(_ hasFlock: Bool, _ shell: BridgeShell) async throws {
        let node = try BridgeNode(shell)
        if !hasFlock { try node.unlink("flock") }
        try node.answer(twoApps)
        // The first waits in curl until the second has been and gone.
        let curl = try String(decoding: Data(contentsOf: URL(filePath: node.programs + "/curl")), as: UTF8.self)
        let body = curl.split(separator: "\n").dropFirst(4).joined(separator: "\n")
        try node.program(
            "curl",
            "case \" $* \" in *' --version '*) exit 0 ;; esac\n: >\"$HERE/asked\"\n"
                + "n=0\nwhile [ ! -e \"$HERE/go\" ] && [ $n -lt 60 ]; do sleep 1; n=$((n + 1)); done\n" + body
        )
        async let first = node.refresh()
        while (try? node.remembered("asked")) == nil { try await Task.sleep(for: .milliseconds(50)) }
        let second = try await node.refresh()
        #expect(second.status == 4)
        #expect(!node.exists("/var/lib/haproxy-marathon-bridge/last-run"))
        try node.remember("", as: "go")
        #expect(try await first.status == 0)
        #expect(try await node.refresh().status == 0, "the lock is free again")
    }

    @Test("a lock whose process is gone is taken over, one of a living process is not")
    func staleLock() async throws {
        let node = try BridgeNode()
        try node.unlink("flock")
        try node.answer(twoApps)
        try node.put("99999999\n", at: "/run/haproxy-marathon-bridge.lock.d/pid")
        #expect(try await node.refresh().status == 0)
        try node.put(
            "\(ProcessInfo.processInfo.processIdentifier)\n",
            at: "/run/haproxy-marathon-bridge.lock.d/pid"
        )
        #expect(try await node.refresh().status == 4)
    }

    @Test("what another puts where everybody may write neither holds the bridge up nor is written through")
    func plantedLock() async throws {
        let node = try BridgeNode()
        try node.unlink("flock")
        try node.answer(twoApps)
        let name = "/run/lock/haproxy-marathon-bridge.lock"
        try node.put("\(ProcessInfo.processInfo.processIdentifier)\n", at: name + ".d/pid")
        try FileManager.default.createSymbolicLink(
            atPath: node.root + name,
            withDestinationPath: node.root + "/etc/planted"
        )
        #expect(try await node.refresh().status == 0)
        #expect(!node.exists("/etc/planted"))
    }

    @Test(
        "the init system is systemd, upstart, service or a script, whichever is there",
        arguments: ["upstart", "service", "script"]
    )
    func initSystems(_ kind: String) async throws {
        let node = try BridgeNode()
        try node.remove("/run/systemd/system")
        let fake =
            "case $* in\n*status*) [ -e \"$HERE/running\" ] && echo 'haproxy start/running' || { echo 'haproxy stop/waiting'; [ \(kind) = upstart ]; } ;;\n"
            + "*) case \"$*\" in *reload*) verb=reload ;; *) verb=start ;; esac; '\(node.programs)/systemctl' $verb haproxy ;;\nesac"
        switch kind {
        case "upstart":
            try node.put("", at: "/etc/init/haproxy.conf")
            try node.program("initctl", fake)
        case "service": try node.program("service", fake)
        default:
            try node.program("init-script", fake)
            try FileManager.default.createDirectory(
                atPath: node.root + "/etc/init.d",
                withIntermediateDirectories: true
            )
            try FileManager.default.moveItem(
                atPath: node.programs + "/init-script",
                toPath: node.root + "/etc/init.d/haproxy"
            )
        }
        try node.answer(twoApps)
        #expect(try await node.refresh().status == 0)
        try node.answer(marathonApps([("/web", 1, 10000, ["10.0.0.9:9"]), ("/api", 1, 10001, ["10.0.0.3:31003"])]))
        #expect(try await node.refresh().status == 0)
        #expect(node.calls == ["start haproxy", "reload haproxy"])
        #expect(node.loaded == node.config)
    }

    @Test("credentials of the header and of curl are in no message and on no command line")
    func secrets() async throws {
        let node = try await BridgeNode.serving()
        try node.put(
            "defaults\n\nlisten stats\n  bind 127.0.0.1:9090\n  stats auth operator:s3cret-word bogus\n",
            at: "/etc/haproxy-marathon-bridge/header"
        )
        try node.put("user = \"robot:other-s3cret\"\n", at: "/etc/haproxy-marathon-bridge/curlrc")
        try node.remember("bogus", as: "refuses-lines")
        try node.program("logger", "cat >>\"$HERE/logged\"")
        let ended = try await node.run("logged", "refresh_system_haproxy", "m:8080")
        #expect(ended.status == 1)
        let written =
            try node.remembered("logged") + ended.errors + ended.output + (node.lastRun["message"] ?? "")
            + node.remembered("curl.log") + node.remembered("checks")
        #expect(written.contains("stats auth"))
        #expect(!written.contains("s3cret"))
        #expect(try node.remembered("curl.log").contains("-K\n\(node.root)/etc/haproxy-marathon-bridge/curlrc\n"))
    }

    @Test("without arguments the list of Marathons is asked")
    func list() async throws {
        let node = try BridgeNode()
        try node.put("gone:8080\nm:8080\n", at: "/etc/haproxy-marathon-bridge/marathons")
        try node.answer(twoApps)
        #expect(try await node.run("refresh_system_haproxy").status == 0)
        #expect(node.lastRun["marathon"] == "m:8080")
        #expect(node.lastRun["message"]?.contains("gone:8080: curl: (7)") == true)
    }

    @Test(
        "settings that make no sense change nothing",
        arguments: ["bind=a b", "reserved=80;rm", "timeout=never", "timeout=0", "bind="]
    )
    func settings(_ line: String) async throws {
        let node = try await BridgeNode.serving()
        let before = node.config
        try node.put(line + "\n", at: "/etc/haproxy-marathon-bridge/settings")
        #expect(try await node.refresh().status == 1)
        #expect(node.config == before)
        #expect(node.lastRun["message"]?.contains("settings: ") == true)
    }

    @Test("without HAProxy or curl it says what to do", arguments: ["haproxy", "curl"])
    func missing(_ program: String) async throws {
        let node = try BridgeNode()
        try node.answer(twoApps)
        try node.unlink(program)
        let ended = try await node.refresh()
        #expect(ended.status == (program == "haproxy" ? 1 : 3))
        #expect(ended.errors.contains("install"))
        #expect(node.calls == [])
    }
}
