import FoundationEssentials
import Testing

@testable import Specs

/// Keys that gpg 2.2 made for these tests.
enum SampleKey: String, CaseIterable {
    case rsa2048, ed25519, both

    var text: String {
        get throws { try Repository.text("Tests/SpecsTests/OpenPGP/Fixtures/\(rawValue).asc") }
    }

    var keyring: OpenPGPKeyring {
        get throws { try OpenPGPKeyring(Array(try text.utf8)) }
    }
}

@Suite struct KeyringTests {
    @Test("an armored file and the same file without armor hold the same key")
    func armorIsOnlyArmor() throws {
        let path = Repository.root + "/Tests/SpecsTests/OpenPGP/Fixtures/rsa2048.gpg"
        let binary = try OpenPGPKeyring(Array(try #require(FileManager.default.contents(atPath: path))))
        #expect(binary == (try SampleKey.rsa2048.keyring))
        let key = try #require(binary.keys.first)
        #expect(binary.keys.count == 1 && key.subkeys.count == 1)
        #expect(key.userIDs == ["Example Archive <archive@example.org>"])
        // Length and version of the packet that `gpg --list-packets` names: 269 bytes.
        #expect(key.material.digest == .sha1 && key.material.bytes.prefix(4) == [0x99, 0x01, 0x0d, 0x04])
    }

    @Test("what is written armored is what gpg writes", arguments: SampleKey.allCases)
    func armorIsGPGs(_ sample: SampleKey) throws {
        #expect(try sample.keyring.armored == sample.text)
    }

    @Test("a file may hold several keys, in one block or in several, with text around them")
    func severalKeys() throws {
        let both = try SampleKey.both.keyring
        #expect(
            both.keys.map(\.userIDs.first) == [
                "Example Archive <archive@example.org>", "Example Archive (new) <archive@example.org>",
            ]
        )
        let blocks = "the keys of example.org\r\n" + (try SampleKey.rsa2048.text) + "\n" + (try SampleKey.ed25519.text)
        #expect(try OpenPGPKeyring(Array(blocks.utf8)) == both)
        let windows = try SampleKey.both.text.split(separator: "\n", omittingEmptySubsequences: false)
            .joined(separator: "\r\n")
        #expect(try OpenPGPKeyring(Array(windows.utf8)) == both)
        let old = try SampleKey.both.text.replacing(
            "BLOCK-----\n\n",
            with: "BLOCK-----\nVersion: GnuPG v1\nComment: x\n\n"
        )
        #expect(try OpenPGPKeyring(Array(old.utf8)) == both)
    }

    @Test("packets are read in the old format and in the new, whatever the form of their lengths")
    func formats() throws {
        let sample = try SampleKey.both.keyring
        let packets = try OpenPGPPacket.all(in: sample.bytes)
        // The tags, as gpg lists them.
        let tags: [UInt8] = [6, 13, 2, 14, 2, 6, 13, 2]
        #expect(packets.count == tags.count)
        for form in 0..<5 {
            let bytes = zip(tags, packets).flatMap { tag, packet in header(tag, packet.body.count, form) + packet.body }
            #expect(try OpenPGPKeyring(bytes).keys == sample.keys, "form \(form)")
        }
    }

    /// New format with the shortest length or four octets; old format with one octet (where it fits), two, four.
    private func header(_ tag: UInt8, _ count: Int, _ form: Int) -> [UInt8] {
        let four = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
        switch form {
        case 0 where count < 192: return [0xc0 | tag, UInt8(count)]
        case 0 where count < 8384:
            return [0xc0 | tag, UInt8((count - 192) >> 8 + 192), UInt8(truncatingIfNeeded: count - 192)]
        case 0, 1: return [0xc0 | tag, 255] + four
        case 2 where count < 256: return [0x80 | tag << 2, UInt8(count)]
        case 2, 3: return [0x81 | tag << 2] + four.suffix(2)
        default: return [0x82 | tag << 2] + four
        }
    }

    @Test("versions 5 and 6 are digested with four octets of length (RFC 9580 5.5.4)")
    func laterVersions() throws {
        for (version, mark) in [(UInt8(5), UInt8(0x9a)), (6, 0x9b)] {
            let body: [UInt8] = [version, 0, 0, 0, 1, 27, 7]
            let key = try #require(try OpenPGPKeyring([0xc6, 7] + body).keys.first)
            #expect(key.material == OpenPGPMaterial(digest: .sha256, bytes: [mark, 0, 0, 0, 7] + body))
        }
    }

    @Test("what is no file of public keys is refused, and it is said why")
    func faults() throws {
        let good = try SampleKey.ed25519.text
        let bytes = try SampleKey.ed25519.keyring.bytes
        let cases: [([UInt8], String)] = [
            ([], "empty"),
            (Array("<html>Not found</html>".utf8), "neither armored nor"),
            (Array(good.replacing("PUBLIC", with: "PRIVATE").utf8), "PRIVATE key"),
            (Array(good.replacing("PUBLIC KEY BLOCK", with: "MESSAGE").utf8), "no public key"),
            (Array(good.replacing("=bVSz", with: "=bVSy").utf8), "checksum"),
            (Array(good.replacing("mDMEawP7", with: "mDMEawP8").utf8), "checksum"),
            (Array(good.replacing("mDMEawP7", with: "mDMEa*P7").utf8), "base64"),
            (Array(good.replacing("-----END PGP PUBLIC KEY BLOCK-----", with: "").utf8), "cut off"),
            (Array((good + good.dropLast(40)).utf8), "no END"),
            (Array(bytes.dropLast()), "cut off in packet 3"),
            ([0x95, 0, 1, 4], "PRIVATE key"), ([0xc5, 1, 4], "PRIVATE key"), ([0xc7, 1, 4], "PRIVATE key"),
            ([0xc6, 1, 3], "version 3"), ([0xc6, 0], "empty"), ([0xc6], "cut off"), ([0xc6, 0xe1, 4, 4], "in parts"),
            ([0x9b, 4], "no length"), ([0xcd, 1, 65], "begins with a user ID"), ([0xce, 1, 4], "begins with a subkey"),
            ([0xc2, 0], "holds no public key"), ([0xd2, 0], "type 18"),
            ([0, 0, 0, 32, 1, 1, 0, 2] + Array("KBXf".utf8), "keybox"),
            (bytes + [0x41], "packet 4 begins"),
            (
                Array(repeating: 0xca, count: 1) + [255, 0, 1, 0, 0] + [UInt8](repeating: 0, count: 65_536),
                "larger than"
            ),
        ]
        for (file, words) in cases {
            do {
                _ = try OpenPGPKeyring(file)
                Issue.record("\(words): it was taken")
            } catch {
                #expect(error.message.contains(words), "\(error.message)")
            }
        }
    }

    @Test("any part and any damage of a file is read or refused, never trapped over")
    func damage() throws {
        let bytes = try SampleKey.both.keyring.bytes
        let text = Array(try SampleKey.ed25519.text.utf8)
        for end in stride(from: 0, to: bytes.count, by: 7) { _ = try? OpenPGPKeyring(Array(bytes[..<end])) }
        for index in stride(from: 0, to: bytes.count, by: 3) {
            for value in [UInt8(0), 0x7f, 0x80, 0xff] {
                var damaged = bytes
                damaged[index] = value
                _ = try? OpenPGPKeyring(damaged)
            }
        }
        for index in text.indices {
            var damaged = text
            damaged[index] = UInt8(ascii: "\n")
            _ = try? OpenPGPKeyring(damaged)
            _ = try? OpenPGPKeyring(Array(text[..<index]))
        }
    }

    @Test("base64 is what the decoder reads back", arguments: 0...10)
    func base64(_ count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 97 &+ 200) }
        #expect(Base64.decode(Base64.encode(bytes).utf8) == bytes)
    }
}
