import Testing

@testable import Specs

@Suite struct RepositoryRuleTests {
    static let fingerprint = "3F7D008DDFCFEA92963CB29304FF741A5F41B5EA"

    /// A cluster with one repository of these lines, and its reading.
    static func read(
        _ repository: String,
        platform: String = "",
        name: String = "site",
        rest: String = ""
    ) throws -> SpecReading {
        let text = """
            version: 1
            cluster: c
            \(platform)
            nodes:
              m1: {address: 10.0.0.1, roles: [docker]}
            repositories:
              \(name): {\(repository)}
            \(rest)
            """
        return SpecReader.read(
            "cluster.yaml",
            from: MemorySource([
                "cluster.yaml": text, "keys/site.asc": try SampleKey.ed25519.text, "notes.txt": "no key",
            ])
        )
    }

    static let signed = "key: keys/site.asc, fingerprint: \(fingerprint)"

    @Test(
        "a repository that package managers can read is taken without a word",
        arguments: [
            "uri: 'https://p.example.org/debian', suite: bookworm, components: [main, contrib], \(signed)",
            "uri: 'http://p.example.org/debian/', suite: ./, \(signed)",
            "uri: 'https://p.example.org:8080/x~y', suite: jessie/updates, components: main",
            "uri: 'https://p.example.org/el7', key: keys/site.asc, fingerprint: [\(fingerprint)]",
            "uri: 'https://p.example.org', suite: trusty, components: [main], key: keys/site.asc, "
                + "fingerprint: 3F7D 008D DFCF EA92 963C  B293 04FF 741A 5F41 B5EA",
        ]
    )
    func taken(_ lines: String) throws {
        let reading = try Self.read(lines)
        #expect(reading.diagnostics == [])
        let spec = try reading.checked()
        #expect(spec.other.repositories.first.map { ($0.key != nil) == ($0.keyring != nil) } ?? false)
    }

    @Test(
        "what they could not read, or what nobody could check, is refused at its place",
        arguments: [
            ("uri: 'ftp://p.example.org'", "neither http:// nor https://"),
            ("uri: 'https:///debian', suite: ./", "no address"),
            ("uri: 'https://p.example.org/a b', suite: ./", "no address"),
            ("uri: 'https://p.example.org/[arch]', suite: ./", "no address"),
            ("uri: 'https://me:secret@p.example.org', suite: ./", "credentials"),
            ("uri: 'https://p.example.org', suite: bookworm", "needs `components`"),
            ("uri: 'https://p.example.org', suite: ./, components: [main]", "has no components"),
            ("uri: 'https://p.example.org', components: [main]", "without a `suite`"),
            ("uri: 'https://p.example.org', suite: /x/", "no suite"),
            ("uri: 'https://p.example.org', suite: a/../b, components: [main]", "no suite"),
            ("uri: 'https://p.example.org', suite: x, components: ['a b']", "no component"),
            ("uri: 'https://p.example.org', suite: ./, key: keys/site.asc", "without a `fingerprint`"),
            ("uri: 'https://p.example.org', suite: ./, fingerprint: \(fingerprint)", "without a `key`"),
            ("uri: 'https://p.example.org', suite: ./, key: keys/site.asc, fingerprint: 5F41B5EA", "is no fingerprint"),
            (
                "uri: 'https://p.example.org', suite: ./, key: keys/site.asc, fingerprint: [\(fingerprint), \(fingerprint)]",
                "given twice"
            ),
            (
                "uri: 'https://p.example.org', suite: ./, key: keys/none.asc, fingerprint: \(fingerprint)",
                "there is no file"
            ),
            (
                "uri: 'https://p.example.org', suite: ./, key: notes.txt, fingerprint: \(fingerprint)",
                "no file of public keys"
            ),
        ]
    )
    func refused(_ lines: String, _ words: String) throws {
        let reading = try Self.read(lines)
        let errors = reading.errors
        #expect(errors.count == 1 && reading.spec == nil, "\(errors)")
        #expect(errors.first?.message.contains(words) ?? false, "\(errors)")
        #expect(errors.first?.position.line == 7)
    }

    @Test("a key id instead of a fingerprint is refused with the reason")
    func keyID() throws {
        let lines = "uri: 'https://p.example.org', suite: ./, key: keys/site.asc, fingerprint: 04FF741A5F41B5EA"
        #expect(try Self.read(lines).errors.first?.hint?.contains("forged") ?? false)
    }

    @Test("http without a key is told and not refused")
    func plainHTTP() throws {
        let reading = try Self.read("uri: 'http://p.example.org', suite: ./")
        #expect(reading.spec != nil)
        #expect(reading.warnings.map(\.message).contains { $0.contains("http without a key") })
    }

    @Test("apt needs a suite where the platform is declared, and its files no odd names")
    func apt() throws {
        let noSuite = try Self.read("uri: 'https://p.example.org'", platform: "platform: {os: debian-12}")
        #expect(noSuite.errors.map(\.message) == ["`repositories.site` needs a `suite` for apt"])
        let yum = try Self.read("uri: 'https://p.example.org'", platform: "platform: {os: centos-7}")
        #expect(yum.errors == [])
        let odd = try Self.read("uri: 'https://p.example.org', suite: ./", name: "a+b")
        #expect(odd.errors.map(\.message) == ["`repositories.a+b`: apt would pass over a file of that name"])
    }

    @Test("what is to be held are names of packages")
    func holds() throws {
        func held(_ names: String) throws -> [Diagnostic] {
            try Self.read("uri: 'https://p.example.org', suite: ./", rest: "hold: [\(names)]").diagnostics
        }
        #expect(try held("mesos, libzookeeper-java, g++, python3.11") == [])
        #expect(try held("mesos@x").map(\.severity) == [.error])
        #expect(try held("mesos, marathon, mesos").map(\.severity) == [.warning])
    }

    @Test("what a distribution appends to a version is told not to be compared")
    func revisions() throws {
        func found(_ pin: String) throws -> [Diagnostic] {
            try Self.read("uri: 'https://p.example.org/', suite: ./, \(Self.signed)", rest: "versions: {mesos: \(pin)}")
                .diagnostics
        }
        let warnings = try found("1.10.0-2.0.1.debian9")
        #expect(warnings.map(\.severity) == [.warning] && warnings.first?.hint == "write 1.10.0")
        #expect(warnings.first?.message.contains("`1.10.0-2.0.1.debian9` stands for 1.10.0") == true)
        for pin in ["1.10.0", "'1.10'", "'1'"] { #expect(try found(pin) == [], "\(pin)") }
    }
}
