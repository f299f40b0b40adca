import Daemons
import Glibc
import Reconciler
import Specs
import TestPrograms
import Testing

@testable import Lab

/// The simulated bridge beside the real one, run by the real node script; and who listens, beside the real answer.
@Suite("The balancer of the lab is that of a real node", .timeLimit(.minutes(20)))
struct BalancerAgreementTests {
    private static let node: NodeName = "mesos-master1"
    private static let run = RunID("run-1")

    /// A converged world with an app of three instances, and a scratch root in the same state.
    fileprivate struct Pair {
        var lab: LabWorld
        let real: ScriptedNode
    }

    private func pair() async throws -> Pair {
        let fixture = try await LabFixture.converged("Testbed/cluster.yaml")
        for (id, port) in [("shop/web", 7000), ("shop2", 7000), ("a.b-c", 7001)] {
            let app =
                #"{"id": "\#(id)", "cmd": "sleep 100000", "instances": 2, "cpus": 0.1, "mem": 16, "ports": [\#(port)]}"#
            let answer = try #require(try fixture.marathon("POST", "/v2/apps", app))
            #expect(answer.status == 201, "\(answer.text)")
        }
        try await fixture.pass(150)
        let pair = Pair(lab: try fixture.lab.read { $0 }, real: try ScriptedNode(usesSystemd: true))
        for path in [BridgeScript.Paths.header, BridgeScript.Paths.settings, BridgeScript.Paths.marathons] {
            try pair.real.put(try #require(pair.lab.text(path), "\(path)"), at: path)
        }
        try pair.real.makeDirectory("/etc/haproxy")
        try pair.real.put(BridgeScript.text, at: "/bridge")
        let script = BridgeScript.Paths.script
        let root = pair.real.root
        try pair.real.put(
            "#!/bin/sh\nexport HAPROXY_MARATHON_BRIDGE_ROOT='\(root)'\nexec /bin/sh '\(root)/bridge' \"$@\"\n",
            at: script
        )
        makeExecutable(root + script)
        try pair.real.program("curl", Self.curl)
        try pair.real.program("systemctl", Self.systemctl)
        try pair.real.program("haproxy", ":")
        try pair.real.program("logger", "cat >/dev/null")
        try pair.real.remember(pair.lab.tasks(), as: "answer")
        return pair
    }

    /// What an act comes to, without the bridge's own words behind it.
    private func kind(_ result: ActionResult) -> String {
        switch result {
        case .done(let detail): "done: " + detail.prefix { $0 != ";" }
        case .failed(let reason): "failed: " + reason.prefix { $0 != ":" }
        default: "\(result)"
        }
    }

    private func expectSame(_ pair: inout Pair, _ expected: String, _ what: Comment) async throws {
        let real = try await pair.real.act(.refreshBalancer, run: Self.run)
        let done = try pair.lab.perform([.refreshBalancer], run: Self.run, on: Self.node)
        let lab = try #require(done.first)
        #expect(kind(real) == expected, what)
        #expect(kind(lab) == expected, what)
        #expect(
            try pair.real.text(BridgeScript.Paths.configuration) == pair.lab.text(BridgeScript.Paths.configuration),
            what
        )
    }

