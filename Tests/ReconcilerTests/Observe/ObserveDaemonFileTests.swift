import Reconciler
import Specs
import Testing

/// Docker's daemon.json as it is kept: nothing sensitive in it, and what is declared as it is declared.
@Suite struct ObserveDaemonFileTests {
    static let path = "/etc/docker/daemon.json"
    static let reference = SecretReference.environment("SECRET")

    private func seen(_ text: String) throws -> ObservedFile {
        var spec = ObserveSample.cluster()
        let secret = Content([.secret(Self.reference)])
        spec.docker.daemon = [
            ObserveSample.setting("log-opts", "{\"splunk-token\": \"" + secret + "\", \"tag-key\": \"plain\"}"),
            ObserveSample.setting("registry-mirrors", "[\"https://u:" + secret + "@m.example.org\"]"),
        ]
        let seen = try ObserveSample.observed(
            "a1",
            in: spec,
            answers: [.file(path: Self.path): .file(ObserveSample.file(Self.path, text))],
            secrets: SecretStore([Self.reference: "s3cr3t"])
        )
        return try #require(seen.files[Self.path]?.value)
    }

    @Test(arguments: [
        (#"{"log-opts": {"splunk-token": "s3cr3t"}}"#, #"{"log-opts": {"splunk-token": "${env:SECRET}"}}"#),
        (#"{"log-opts": {"splunk-token": "an other"}}"#, #"{"log-opts": {"splunk-token": •••}}"#),
        (#"{"log-opts": {"tag-key": "plain"}}"#, #"{"log-opts": {"tag-key": "plain"}}"#),
        (#"{"x-secret": {"a": ["b"]}, "debug": true}"#, #"{"x-secret": •••, "debug": true}"#),
        (#"{"tlskey": "/etc/docker/key.pem"}"#, #"{"tlskey": "/etc/docker/key.pem"}"#),
        (
            #"{"registry-mirrors": ["https://u:s3cr3t@m.example.org"]}"#,
            #"{"registry-mirrors": ["https://u:${env:SECRET}@m.example.org"]}"#
        ),
        (#"{"registry-mirrors": ["https://u:other@m"]}"#, #"{"registry-mirrors": ["https://•••@m"]}"#),
        (#"{"labels": ["password=abc"]}"#, #"{"labels": ["password=•••"]}"#),
        ("{\n  \"debug\" : true\n}\n", "{\n  \"debug\" : true\n}\n"),
        ("{ \"token\": \"abc\", }", "{ \"token\": \"•••\", }"),
    ])
    func nothingSensitiveIsKept(text: String, shown: String) throws {
        let file = try seen(text)
        #expect(file.content?.shown == shown)
        let isStamped = file.version == .stamp("stamp-of-\(Self.path)")
        #expect(isStamped == (file.content?.isSensitive ?? true))
    }
}
