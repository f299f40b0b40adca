/// A host key is a public key as OpenSSH writes it: type, base64, and perhaps a comment.
enum HostKeyRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        draft.spec.nodes.compactMap { node in
            guard let key = node.hostKey, let fault = problem(key.value) else { return nil }
            return Diagnostic(.error, "`hostKey`: \(fault.message)", at: key.position, hint: fault.hint)
        }
    }

    private static let types = [
        "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-dss",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ]

    static func problem(_ text: String) -> Fault? {
        let words = text.split(separator: " ")
        if text.hasPrefix("-----BEGIN") { return Fault("this is a private key; it has no place here") }
        if text.hasPrefix("SHA256:") || text.hasPrefix("MD5:") {
            return Fault("a fingerprint is not enough", hint: "write the line that `ssh-keyscan -t ed25519 HOST` gives")
        }
        guard let first = words.first, types.contains(String(first)) else {
            if words.count >= 3, types.contains(String(words[1])) {
                return Fault("the line starts with a host", hint: "leave `\(words[0])` out")
            }
            return Fault(
                "`\((words.first.map(String.init) ?? "").abbreviated)` is no type of key",
                hint: "such as ssh-ed25519"
            )
        }
        guard words.count >= 2, let blob = Base64.decode(words[1].utf8) else {
            return Fault("what follows `\(first)` is no base64")
        }
        let name = Array(first.utf8)
        let length = UInt32(name.count)
        let head = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> UInt32($0)) } + name
        guard blob.starts(with: head), blob.count > head.count + 4 else {
            return Fault("the key is no \(first) key, or is cut off")
        }
        return nil
    }
}

/// Base64 with padding (RFC 4648, section 4).
enum Base64 {
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        let padding = text.suffix(2).count { $0 == UInt8(ascii: "=") }
        var (bytes, bits, count): ([UInt8], UInt32, Int) = ([], 0, 0)
        for character in text.dropLast(padding) {
            guard let value = value(of: character) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
