import Specs
import Testing

@Suite("The load balancer's role")
struct HAProxyRoleTests {
    static let origin = RolesSample.origin

    static func spec(_ haproxy: HAProxySpec? = nil, _ change: (inout ClusterSpec) -> Void = { _ in }) -> ClusterSpec {
        var spec = RolesSample.cluster()
        spec.other.haproxy = haproxy
        change(&spec)
        return spec
    }

    static func node(
        _ spec: ClusterSpec,
        _ name: NodeName = "mesos-master1",
        on platform: Platform? = nil
    ) throws
        -> DesiredNode
    {
        try #require(DesiredCluster(spec, platforms: platform.map { [name: $0] } ?? [:]).node(name))
    }

    struct Layout: Sendable, CustomTestStringConvertible {
        var platform: Platform
        var packages: [String]
        var cron: ServiceName
        var hasDefaults: Bool
        var testDescription: String { "\(platform.os), \(platform.initSystem)" }
    }

    static let layouts = [
        Layout(
            platform: Platform(os: "ubuntu-14.04", initSystem: .upstart, packageManager: .apt),
            packages: ["haproxy", "curl", "cron"],
            cron: "cron",
            hasDefaults: true
        ),
        Layout(
            platform: Platform(os: "debian-12", initSystem: .systemd, packageManager: .apt),
            packages: ["haproxy", "curl", "cron"],
            cron: "cron",
            hasDefaults: false
        ),
        Layout(
            platform: Platform(os: "centos-7", initSystem: .systemd, packageManager: .yum),
            packages: ["haproxy", "curl", "cronie"],
            cron: "crond",
            hasDefaults: false
        ),
    ]

    @Test(
        "each platform has its own package of cron, its own service, and ENABLED where scripts ask for it",
        arguments: layouts
    )
    func platforms(layout: Layout) throws {
        let node = try Self.node(Self.spec(), on: layout.platform)
        let names = node.packages.map(\.name)
        #expect(layout.packages.allSatisfy(names.contains))
        #expect(node.packages.first { $0.name == "haproxy" }?.brings == ["haproxy"])
        #expect(node.loadBalancer?.cron == layout.cron)
        for name in [layout.cron, "haproxy"] {
            let service = try #require(node.service(name))
            #expect(service.boot && service.running && service.layer == .site)
        }
        #expect(node.edit("/etc/default/haproxy")?.texts == (layout.hasDefaults ? ["ENABLED": "1"] : nil))
        #expect(node.file("/etc/haproxy/haproxy.cfg") == nil, "the bridge makes it")
    }

    @Test("a node without the role has nothing of it")
    func otherNodes() throws {
        let node = try Self.node(Self.spec(), "mesos-slave1")
        #expect(node.loadBalancer == nil && node.service("haproxy") == nil && node.service("cron") == nil)
        #expect(!node.files.contains { $0.path.contains("haproxy") })
    }

    @Test("without a section the cluster's Marathons are asked, the node's own first")
    func derivedMarathons() throws {
        let node = try Self.node(Self.spec(), "mesos-master2")
        #expect(
            node.wholeTexts["/etc/haproxy-marathon-bridge/marathons"]
                == "localhost:8080\n10.16.40.1:8080\n10.16.40.3:8080\n"
        )
        #expect(node.wholeTexts["/etc/haproxy-marathon-bridge/curlrc"] == nil)
        #expect(
            node.wholeTexts["/etc/haproxy-marathon-bridge/settings"]
                == "bind=10.16.40.2\nreserved=22,2181,2888,3888,5050,8080,9090\ntimeout=10\n"
        )
    }

    @Test("a Marathon that speaks TLS is asked by its own name, with what its certificate is checked against")
    func tls() throws {
        let spec = Self.spec { spec in
            spec.marathon?.https = RolesSample.located(true)
            spec.marathon?.authority = RolesSample.located("keys/ca.pem")
            spec.marathon?.httpCredentials = RolesSample.located(
                Content([.literal("me\":"), .secret(.environment("PW"))])
            )
        }
        let node = try Self.node(spec)
        let lines = try #require(node.wholeTexts["/etc/haproxy-marathon-bridge/marathons"]).split(separator: "\n")
        #expect(lines.first == "https://10.16.40.1:8443" && lines.count == 3)
        let curl = try #require(node.file("/etc/haproxy-marathon-bridge/curlrc"))
        #expect(curl.mode == 0o600)
        #expect(
            node.wholeTexts["/etc/haproxy-marathon-bridge/curlrc"]
                == "user = \"me\\\":${env:PW}\"\ncacert = \"/etc/haproxy-marathon-bridge/ca.pem\"\n"
        )
        #expect(node.wholeTexts["/etc/haproxy-marathon-bridge/ca.pem"] == "${file:keys/ca.pem}\n")
        #expect(spec.secretReferences == [.environment("PW"), .file("keys/ca.pem")])
    }

    @Test("statistics stand in the header only where they are declared, and then it is for root's eyes")
    func statistics() throws {
        let path = "/etc/haproxy-marathon-bridge/header"
        let plain = try Self.node(Self.spec())
        let text = try #require(plain.wholeTexts[path])
        #expect(!text.contains("stats enable") && !text.contains("admin"))
        #expect(text.contains("bind 127.0.0.1:9090\n  mode http\n  monitor-uri /\n"), "it starts without any app")
        #expect(plain.file(path)?.mode == 0o644)
        let declared = HAProxySpec(
            position: Self.origin,
            stats: HAProxySpec.Stats(
                bind: RolesSample.located(HostPort(host: "10.16.40.1", port: 9000)),
                credentials: RolesSample.located(Content([.literal("op er:"), .secret(.environment("PW"))]))
            ),
            maximumConnections: RolesSample.located(9000),
            timeouts: [RolesSample.setting("client", "30s"), RolesSample.setting("tunnel", "1h")]
        )
        let node = try Self.node(Self.spec(declared))
        let header = try #require(node.wholeTexts[path])
        #expect(
            header.hasSuffix(
                "listen stats\n  bind 10.16.40.1:9000\n  mode http\n  stats enable\n  stats auth op\\ er:${env:PW}\n"
            )
        )
        #expect(
            header.contains("timeout connect 5000\n  timeout client 30s\n  timeout server 50000\n  timeout tunnel 1h\n")
        )
        #expect(header.contains("maxconn 9000\n"))
        #expect(node.file(path)?.mode == 0o600)
        #expect(node.loadBalancer?.reserved.contains(9000) == true)
    }

    @Test(
        "`bind` is the listeners' address, and * is every one",
        arguments: [("*", "0.0.0.0"), ("10.0.0.9", "10.0.0.9")]
    )
    func bind(declared: String, expected: String) throws {
        let haproxy = HAProxySpec(position: Self.origin, bind: RolesSample.located(declared))
        #expect(try Self.node(Self.spec(haproxy)).loadBalancer?.bind == expected)
    }

    @Test("cron's file is one that cron reads: root's, not to be written by others, and ending in a newline")
    func cron() throws {
        let node = try Self.node(Self.spec())
        let file = try #require(node.file("/etc/cron.d/haproxy-marathon-bridge"))
        #expect(file.mode == 0o644 && file.owner == "root" && file.group == "root")
        #expect(
            node.wholeTexts[file.path]
                == "* * * * * root /usr/local/bin/haproxy-marathon-bridge logged refresh_system_haproxy "
                + "$(cat /etc/haproxy-marathon-bridge/marathons)\n"
        )
        #expect(node.file("/usr/local/bin/haproxy-marathon-bridge")?.mode == 0o755)
    }
}
