import Specs
import Testing

@testable import Reconciler

@Suite("Secrets in apps")
struct AppMaskingTests {
    static let password = SecretReference.environment("DB_PASSWORD")
    static let secrets = SecretStore([password: "hunter2", .environment("EMPTY"): ""])
    static let reference = AppValue.text(Content([.secret(password)]))
    static let redacted = AppValue.text(Content([.redacted]))

    private func masked(_ definition: AppValue, declared: AppValue? = nil) -> AppValue {
        let app = LiveApp(id: "/x", version: "v", definition: definition, instances: 1)
        return AppMasking(secrets: Self.secrets).masked(app, declared: declared).definition
    }

    @Test func `a known value becomes its reference, wherever it stands`() {
        let definition: AppValue = [
            "cmd": "run -p hunter2 now", "env": ["DB_PASSWORD": "hunter2"], "args": ["a", "hunter2"], "cpus": 1,
            "container": ["docker": ["parameters": [["key": "env", "value": "X=hunter2"]]]],
        ]
        #expect(
            masked(definition) == [
                "cmd": .text(Content([.literal("run -p "), .secret(Self.password), .literal(" now")])),
                "env": ["DB_PASSWORD": Self.reference], "args": ["a", Self.reference], "cpus": 1,
                "container": [
                    "docker": [
                        "parameters": [
                            ["key": "env", "value": .text(Content([.literal("X="), .secret(Self.password)]))]
                        ]
                    ]
                ],
            ]
        )
    }

    @Test(
        arguments: [
            (["env": ["API_TOKEN": "abc"]], ["env": ["API_TOKEN": redacted]]),
            (["labels": ["aws_secret_access_key": "abc"]], ["labels": ["aws_secret_access_key": redacted]]),
            (["env": ["API_TOKEN": ""]], ["env": ["API_TOKEN": ""]]),
            (
                ["container": ["docker": ["parameters": [["key": "password", "value": "abc"]]]]],
                ["container": ["docker": ["parameters": [["key": "password", "value": redacted]]]]]
            ),
            (
                ["cmd": "env PASSWORD=abc ./run"],
                ["cmd": .text(Content([.literal("env PASSWORD="), .redacted, .literal(" ./run")]))]
            ),
            (
                ["cmd": "./run --api-token abc"], ["cmd": .text(Content([.literal("./run --api-token "), .redacted]))]
            ),
            (
                ["uris": ["http://me:abc@host/x.tgz"]],
                ["uris": [.text(Content([.literal("http://"), .redacted, .literal("@host/x.tgz")]))]]
            ),
        ] as [(AppValue, AppValue)]
    )
    func `what looks like a secret is redacted unless it is what is declared`(live: AppValue, shown: AppValue) {
        #expect(masked(live) == shown)
        #expect(masked(live, declared: ["id": "/x"]) == shown)
        #expect(masked(live, declared: live) == live)
    }

    @Test(
        arguments: [
            ["env": ["PATH": "/bin", "N": "1"], "cmd": "echo token", "cpus": 0.1],
            ["env": ["PW": ["secret": "name"]], "secrets": ["name": ["source": "/path"]]],
            ["container": ["docker": ["parameters": [["key": "volume-driver", "value": "x"]]]]],
            ["uris": ["http://host/x.tgz"], "constraints": [["hostname", "UNIQUE"]]],
        ] as [AppValue]
    )
    func `names of secrets and ordinary texts stay`(definition: AppValue) {
        #expect(masked(definition) == definition)
    }

    @Test(
        arguments: [
            "PASSWORD", "db-passwd", "API_TOKEN", "SSL_KEY", "MY_CREDENTIALS_X", "A_SECRET_B", "DOCKER-CONFIG",
            "DOCKER_CONFIG",
            "zookeeper.superDigest", "--http-credentials", "SECRET_FILE", "KEY_PATH", "secret_resolver", "PATH", "",
            "KEYS",
            "monkey", "Token",
        ]
    )
    func `the quick look at a name agrees with the slow one`(name: String) {
        #expect(SensitiveScan.isSensitive(name) == Redaction.isSensitive(name))
        if Redaction.isSensitive(name) { #expect(SensitiveScan.mayHold("\(name)=value")) }
    }

    @Test func `an accent behind a secret hides it not`() {
        let masked = Self.secrets.mask("hunter2\u{301}")
        #expect(masked == Content([.secret(Self.password), .literal("\u{301}")]))
        #expect(Self.secrets.mask("hunter2hunter2") == Content([.secret(Self.password), .secret(Self.password)]))
    }

    @Test func `what is declared with a reference is seen as declared`() {
        let declared: AppValue = [
            "cmd": .text(Content([.literal("run --password="), .secret(Self.password)])),
            "env": ["DB_PASSWORD": Self.reference],
        ]
        #expect(
            masked(["cmd": "run --password=hunter2", "env": ["DB_PASSWORD": "hunter2"]], declared: declared) == declared
        )
    }

    @Test func `a declared literal that holds a secret's value is compared as a reference`() {
        let declared: AppValue = ["env": ["DB_PASSWORD": "hunter2"], "cmd": "x hunter2 y"]
        #expect(masked(declared, declared: declared) == Self.secrets.normalise(declared))
        #expect(!Self.secrets.normalise(declared).references.isEmpty)
    }

    @Test(arguments: seeds(300))
    func `no text keeps a known value, and without secrets nothing changes`(seed: UInt64) {
        var numbers = SeededNumbers(seed)
        let values = ["hunter2", "hunter22", "a\"b", "é😀", "x"]
        let store = SecretStore(
            Dictionary(uniqueKeysWithValues: values.enumerated().map { (.environment("S\($0)"), $1) })
        )
        let texts = (0..<20).map { _ in
            (0..<4).map { _ in (values + ["q", "", " ", "hunte"]).randomElement(using: &numbers) ?? "" }.joined()
        }
        let app = LiveApp(
            id: "/q",
            version: "v",
            definition: ["args": .list(texts.map { .text(Content($0)) })],
            instances: 1
        )
        let items = AppMasking(secrets: store).masked(app, declared: nil).definition["args"]?.items ?? []
        for (text, item) in zip(texts, items) {
            #expect(item.content == store.mask(text), "SEED=\(seed)")
        }
        #expect(AppMasking(secrets: SecretStore()).masked(app, declared: nil) == app, "SEED=\(seed)")
    }
}
