/// Gzip members of bytes as they are (RFC 1952 and 1951, 3.2.4): for pieces too small to be worth compressing.
enum StoredGzip {
    /// One member; no name, no time, so that equal bytes make equal members.
    static func member(_ bytes: [UInt8]) -> [UInt8] {
        var member: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
        member.reserveCapacity(bytes.count + 32)
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(0xFFFF)
            rest = rest.dropFirst(0xFFFF)
            member.append(rest.isEmpty ? 1 : 0)
            member += littleEndian(UInt32(block.count), bytes: 2) + littleEndian(~UInt32(block.count), bytes: 2)
            member += block
        } while !rest.isEmpty
        return member + littleEndian(crc32(bytes), bytes: 4)
            + littleEndian(UInt32(truncatingIfNeeded: bytes.count), bytes: 4)
    }

    /// As gzip has it (RFC 1952, 8).
    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ ($0 >> 8) }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    private static func littleEndian(_ value: UInt32, bytes: Int) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
