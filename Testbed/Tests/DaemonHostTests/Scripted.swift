import Daemons
import Glibc
import Serving
import Testing

@testable import DaemonHost

/// A model that does what requests tell it to, and remembers what reached it: `POST /do` with a list of effects by name.
struct ScriptedModel: DaemonModel {
    var seen: [String] = []
    var wakes: Moment?
    var listeners: [Endpoint]
    private var own: ProcessID

    init(_ start: DaemonStart, at now: Moment, effects: inout [DaemonEffect]) throws(DaemonExit) {
        guard let port = start.arguments.first.flatMap({ Int($0) }) else { throw DaemonExit("no port") }
        listeners = [Endpoint("127.0.0.1", port)]
        own = ProcessID("scripted", at: Endpoint("127.0.0.1", port))
        effects.append(.container(.recover))
    }

    mutating func receive(_ event: DaemonEvent, at now: Moment, effects: inout [DaemonEffect]) {
        switch event {
        case .wake:
            wakes = nil
            seen.append("wake")
        case .message(let message): seen.append("\(message.name) from \(message.from): \(message.body.text)")
        case .unreachable(let process): seen.append("unreachable \(process)")
        case .container(let event): seen.append("\(event)")
        case .checked(let id, let failure): seen.append("check \(id): \(failure ?? "well")")
        case .streamClosed(let id): seen.append("closed \(id)")
        case .coordination: break
        case .terminate: effects.append(.exit(DaemonExit(status: 0, "")))
        }
    }

    mutating func answer(_ request: HTTPRequest, at now: Moment, effects: inout [DaemonEffect]) -> HTTPAnswer {
        let words = request.segments
        switch words.first {
        case "seen": return .response(HTTPResponse(200, text: seen.joined(separator: "\n")))
        case "patience" where request.attempt < 3: return .askAgain(milliseconds: 10)
        case "patience": return .response(HTTPResponse(200, text: "attempt \(request.attempt)"))
        case "send":
            let peer = ProcessID("scripted", at: Endpoint("127.0.0.1", Int(words[1]) ?? 0))
            for number in 1...3 {
                effects.append(.send(DaemonMessage(from: own, to: peer, "test.Number", .integer(number))))
            }
        case "wake": wakes = now + 20
        case "stream":
            effects += [.stream(id: 1, Array("one ".utf8)), .stream(id: 1, Array("two".utf8)), .closeStream(id: 1)]
            return .stream(id: 1, status: 200, headers: [])
        case "forward":
            var inner = request
            inner.target = "/seen"
            return .forward(
                HTTPForward(
                    to: Endpoint("127.0.0.1", Int(words[1]) ?? 0),
                    request: inner,
                    added: [HTTPField("X-Via", "scripted")],
                    refused: HTTPResponse(502, text: "refused"),
                    timedOut: HTTPResponse(504, text: "late")
                )
            )
        default: break
        }
        return .response(HTTPResponse(200))
    }
}

/// A daemon in this process, on a port of its own and a directory of its own.
struct ScriptedDaemon {
    let port: Int
    let inbox: Inbox
    let ending: Task<DaemonExit, Never>
    let containers: Containers

    init(directory: String) throws {
        port = try freePort()
        let journal = try Journal(program: "scripted", form: .glog)
        let host = HostFacts(
            hostname: "here",
            address: "127.0.0.1",
            bootID: "",
            cpus: 1,
            memoryMegabytes: 1,
            diskMegabytes: 1
        )
        let start = DaemonStart(version: "1", arguments: ["\(port)"], host: host, seed: 1, pid: 1, freePort: 0)
        let program = DaemonProgram(journal: journal, start: start) { DaemonExit("\($0): \($1)") }
        let (inbox, inputs) = Inbox.make()
        self.inbox = inbox
        containers = Containers(inbox: inbox, runtimeDirectory: directory)
        let containers = containers
        var effects: [DaemonEffect] = []
        let model = try ScriptedModel(start, at: .now, effects: &effects)
        ending = Task { [effects] in
            await program.live(model, first: effects, inbox: inbox, inputs: inputs, containers: containers)
        }
    }

    func end() async -> DaemonExit {
        inbox.post(.terminate)
        return await ending.value
    }

    /// What reached the model, once `condition` holds for it or ten seconds are over.
    func seen(until condition: (String) -> Bool = { _ in true }) async throws -> String {
        var text = ""
        for _ in 0..<1000 {
            guard case .reply(.whole(let response)) = await inbox.ask(HTTPRequest("GET", "/seen")) else { break }
            text = response.text
            if condition(text) { return text }
            try await Task.sleep(for: .milliseconds(10))
        }
        return text
    }
}

/// A port of 127.0.0.1 that nobody uses at the moment.
func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
        }
    }
    try #require(bound)
    return Int(UInt16(bigEndian: address.sin_port))
}

/// A directory of this test's own.
func scratchDirectory() throws -> String {
    var template = Array("/tmp/daemon-host-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
