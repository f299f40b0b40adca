/// A repository can be written as the package managers read it, and is checked against a key that is known beforehand.
enum RepositoryRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        let isApt = draft.spec.platform.map { Platform(declared: $0).packageManager == .apt } ?? false
        return draft.spec.other.repositories.flatMap { repository -> [Diagnostic] in
            let path = "repositories.\(repository.name.value)"
            guard !draft.isFaulty(path) else { return [] }
            return name(repository, path) + address(repository, path) + suite(repository, path, isApt: isApt)
                + key(repository, path) + fingerprints(repository, path)
        }
    }

    /// apt reads files of letters, digits, `_`, `-` and `.` alone, and silently none else (sources.list(5)).
    private static func name(_ repository: RepositorySpec, _ path: String) -> [Diagnostic] {
        let name = repository.name
        guard name.value.contains(where: { "@+".contains($0) }) else { return [] }
        let message = "`\(path)`: apt would pass over a file of that name"
        return [Diagnostic(.error, message, at: name.position, hint: "letters, digits, `_`, `-` and `.` can be in it")]
    }

    private static func address(_ repository: RepositorySpec, _ path: String) -> [Diagnostic] {
        let uri = repository.uri
        let scheme = ["https://", "http://"].first { uri.value.lowercased().hasPrefix($0) }
        guard let scheme else {
            let message = "`\(path).uri`: `\(uri.value.abbreviated)` is neither http:// nor https://"
            return [Diagnostic(.error, message, at: uri.position)]
        }
        let rest = uri.value.dropFirst(scheme.count)
        let host = rest.prefix { $0 != "/" }
        guard !host.isEmpty, uri.value.utf8.allSatisfy({ 0x21...0x7e ~= $0 && !"[]\"'#?\\".utf8.contains($0) }) else {
            let message = "`\(path).uri`: `\(uri.value.abbreviated)` is no address of a repository"
            return [Diagnostic(.error, message, at: uri.position, hint: "such as https://packages.example.org/debian")]
        }
        guard !host.contains("@") else {
            let message = "`\(path).uri` holds credentials, which anybody on the node could read in the source's file"
            let hint = "put them on the nodes, in /etc/apt/auth.conf.d, and leave them out here"
            return [Diagnostic(.error, message, at: uri.position, hint: hint)]
        }
        guard scheme == "http://", repository.key == nil else { return [] }
        let message =
            "`\(path)`: http without a key: only keys that the nodes trust already stand between them and whoever "
            + "answers"
        return [Diagnostic(.warning, message, at: uri.position, hint: "declare `key` and `fingerprint`")]
    }

    private static func suite(_ repository: RepositorySpec, _ path: String, isApt: Bool) -> [Diagnostic] {
        guard let suite = repository.suite else {
            guard let first = repository.components.first else {
                guard isApt else { return [] }
                let message = "`\(path)` needs a `suite` for apt"
                let hint = "such as `suite: bookworm`, or `suite: ./` for a repository without suites"
                return [Diagnostic(.error, message, at: repository.name.position, hint: hint)]
            }
            let message = "`\(path).components` without a `suite`"
            return [Diagnostic(.error, message, at: first.position)]
        }
        var found: [Diagnostic] = []
        if let problem = problem(ofSuite: suite.value) {
            found.append(Diagnostic(.error, "`\(path).suite`: \(problem)", at: suite.position))
        }
        let isFlat = suite.value.hasSuffix("/")
        if isFlat, let first = repository.components.first {
            let message = "`\(path).components`: a suite that ends with `/` has no components"
            found.append(Diagnostic(.error, message, at: first.position))
        } else if !isFlat, repository.components.isEmpty {
            let message = "`\(path)` needs `components`, since its suite does not end with `/`"
            found.append(Diagnostic(.error, message, at: suite.position, hint: "such as `components: [main]`"))
        }
        for component in repository.components where !isWord(component.value) {
            let message = "`\(path).components`: `\(component.value.abbreviated)` is no component"
            found.append(Diagnostic(.error, message, at: component.position))
        }
        return found
    }

    /// `bookworm`, `jessie/updates`, and with a slash at the end a directory such as `./`.
    private static func problem(ofSuite suite: String) -> String? {
        let parts = suite.split(separator: "/", omittingEmptySubsequences: false)
        guard isWord(suite), !suite.hasPrefix("/"), !parts.contains(".."), !parts.dropLast().contains("") else {
            return "`\(suite.abbreviated)` is no suite"
        }
        return nil
    }

    private static func isWord(_ text: String) -> Bool {
        !text.isEmpty && !text.hasPrefix("-")
            && text.utf8.allSatisfy { byte in
                let character = Character(UnicodeScalar(byte))
                return character.isASCII && (character.isLetter || character.isNumber || "._~+/-".contains(character))
            }
    }

    private static func key(_ repository: RepositorySpec, _ path: String) -> [Diagnostic] {
        switch (repository.key, repository.fingerprints.first) {
        case (let key?, nil):
            let message = "`\(path).key` without a `fingerprint`: which key should it be?"
            let hint =
                "get it from the repository's owner, and compare it with `gpg --show-keys \(key.value.abbreviated)`"
            return [Diagnostic(.error, message, at: key.position, hint: hint)]
        case (nil, let fingerprint?):
            let message =
                "`\(path).fingerprint` without a `key`: keys are taken from a file beside cluster.yaml, never from "
                + "a key server"
            let hint = "save the key there and write its path as `key`"
            return [Diagnostic(.error, message, at: fingerprint.position, hint: hint)]
        case (nil, nil), (_?, _?): return []
        }
    }

    private static func fingerprints(_ repository: RepositorySpec, _ path: String) -> [Diagnostic] {
        var seen: Set<String> = []
        return repository.fingerprints.compactMap { written in
            let place = "`\(path).fingerprint`"
            guard let digits = RepositorySpec.fingerprint(written.value) else {
                let count = written.value.count { $0.isHexDigit }
                let message = "\(place): `\(written.value.abbreviated)` is no fingerprint"
                let hint =
                    [8, 16, 32].contains(count)
                    ? "the ends of fingerprints can be forged: write all 40 digits"
                    : "40 hexadecimal digits (64 of a key of version 5 or 6), as `gpg --show-keys FILE` prints them"
                return Diagnostic(.error, message, at: written.position, hint: hint)
            }
            guard !seen.insert(digits).inserted else { return nil }
            return Diagnostic(.error, "\(place): \(digits) is given twice", at: written.position)
        }
    }
}

extension RepositorySpec {
    /// The digits of a fingerprint as gpg prints it, with or without spaces, in upper case; nil where it is none.
    public static func fingerprint(_ written: String) -> String? {
        let digits = written.filter { $0 != " " }.uppercased()
        guard [40, 64].contains(digits.utf8.count), digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            return nil
        }
        return digits
    }
}
