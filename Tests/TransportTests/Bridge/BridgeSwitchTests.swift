import FoundationEssentials
import Specs
import Testing

@testable import Transport

/// A new file takes effect whole, or what works stays.
@Suite struct BridgeSwitchTests {
    @Test("a file that HAProxy refuses never takes the place of one that works", arguments: BridgeShell.allCases)
    func refused(_ shell: BridgeShell) async throws {
        let node = try await BridgeNode.serving(shell)
        let before = node.config
        try node.remember("bogus", as: "refuses-lines")
        try node.put("global\n  bogus\n", at: "/etc/haproxy-marathon-bridge/header")
        let ended = try await node.refresh()
        #expect(ended.status == 1)
        #expect(node.config == before)
        #expect(node.calls == ["start haproxy"])
        #expect(node.lastRun["outcome"] == "failed")
        #expect(node.lastRun["message"]?.contains("bogus") == true)
    }

    @Test(
        "a server that HAProxy refuses, such as a name that does not resolve, is left out alone",
        arguments: BridgeShell.allCases
    )
    func unresolved(_ shell: BridgeShell) async throws {
        let node = try await BridgeNode.serving(shell)
        try node.remember(" nowhere[.]invalid:", as: "refuses-lines")
        try node.answer(
            marathonApps([
                ("/web", 2, 10000, ["nowhere.invalid:31001", "10.0.0.2:31002"]),
                ("/api", 1, 10001, ["nowhere.invalid:1"]),
            ])
        )
        #expect(try await node.refresh().status == 0)
        #expect(node.servers == ["web-1 10.0.0.2:31002 check"])
        #expect(node.lastRun["message"]?.contains("nowhere.invalid:31001") == true)
        #expect(try await node.refresh().status == 0)
        #expect(node.lastRun["outcome"] == "unchanged")
    }

    @Test("a reload that fails, loudly or not, brings the last good file back", arguments: [true, false])
    func failed(_ silently: Bool) async throws {
        let node = try await BridgeNode.serving()
        let before = node.config
        try node.remember("10.6.6.6", as: "refuses")
        if silently { try node.remember("", as: "silent") }
        try node.program("sleep", ":")
        try node.answer(marathonApps([("/web", 1, 10000, ["10.6.6.6:1"]), ("/api", 1, 10001, ["10.0.0.3:31003"])]))
        let ended = try await node.refresh()
        #expect(ended.status == 1)
        #expect(node.config == before)
        #expect(node.loaded == before)
        #expect(node.isRunning)
        #expect(node.lastRun["message"]?.contains("the last good file is back") == true)
        let reloads = node.calls.count
        #expect(try await node.refresh().status == 1)
        #expect(node.calls.count == reloads, "the same file is not tried every minute")
        try node.forget("refuses")
        try node.answer(marathonApps([("/web", 1, 10000, ["10.6.6.6:2"]), ("/api", 1, 10001, ["10.0.0.3:31003"])]))
        #expect(try await node.refresh().status == 0)
    }

    @Test("a first file that does not come up gives way to what was there")
    func failedFirst() async throws {
        let node = try BridgeNode()
        try node.put("# the distribution's\n", at: "/etc/haproxy/haproxy.cfg")
        try node.remember("10.0.0.1", as: "refuses")
        try node.answer(twoApps)
        #expect(try await node.refresh().status == 1)
        #expect(node.config == "# the distribution's\n")
        #expect(node.lastRun["message"]?.contains("the file from before is back") == true)
    }

    @Test(
        "a port that another program has costs only its own listener, and is tried again later",
        arguments: BridgeShell.allCases
    )
    func taken(_ shell: BridgeShell) async throws {
        let node = try await BridgeNode.serving(shell)
        try node.occupy(10002)
        let more = marathonApps([
            ("/web", 1, 10000, ["10.0.0.7:7"]), ("/api", 1, 10001, ["10.0.0.3:31003"]),
            ("/new", 1, 10002, ["10.0.0.8:8"]),
        ])
        try node.answer(more)
        #expect(try await node.refresh().status == 0)
        #expect(node.listeners == ["web-10000", "api-10001"])
        #expect(node.servers.first == "web-1 10.0.0.7:7 check")
        #expect(node.lastRun["outcome"] == "updated")
        #expect(node.lastRun["message"]?.contains("new left out: port 10002") == true)
        try node.vacate(10002)
        #expect(try await node.refresh().status == 0)
        #expect(node.listeners.count == 2, "not every minute")
        try node.put("10002 1000000000\n", at: "/var/lib/haproxy-marathon-bridge/left-out")
        #expect(try await node.refresh().status == 0)
        #expect(node.listeners == ["web-10000", "api-10001", "new-10002"])
        #expect(node.lastRun["message"] == "")
    }

    @Test("a new listener that cannot be opened for a reason nobody sees is left out, the others get their update")
    func unopened() async throws {
        let node = try await BridgeNode.serving()
        try node.remember("bind 0.0.0.0:81$", as: "refuses")
        try node.answer(
            marathonApps([
                ("/web", 1, 10000, ["10.0.0.7:7"]), ("/api", 1, 10001, ["10.0.0.3:31003"]),
                ("/new", 1, 81, ["10.0.0.8:8"]),
            ])
        )
        #expect(try await node.refresh().status == 0)
        #expect(node.listeners == ["web-10000", "api-10001"])
        #expect(node.loaded == node.config)
        #expect(node.servers.first == "web-1 10.0.0.7:7 check")
        #expect(node.lastRun["message"]?.contains("81") == true)
    }

    @Test("a port of another address is no obstacle")
    func otherAddress() async throws {
        let node = try await BridgeNode.serving()
        try node.put("bind=10.1.2.3\n", at: "/etc/haproxy-marathon-bridge/settings")
        try node.occupy(10002, address: "0100007F")
        try node.forget("foreign")
        try node.answer(marathonApps([("/web", 1, 10000, ["10.0.0.7:7"]), ("/new", 1, 10002, ["10.0.0.8:8"])]))
        _ = try await node.refresh()
        #expect(node.listeners.contains("new-10002"))
        #expect(node.config.contains("  bind 10.1.2.3:10002\n"))
    }

    @Test("a port of the header that another program has is told, and nothing is touched")
    func headerPort() async throws {
        let node = try await BridgeNode.serving()
        let before = node.config
        try node.occupy(9090)
        try node.put(
            "defaults\n\nlisten stats\n  bind 127.0.0.1:9090\n  mode http\n",
            at: "/etc/haproxy-marathon-bridge/header"
        )
        #expect(try await node.refresh().status == 1)
        #expect(node.config == before)
        #expect(node.lastRun["outcome"] == "failed")
        #expect(node.lastRun["message"]?.contains("9090") == true)
    }

    @Test("a header's listener that does not open after a reload is no update")
    func headerUnopened() async throws {
        let node = try await BridgeNode.serving()
        let before = node.config
        try node.remember("bind 127.0.0.1:9090", as: "refuses")
        try node.remember("", as: "silent")
        try node.program("sleep", ":")
        try node.put(
            "defaults\n\nlisten stats\n  bind 127.0.0.1:9090\n  mode http\n",
            at: "/etc/haproxy-marathon-bridge/header"
        )
        #expect(try await node.refresh().status == 1)
        #expect(node.config == before)
        #expect(node.loaded == before)
        #expect(node.lastRun["outcome"] == "failed")
    }
}
