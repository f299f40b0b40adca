import FoundationEssentials
import Specs
import Testing

@testable import Reconciler

/// Keys that gpg made, and the fingerprints it printed of them.
enum SampleKeys {
    static let rsa = "AD9EA7B5D2FE82E37C6E790D694E533F02FAA0CC"
    static let rsaSubkey = "F840C68A42402174608C74DB21F616ECC5F0EEA4"
    static let ed25519 = "3F7D008DDFCFEA92963CB29304FF741A5F41B5EA"

    static func file(_ name: String) throws -> [UInt8] {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        let path = "\(root)/Tests/SpecsTests/OpenPGP/Fixtures/\(name).asc"
        return Array(try #require(FileManager.default.contents(atPath: path), "no file \(path)"))
    }

    static func keyring(_ name: String) throws -> OpenPGPKeyring { try OpenPGPKeyring(try file(name)) }
}

@Suite struct KeyFingerprintTests {
    private struct Files: SpecSource {
        var files: [String: [UInt8]]
        func bytes(of path: String) throws(SpecSourceError) -> [UInt8]? { files[path] }
        func paths(matching glob: String) throws(SpecSourceError) -> [String] { [] }
    }

    private func read(_ name: String, _ fingerprint: String) throws -> SpecReading {
        let text = """
            version: 1
            cluster: c
            nodes:
              m1: {address: 10.0.0.1, roles: [docker]}
            repositories:
              site:
                uri: https://p.example.org/debian
                suite: ./
                key: k.asc
                fingerprint: \(fingerprint)
            """
        let source = Files(files: ["cluster.yaml": Array(text.utf8), "k.asc": try SampleKeys.file(name)])
        return SpecReader.read("cluster.yaml", from: source)
    }

    @Test("fingerprints are those that gpg prints")
    func sameAsGPG() throws {
        let keys = try SampleKeys.keyring("both").keys
        #expect(keys.map(\.material.fingerprint) == [SampleKeys.rsa, SampleKeys.ed25519])
        #expect(keys.first?.subkeys.map(\.fingerprint) == [SampleKeys.rsaSubkey])
    }

    @Test("a reading whose keys are the declared ones stays as it is")
    func agreed() throws {
        let spaced = "AD9E A7B5 D2FE 82E3 7C6E  790D 694E 533F 02FA A0CC"
        for (file, fingerprint) in [
            ("rsa2048", spaced), ("ed25519", SampleKeys.ed25519.lowercased()),
            ("both", "[\(SampleKeys.ed25519), \(SampleKeys.rsa)]"),
        ] {
            let reading = try read(file, fingerprint).checkingFingerprints()
            #expect(reading.spec != nil && reading.diagnostics == [], "\(file)")
        }
    }

    @Test("another key than the declared one is an error at the fingerprint, with both")
    func another() throws {
        let reading = try read("ed25519", SampleKeys.rsa).checkingFingerprints()
        #expect(reading.spec == nil)
        let error = try #require(reading.errors.first)
        #expect(reading.errors.count == 1)
        #expect(error.position == SourcePosition(file: "cluster.yaml", line: 10, column: 18))
        #expect(
            error.message == "`repositories.site`: the fingerprint \(SampleKeys.rsa) is declared and `k.asc` holds "
                + "\(SampleKeys.ed25519) (Example Archive (new) <archive@example.org>)"
        )
        #expect(error.hint?.contains("nothing is written") ?? false)
    }

    @Test("a key more than the declared ones is an error at the file")
    func oneMore() throws {
        let reading = try read("both", SampleKeys.rsa).checkingFingerprints()
        #expect(reading.spec == nil && reading.errors.count == 1)
        #expect(reading.errors.first?.position.line == 9)
        #expect(reading.errors.first?.message.contains("also holds the key \(SampleKeys.ed25519)") ?? false)
    }

    @Test("the fingerprint of a subkey is told apart from a wrong one")
    func subkey() throws {
        let errors = try read("rsa2048", SampleKeys.rsaSubkey).checkingFingerprints().errors
        #expect(
            errors.map(\.message) == [
                "`repositories.site.fingerprint`: \(SampleKeys.rsaSubkey) is a subkey of the key \(SampleKeys.rsa) in `k.asc`"
            ]
        )
    }
}
