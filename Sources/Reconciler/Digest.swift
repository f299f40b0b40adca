internal import CCrypto
public import Specs

/// SHA-256 as the nodes' `sha256sum` prints it: 64 lower-case hexadecimal digits.
public func sha256(_ text: String) -> String { sha256(bytes: Array(text.utf8)) }

/// SHA-256 of raw bytes, likewise.
public func sha256(bytes: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    let succeeded = EVP_Digest(bytes, bytes.count, &digest, &length, EVP_sha256(), nil)
    precondition(succeeded == 1, "libcrypto offers no SHA-256")
    return hexadecimal(digest.prefix(Int(length)))
}

/// HMAC with SHA-256 (RFC 2104), 32 bytes.
func hmacSHA256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    let made = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &code, &length)
    precondition(made != nil, "libcrypto offers no HMAC with SHA-256")
    return Array(code.prefix(Int(length)))
}

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

extension Content {
    /// SHA-256 of the canonical form: secrets stand as their references, so no value enters it.
    public var digest: String {
        sha256(
            segments.map { segment in
                switch segment {
                case .literal(let text): "l\(text.utf8.count):\(text)"
                case .secret(let reference): "s\(reference)"
                case .redacted: "r"
                }
            }.joined(separator: "\n")
        )
    }
}
