import Testing

@testable import Specs

@Suite struct AppReadingTests {
    static let cluster = """
        version: 1
        cluster: one
        nodes:
          m: {address: 10.0.0.1, roles: [zookeeper, mesos-master, marathon]}
          a: {address: 10.0.0.2, roles: [mesos-agent, docker]}
        zookeeper: {ensemble: {1: m}}
        mesos: {quorum: 1, agent: {containerizers: [docker, mesos], executor_registration_timeout: 5mins}}
        marathon: {}
        images: {web: {to: agents}}
        apps: [apps/*]

        """

    private func read(_ files: [String: String]) -> SpecReading {
        SpecReader.read("cluster.yaml", from: MemorySource(files.merging(["cluster.yaml": Self.cluster]) { a, _ in a }))
    }

    @Test func readsAnAppAListAndAGroupTree() {
        let reading = read([
            "apps/a.json": #"{"id": "one", "cmd": "x"}"#,
            "apps/b.yaml": "- {id: /two, cmd: x}\n- {id: three, args: [a, b]}\n",
            "apps/c.yaml": """
            id: /shop
            groups:
              - id: front
                apps:
                  - {id: web, cmd: x, dependencies: [../back/db, /one]}
              - id: /shop/back
                apps: [{id: db, cmd: x}]
            """,
        ])
        #expect(reading.diagnostics == [])
        #expect(reading.apps.map(\.id.value) == ["/one", "/two", "/three", "/shop/front/web", "/shop/back/db"])
        #expect(reading.apps[3].dependencies.map(\.value) == ["/shop/back/db", "/one"])
    }

    @Test func takesNullForAKeyThatIsLeftOut() {
        let text = #"{"id": "a", "cmd": "x", "args": null, "container": null, "instances": null, "ports": null}"#
        let reading = read(["apps/a.json": text])
        #expect(reading.diagnostics == [])
        #expect(reading.apps.first?.definition == ["id": "/a", "cmd": "x"])
    }

    @Test func putsSecretsInAsReferencesAndLeavesOtherDollarsAlone() throws {
        let reading = read(["apps/a.yaml": "id: a\ncmd: echo $PORT0 ${PORT0} ${env:TOKEN}\nenv: {A: \"80\"}\n"])
        let app = try #require(reading.apps.first)
        #expect(app.definition["env"] == ["A": "80"])
        let segments: [Content.Segment] = [.literal("echo $PORT0 ${PORT0} "), .secret(.environment("TOKEN"))]
        #expect(app.definition["cmd"] == .text(Content(segments)))
        #expect(app.secretReferences == [.environment("TOKEN")])
    }