    @Test func `a run of the bridge comes to the same, and makes the same file`() async throws {
        var pair = try await pair()
        #expect(kind(try await pair.real.act(.refreshBalancer, run: Self.run)) == "done: haproxy.cfg was made anew")
        _ = try pair.lab.perform([.refreshBalancer], run: Self.run, on: Self.node)
        try await expectSame(&pair, "alreadyInPlace", "again")
        #expect(pair.lab.text(BridgeScript.Paths.configuration)?.contains("listen shop2-7000\n") == true)

        try pair.both(put: "by hand\n", at: BridgeScript.Paths.configuration)
        let backup = "/var/lib/reconciler/backup/run-1/etc/haproxy/haproxy.cfg"
        try await expectSame(&pair, "done: haproxy.cfg was made anew, the old file is \(backup)", "edited")

        try pair.both(put: "10.99.99.99:8080\n", at: BridgeScript.Paths.marathons)
        try pair.real.forget("answer")
        try await expectSame(&pair, "failed: the bridge kept what was there", "nobody answers")
        let runs = try [
            pair.real.text(BridgeScript.Paths.lastRun), #require(pair.lab.text(BridgeScript.Paths.lastRun)),
        ]
        .map { try #require(BridgeRun($0)) }
        #expect(runs.map(\.outcome) == [.kept, .kept] && runs.map(\.marathon) == [nil, nil])
    }

    @Test func `without the script nothing is run`() async throws {
        var pair = try await pair()
        chmod(pair.real.root + BridgeScript.Paths.script, 0o644)
        let index = try #require(pair.lab.machines.firstIndex { $0.name == Self.node.text })
        pair.lab.machines[index].node.files.remove(BridgeScript.Paths.script, at: pair.lab.now)
        let real = try await pair.real.act(.refreshBalancer, run: Self.run)
        let lab = try pair.lab.perform([.refreshBalancer], run: Self.run, on: Self.node)
        #expect([real] == lab)
        guard case .failed = real else { throw Unexpected(words: "\(real)") }
    }

    @Test func `a socket is told with its process, and a port of nobody is not`() async throws {
        var pair = try await pair()
        let listener = try Listener()
        let theirs = try await pair.real.ask([.listening(ports: [listener.port]), .listening(ports: [1])])
        let ours = try pair.lab.observe([.listening(ports: [9090]), .listening(ports: [1])], on: Self.node)
        #expect(theirs.last == .listening([]) && ours.last == .listening([]))
        for (answer, port) in [(theirs.first, listener.port), (ours.first, 9090)] {
            guard case .listening(let sockets)? = answer else {
                throw Unexpected(words: "\(String(describing: answer))")
            }
            let found = try #require(sockets.first)
            #expect(sockets.count == 1 && found.address == "127.0.0.1" && found.port == port)
            let (program, started) = (try #require(found.program), try #require(found.started))
            #expect((1...15).contains(program.utf8.count) && started > 1_000_000_000 && (found.pid ?? 0) > 1)
        }
        guard case .listening(let all) = try await pair.real.ask([.listening(ports: [])]).first,
            case .listening(let simulated) = try pair.lab.observe([.listening(ports: [])], on: Self.node).first
        else { throw Unexpected(words: "no answer") }
        #expect(all.contains { $0.port == listener.port } && simulated.contains { $0.port == 9090 })
        #expect(simulated.contains { $0.port == 22 })
    }

    private struct Unexpected: Error {
        var words: String
    }

    /// A socket that listens on loopback, on a port of the kernel's choice.
    private struct Listener: ~Copyable {
        let descriptor: CInt
        let port: Int

        init() throws {
            descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let opened = descriptor
            let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                    bind(opened, place, length) == 0 && listen(opened, 1) == 0
                        && getsockname(opened, place, &length) == 0
                }
            }
            guard isOpen else { throw Unexpected(words: "no socket: \(errno)") }
            port = Int(UInt16(bigEndian: address.sin_port))
        }

        deinit { close(descriptor) }
    }

    private static let curl = #"""
        out=
        case " $* " in *' --version '*) exit 0 ;; esac
        while [ $# -gt 0 ]; do
            [ "$1" != -o ] || out=$2
            shift
        done
        [ -e "$HERE/answer" ] || { echo 'curl: (7) Failed to connect' >&2; exit 7; }
        cp "$HERE/answer" "$out"
        printf '200 application/json'
        """#

    /// Starts and reloads by writing what /proc would show.
    private static let systemctl = #"""
        case $1 in
            is-active)
                [ -e "$HERE/haproxy" ]
                exit
                ;;
            start | reload) ;;
            *) exit 0 ;;
        esac
        read -r last 2>/dev/null <"$HERE/haproxy" || last=100
        rm -rf "$ROOT/proc/$last"
        pid=$((last + 1))
        echo "$pid" >"$HERE/haproxy"
        mkdir -p "$ROOT/proc/$pid/fd" "$ROOT/proc/net"
        echo haproxy >"$ROOT/proc/$pid/comm"
        : >"$ROOT/proc/net/tcp"
        for port in $(awk '$1 == "bind" { n = split($2, parts, ":"); print parts[n] }' "$ROOT/etc/haproxy/haproxy.cfg"); do
            ln -s "socket:[66$port]" "$ROOT/proc/$pid/fd/$port"
            printf '1: 00000000:%04X 00000000:0000 0A 0:0 0:0 0 0 0 66%d\n' "$port" "$port" >>"$ROOT/proc/net/tcp"
        done
        """#
}

extension BalancerAgreementTests.Pair {
    fileprivate mutating func both(put text: String, at path: String) throws {
        try real.put(text, at: path)
        guard let index = lab.machines.firstIndex(where: { $0.name == "mesos-master1" }) else { return }
        lab.machines[index].node.files.write(path, text, at: lab.machines[index].node.clock(at: lab.now))
    }
}

extension LabWorld {
    fileprivate func text(_ path: String) -> String? {
        machines.first { $0.name == "mesos-master1" }?.node.files.read(path)
    }

    /// What its Marathon answers to the bridge.
    fileprivate func tasks() throws -> String {
        var copy = self
        let answer = copy.askMarathon(HTTPRequest("GET", "/v2/apps?embed=apps.tasks"))
        return try #require(answer).text
    }
}
