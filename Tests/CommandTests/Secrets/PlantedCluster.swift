import FoundationEssentials
import Reconciler
import Testing

@testable import Command
@testable import Lab
@testable import Specs

/// A cluster with a value of its own in every place in which a secret can be, in a lab and a directory of its own.
///
/// Secret values begin with `secretMark`; public ones with `publicMark`, next to them, so that it is seen that the place was shown.
struct PlantedCluster: Sendable {
    static let secretMark = "Xq7Vz"
    static let publicMark = "Op3Nw"

    let directory: String
    /// Of the operator's process.
    let environment: [String: String]

    var file: String { directory + "/cluster.yaml" }

    /// A value that is found nowhere but where it was put.
    static func secret(_ name: String) -> String { marked(secretMark, name) }
    static func open(_ name: String) -> String { marked(publicMark, name) }

    private static func marked(_ mark: String, _ name: String) -> String {
        "\(mark)-\(name)-\(String(mark.reversed()))"
    }

    /// Every value that was ever planted.
    static let secrets: [String] = {
        let declared = variables.values.map { $0 } + files.values.map { $0 }
        return Set(declared + clear + byHand).sorted()
    }()

    // MARK: What is declared by reference

    static let variables = [
        "MESOS_PASSWORD": secret("mesos-rest"), "MARATHON_PASSWORD": secret("marathon-rest") + "/+é&",
        "STATS": secret("stats"), "SPLUNK": secret("splunk"), "DB": secret("app-env") + "\"é\\/ x",
        "PLAIN": secret("plain-env"),
        "HOOK": secret("hook"), "JAAS": secret("jaas"), "ZNODE": secret("zk-config"), "FLAG": secret("odd-flag"),
        "KEYSTORE": secret("keystore"),
    ]

    /// By name; the values rotate with `rotated`.
    static let files = [
        "site": secret("site-file"), "agent": #"{"principal": "agent", "secret": "\#(secret("agent-login"))"}"#,
        "master":
            #"{"credentials": [{"principal": "ops", "secret": "\#(secret("mesos-rest"))"}, {"principal": "agent", "secret": "\#(secret("agent-login"))"}]}"#,
    ]

    // MARK: What is declared in clear

    static let clear = [
        "clear-var", "clear-flag", "clear-docker", "clear-mirror", "clear-site", "clear-site-url", "clear-dockercfg",
        "clear-env", "clear-env-url", "clear-label", "clear-uri", "clear-query", "clear-cmd", "clear-parameter",
        "clear-header",
    ].map(secret)

    /// `bytes` without any of them, as they are and in the base64 in which they are declared.
    static func withoutClear(_ bytes: [UInt8]) -> [UInt8] {
        let text = String(decoding: bytes, as: UTF8.self)
        let forms = clear.flatMap { [$0, base64("u:" + $0)] }
        return Array(forms.reduce(text) { $0.replacing($1, with: "") }.utf8)
    }

    // MARK: What is only on the nodes

    static let byHand = [
        "hand-zk", "hand-flag", "hand-default", "hand-export", "hand-credentials", "hand-zoo", "hand-jaas",
        "hand-stats",
        "hand-daemon", "hand-site", "hand-source", "hand-app", "hand-app-url", "hand-plain", "hand-marathon",
        "hand-argv",
        "hand-base64", "hand-token", "broken-login",
    ].map(secret)

    // MARK: The declaration

    static let master = "roles: [zookeeper, mesos-master, marathon, haproxy, docker]"

