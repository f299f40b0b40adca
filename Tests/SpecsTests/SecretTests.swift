import Testing

@testable import Specs

@Suite struct SecretTests {
    @Test func keepsSecretsAsReferencesAndOtherTokensAsText() throws {
        let flag = try #require(
            try read("flags: {a: \"x${env:A}y${file:b/c}z${PORT0}${MESOS_SANDBOX}$${x}\"}").flags.first
        )
        #expect(
            flag.value.value.segments == [
                .literal("x"), .secret(.environment("A")), .literal("y"), .secret(.file("b/c")),
                .literal("z${PORT0}${MESOS_SANDBOX}$${x}"),
            ]
        )
    }

    @Test func putsVariablesIn() throws {
        let marathon = try read(
            "flags: {a: \"<${var:n}-${var:n}>\", b: \"${var:s}\"}",
            vars: "{n: east, s: \"p${env:S}\"}"
        )
        #expect(marathon.flags.map(\.value.value.shown) == ["<east-east>", "p${env:S}"])
        #expect(marathon.flags[1].value.value.references == [.environment("S")])
    }

    @Test(arguments: [
        ("flags: {b: 1, a: \"12345 1️⃣${var:nope}\"}", "`vars` has no `nope`"),
        ("flags: {a: \"${var:n} ${var:n} 1️⃣${var:m}\"}", "`vars` has no `m`"),
        ("flags:\n    a: |\n      first\n      sec 1️⃣${var:nope}\n", "`vars` has no `nope`"),
        ("flags: {a: \"1️⃣${env:A B}\"}", "`${env:A B}` names no environment variable"),
        ("flags: {a: \"1️⃣${env:1A}\"}", "names no environment variable"),
        ("flags: {a: \"1️⃣${file:}\"}", "`${file:}` names no file"),
        ("flags: {a: \"x1️⃣${env:A\"}", "`${env:` has no closing brace"),
        ("zk: 1️⃣/m${env:A}", "`marathon.zk` cannot hold a secret"),
    ])
    func reportsWhatItCannotPutIn(source: String, problem: String) throws {
        let marked = MarkedText(clusterText("  " + source, vars: "{n: east}"))
        let reading = SpecReader.read("cluster.yaml", from: MemorySource(["cluster.yaml": marked.text]))
        #expect(reading.errors.map(\.position) == marked.marks, "\(reading.errors)")
        #expect(reading.errors.first?.description.contains(problem) == true, "\(reading.errors)")
    }

    @Test func aVariableCannotUseAnother() {
        let reading = SpecReader.read(
            "cluster.yaml",
            from: MemorySource(["cluster.yaml": clusterText("  zk: /m", vars: "{a: x, b: \"${var:a}\"}")])
        )
        #expect(reading.errors.map(\.message) == ["a variable cannot use another one"])
    }

    @Test func variablesArePutInOutsideOfFlagsToo() throws {
        let used = SpecReader.read("c", from: MemorySource(["c": clusterText("  zk: /${var:n}", vars: "{n: x}")]))
        #expect(used.spec?.marathon?.zkPath.value == "/x")
    }

    @Test(arguments: [
        "httpCredentials: 1️⃣admin:admin", "token: 1️⃣hush", "flags: {mesos_authentication_secret: 1️⃣hush}",
        "flags: {plugin_conf: 1️⃣http://u:p@h/x}",
    ])
    func warnsOfSecretsInClear(source: String) {
        let marked = MarkedText(clusterText("  " + source, vars: "{n: x}"))
        let reading = SpecReader.read("cluster.yaml", from: MemorySource(["cluster.yaml": marked.text]))
        #expect(reading.errors == [])
        #expect(reading.warnings.map(\.position) == marked.marks)
        #expect(!reading.warnings.contains { $0.description.contains("hush") || $0.description.contains("admin") })
    }

    @Test(arguments: [
        ("https://admin:pw@h", "it holds a user", "httpCredentials"),
        ("http://h:99999", "no number from 1 to 65535", "PORT"),
        ("http://h:0", "its port", "PORT"), ("http://", "it names no host", "HOST"),
        ("http://[fd00::g]", "no IPv6 address", "HOST"), ("ftp://h", "no URL", "http://"),
        ("h:8080", "no URL", "http://"), ("'http://h h'", "a space", "percent-encode"),
        ("http://h/?x=1", "a query", "leave out"), ("'http://h/#apps'", "a fragment", "leave it out"),
    ])
    func refusesAnEndpointThatIsNone(url: String, fault: String, move: String) throws {
        let marked = MarkedText(clusterText("  endpoint: 1️⃣\(url)", vars: "{n: x}"))
        let reading = SpecReader.read("cluster.yaml", from: MemorySource(["cluster.yaml": marked.text]))
        let error = try #require(reading.errors.first)
        #expect(reading.errors.count == 1 && reading.warnings == [])
        #expect(error.position == marked.marks.first)
        #expect(error.message.contains(fault) && error.hint?.contains(move) == true, "\(error)")
        #expect(!error.description.contains("admin"))
    }

    @Test(arguments: [
        "httpCredentials: admin:${env:PW}", "flags: {mesos_authentication_secret_file: /etc/secret}",
        "flags: {ssl_keystore_password: \"${file:pw}\"}", "flags: {plugin_conf: \"http://u:${env:P}@h/x\"}",
    ])
    func isSilentAboutReferences(source: String) {
        let reading = SpecReader.read("c", from: MemorySource(["c": clusterText("  " + source, vars: "{n: x}")]))
        #expect(reading.diagnostics == [])
    }

    private func read(_ marathon: String, vars: String = "{}") throws -> MarathonSpec {
        let text = clusterText("  " + marathon, vars: vars)
        let spec = try SpecReader.read("c", from: MemorySource(["c": text])).checked()
        return try #require(spec.marathon)
    }

    private func clusterText(_ marathon: String, vars: String) -> String {
        """
        version: 1
        cluster: one
        nodes: {m: {address: 10.0.0.1, roles: [zookeeper, mesos-master, marathon]}}
        zookeeper: {ensemble: {1: m}}
        mesos: {quorum: 1}
        vars: \(vars)
        marathon:
        \(marathon)

        """
    }
}
