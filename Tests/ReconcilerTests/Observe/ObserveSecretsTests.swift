import Reconciler
import Specs
import Testing

@Suite struct ObserveSecretsTests {
    static let reference = SecretReference.environment("SECRET")
    static let secrets = SecretStore([reference: "s3cr3t"])

    private func spec() -> ClusterSpec {
        var spec = ObserveSample.cluster()
        spec.marathon?.httpCredentials = ObserveSample.located("admin:" + Content([.secret(Self.reference)]))
        return spec
    }

    private func file(_ path: String, _ text: String) throws -> ObservedFile {
        let seen = try ObserveSample.observed(
            "m1",
            in: spec(),
            answers: [.file(path: path): .file(ObserveSample.file(path, text))],
            secrets: Self.secrets
        )
        return try #require(seen.files[path]?.value)
    }

    @Test(arguments: [
        ("MARATHON_HTTP_CREDENTIALS='admin:s3cr3t'\n", "MARATHON_HTTP_CREDENTIALS='admin:${env:SECRET}'\n"),
        ("MARATHON_HTTP_CREDENTIALS=admin:s3cr3t\n", "MARATHON_HTTP_CREDENTIALS=admin:${env:SECRET}\n"),
        ("MARATHON_HTTP_CREDENTIALS=admin:other\nB=1\n", "MARATHON_HTTP_CREDENTIALS=•••\nB=1\n"),
        ("#MARATHON_HTTP_CREDENTIALS=admin:other\n", "#MARATHON_HTTP_CREDENTIALS=•••\n"),
        ("export MARATHON_HTTP_CREDENTIALS=\"a b\"\n", "export MARATHON_HTTP_CREDENTIALS=•••\n"),
        ("MARATHON_ZK=zk://u:p@h:2181/marathon\n", "MARATHON_ZK=zk://•••@h:2181/marathon\n"),
        ("MARATHON_SSL_KEYSTORE_PASSWORD='two\nlines'\nB=1\n", "MARATHON_SSL_KEYSTORE_PASSWORD=•••\nB=1\n"),
        (
            "JAVA_OPTS=\"-Xmx1g -Dx.keyStorePassword=abc -Dy=z\"\n",
            "JAVA_OPTS=\"-Xmx1g -Dx.keyStorePassword=••• -Dy=z\"\n"
        ),
        ("OPTS='--http_credentials a:b --zk x'\n", "OPTS='--http_credentials ••• --zk x'\n"),
        ("MARATHON_HOSTNAME=s3cr3t\n", "MARATHON_HOSTNAME=${env:SECRET}\n"),
    ])
    func nothingSensitiveOfAVariablesFileIsKept(text: String, shown: String) throws {
        let seen = try file("/etc/default/marathon", text)
        #expect(seen.content?.shown == shown)
        #expect(seen.version == .stamp("stamp-of-/etc/default/marathon"))
    }

    @Test func aHarmlessFileKeepsItsDigest() throws {
        let seen = try file("/etc/default/marathon", "MARATHON_HOSTNAME=h\n")
        #expect(seen.version == .digest(sha256("MARATHON_HOSTNAME=h\n")))
    }

    @Test(arguments: [
        ("/etc/marathon/conf/http_credentials", "admin:other\n", "•••\n"),
        ("/etc/marathon/conf/http_credentials", "admin:s3cr3t\n", "admin:${env:SECRET}\n"),
        ("/etc/mesos-master/credentials", "/etc/mesos/creds\n", "/etc/mesos/creds\n"),
        ("/etc/mesos-master/credentials", "{\"credentials\":[]}", "•••"),
        ("/etc/mesos-master/zk", "zk://u:p@h/mesos\n", "zk://•••@h/mesos\n"),
        ("/etc/mesos-master/quorum", "2\n", "2\n"),
    ])
    func flagFilesAreJudgedByTheirNames(path: String, text: String, shown: String) throws {
        let isMarathons = path.hasPrefix("/etc/marathon")
        let directory = isMarathons ? "/etc/marathon/conf" : "/etc/mesos-master"
        let seen = try ObserveSample.observed(
            "m1",
            in: spec(),
            answers: [
                .directory(path: directory, recursive: isMarathons): .directory(
                    path: directory,
                    entries: [ObserveSample.file(path, text)]
                )
            ],
            secrets: Self.secrets
        )
        let file = try #require(seen.files[path]?.value)
        #expect(file.content?.shown == shown)
        let isStamped = file.version == .stamp("stamp-of-\(path)")
        #expect(isStamped == (file.content?.isSensitive ?? true))
    }

