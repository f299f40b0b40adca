import FoundationEssentials
import Glibc
import Reconciler
import Specs
import TestPrograms
import Testing

@testable import Transport

@Suite struct BalancerTests {
    // MARK: Who listens

    /// A socket that listens on loopback, on a port of the kernel's choice.
    private struct Listener: ~Copyable {
        let descriptor: CInt
        let port: Int

        init() throws {
            let opened = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let (bound, listens, named) = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                    (bind(opened, place, length), listen(opened, 1), getsockname(opened, place, &length))
                }
            }
            descriptor = opened
            guard bound == 0, listens == 0, named == 0 else { throw Surprise("no socket: \(errno)") }
            port = Int(UInt16(bigEndian: address.sin_port))
        }

        deinit { close(descriptor) }
    }

    @Test(arguments: Shell.allCases)
    func aSocketIsFoundWithItsProcess(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        let listener = try Listener()
        guard case .listening(let sockets) = try await root.ask(.listening(ports: [listener.port])) else {
            throw Surprise("no answer")
        }
        let found = try #require(sockets.first)
        #expect(sockets.count == 1 && found.address == "127.0.0.1" && found.port == listener.port)
        #expect(found.pid == Int(getpid()))
        #expect(try #require(found.started) > 1_700_000_000 && found.program?.isEmpty == false)
        guard case .listening(let all) = try await root.ask(.listening(ports: [])) else { throw Surprise("no answer") }
        #expect(all.contains(found))
    }

    @Test func aPortThatNobodyHasIsNotThere() async throws {
        let port: Int
        do {
            let listener = try Listener()
            port = listener.port
        }
        #expect(try await ScratchRoot().ask(.listening(ports: [port])) == .listening([]))
    }

    @Test(arguments: [
        ("0100007F 80 5", "127.0.0.1"), ("00000000 80 5", "0.0.0.0"), ("00000000000000000000000000000000 80 5", "::"),
        ("00000000000000000000000001000000 80 5", "::1"), ("0000000000000000FFFF00000128100A 80 5", "10.16.40.1"),
        ("B80D0120000000000000000001000000 80 5", "2001:db8:0:0:0:0:0:1"),
    ])
    func addressesAreReadAsTheKernelWritesThem(line: String, address: String) {
        #expect(listeningSockets(line) == .listening([ListeningSocket(address: address, port: 80)]))
    }

    @Test(arguments: ["x 80 5", "0100007F", "0100007F eighty 5", "01 80 5"])
    func whatIsNoSocketIsNoAnswer(line: String) { #expect(listeningSockets(line) == nil) }

    // MARK: The bridge

    /// A node with a bridge that says what it is told to say.
    private func node(_ shell: Shell, _ says: String) throws -> ScratchRoot {
        let root = try ScratchRoot(shell)
        try root.put("localhost:8080\n10.0.0.2:8080\n", at: "/etc/haproxy-marathon-bridge/marathons")
        try root.makeDirectory("/var/lib/haproxy-marathon-bridge")
        let script = "/usr/local/bin/haproxy-marathon-bridge"
        try root.put("#!/bin/sh\nROOT='\(root.path)'\necho \"$*\" >\"$ROOT/asked\"\n\(says)\n", at: script)
        makeExecutable(root.path + script)
        return root
    }

    private func saying(_ outcome: String, _ message: String = "") -> String {
        "printf 'at=%s\\noutcome=\(outcome)\\nmessage=\(message)\\n' \"$(date +%s)\" "
            + ">\"$ROOT/var/lib/haproxy-marathon-bridge/last-run\""
    }

    @Test(arguments: Shell.allCases)
    func aRunOfTheBridgeEndsAsItSays(_ shell: Shell) async throws {
        let results: [(String, ActionResult)] = [
            (saying("unchanged"), .alreadyInPlace), (saying("updated"), .done(detail: "haproxy.cfg was made anew")),
            (saying("kept", "none answers"), .failed(reason: "the bridge kept what was there: none answers")),
            (saying("failed", "no room"), .failed(reason: "the bridge failed: no room")),
            (saying("odd"), .failed(reason: "the bridge says `odd`, which is not known here")),
        ]
        for (says, result) in results {
            let root = try node(shell, says)
            #expect(try await root.act(.refreshBalancer) == result)
            #expect(try root.text("/asked") == "logged refresh_system_haproxy localhost:8080 10.0.0.2:8080\n")
        }
    }

    @Test(arguments: Shell.allCases)
    func aFileThatTheBridgeHasNotMadeIsKept(_ shell: Shell) async throws {
        let root = try node(shell, saying("updated"))
        try root.put("by hand\n", at: "/etc/haproxy/haproxy.cfg")
        let backup = "/var/lib/reconciler/backup/run-1/etc/haproxy/haproxy.cfg"
        #expect(
            try await root.act(.refreshBalancer)
                == .done(detail: "haproxy.cfg was made anew, the old file is \(backup)")
        )
        #expect(try root.text(backup) == "by hand\n")
        let own = try node(shell, saying("updated"))
        try own.put("made\n", at: "/etc/haproxy/haproxy.cfg")
        try own.put("made\n", at: "/var/lib/haproxy-marathon-bridge/haproxy.cfg.good")
        #expect(try await own.act(.refreshBalancer) == .done(detail: "haproxy.cfg was made anew"))
    }

    @Test func aBridgeThatIsNotThereOrSaysNothingHasFailed() async throws {
        let bare = try ScratchRoot()
        guard case .failed(let missing) = try await bare.act(.refreshBalancer) else { throw Surprise("it ran") }
        #expect(missing.contains("is not there"))
        let mute = try node(.dash, "echo 'curl: not found' >&2\nexit 127")
        guard case .failed(let words) = try await mute.act(.refreshBalancer) else { throw Surprise("it ran") }
        #expect(words.contains("status 127") && words.contains("curl: not found"))
    }

    // MARK: Scripts under upstart

    /// An init script whose daemon is a real process that carries the service's name.
    ///
    /// A process without a pid file is looked for on the whole machine, so no two cases may share a name.
    private func script(_ shell: Shell) throws -> (node: NodeWithServices, name: ServiceName) {
        let name = "px" + UUID().uuidString.prefix(8).lowercased()
        let node = try NodeWithServices(shell, upstart: true)
        try node.root.makeDirectory("/etc/rc2.d")
        try node.root.makeDirectory("/run")
        try FileManager.default.copyItem(atPath: "/bin/sleep", toPath: "\(node.root.path)/\(name)")
        try node.root.put(
            """
            #!/bin/sh
            ROOT='\(node.root.path)'
            [ ! -e "$ROOT/off" ] || exit 0
            case $1 in
                start) "$ROOT/\(name)" 600 </dev/null >/dev/null 2>&1 & echo "$!" >"$ROOT/run/\(name).pid"; sleep 0.2 ;;
                stop) kill "$(cat "$ROOT/run/\(name).pid")"; rm -f "$ROOT/run/\(name).pid"; sleep 0.2 ;;
            esac
            """,
            at: "/etc/init.d/\(name)"
        )
        makeExecutable("\(node.root.path)/etc/init.d/\(name)")
        try node.root.program(
            "update-rc.d",
            "case $2 in enable) touch \"$ROOT/etc/rc2.d/S20$1\" ;; disable) rm -f \"$ROOT/etc/rc2.d/S20$1\" ;; esac"
        )
        return (node, ServiceName(name))
    }

    @Test(arguments: Shell.allCases)
    func aScriptIsReadByItsProcessAndStartedByItself(_ shell: Shell) async throws {
        let (node, name) = try script(shell)
        let before = try await node.root.service(name)
        #expect((before.boot, before.run, before.pid) == (.off, .stopped, nil))
        #expect(try await node.act(.releaseJob(name)) == .done(detail: ""))
        guard case .done = try await node.act(.startJob(name)) else { throw Surprise("not started") }
        let up = try await node.root.service(name)
        #expect((up.boot, up.run) == (.on, .running) && up.pid != nil)
        #expect(try await node.act(.startJob(name)) == .alreadyInPlace)
        #expect(try await node.act(.stopJob(name)) == .done(detail: ""))
        #expect(try await node.root.service(name).run == .stopped)
        #expect(try await node.act(.holdJob(name)) == .done(detail: ""))
        #expect(try await node.root.service(name).boot == .off)
    }

    @Test func aScriptThatDoesNothingHasNotStarted() async throws {
        let (node, name) = try script(.dash)
        try node.root.put("", at: "/off")
        guard case .failed(let words) = try await node.act(.startJob(name)) else { throw Surprise("started") }
        #expect(words.contains("left \(name) stopped"))
    }
}
