import Testing

@testable import Specs

@Suite struct DesiredAppsTests {
    static let files = [
        "apps/a.json": #"{"id": "a", "cmd": "run"}"#,
        "apps/b.json": #"{"id": "/g/b", "cmd": "run", "dependencies": ["/a"]}"#,
    ]

    static let more = """
        deployments: {deadline: 15mins, onFailure: restore, /g/b: {deadline: 1500ms, onFailure: wait}}
        policy:
          prune: {apps: {mode: confirm, under: [/g]}}
          consent: ["recreate-app:/a"]
          protect: [/core]
          ignore: [{app: /a, fields: [instances]}, {app: /a, fields: [env.X, "healthChecks[0].path"]}]
          budget: {tasksRestarted: 20%}
        """

    @Test("deadlines, policy and the expected Marathon come from cluster.yaml")
    func fromTheSpec() throws {
        let flags = "mesos_role: web, default_network_name: dcos, enable_features: \"secrets, vips\""
        let reading = AppSample.read(Self.files, marathon: "1.11.24", flags: flags, more: Self.more)
        let spec = try reading.checked()
        let desired = DesiredApps(spec: spec, apps: reading.apps, forced: ["/a"])
        #expect(desired.apps.map(\.id) == ["/a", "/g/b"])
        #expect(desired.apps.map(\.deadlineSeconds) == [900, 2])
        #expect(desired.apps.map(\.onFailure) == [.restore, .wait])
        #expect(desired.apps.map(\.dependencies) == [[], ["/a"]])
        #expect(desired.apps.map(\.definition) == reading.apps.map(\.definition))
        #expect(desired.apps[1].position(of: "cmd") == SourcePosition(file: "apps/b.json", line: 1, column: 23))
        let features: Set = ["secrets", "vips"]
        let expected = AppContext(
            release: MarathonRelease(1, 11, 24),
            role: "web",
            defaultNetworkName: "dcos",
            features: features
        )
        #expect(desired.expected == expected)
        #expect(desired.prune == .confirm && desired.pruneUnder == ["/g"])
        #expect(desired.protect == ["/core"] && desired.consent == ["recreate-app:/a"])
        #expect(desired.ignore == ["/a": ["instances", "env.X", "healthChecks[0].path"]])
        #expect(desired.tasksRestarted == .percent(20) && desired.forced == ["/a"])
        let cluster = DesiredCluster(spec, platforms: [:], apps: reading.apps, forcedApps: ["/a"])
        #expect(cluster.apps == desired)
    }

    @Test("without a pin nothing is expected, and ten minutes are waited")
    func standards() throws {
        let reading = AppSample.read(Self.files)
        let desired = DesiredApps(spec: try reading.checked(), apps: reading.apps)
        #expect(desired.expected == nil)
        #expect(desired.apps.map(\.deadlineSeconds) == [600, 600])
        #expect(desired.apps.map(\.onFailure) == [.stop, .stop])
        #expect(desired.prune == .never)
    }

    @Test("a cluster without apps wants none")
    func noApps() throws {
        let text = AppSample.cluster().split(separator: "\n").filter { !$0.hasPrefix("apps:") }.joined(separator: "\n")
        let spec = try SpecReader.read("cluster.yaml", from: MemorySource(["cluster.yaml": text])).checked()
        #expect(DesiredCluster(spec, platforms: [:]).apps == nil)
        let pruning = text + "\npolicy: {prune: {apps: {mode: always, under: [/g]}}}\n"
        let reading = SpecReader.read("cluster.yaml", from: MemorySource(["cluster.yaml": pruning]))
        #expect(DesiredCluster(try reading.checked(), platforms: [:]).apps?.apps == [])
        #expect(reading.warnings.map(\.message) == ["no app is declared under `/g`, so pruning would empty it"])
    }

