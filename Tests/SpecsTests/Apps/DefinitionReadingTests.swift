import Testing

@testable import Specs

/// Definitions are typed by the table of fields, with variables and secrets put in, and every field has its place.
@Suite struct DefinitionReadingTests {
    @Test("YAML and JSON of one app give one definition")
    func formsAgree() throws {
        let json = """
            {"id": "/shop/web", "cmd": "run ${PORT0} ${MESOS_SANDBOX}", "instances": 2, "cpus": 0.5, "mem": 64.0,
             "env": {"A": "80", "B": "no", "C": ""}, "labels": {"x.y": "1"}, "requirePorts": true, "args": null,
             "healthChecks": [{"path": "/", "portIndex": 0}], "dependencies": ["db"],
             "unreachableStrategy": "disabled", "constraints": [["hostname", "UNIQUE"]]}
            """
        let yaml = """
            id: /shop/web
            cmd: run ${PORT0} ${MESOS_SANDBOX}
            instances: 2
            cpus: 5e-1
            mem: 64
            env: {A: "80", B: no, C: ""}
            labels: {x.y: "1"}
            requirePorts: true
            args: ~
            healthChecks:
              - path: /
                portIndex: 0
            dependencies: [/db]
            unreachableStrategy: disabled
            constraints: [[hostname, UNIQUE]]
            """
        let first = AppSample.read(["apps/a.json": json])
        let second = AppSample.read(["apps/a.yaml": yaml])
        #expect(first.errors == [] && second.errors == [])
        let definition = try #require(first.apps.first).definition
        #expect(definition == second.apps.first?.definition)
        #expect(definition["env"] == ["A": "80", "B": "no", "C": ""])
        #expect(definition["dependencies"] == ["/db"])
        #expect(definition["mem"]?.number == 64)
        #expect(definition["args"] == nil)
    }

    @Test("every field has its place by its full path")
    func placesByPath() throws {
        let source = """
            1️⃣{"id": 2️⃣"a", "cmd": "run", "env": 3️⃣{"PATH": 4️⃣"/bin"},
             "healthChecks": [5️⃣{"path": 6️⃣"/"}], "container": {"docker": {"image": 7️⃣"web"}}}
            """
        let marked = MarkedText(source, file: "apps/a.json")
        let app = try #require(AppSample.read(["apps/a.json": marked.text]).apps.first)
        let paths = ["id", "env", "env.PATH", "healthChecks[0]", "healthChecks[0].path", "container.docker.image"]
        #expect([app.position] + paths.map { app.positions[$0] } == marked.marks)
        #expect(app.position(of: "healthChecks[0].portIndex") == app.positions["healthChecks[0]"])
        #expect(app.position(of: "") == app.positions["id"])
    }