    static let faulty: [(String, String)] = [
        (#"{"id": 1️⃣"Web", "cmd": "x"}"#, "is refused by Marathon"), (#"{"id": 1️⃣"a_b", "cmd": "x"}"#, "refused"),
        (#"{"id": 1️⃣"/", "cmd": "x"}"#, "must not be the root"), (#"1️⃣{"cmd": "x"}"#, "lacks `id`"),
        (#"{"id": 1️⃣"a"}"#, "says nothing to run"), (#"{"id": "a", "cmd": 1️⃣""}"#, "empty `cmd`"),
        (#"{"id": "a", "cmd": "x", "args": 1️⃣["y"]}"#, "both `cmd` and `args`"),
        (#"{"id": "a", "cmd": "x", "instances": 1️⃣"3"}"#, "must be a number, not the text \"3\""),
        (#"{"id": "a", "cmd": "x", "instances": 1️⃣-1}"#, "at least 0"),
        (#"{"id": "a", "cmd": "x", "cpus": 1️⃣"much"}"#, "must be a number"),
        (#"{"id": "a", "cmd": "x", "mem": 1️⃣-5}"#, "at least 0"),
        (#"{"id": "a", "cmd": "x", "ports": [1️⃣70000]}"#, "0 to 65535"),
        (#"{"id": "a", "cmd": "x", "ports": [90, 1️⃣90]}"#, "stands in `ports[0]` already"),
        (#"[{"id": "a", "cmd": "x"}, {"id": 1️⃣"/a", "cmd": "y"}]"#, "already defined at apps/x.json:1:9"),
        (#"[{"id": "a", "cmd": "x"}, {"id": 1️⃣"/a/b", "cmd": "y"}]"#, "nothing can lie below it"),
        (#"{"id": "/g", "apps": [{"id": 1️⃣"/h/a", "cmd": "x"}]}"#, "is not inside group `/g`"),
        (
            #"[{"id": "a", "cmd": "x", "dependencies": ["b"]}, {"id": "b", "cmd": "x", "dependencies": [1️⃣"a"]}]"#,
            "/a → /b → /a"
        ),
        (#"{"id": "a", "cmd": "x", "dependencies": [1️⃣"a"]}"#, "/a → /a"),
        (#"{"id": "a", "container": {"type": 1️⃣"DOKCER", "docker": {"image": "web"}}}"#, "did you mean `DOCKER`?"),
        (#"{"id": "a", "container": 1️⃣{"type": "DOCKER"}}"#, "needs `docker.image`"),
        (#"{"id": "a", "container": {"type": "DOCKER", "docker": {"image": 1️⃣"wbe"}}}"#, "did you mean `web`?"),
        (#"{"id": "a", "cmd": "x", "env": {"P": "x 1️⃣${var:p}"}}"#, "`vars` has no `p`"),
        (#"{"id": "/g", "groups": 1️⃣{}}"#, "must be a list"), (#"1️⃣"text""#, "must be a mapping"),
        (#"{"id": "a", "cmd": "x", 1️⃣"cmd": "y"}"#, "duplicate key `cmd`"),
        (#"{"id": "a", "cmd": "x"1️⃣;}"#, "expected `,` or `}`"),
    ]

    @Test(arguments: faulty.indices) func faultsAreAtTheirPlaces(index: Int) {
        let (source, problem) = Self.faulty[index]
        let marked = MarkedText(source, file: "apps/x.json")
        let reading = read(["apps/x.json": marked.text])
        #expect(reading.errors.map(\.position) == marked.marks, "\(reading.errors)")
        #expect(reading.errors.first?.description.contains(problem) == true, "\(reading.errors)")
    }

    @Test func servicePortsAreUniqueOverFiles() {
        let reading = read([
            "apps/a.json": #"{"id": "a", "cmd": "x", "ports": [0, 81]}"#,
            "apps/b.json":
                #"{"id": "b", "container": {"docker": {"image": "web", "portMappings": [{"servicePort": 81}]}}}"#,
        ])
        #expect(reading.errors.map(\.message) == ["service port 81 belongs to app `/a` (apps/a.json:1:38)"])
        #expect(reading.errors.first?.position.file == "apps/b.json")
    }

    @Test func aDependencyOnAGroupCountsItsApps() {
        let reading = read([
            "apps/a.json":
                #"[{"id": "/g/x", "cmd": "x", "dependencies": ["/y"]}, {"id": "y", "cmd": "x", "dependencies": ["/g"]}]"#
        ])
        #expect(reading.errors.map(\.message) == ["apps wait for one another: /g/x → /y → /g/x"])
    }

    @Test func faultsOfOneFileHideNoneOfAnother() {
        let reading = read(["apps/a.json": "{", "apps/b.json": #"{"id": "B"}"#, "apps/c.yaml": "id: c\ncmd: x\n"])
        #expect(Set(reading.errors.map(\.position.file)) == ["apps/a.json", "apps/b.json"])
        #expect(reading.apps.map(\.id.value).contains("/c"))
        #expect(reading.spec == nil)
    }

    @Test func aFileThatCannotBeReadIsAFault() {
        var source = MemorySource(["cluster.yaml": Self.cluster])
        source.unreadable = ["apps/a.json"]
        let reading = SpecReader.read("cluster.yaml", from: source)
        #expect(reading.errors.map(\.message) == ["apps/a.json: permission denied"])
        #expect(reading.errors.first?.position.line == 10)
    }

    @Test func aMissingFileIsAFault() {
        let reading = SpecReader.read("cluster.yaml", from: MemorySource([:]))
        #expect(reading.errors.map(\.description) == ["cluster.yaml:1:1: error: there is no file `cluster.yaml`"])
    }

    @Test func filesAreNamedBesideTheLabel() {
        let source = MemorySource(["cluster.yaml": Self.cluster, "apps/a.json": #"{"id": "A", "cmd": "x"}"#])
        let reading = SpecReader.read("cluster.yaml", from: source, named: "envs/east/cluster.yaml")
        #expect(reading.errors.map(\.position.description) == ["envs/east/apps/a.json:1:8"])
        #expect(reading.texts.keys.sorted() == ["envs/east/apps/a.json", "envs/east/cluster.yaml"])
    }
}
