/// The principals that HTTP Basic authentication lets in (mesos-zk-ops.md 5.4).
struct MesosCredentials: Hashable, Sendable, Codable {
    private var secrets: [String: String] = [:]

    /// Reads `{"credentials":[{"principal":…,"secret":…}]}` or lines of `principal secret`; nil path means none.
    init(path: String?, readFile: (String) -> String?, flag: String) throws(DaemonExit) {
        guard let path else { return }
        let file = path.hasPrefix("file://") ? String(path.dropFirst("file://".count)) : path
        guard let text = readFile(file) else {
            throw DaemonExit(
                "Failed to read credentials file '\(file)': No such file or directory (see --\(flag) flag)"
            )
        }
        do throws(JSONFault) {
            for entry in try JSON(parsing: text)["credentials"]?.array ?? [] {
                secrets[entry["principal"]?.string ?? ""] = entry["secret"]?.string ?? ""
            }
        } catch {
            for line in text.split(whereSeparator: \.isNewline) {
                let words = line.split(separator: " ")
                guard words.count == 2 else {
                    throw DaemonExit("Invalid credential format at line: \(line) (see --\(flag) flag)")
                }
                secrets[String(words[0])] = String(words[1])
            }
        }
        guard !secrets.isEmpty else {
            throw DaemonExit("Credentials file must contain at least one credential (see --\(flag) flag)")
        }
    }

    /// Whether the `Authorization` field names one of them with its secret.
    func admit(_ authorization: String?) -> Bool {
        guard let authorization, authorization.hasPrefix("Basic "),
            let bytes = Self.decode(base64: authorization.dropFirst("Basic ".count))
        else { return false }
        let parts = String(decoding: bytes, as: UTF8.self).split(
            separator: ":",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        return parts.count == 2 && secrets[String(parts[0])] == String(parts[1])
    }

    private static func decode(base64 text: some StringProtocol) -> [UInt8]? {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var (bytes, bits, count): ([UInt8], UInt32, Int) = ([], 0, 0)
        for byte in text.utf8 where byte != UInt8(ascii: "=") {
            guard let value = alphabet.firstIndex(of: byte) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }
}
