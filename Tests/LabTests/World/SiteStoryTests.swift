import Reconciler
import Specs
import Testing

@testable import Lab

@Suite("Files and services of a site's own on the lab", .timeLimit(.minutes(20)))
struct SiteStoryTests {
    private static func at<Value>(_ value: Value) -> Located<Value> {
        Located(value, at: SourcePosition(file: "cluster.yaml", line: 60, column: 3))
    }

    private static func file(_ path: String, _ text: Content, owner: String? = nil) -> FileSpec {
        FileSpec(path: at(path), source: at(.content(text)), owner: owner.map(at))
    }

    private static func service(_ name: ServiceName, boot: Bool? = nil, running: Bool? = nil) -> ServiceSpec {
        ServiceSpec(name: at(name), boot: boot.map(at), running: running.map(at))
    }

    private static let unit = [
        "cluster.yaml": (
            "/etc/init/site.conf", Content("start on runlevel [2345]\nrespawn\nexec /usr/local/bin/site\n")
        ),
        "Testbed/cluster.yaml": (
            "/etc/systemd/system/site.service",
            Content("[Service]\nExecStart=/usr/local/bin/site\n[Install]\nWantedBy=multi-user.target\n")
        ),
    ]

    /// A converged cluster that declares a motd, a unit and its service on one agent.
    private func fixture(_ file: String) async throws -> LabFixture {
        var fixture = try await LabFixture.converged(file)
        let index = try #require(fixture.spec.nodes.firstIndex { $0.name.value == "mesos-slave2" })
        let (path, text) = try #require(Self.unit[file])
        fixture.spec.nodes[index].files = [Self.file("/etc/motd", "managed\n"), Self.file(path, text)]
        fixture.spec.nodes[index].services = [Self.service("site", boot: true, running: true)]
        return fixture
    }

    private func site(_ fixture: LabFixture) throws -> (boot: ServiceAnswer.Boot, run: ServiceAnswer.Run)? {
        let state = try fixture.lab.read { world in
            world.machines.first { $0.name == "mesos-slave2" }?.node.state(of: "site")
        }
        return state.map { ($0.boot, $0.run) }
    }

    @Test(arguments: LabFixture.files)
    func `they are there after one run, and a second has nothing to do`(file: String) async throws {
        let fixture = try await fixture(file)
        let plan = try await fixture.plan()
        #expect(plan.blocked == [], "\(plan.words)")
        #expect(plan.steps.map(\.title) == ["2 files", "start site"], "\(plan.words)")
        let report = try await fixture.apply(plan).get()
        #expect(report.ending == .completed && report.troubles == [])
        #expect(try fixture.file("/etc/motd", on: "mesos-slave2") == "managed\n")
        let seen = try #require(try site(fixture))
        #expect(seen.boot == .on && seen.run == .running)
        #expect(try await fixture.plan().isEmpty)
    }

    @Test(arguments: LabFixture.files)
    func `an edit by hand is written back and a service stopped by hand is started`(file: String) async throws {
        let fixture = try await fixture(file)
        #expect(try await fixture.converge("first").isEmpty)
        try fixture.inject(.write(path: "/etc/motd", text: "hacked\n", on: "mesos-slave2"))
        try fixture.inject(.stop("site", on: "mesos-slave2"))
        let plan = try await fixture.plan()
        let changes = plan.steps.flatMap(\.changes)
        #expect(changes.map(\.resource) == ["file:/etc/motd", "service:site"], "\(plan.words)")
        #expect(changes.map(\.cause) == [.drift, .drift])
        #expect(changes.map(\.summary) == ["hacked → managed", "stopped → running"])
        #expect(try await fixture.converge("heal").isEmpty)
        #expect(try fixture.file("/etc/motd", on: "mesos-slave2") == "managed\n")
        #expect(try site(fixture)?.run == .running)
    }

    @Test(arguments: LabFixture.files)
    func `it comes back with the node`(file: String) async throws {
        let fixture = try await fixture(file)
        #expect(try await fixture.converge("first").isEmpty)
        try fixture.inject(.reboot("mesos-slave2"))
        try await fixture.pass(300)
        #expect(try site(fixture)?.run == .running)
        #expect(try await fixture.plan().isEmpty)
    }

    @Test(arguments: LabFixture.files)
    func `a service that the node has not is blocked, and the rest goes on`(file: String) async throws {
        var fixture = try await fixture(file)
        let index = try #require(fixture.spec.nodes.firstIndex { $0.name.value == "mesos-slave2" })
        fixture.spec.nodes[index].services.append(Self.service("nosuch", running: true))
        let plan = try await fixture.plan()
        #expect(plan.blocked.map(\.title) == ["start nosuch"], "\(plan.words)")
        let last = try await fixture.converge("rest")
        #expect(last.steps.isEmpty && last.blocked.count == 1)
        #expect(try site(fixture)?.run == .running)
    }

    @Test(arguments: LabFixture.files)
    func `turned off it stays off, also after a boot`(file: String) async throws {
        var fixture = try await fixture(file)
        #expect(try await fixture.converge("first").isEmpty)
        let index = try #require(fixture.spec.nodes.firstIndex { $0.name.value == "mesos-slave2" })
        fixture.spec.nodes[index].services = [Self.service("site", boot: false, running: false)]
        let plan = try await fixture.plan()
        #expect(plan.steps.map(\.title) == ["stop and disable site"], "\(plan.words)")
        #expect(try await fixture.converge("off").isEmpty)
        try fixture.inject(.reboot("mesos-slave2"))
        try await fixture.pass(300)
        #expect(try site(fixture)?.run == .stopped)
        #expect(try await fixture.plan().isEmpty)
    }

    @Test func `an owner nobody knows fails in the node's words, and nothing is left`() async throws {
        var fixture = try await LabFixture.converged("cluster.yaml")
        let index = try #require(fixture.spec.nodes.firstIndex { $0.name.value == "mesos-slave2" })
        fixture.spec.nodes[index].files = [Self.file("/etc/x", "x\n", owner: "nobody-knows")]
        let report = try await fixture.apply(try await fixture.plan()).get()
        #expect("\(report.troubles)".contains("chown: invalid user"), "\(report.troubles)")
        #expect(try fixture.file("/etc/x", on: "mesos-slave2") == nil)
    }

    @Test func `the operator's prompt is on every machine of the seed's cluster`() async throws {
        let fixture = try await LabFixture.converged("cluster.yaml")
        for node in fixture.spec.nodes {
            let text = try fixture.file("/home/erichan/.bash_aliases", on: node.name.value.text)
            #expect(text == "export PS1=\"[\\u@\\H \\W] \\$ \"\n")
        }
    }
}