    @Test("a variable is put in, as a number or a truth value where the field is one")
    func variables() throws {
        let yaml = """
            id: a
            cmd: run ${var:name}-${var:n}
            instances: ${var:n}
            requirePorts: ${var:yes}
            env: {N: "${var:n}", P: "${PORT0}", S: "x${env:KEY}", F: "${file:key}"}
            """
        let reading = AppSample.read(["apps/a.yaml": yaml])
        #expect(reading.errors == [])
        let app = try #require(reading.apps.first)
        #expect(app.definition["cmd"] == "run web-3")
        #expect(app.definition["instances"] == 3)
        #expect(app.definition["requirePorts"] == true)
        #expect(app.definition["env"]?["N"] == "3")
        #expect(app.definition["env"]?["P"] == "${PORT0}")
        #expect(app.definition["env"]?["S"] == .text(Content([.literal("x"), .secret(.environment("KEY"))])))
        #expect(app.secretReferences == [.environment("KEY"), .file("key")])
        #expect(reading.spec?.secretReferences == [])
        #expect(reading.spec?.secretReferences(with: reading.apps) == [.environment("KEY"), .file("key")])
        let json = AppSample.read(["apps/a.json": #"{"id": "a", "cmd": "run", "instances": "${var:n}"}"#])
        #expect(json.apps.first?.definition["instances"] == 3)
    }

    static let faulty: [(String, String)] = [
        (#""instances": 1️⃣"2""#, "not the text \"2\""), (#""instances": 1️⃣1.5"#, "a whole number"),
        (#""instances": 1️⃣true"#, "must be a number"), (#""cpus": 1️⃣"0.5""#, "leave the quotes out"),
        (#""env": {"A": 1️⃣80}"#, "put quotes around it: \"80\""), (#""env": {"A": 1️⃣true}"#, "must be a text"),
        (#""labels": {"a": 1️⃣1.5}"#, "put quotes"), (#""labels": {"a": 1️⃣{}}"#, "must be a text, not a mapping"),
        (#""env": 1️⃣[]"#, "must be a mapping"), (#""cmd": 1️⃣5"#, "must be a text"),
        (#""args": 1️⃣"x""#, "must be a list"), (#""args": ["a", 1️⃣null]"#, "must be a text, not nothing"),
        (#""requirePorts": 1️⃣"true""#, "true or false"), (#""requirePorts": 1️⃣1"#, "true or false"),
        (#""unreachableStrategy": 1️⃣5"#, "must be"), (#""container": 1️⃣"web""#, "must be a mapping"),
        (#""healthChecks": [{"command": {"value": 1️⃣5}}]"#, "`healthChecks[0].command.value` must be a text"),
        (#""instances": 1️⃣"${env:N}""#, "cannot hold a secret"), (#""instances": 1️⃣"${var:n}0""#, "put together"),
        (#""instances": 1️⃣"${var:name}""#, "must be a number, not `web`"), (#""cmd": "x 1️⃣${var:q}""#, "no `q`"),
        (#""dependencies": [1️⃣"${env:X}"]"#, "cannot hold a secret"),
        (#""dependencies": [1️⃣"A_b"]"#, "is refused by Marathon"),
    ]

    @Test("what is of the wrong type is a fault at its place", arguments: faulty.indices)
    func wrongTypes(index: Int) {
        let (members, problem) = Self.faulty[index]
        let marked = MarkedText(AppSample.body(members), file: "apps/x.json")
        let reading = AppSample.read(["apps/x.json": marked.text])
        #expect(reading.errors.map(\.position) == marked.marks, "\(reading.errors)")
        #expect(reading.errors.first?.description.contains(problem) == true, "\(reading.errors)")
    }

    @Test("an unquoted number in YAML's env is a fault, a word that YAML might take for something is text")
    func yamlScalars() {
        let marked = MarkedText(
            "id: a\ncmd: run\nenv: {A: 1️⃣80, B: no, C: 0123, D: 5mins, E: 0x10, F: 1_0}\n",
            file: "apps/x.yaml"
        )
        let reading = AppSample.read(["apps/x.yaml": marked.text])
        #expect(reading.errors.map(\.position) == marked.marks)
        let env = reading.apps.first?.definition["env"]
        #expect(["B", "C", "D", "E", "F"].map { env?.text($0) } == ["no", "0123", "5mins", "0x10", "1_0"])
    }

    static let groups: [(String, String)] = [
        (#"{"id": "/g", 1️⃣"dependencies": ["/x"], "apps": []}"#, "say them in its apps"),
        (#"{"id": "/g", 1️⃣"pods": [{}], "apps": []}"#, "pods are not managed"),
        (#"{"id": "/g", 1️⃣"version": "x", "apps": []}"#, "leave it out"),
        (#"{"id": "/g", 1️⃣"appz": [], "apps": []}"#, "unknown key `appz`"),
        (#"{"id": "/g", "apps": [{"id": 1️⃣"versions", "cmd": "run"}]}"#, "is no URL of an app"),
        (#"{"id": "/g", "apps": [{"id": 1️⃣"", "cmd": "run"}]}"#, "must not be empty"),
        (#"{"id": "/g", "apps": [{"id": 1️⃣"${env:X}", "cmd": "run"}]}"#, "cannot hold a secret"),
    ]

    @Test("groups have ids, apps and groups, and nothing that would have to be written", arguments: groups.indices)
    func groupFaults(index: Int) {
        let (source, problem) = Self.groups[index]
        let marked = MarkedText(source, file: "apps/x.json")
        let reading = AppSample.read(["apps/x.json": marked.text])
        #expect(reading.errors.map(\.position) == marked.marks, "\(reading.errors)")
        #expect(reading.errors.first?.description.contains(problem) == true, "\(reading.errors)")
    }

    @Test("ids and dependencies are relative to the group that the app stands in")
    func relativeIDs() throws {
        let json =
            #"{"id": "/g", "groups": [{"id": "h", "apps": [{"id": "a", "cmd": "run", "dependencies": ["b", "../c", "/d"]}]}]}"#
        let app = try #require(AppSample.read(["apps/x.json": json]).apps.first)
        #expect(app.definition["id"] == "/g/h/a")
        #expect(app.definition["dependencies"] == ["/g/h/b", "/g/c", "/d"])
    }

    @Test("a dependency that no file defines is a warning, and none where a file could not be read")
    func unknownDependencies() {
        let marked = MarkedText(#"{"id": "a", "cmd": "run", "dependencies": [1️⃣"/bb", "/b"]}"#, file: "apps/a.json")
        let reading = AppSample.read(["apps/a.json": marked.text, "apps/b.json": #"{"id": "b", "cmd": "run"}"#])
        #expect(reading.errors == [])
        #expect(reading.warnings.map(\.position) == marked.marks)
        #expect(reading.warnings.first?.hint == "did you mean `/b`?")
        #expect(AppSample.read(["apps/a.json": marked.text, "apps/b.json": "{"]).warnings == [])
    }
}
