import Daemons
import Specs

/// haproxy-marathon-bridge as a model: what it reads on its node, and the haproxy.cfg it makes of Marathon's tasks.
///
/// The form of the file is the bridge's (docs/load-balancer.md); the code shares nothing with the engine that checks it.
struct LabBridge {
    struct Task: Hashable {
        var app: String
        var host: String
        var ports: [Int]
        var servicePorts: [Int]
    }

    var marathons: [Endpoint]
    var header: String
    var bind: String
    var reserved: Set<Int>

    /// nil where the script is not there, or could not be run.
    init?(on node: LabNode) {
        let files = node.files
        guard let script = files.attributes(BridgeScript.Paths.script), script.kind == .regular,
            script.mode & 0o111 != 0
        else { return nil }
        marathons = (files.read(BridgeScript.Paths.marathons) ?? "").split(separator: "\n").compactMap { line in
            Endpoint(line.split(separator: "/").last.map(String.init) ?? String(line))
        }
        header = files.read(BridgeScript.Paths.header) ?? "global\n  daemon\n"
        var settings: [Substring: Substring] = [:]
        for line in (files.read(BridgeScript.Paths.settings) ?? "").split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            settings[line[..<equals]] = line[line.index(after: equals)...]
        }
        bind = settings["bind"].map(String.init) ?? "0.0.0.0"
        reserved = Set((settings["reserved"] ?? "").split(separator: ",").compactMap { Int($0) })
    }

    struct Made {
        var text: String
        var apps = 0
        var servers = 0
        var leftOut: [String] = []
    }

    func configuration(of tasks: [Task]) -> Made {
        var places: [Int: [String: Set<Endpoint>]] = [:]
        for task in tasks {
            for (port, service) in zip(task.ports, task.servicePorts) where port > 0 && service > 0 {
                places[service, default: [:]][task.app, default: []].insert(Endpoint(task.host, port))
            }
        }
        var made = Made(
            text: "# made by haproxy-marathon-bridge from Marathon's tasks; edits are overwritten\n" + header
        )
        for (service, apps) in places.sorted(by: { $0.key < $1.key }) {
            let ids = apps.keys.sorted { (Self.name(of: $0), $0) < (Self.name(of: $1), $1) }
            let owner = ids[0]
            made.leftOut += ids.dropFirst().map { "\($0) wants port \(service), which \(owner) has" }
            guard !reserved.contains(service) else {
                made.leftOut.append("\(owner) wants port \(service), which is reserved")
                continue
            }
            let name = Self.name(of: owner)
            made.text += "\nlisten \(name)-\(service)\n  bind \(bind):\(service)\n  mode tcp\n  option tcplog\n"
            made.text += "  balance leastconn\n"
            let servers = (apps[owner] ?? []).sorted()
            for (index, server) in servers.enumerated() {
                made.text += "  server \(name)-\(index + 1) \(server.host):\(server.port) check\n"
            }
            made.apps += 1
            made.servers += servers.count
        }
        return made
    }

    /// As HAProxy takes it.
    private static func name(of app: String) -> String {
        String(app.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" })
    }

    /// The tasks of an answer to `/v2/tasks` that run and pass their checks (marathon-api.md 1.5); nil where it is no such.
    static func tasks(_ response: HTTPResponse) -> [Task]? {
        guard response.status == 200, let json = try? JSON(parsing: response.body), let all = json["tasks"]?.array
        else {
            return nil
        }
        return all.compactMap { task in
            guard let app = task["appId"]?.string, let host = task["host"]?.string, task["startedAt"]?.string != nil,
                !(task["healthCheckResults"]?.array ?? []).contains(where: { $0["alive"]?.bool == false })
            else { return nil }
            return Task(
                app: app.hasPrefix("/") ? String(app.dropFirst()) : app,
                host: host,
                ports: (task["ports"]?.array ?? []).compactMap(\.int),
                servicePorts: (task["servicePorts"]?.array ?? []).compactMap(\.int)
            )
        }
    }

    /// The listeners of a haproxy.cfg: address and port.
    static func listeners(_ text: String) -> [Endpoint] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            return words.count == 2 && words[0] == "bind" ? Endpoint(words[1]) : nil
        }
    }
}
