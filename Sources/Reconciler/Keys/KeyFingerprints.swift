internal import CCrypto
public import Specs

extension OpenPGPMaterial {
    /// As gpg prints it, without spaces: 40 or 64 upper-case hexadecimal digits.
    public var fingerprint: String {
        switch digest {
        case .sha1: hexadecimal(sha1(bytes)).uppercased()
        case .sha256: sha256(bytes: bytes).uppercased()
        }
    }
}

extension SpecReading {
    /// The same reading with an error for every repository whose keys are not exactly the declared ones.
    ///
    /// A file that changed its key, or has one more, is how a repository is taken over: nothing is written then.
    public func checkingFingerprints() -> SpecReading {
        guard let spec else { return self }
        let found = spec.other.repositories.flatMap(KeyFingerprints.check)
        guard !found.isEmpty else { return self }
        return SpecReading(spec: nil, diagnostics: diagnostics + found, texts: texts, apps: apps)
    }
}

/// Compares what a file of keys holds with what is declared of it.
enum KeyFingerprints {
    static func check(_ repository: RepositorySpec) -> [Diagnostic] {
        guard let key = repository.key, let keyring = repository.keyring else { return [] }
        let name = repository.name.value
        let file = key.value
        let declared = repository.fingerprints.compactMap { written in
            RepositorySpec.fingerprint(written.value).map { Located($0, at: written.position) }
        }
        let held = keyring.keys.map { ($0, $0.material.fingerprint) }
        let foreign = held.filter { key in !declared.contains { $0.value == key.1 } }
        let missing = declared.filter { fingerprint in !held.contains { $0.1 == fingerprint.value } }
        let subkeys = Dictionary(held.flatMap { key in key.0.subkeys.map { ($0.fingerprint, key.1) } }) { first, _ in
            first
        }

        var found = missing.map { fingerprint -> Diagnostic in
            if let primary = subkeys[fingerprint.value] {
                return Diagnostic(
                    .error,
                    "`repositories.\(name).fingerprint`: \(fingerprint.value) is a subkey of the key \(primary) in `\(file)`",
                    at: fingerprint.position,
                    hint: "declare the key itself, once you know that it is the right one"
                )
            }
            let words = foreign.map { $0.1 + $0.0.ownerWords }.joined(separator: ", ")
            return Diagnostic(
                .error,
                "`repositories.\(name)`: the fingerprint \(fingerprint.value) is declared and `\(file)` holds "
                    + (words.isEmpty ? "no key of it" : words),
                at: fingerprint.position,
                hint: "compare both with what the repository's owner publishes; nothing is written until they agree"
            )
        }
        if missing.isEmpty {
            found += foreign.map { other, fingerprint in
                Diagnostic(
                    .error,
                    "`repositories.\(name)`: `\(file)` also holds the key \(fingerprint)\(other.ownerWords), which is not "
                        + "declared",
                    at: key.position,
                    hint: "take it out of the file, or declare it: `fingerprint` may be a list"
                )
            }
        }
        return found
    }
}

extension OpenPGPKey {
    /// Such as ` (Archive <archive@example.org>)`.
    fileprivate var ownerWords: String { userIDs.first.map { " (\($0.prefix(80)))" } ?? "" }
}

/// SHA-1, which version 4 of OpenPGP defines fingerprints with (RFC 4880 12.2).
private func sha1(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    let succeeded = EVP_Digest(bytes, bytes.count, &digest, &length, EVP_sha1(), nil)
    precondition(succeeded == 1, "libcrypto offers no SHA-1")
    return Array(digest.prefix(Int(length)))
}
