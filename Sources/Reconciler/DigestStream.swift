internal import CCrypto

/// SHA-256 of bytes that come piece by piece, so that nobody has to hold them all.
public struct DigestStream: ~Copyable {
    private let context: OpaquePointer
    /// Bytes so far.
    public private(set) var count = 0

    public init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            preconditionFailure("libcrypto offers no SHA-256")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    public mutating func update(_ bytes: [UInt8]) {
        let succeeded = EVP_DigestUpdate(context, bytes, bytes.count)
        precondition(succeeded == 1, "libcrypto takes no more bytes")
        count += bytes.count
    }

    /// 64 lower-case hexadecimal digits, as `sha256sum` prints them; nothing can be added afterwards.
    public consuming func finish() -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        let succeeded = EVP_DigestFinal_ex(context, &digest, &length)
        precondition(succeeded == 1, "libcrypto gives no digest")
        return hexadecimal(digest.prefix(Int(length)))
    }
}