    static let faulty: [(String, String, Diagnostic.Severity)] = [
        ("policy: {consent: [1️⃣wipe-replicated-logs]}", "did you mean `wipe-replicated-log`?", .error),
        ("policy: {consent: [1️⃣\"recreate-app:a\"]}", "write recreate-app:/a", .error),
        ("policy: {consent: [1️⃣\"recreate-app:/x\"]}", "which no file defines", .warning),
        ("policy: {ignore: {app: /a, fields: [1️⃣instance]}}", "did you mean `instances`?", .error),
        ("policy: {ignore: {app: /a, fields: [1️⃣container.docker.imag]}}", "did you mean `image`?", .error),
        ("policy: {ignore: {app: /a, fields: [1️⃣version]}}", "never compared", .error),
        ("policy: {ignore: {app: /a, fields: [1️⃣\"env[0]\"]}}", "only items of lists", .error),
        ("policy: {ignore: {app: 1️⃣/aa, fields: [instances]}}", "did you mean `/a`?", .warning),
        ("policy: {prune: {apps: {mode: always, under: [1️⃣/ga]}}}", "pruning would empty it", .warning),
        ("deployments: {1️⃣/gg/b: {deadline: 1mins}}", "did you mean `/g/b`?", .warning),
        ("policy: {prune: {apps: {mode: 1️⃣sometimes}}}", "known here: always, confirm, never", .error),
    ]

    @Test("what is said of apps is checked at its place", arguments: faulty.indices)
    func faults(index: Int) {
        let (more, problem, severity) = Self.faulty[index]
        let marked = MarkedText(AppSample.cluster(more: more))
        var files = Self.files
        files["cluster.yaml"] = marked.text
        let found = SpecReader.read("cluster.yaml", from: MemorySource(files)).diagnostics
        #expect(found.map(\.position) == marked.marks, "\(found)")
        #expect(found.first?.description.contains(problem) == true, "\(found)")
        #expect(found.first?.severity == severity)
    }

    static let foreign = """
        version: 1
        cluster: theirs
        marathon: {endpoint: "https://marathon.example.org/service/marathon", token: "${env:TOKEN}", authority: ca.pem}
        apps: [apps/*]

        """

    @Test(
        "apps for somebody else's Marathon need no nodes, and hold no lease",
        arguments: ["", "nodes: {}\n", "nodes:\n"]
    )
    func appsOnly(nodes: String) throws {
        var files = Self.files
        files["cluster.yaml"] = Self.foreign + nodes
        files["apps/c.json"] = #"{"id": "c", "container": {"type": "DOCKER", "docker": {"image": "nginx"}}}"#
        let reading = SpecReader.read("cluster.yaml", from: MemorySource(files))
        #expect(reading.diagnostics == [])
        let spec = try reading.checked()
        let desired = DesiredCluster(spec, platforms: [:], apps: reading.apps)
        #expect(spec.isAppsOnly && desired.nodes == [] && desired.leaseHolders == [])
        #expect(desired.apps?.apps.count == 3)
        #expect(spec.marathon?.token?.value.references == [.environment("TOKEN")])
        #expect(spec.secretReferences(with: reading.apps) == [.environment("TOKEN")])
    }

    @Test("a faulty endpoint is the only fault where nothing but apps is declared")
    func aFaultyEndpoint() {
        var files = Self.files
        files["cluster.yaml"] = "version: 1\ncluster: c\nmarathon: {endpoint: \"http://m:99999\"}\napps: [apps/*]\n"
        let reading = SpecReader.read("cluster.yaml", from: MemorySource(files))
        #expect(
            reading.diagnostics.map(\.message) == ["`marathon.endpoint`: its port is no number from 1 to 65535"],
            "\(reading.diagnostics)"
        )
    }

    @Test("without an endpoint, or without apps, nodes are wanted")
    func nodesAreWanted() {
        let endpoint = "marathon: {endpoint: \"http://m\"}\n"
        for text in ["version: 1\ncluster: c\napps: [apps/*]\n", "version: 1\ncluster: c\n" + endpoint] {
            var files = Self.files
            files["cluster.yaml"] = text
            let reading = SpecReader.read("cluster.yaml", from: MemorySource(files))
            #expect(reading.errors.contains { $0.message.contains("`nodes`") }, "\(reading.errors)")
        }
    }
}