    static let declaration = """
        version: 1
        cluster: planted
        ssh: {user: erichan, become: sudo}
        platform: {os: debian-12, init: systemd}
        versions: {zookeeper: 3.8.0, mesos: 1.11.0, marathon: 1.11.24}
        vars: {site_password: \(secret("clear-var"))}
        nodes:
          mesos-master1: {address: 10.16.40.1, \(master)}
          mesos-master2: {address: 10.16.40.2, \(master)}
          mesos-master3: {address: 10.16.40.3, \(master)}
          mesos-slave1: {address: 10.16.40.11, roles: [mesos-agent, docker]}
          mesos-slave2: {address: 10.16.40.12, roles: [mesos-agent, docker]}
        zookeeper:
          ensemble: {1: mesos-master1, 2: mesos-master2, 3: mesos-master3}
          config: {ssl.keyStore.password: "${env:ZNODE}"}
        mesos:
          zk: /mesos
          quorum: 2
          httpCredentials: "ops:${env:MESOS_PASSWORD}"
          master:
            credentials: ${file:secrets/master}
            flags: {authenticate_http_readonly: true, authenticate_http_readwrite: true, hostname_lookup: false}
          agent:
            containerizers: [docker, mesos]
            executor_registration_timeout: 5mins
            attributes: {zone: \(open("zone"))}
            credentials: ${file:secrets/agent}
            flags:
              docker_config: '{"auths": {"r.example.org": {"auth": "\(base64("u:" + secret("clear-docker")))"}}}'
              executor_environment_variables: '{"ODD": "${env:FLAG}"}'
        marathon:
          zk: /marathon
          httpCredentials: "ops:${env:MARATHON_PASSWORD}"
          flags: {ssl_keystore_password: "${env:KEYSTORE}", mesos_authentication_secret: \(secret("clear-flag"))}
        docker:
          package: docker.io
          daemon:
            log-driver: splunk
            log-opts: {splunk-token: "${env:SPLUNK}", splunk-url: "https://u:\(secret("clear-mirror"))@h.example.org"}
        haproxy:
          marathons: [localhost:8080]
          stats: {bind: "127.0.0.1:9191", credentials: "ops:${env:STATS}"}
        repositories:
          site: {uri: "http://repo.example.org/debian", suite: bookworm, components: [main]}
        images:
          feuyeux/nginx: {from: docker.alibaba.net}
        files:
          /etc/site/token: {content: "${file:secrets/site}\\n"}
          /etc/site/jaas.conf:
            content: |
              Server { org.apache.zookeeper.server.auth.DigestLoginModule required
                user_super="${env:JAAS}"; };
          /etc/site/app.conf:
            content: |
              colour = \(open("colour"))
              password = \(secret("clear-site"))
              url = https://u:\(secret("clear-site-url"))@h.example.org/
              again_password = ${var:site_password}
          /etc/site/dockercfg: {source: files/dockercfg}
        watch: {webhook: "https://hooks.example.org/${env:HOOK}"}
        apps: [apps/*.json]

        """

    static let dockercfg = #"""
        {"auths": {"r.example.org": {"auth": "\#(base64("u:" + secret("clear-dockercfg")))"}}}