    @Test func processesAreMaskedToo() throws {
        let service = ServiceAnswer(
            name: .marathon,
            boot: .on,
            run: .running,
            pid: 7,
            arguments: [
                "java", "-Djavax.net.ssl.keyStorePassword=abc", "mesosphere.marathon.Main", "--http_credentials", "x:y",
                "--zk", "zk://u:p@h/m", "--mesos_authentication_secret=abc", "--hostname", "s3cr3t",
            ],
            environment: [
                "MARATHON_HTTP_CREDENTIALS=admin:s3cr3t", "MESOS_CREDENTIALS=abc", "MARATHON_ZK=zk://u:p@h/m",
            ],
            copies: [RunningCopy(path: "/etc/default/marathon", content: "MARATHON_HTTP_CREDENTIALS=x:y\n")],
            detail: "failed: --http_credentials x:y"
        )
        let seen = try ObserveSample.observed(
            "m1",
            in: spec(),
            answers: [.service(.marathon): .service(service)],
            secrets: Self.secrets
        )
        let marathon = try #require(seen.services[.marathon]?.value)
        #expect(
            marathon.arguments.map(\.shown) == [
                "java", "-Djavax.net.ssl.keyStorePassword=•••", "mesosphere.marathon.Main", "--http_credentials", "•••",
                "--zk", "zk://•••@h/m", "--mesos_authentication_secret=•••", "--hostname", "${env:SECRET}",
            ]
        )
        #expect(
            marathon.environment.mapValues(\.shown) == [
                "MARATHON_HTTP_CREDENTIALS": "admin:${env:SECRET}", "MESOS_CREDENTIALS": "•••",
                "MARATHON_ZK": "zk://•••@h/m",
            ]
        )
        #expect(marathon.copies["/etc/default/marathon"]?.shown == "MARATHON_HTTP_CREDENTIALS=•••\n")
        #expect(marathon.detail == "failed: --http_credentials •••")
    }

    @Test func reasonsAreMaskedToo() throws {
        let seen = try ObserveSample.observed(
            "m1",
            in: spec(),
            answers: [.clock: .unknown(reason: "date: s3cr3t --http_credentials a:b zk://u:p@h/x")],
            secrets: Self.secrets
        )
        #expect(seen.clock == .unknown("date: ${env:SECRET} --http_credentials ••• zk://•••@h/x"))
    }

    @Test func aDaemonsOwnDataIsNotLookedInto() throws {
        let path = "/var/lib/zookeeper/version-2"
        let seen = try ObserveSample.observed(
            "m1",
            answers: [
                .directory(path: path, recursive: false): .directory(
                    path: path,
                    entries: [ObserveSample.file("\(path)/log.1", "digest:user:pw")]
                )
            ]
        )
        let entry = try #require(seen.directories[path]?.value?.first)
        #expect(entry.content == nil)
        #expect(entry.version == .stamp("stamp-of-\(path)/log.1"))
    }

    @Test func secretsThatAFileCannotHoldAreNamed() {
        let desired = DesiredCluster(spec(), platforms: [:])
        #expect(desired.unwritableSecrets(Self.secrets).isEmpty)
        #expect(
            desired.unwritableSecrets(SecretStore([Self.reference: "it's"])) == [
                "${env:SECRET}: it has a quote, backslash, dollar or newline, which /etc/default/marathon cannot hold"
            ]
        )
    }
}
