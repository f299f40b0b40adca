/// What is declared of the link that carries a node's address; IPv4.
public struct LinkSettings: Hashable, Sendable, Codable {
    /// Such as `eth0`.
    public var interface: String
    /// The node's own, such as `10.16.40.1`.
    public var address: String
    /// 1…32.
    public var prefix: Int
    /// nil: not declared, what is there stays.
    public var gateway: String?
    /// In order; empty: not declared, what is there stays.
    public var nameservers: [String]

    public init(
        interface: String,
        address: String,
        prefix: Int,
        gateway: String? = nil,
        nameservers: [String] = []
    ) {
        self.interface = interface
        self.address = address
        self.prefix = prefix
        self.gateway = gateway
        self.nameservers = nameservers
    }

    /// Such as `10.16.40.1/23`.
    public var addressWithPrefix: String { "\(address)/\(prefix)" }

    /// Such as `255.255.254.0`.
    public var netmask: String { IPv4Number.netmask(prefix: prefix).text }

    /// The first and the last address of its network, as the old options `network` and `broadcast` name them.
    var bounds: (network: String, broadcast: String)? {
        guard let number = IPv4Number(address) else { return nil }
        let mask = IPv4Number.netmask(prefix: prefix).value
        return (IPv4Number(value: number.value & mask).text, IPv4Number(value: number.value | ~mask).text)
    }
}

/// What a file says of a link.
public struct LinkFileReading: Hashable, Sendable {
    /// nil: it is not fixed (`dhcp`).
    public var address: String?
    public var prefix: Int?
    public var gateway: String?
    public var nameservers: [String]

    public init(address: String? = nil, prefix: Int? = nil, gateway: String? = nil, nameservers: [String] = []) {
        self.address = address
        self.prefix = prefix
        self.gateway = gateway
        self.nameservers = nameservers
    }
}

/// Why a file of a network stack is not edited.
public struct LinkFileFault: Error, Hashable, Sendable {
    /// A clause that follows the file's name, such as "has two stanzas for eth0".
    public var words: String

    public init(_ words: String) { self.words = words }
}

/// A file as it is to be.
public struct LinkFileEdit: Hashable, Sendable {
    /// What it says now.
    public var before: LinkFileReading
    /// The same text where nothing differs.
    public var text: String

    public init(before: LinkFileReading, text: String) {
        self.before = before
        self.text = text
    }
}

/// An IPv4 address as a number.
struct IPv4Number: Hashable {
    var value: UInt32

    init(value: UInt32) { self.value = value }

    init?(_ text: String) {
        guard let address = IPAddress(text), !address.isIPv6 else { return nil }
        value = address.bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    var text: String { [24, 16, 8, 0].map { String(value >> $0 & 255) }.joined(separator: ".") }

    static func netmask(prefix: Int) -> IPv4Number {
        IPv4Number(value: prefix <= 0 ? 0 : ~UInt32(0) << UInt32(32 - min(prefix, 32)))
    }

    /// The length of a netmask written as `255.255.254.0` or as `23`; nil for anything else.
    static func prefix(ofMask text: String) -> Int? {
        if let length = Int(text), (1...32).contains(length), text.allSatisfy(\.isNumber) { return length }
        guard let mask = IPAddress(text), mask.isNetmask, let number = IPv4Number(text) else { return nil }
        return number.value.nonzeroBitCount
    }
}

extension LinkSettings {
    /// The length of a netmask such as `255.255.254.0`; nil for what is none.
    public static func prefix(ofMask text: String) -> Int? { IPv4Number.prefix(ofMask: text) }
}
