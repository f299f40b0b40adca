import Testing

@testable import Specs

@Suite struct DockerDaemonTests {
    private func read(_ daemon: String, docker: String = "20.10.24") -> SpecReading {
        let more = "versions: {docker: \(docker)}\ndocker: {daemon: \(daemon)}"
        return ImageSample.read(ImageSample.cluster("web: {to: d}", more: more))
    }

    @Test(arguments: [
        ("true", "true"), ("5", "5"), ("1.5e3", "1.5e3"), ("text", #""text""#), ("'5'", #""5""#), ("0755", #""0755""#),
        ("~", "null"), ("[a, 1, false]", #"["a", 1, false]"#), ("{a: {b: [c]}}", #"{"a": {"b": ["c"]}}"#),
        (#""a\"b\\c""#, #""a\"b\\c""#), ("[]", "[]"), ("'${env:X}'", #""${env:X}""#),
    ])
    func aValueIsReadAsJSON(written: String, json: String) throws {
        let reading = read("{key: \(written)}")
        #expect(try reading.checked().docker.daemon.map { $0.value.value.shown } == [json])
    }

    @Test func everyNodeWithAnEngineGetsTheFile() throws {
        let spec = try read("{live-restore: true, insecure-registries: [\"r.io:5000\"]}").checked()
        let desired = DesiredCluster(spec, platforms: [:])
        #expect(desired.nodes.filter { $0.file(DockerRole.daemonFile) != nil }.map(\.name) == ["a1", "a2", "d"])
        let file = try #require(desired.node("d")?.file("/etc/docker/daemon.json"))
        guard case .keyed(let edit) = file.body else { throw Unexpected() }
        #expect(edit.format == .json && edit.remove == [] && edit.ownedPrefixes == [])
        #expect(edit.texts == ["live-restore": "true", "insecure-registries": #"["r.io:5000"]"#])
        #expect(file.readBy == [.docker] && file.shippedBy == nil && file.mode == nil)
        #expect(file.reason.position?.line == spec.docker.daemon.first?.name.position.line)
    }

    private struct Unexpected: Error {}

    @Test func withoutKeysThereIsNoFile() throws {
        let desired = DesiredCluster(try read("{}").checked(), platforms: [:])
        #expect(desired.nodes.allSatisfy { $0.file(DockerRole.daemonFile) == nil })
    }

    @Test func itsSecretsAreNeeded() throws {
        let spec = try read("{log-opts: {splunk-token: '${env:SPLUNK}'}}").checked()
        #expect(spec.secretReferences == [.environment("SPLUNK")])
    }

    @Test(arguments: [("1.11.2", false), ("1.4.1", false), ("1.12.0", true), ("17.03.0", true), ("28.1", true)])
    func anEngineThatReadsNoFileIsRefused(docker: String, isFine: Bool) {
        let faults = read("{debug: true}", docker: docker).errors.filter { $0.message.contains("needs Docker 1.12") }
        #expect(faults.isEmpty == isFine)
        #expect(faults.allSatisfy { $0.hint != nil && $0.position.column > 1 })
    }

    @Test(arguments: [
        ("{log-opts: {splunk-token: abc}}", "`splunk-token` is written in clear"),
        ("{registry-mirrors: ['https://u:p@m.example.org']}", "user and password in clear"),
        ("{hosts: ['unix://']}", "with `hosts` in daemon.json too it exits"),
    ])
    func whatIsDangerousIsWarnedOf(daemon: String, says: String) {
        let warnings = read(daemon).warnings
        #expect(warnings.count == 1 && warnings[0].message.contains(says), "\(warnings)")
    }

    @Test func aKeyFileIsNoSecret() {
        #expect(read("{tlskey: /etc/docker/key.pem, log-opts: {splunk-token: '${env:T}'}}").diagnostics == [])
    }

    @Test(arguments: [
        ("debug", true), ("labels", true), ("live-restore", true), ("registry-mirrors", true), ("features", true),
        ("shutdown-timeout", true), ("storage-driver", false), ("data-root", false), ("log-driver", false), ("", false),
        ("Debug", false),
    ])
    func someKeysNeedNoRestart(key: String, isReloadable: Bool) {
        #expect(DockerDaemonKeys.isReloadable(key) == isReloadable)
    }
}
