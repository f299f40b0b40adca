import FoundationEssentials
import Specs
import Testing

@testable import Transport

/// What a machine does to the bridge: a full disk, an end half-way, a clock that jumps, a file that was cut off.
@Suite struct BridgeHardshipTests {
    @Test("a disk that is full in the middle of a file changes nothing", arguments: BridgeShell.allCases)
    func fullDisk(_ shell: BridgeShell) async throws {
        let node = try BridgeNode(shell)
        try node.answer(marathonApps([("/web", 1, 10000, ["10.0.0.1:31001"])]))
        #expect(try await node.refresh().status == 0)
        let before = node.config
        // What is there fits, what is to come does not.
        try #require(before.utf8.count < 512)
        try node.answer(marathonApps([("/web", 1, 10000, ["10.0.0.9:1"]), ("/api", 1, 10001, ["10.0.0.3:31003"])]))
        let ended = try await node.run("refresh_system_haproxy", "m:8080", room: 1)
        #expect(ended.status == 1, "\(ended.errors)")
        #expect(node.config == before)
        #expect(node.calls == ["start haproxy"])
        #expect(node.lastRun["outcome"] == "failed")
        #expect(node.lastRun["message"]?.contains("room") == true)
        #expect(try await node.refresh().status == 0)
        #expect(node.servers.first == "web-1 10.0.0.9:1 check")
    }

    @Test("a run that is killed leaves nothing that stays", arguments: [true, false], BridgeShell.allCases)
    func killed(_ hasFlock: Bool, _ shell: BridgeShell) async throws {
        let node = try await BridgeNode.serving(shell)
        if !hasFlock { try node.unlink("flock") }
        let curl = try String(decoding: Data(contentsOf: URL(filePath: node.programs + "/curl")), as: UTF8.self)
        try node.program("curl", "case \" $* \" in *' --version '*) exit 0 ;; esac\nkill -9 $PPID")
        #expect(try await node.refresh().status != 0)
        try node.put("secret\n", at: "/etc/haproxy/.haproxy.cfg.4711")
        try node.put("secret\n", at: "/var/lib/haproxy-marathon-bridge/haproxy.cfg.good.new.4711")
        try node.program("curl", curl.split(separator: "\n").dropFirst(4).joined(separator: "\n"))
        #expect(try await node.refresh().status == 0)
        #expect(try node.entries("/etc/haproxy") == ["haproxy.cfg"])
        #expect(try node.entries("/tmp") == [])
        #expect(
            try node.entries("/var/lib/haproxy-marathon-bridge") == ["gone", "haproxy.cfg.good", "last-run"]
        )
    }

    @Test("a clock that is set back gives no Marathon more time")
    func clock() async throws {
        let node = try BridgeNode()
        try node.answer("", status: 404, to: "apps")
        try node.answer("x\t10000\th:1\t\n", type: "text/plain", to: "tasks")
        try node.program(
            "date",
            "if [ -e \"$HERE/curl.log\" ]; then echo 1000000000; else echo 2000000000; fi"
        )
        #expect(try await node.run("apps", "m:8080").status == 0)
        let words = try node.remembered("curl.log").split(separator: "\n")
        let times = words.indices.filter { words[$0] == "--max-time" }.map { words[$0 + 1] }
        #expect(times == ["10", "10"])
    }

    @Test(
        "a HAProxy that is stopped and would not start with its file gets the last good one before any Marathon answers",
        arguments: ["garbage\n", ""]
    )
    func brokenFile(_ broken: String) async throws {
        let node = try await BridgeNode.serving()
        let good = node.config
        try node.stopHAProxy()
        node.silence()
        // As HAProxy does, the fake one takes no file without a listener.
        let haproxy = try String(decoding: Data(contentsOf: URL(filePath: node.programs + "/haproxy")), as: UTF8.self)
        try node.program(
            "haproxy",
            "grep -q '^listen' \"$3\" || exit 2\n" + haproxy.split(separator: "\n").dropFirst(4).joined(separator: "\n")
        )
        try node.put(broken, at: "/etc/haproxy/haproxy.cfg")
        #expect(try await node.refresh().status == 3)
        #expect(node.config == good)
        #expect(node.isRunning && node.loaded == good)
        #expect(node.lastRun["message"]?.contains("the last good one is back") == true)
    }

    @Test("a file of another hand that HAProxy takes is left to it while no Marathon answers")
    func otherFile() async throws {
        let node = try await BridgeNode.serving()
        try node.stopHAProxy()
        node.silence()
        try node.put("listen mine\n  bind :1\n", at: "/etc/haproxy/haproxy.cfg")
        #expect(try await node.refresh().status == 3)
        #expect(node.config == "listen mine\n  bind :1\n")
        #expect(!node.isRunning)
    }

    @Test(
        "what is asked over TLS is not answered without",
        arguments: [("https://m:8080", "=https"), ("m:8080", "=http,https")]
    )
    func protocols(_ marathon: String, _ allowed: String) async throws {
        let node = try BridgeNode()
        try node.answer(twoApps)
        #expect(try await node.run("apps", marathon).status == 0)
        let words = try node.remembered("curl.log").split(separator: "\n")
        let place = try #require(words.firstIndex(of: "--proto"))
        #expect(words[place + 1] == allowed)
    }
}
