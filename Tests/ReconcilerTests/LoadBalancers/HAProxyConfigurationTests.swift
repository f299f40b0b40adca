import Specs
import Testing

@testable import Reconciler

@Suite("haproxy.cfg of Marathon's tasks")
struct HAProxyConfigurationTests {
    private func task(
        _ app: String,
        _ host: String,
        _ ports: [Int],
        _ service: [Int],
        running: Bool = true,
        alive: Bool? = nil
    ) -> BalancedTask {
        BalancedTask(app: app, host: host, ports: ports, servicePorts: service, isRunning: running, isAlive: alive)
    }

    @Test("a section a service port, sorted by port; servers by host and port, counted from one")
    func text() {
        let tasks = [
            task("/web", "b", [31_000, 31_001], [81, 80]), task("/web", "a", [31_010, 31_009], [81, 80]),
            task("/shop/cart~1", "a", [31_002], [9000]),
        ]
        let made = HAProxyConfiguration(tasks, reserved: []).text(header: "global\n", bind: "10.0.0.1")
        #expect(
            made?.plainText == """
                # made by haproxy-marathon-bridge from Marathon's tasks; edits are overwritten
                global

                listen web-80
                  bind 10.0.0.1:80
                  mode tcp
                  option tcplog
                  balance leastconn
                  server web-1 a:31009 check
                  server web-2 b:31001 check

                listen web-81
                  bind 10.0.0.1:81
                  mode tcp
                  option tcplog
                  balance leastconn
                  server web-1 a:31010 check
                  server web-2 b:31000 check

                listen shop_cart_1-9000
                  bind 10.0.0.1:9000
                  mode tcp
                  option tcplog
                  balance leastconn
                  server shop_cart_1-1 a:31002 check

                """
        )
    }

    @Test("tasks that do not run, ports 0 and apps without ports give nothing")
    func leftAlone() {
        let tasks = [
            task("/a", "h", [31_000], [80], running: false), task("/b", "h", [0], [81]), task("/c", "h", [31_001], [0]),
            task("/d", "h", [], []), task("/e", "h", [], [82]),
        ]
        #expect(HAProxyConfiguration(tasks, reserved: []).listeners.isEmpty)
    }

    @Test("of two apps with one service port the first by id has it, and reserved ports nobody; the others are named")
    func collisions() {
        let tasks = [task("/b", "h", [1], [80]), task("/a", "h", [2], [80]), task("/c", "h", [3], [8080])]
        let made = HAProxyConfiguration(tasks, reserved: [8080])
        #expect(made.listeners.map(\.name) == ["a-80"])
        #expect(
            made.leftOut.map { "\($0.app) \($0.port): \($0.because)" } == [
                "/b 80: /a has it", "/c 8080: a daemon of the node has it",
            ]
        )
    }

    @Test("who comes first is decided by the names in the file, as the bridge decides")
    func orderOfNames() {
        let tasks = [task("/shop/web", "h", [1], [80]), task("/shop2", "h", [2], [80])]
        #expect(HAProxyConfiguration(tasks, reserved: []).listeners.map(\.name) == ["shop2-80"])
    }

    @Test("addresses of IPv6 are spelled as the bridge spells them, and read back")
    func addresses() {
        let wanted = HAProxyConfiguration([task("/a", "fe80::1", [31_000], [80])], reserved: [])
        let text = wanted.text(header: "global\n", bind: "::")?.plainText ?? ""
        #expect(text.contains("  bind ipv6@:::80\n") && text.contains("  server a-1 ipv6@fe80::1:31000 check\n"))
        #expect(HAProxyFile(text, header: "global\n").differences(from: wanted, bind: "::").isEmpty)
        #expect(HAProxyFile(text, header: "global\n").ports == [80])
    }

    @Test("where ports and service ports are not of one number, nothing is claimed")
    func mapped() {
        #expect(HAProxyConfiguration([task("/a", "h", [31_001], [9000, 9001])], reserved: []).listeners.isEmpty)
    }

    @Test("what the file says is compared as HAProxy reads it, and every difference is named")
    func differences() {
        let header = "global\n  daemon\nlisten alive\n  bind 127.0.0.1:9090\n"
        let wanted = HAProxyConfiguration([task("/a", "h", [1], [80]), task("/a", "h", [2], [80])], reserved: [])
        let text = wanted.text(header: Content(header), bind: "0.0.0.0")?.plainText ?? ""
        func differences(_ text: String) -> [String] {
            HAProxyFile(text, header: header).differences(from: wanted, bind: "0.0.0.0")
        }
        #expect(differences(text).isEmpty)
        #expect(differences("\n\n" + text.replacing("  ", with: "\t") + "# a comment\n").isEmpty)
        #expect(differences(text.replacing("h:2", with: "h:3")) == ["a-80: + h:2, - h:3"])
        #expect(differences(text.replacing("leastconn", with: "roundrobin")) == ["a-80: balance roundrobin"])
        #expect(differences(text.replacing("0.0.0.0:80", with: "*:80")) == ["a-80: bind *:80 → 0.0.0.0:80"])
        #expect(differences(text.replacing("daemon", with: "nbproc 4")) == ["another header"])
        #expect(differences(header) == ["+ a-80"])
        #expect(differences(text + "\nlisten old-81\n  bind 0.0.0.0:81\n") == ["- old-81"])
    }

    @Test("a server whose health checks fail may be there or not: not every way of asking Marathon tells")
    func doubtful() {
        let sick = HAProxyConfiguration(
            [task("/a", "h", [1], [80], alive: false), task("/a", "h", [2], [80])],
            reserved: []
        )
        let with = HAProxyConfiguration([task("/a", "h", [1], [80]), task("/a", "h", [2], [80])], reserved: [])
        let without = HAProxyConfiguration([task("/a", "h", [2], [80])], reserved: [])
        for other in [with, without] {
            let text = other.text(header: "global\n", bind: "0.0.0.0")?.plainText ?? ""
            #expect(HAProxyFile(text, header: "global\n").differences(from: sick, bind: "0.0.0.0").isEmpty)
        }
        #expect(sick.text(header: "", bind: "0.0.0.0") == nil, "no digest can be told")
    }

    @Test("a last run is read from its lines, and not from what is no last run")
    func lastRun() {
        let run = BridgeRun("at=1767603660\noutcome=kept\nmarathon=\napps=0\nservers=0\nmessage=a=b, none answers\n")
        #expect(run == BridgeRun(at: 1_767_603_660, outcome: .kept, marathon: nil, message: "a=b, none answers"))
        #expect(BridgeRun("outcome=kept\n") == nil && BridgeRun("at=1\noutcome=odd\n") == nil && BridgeRun("") == nil)
    }
}