        """#

    static let shop = #"""
        {
          "id": "/shop", "cmd": "sleep 100000 --token \#(secret("clear-cmd"))", "cpus": 0.1, "mem": 16, "instances": 1,
          "env": {
            "COLOUR": "\#(open("app"))", "DB_PASSWORD": "${env:DB}", "ODD": "x-${env:PLAIN}",
            "API_TOKEN": "\#(secret("clear-env"))", "AMQP": "amqp://u:\#(secret("clear-env-url"))@h.example.org/"
          },
          "labels": {"SECRET_KEY": "\#(secret("clear-label"))"},
          "fetch": [
            {"uri": "https://u:\#(secret("clear-uri"))@h.example.org/a.tgz"},
            {"uri": "https://h.example.org/a?token=\#(secret("clear-query"))"}
          ]
        }
        """#

    static let web = #"""
        {
          "id": "/web", "cpus": 0.1, "mem": 16, "instances": 1,
          "container": {"type": "DOCKER", "docker": {
            "image": "feuyeux/nginx",
            "parameters": [{"key": "env", "value": "WEB_PASSWORD=\#(secret("clear-parameter"))"}]
          }},
          "healthChecks": [{"protocol": "COMMAND", "command": {"value": "curl -H 'X-Token: \#(secret("clear-header"))' localhost"}}]
        }
        """#

    static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    init() throws {
        directory = "/tmp/reconciler-planted-\(UUID().uuidString.lowercased())"
        environment = Self.variables
        for name in ["apps", "secrets", "files", "kept"] {
            try FileManager.default.createDirectory(atPath: "\(directory)/\(name)", withIntermediateDirectories: true)
        }
        try write(Self.declaration, to: "cluster.yaml")
        try write(Self.shop, to: "apps/shop.json")
        try write(Self.web, to: "apps/web.json")
        try write(Self.dockercfg, to: "files/dockercfg")
        for (name, value) in Self.files { try write(value, to: "secrets/\(name)") }
    }

    func write(_ text: String, to path: String) throws {
        try text.write(toFile: "\(directory)/\(path)", atomically: true, encoding: .utf8)
    }

    func end() { try? FileManager.default.removeItem(atPath: directory) }

    // MARK: Commands

    struct Result: Sendable {
        var command: String
        var status: Int32
        var output: String
        var log: String
    }

    func callAsFunction(
        _ arguments: String...,
        variables: [String: String] = [:],
        wiring: Wiring = .live
    ) async -> Result {
        await run(arguments, variables: variables, wiring: wiring)
    }

    func run(_ arguments: [String], variables: [String: String] = [:], wiring: Wiring = .live) async -> Result {
        let own = ["RECONCILER_LAB": directory + "/lab", "XDG_STATE_HOME": directory + "/state", "HOME": directory]
        let command = HeardCommand(
            environment: environment.merging(own) { $1 }.merging(variables) { $1 },
            wiring: wiring
        )
        let heard = await command.run(arguments + (arguments.contains("--file") ? [] : ["--file", file]))
        return Result(
            command: arguments.joined(separator: " "),
            status: heard.status,
            output: heard.output,
            log: heard.log
        )
    }

    /// The lab's Marathon refuses every write, and repeats what it was sent.
    var echoing: Wiring {
        Wiring(
            read: Wiring.live.read,
            connect: { [self] declared, connection, body in
                let lab = try lab()
                var ground = try Ground(of: lab, under: declared)
                ground.transport = EchoingTransport(inner: ground.transport)
                try await lab.run { [ground] in try await ground.loop(over: declared, connection, body) }
            }
        )
    }

    // MARK: The nodes

    func lab() throws -> Lab { try Lab(directory: directory + "/lab") }

    /// What somebody does to the nodes by hand.
    func edit(_ faults: [LabFault]) throws {
        try lab().change { world throws(LabError) in
            for fault in faults { try world.inject(fault) }
        }
    }

    func content(_ path: String, on node: NodeName) throws -> String {
        let files = try lab().read { world in world.machines.first { $0.node.name == node }?.node.files }
        return try #require(files?.read(path), "\(node): \(path)")
    }

    struct NodeFile: Sendable {
        var node: String
        var path: String
        var mode: Int
        var text: [UInt8]
        /// Whether somebody else than its owner and group can get at it, directories on the way included.
        var isOpen: Bool
    }

    /// Every file of every node.
    func nodeFiles() throws -> [NodeFile] {
        try lab().read { world in
            world.machines.flatMap { machine in
                machine.node.files.all(on: machine.name)
            }
        }
    }

    /// Every file below `path` on this machine.
    func ownFiles(_ path: String) throws -> [(path: String, bytes: [UInt8])] {
        let root = "\(directory)/\(path)"
        let names = try FileManager.default.subpathsOfDirectory(atPath: root)
        return names.compactMap { name in
            FileManager.default.contents(atPath: "\(root)/\(name)").map { ("\(path)/\(name)", Array($0)) }
        }
    }
}

extension FileTree {
    /// Every regular file.
    fileprivate func all(on node: String) -> [PlantedCluster.NodeFile] {
        func below(_ number: Int, _ path: String, isOpen: Bool) -> [PlantedCluster.NodeFile] {
            guard let inode = inodes[number] else { return [] }
            func file(_ bytes: [UInt8]) -> PlantedCluster.NodeFile {
                .init(node: node, path: path, mode: inode.mode, text: bytes, isOpen: isOpen && inode.mode & 0o004 != 0)
            }
            switch inode.body {
            case .directory(let entries):
                let isOpen = isOpen && inode.mode & 0o001 != 0
                return entries.flatMap { below($0.inode, "\(path)/\($0.name)", isOpen: isOpen) }
            case .text(let text): return [file(Array(text.utf8))]
            case .bytes(let bytes): return [file(bytes)]
            case .zeros, .link, .device: return []
            }
        }
        return below(Self.root, "", isOpen: true)
    }
}

/// Refuses writes in the words of a Marathon, or of a proxy before it, that repeats the request.
private struct EchoingTransport: HTTPTransport {
    let inner: any HTTPTransport

    func send(_ request: RESTRequest, to endpoint: RESTEndpoint) async throws(RESTError) -> RESTAnswer {
        guard request.method != .get else { return try await inner.send(request, to: endpoint) }
        let headers = request.headers.map { "\($0.name): \($0.value)" }.joined(separator: ", ")
        let body = String(decoding: request.body, as: UTF8.self)
        let words = AppValue.object([
            "message": .text(Content("you sent")),
            "details": .list([
                .object([
                    "path": .text(Content("/")), "errors": .list([.text(Content(headers)), .text(Content(body))]),
                ])
            ]),
        ])
        return RESTAnswer(status: 422, headers: [], body: Array(words.json.utf8))
    }
}
