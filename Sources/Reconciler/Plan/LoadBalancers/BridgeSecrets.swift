internal import Specs

extension DesiredFile {
    /// Secrets that this file of the bridge cannot hold as they are, as sentences.
    ///
    /// What is written in clear is escaped by who writes it; a secret is put in by the node as it is.
    func unholdableSecrets(of secrets: SecretStore) -> [String] {
        guard case .whole(let content) = body, let forbidden = forbiddenInSecrets else { return [] }
        return content.references.compactMap { reference in
            guard let text = secrets.reveal(Content([.secret(reference)])),
                text.contains(where: { forbidden.characters.contains($0) || $0.isNewline })
            else { return nil }
            return "\(reference): it has \(forbidden.words), which \(path) cannot hold"
        }
    }

    private var forbiddenInSecrets: (characters: Set<Character>, words: String)? {
        switch path {
        case BridgeScript.Paths.header:
            ([" ", "\t", "\"", "'", "\\", "#"], "a blank, quote, backslash, number sign or newline")
        case BridgeScript.Paths.curlrc: (["\"", "\\"], "a double quote, backslash or newline")
        default: nil
        }
    }
}
