/// An IPv4 or IPv6 address; equal however it is written.
public struct IPAddress: Hashable, Sendable {
    /// Four or sixteen, in network order.
    public let bytes: [UInt8]

    /// `10.16.40.1` or `fe80::1`; nil for anything else, also for leading zeros, zones and masks.
    public init?(_ text: String) {
        guard let bytes = text.contains(":") ? IPAddress.ipv6(text[...]) : IPAddress.ipv4(text[...]) else { return nil }
        self.bytes = bytes
    }

    public var isIPv6: Bool { bytes.count == 16 }

    public var isLoopback: Bool {
        isIPv6 ? bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1 : bytes.first == 127
    }

    /// `0.0.0.0` or `::`.
    public var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }

    public var isMulticast: Bool {
        let head = bytes.first ?? 0
        return isIPv6 ? head == 0xFF : (224...239).contains(head)
    }

    /// Whether this is a run of ones followed by zeros, as netmasks are.
    public var isNetmask: Bool {
        let bits = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return !isIPv6 && bits != 0 && (~bits & (~bits &+ 1)) == 0
    }

    /// How many ones a netmask begins with; nil for what is none.
    public var prefixLength: Int? { isNetmask ? bytes.reduce(0) { $0 + $1.nonzeroBitCount } : nil }

    /// Whether `other` is in the same network, of `prefix` leading bits; addresses of two families never are.
    public func isNeighbour(of other: IPAddress, prefix: Int) -> Bool {
        guard bytes.count == other.bytes.count else { return false }
        return zip(bytes, other.bytes).enumerated().allSatisfy { index, pair in
            let bits = min(max(prefix - index * 8, 0), 8)
            return (pair.0 ^ pair.1) & ~UInt8(truncatingIfNeeded: 0xFF >> bits) == 0
        }
    }

    private static func ipv4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { part -> UInt8? in
            let isDecimal = part.allSatisfy { $0.isASCII && $0.isNumber } && (part.count == 1 || part.first != "0")
            return isDecimal ? UInt8(part) : nil
        }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    private static func ipv6(_ text: Substring) -> [UInt8]? {
        guard let gap = text.firstRange(of: "::") else { return groups(text).flatMap { $0.count == 16 ? $0 : nil } }
        let (head, tail) = (text[..<gap.lowerBound], text[gap.upperBound...])
        guard !head.contains("."), let left = head.isEmpty ? [] : groups(head),
            let right = tail.isEmpty ? [] : groups(tail), left.count + right.count <= 14
        else { return nil }
        return left + Array(repeating: 0, count: 16 - left.count - right.count) + right
    }

    /// `1:2:3`, whose last group may be an IPv4 address, as bytes.
    private static func groups(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(".") {
                guard let last = ipv4(part) else { return nil }
                bytes += last
                continue
            }
            guard (1...4).contains(part.count), part.allSatisfy(\.isHexDigit), let group = UInt16(part, radix: 16)
            else {
                return nil
            }
            bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
        }
        return bytes
    }
}
