import Testing

@testable import Specs

@Suite struct RepositoriesTests {
    static func spec() throws -> ClusterSpec {
        var spec = RolesSample.cluster()
        let keyring = try SampleKey.ed25519.keyring
        spec.other.repositories = [
            RepositorySpec(
                name: Located("mesosphere", at: RolesSample.line(60)),
                uri: RolesSample.located("http://repos.example.org/ubuntu"),
                suite: RolesSample.located("trusty"),
                components: [RolesSample.located("main")],
                key: RolesSample.located("keys/mesosphere.asc"),
                fingerprints: [RolesSample.located(RepositoryRuleTests.fingerprint.lowercased())],
                keyring: keyring
            )
        ]
        spec.other.hold = [Located("zookeeperd", at: RolesSample.line(70)), RolesSample.located("openjdk-8-jre")]
        spec.versions.mesos = RolesSample.located("0.21.1")
        return spec
    }

    static func node(_ os: String, _ manager: Platform.PackageManager = .apt) throws -> DesiredNode {
        let platform = Platform(os: os, initSystem: .systemd, packageManager: manager)
        return try #require(DesiredCluster(try spec(), platforms: ["mesos-master1": platform]).nodes.first)
    }

    @Test(
        "apt from 1.4 on trusts the key for this source alone",
        arguments: ["debian-9", "debian-12", "ubuntu-18.04", "ubuntu-22.04", "linuxmint-21", "debian"]
    )
    func signedBy(_ os: String) throws {
        let node = try Self.node(os)
        let source = "/etc/apt/sources.list.d/mesosphere.list"
        #expect(
            node.wholeTexts[source]
                == "deb [signed-by=/etc/apt/keyrings/mesosphere.asc] http://repos.example.org/ubuntu trusty main\n"
        )
        #expect(node.wholeTexts["/etc/apt/keyrings/mesosphere.asc"] == (try SampleKey.ed25519.text))
        #expect(node.file(source)?.mode == 0o644 && node.file("/etc/apt/keyrings/mesosphere.asc")?.mode == 0o644)
        let repository = try #require(node.repositories.first)
        #expect(repository.paths == ["/etc/apt/keyrings/mesosphere.asc", source])
        #expect(repository.fingerprints == [RepositoryRuleTests.fingerprint])
        #expect(repository.reason.position == RolesSample.line(60))
    }

    @Test(
        "older apt reads keys without armor, trusted for all",
        arguments: ["debian-8", "ubuntu-14.04", "ubuntu-16.04"]
    )
    func trustedParts(_ os: String) throws {
        let node = try Self.node(os)
        #expect(
            node.wholeTexts["/etc/apt/sources.list.d/mesosphere.list"]
                == "deb http://repos.example.org/ubuntu trusty main\n"
        )
        let key = try #require(node.file("/etc/apt/trusted.gpg.d/mesosphere.gpg"))
        guard case .whole(let content) = key.body else {
            Issue.record("no content")
            return
        }
        #expect(key.encoding == .base64)
        #expect(key.encoding.bytes(of: content.shown) == (try SampleKey.ed25519.keyring.bytes))
    }

    @Test("yum checks every package with the key")
    func yum() throws {
        let node = try Self.node("centos-7", .yum)
        #expect(
            node.wholeTexts["/etc/yum.repos.d/mesosphere.repo"] == """
                [mesosphere]
                name=mesosphere
                baseurl=http://repos.example.org/ubuntu
                enabled=1
                gpgcheck=1
                gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-mesosphere

                """
        )
        #expect(node.wholeTexts["/etc/pki/rpm-gpg/RPM-GPG-KEY-mesosphere"] == (try SampleKey.ed25519.text))
    }

    @Test("what is wanted on any system is among the files that are asked for")
    func paths() throws {
        let asked = Set(Repositories.paths(in: try Self.spec()))
        for (os, manager) in [("debian-12", Platform.PackageManager.apt), ("ubuntu-14.04", .apt), ("centos-7", .yum)] {
            #expect(asked.isSuperset(of: try Self.node(os, manager).repositories.flatMap(\.paths)))
        }
    }

    @Test("a suite that is missing holds the repository back on apt alone")
    func noSuite() throws {
        var spec = try Self.spec()
        spec.other.repositories[0].suite = nil
        spec.other.repositories[0].components = []
        for manager in [Platform.PackageManager.apt, .yum] {
            let platform = Platform(os: "", initSystem: .systemd, packageManager: manager)
            let node = try #require(DesiredCluster(spec, platforms: ["mesos-master1": platform]).nodes.first)
            #expect((node.repositories.first?.problem == nil) == (manager == .yum))
            #expect(node.files.contains { $0.path.contains("mesosphere.") } == (manager == .yum))
        }
    }

    @Test("held are pinned packages and those that are named, wherever they are")
    func holds() throws {
        let node = try Self.node("debian-12")
        #expect(node.packages.filter(\.holds).map(\.name).sorted() == ["mesos", "zookeeperd"])
        #expect(node.holds.map(\.name) == ["zookeeperd", "openjdk-8-jre"])
        #expect(node.holds.first?.reason.position == RolesSample.line(70))
    }
}
