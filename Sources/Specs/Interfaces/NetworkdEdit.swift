/// A `.network` file of systemd-networkd with its link as declared (systemd.network(5)).
public enum NetworkdEdit {
    /// The new text; comments, other sections and other keys stay as they are.
    ///
    /// DHCP is switched off for IPv4 only, and the old line stays as a comment.
    /// - Throws: What of the file is not understood, or would be lost.
    public static func edit(_ text: String, to settings: LinkSettings) throws(LinkFileFault) -> LinkFileEdit {
        var file = try NetworkdFile(text)
        try file.matchesOnly(settings.interface)
        for section in ["Address", "Route"] where file.has(section) {
            let owned = section == "Address" ? file.values("Address", "Address") : file.values("Route", "Gateway")
            guard !owned.contains(where: { isIPv4($0) }) else {
                throw LinkFileFault("has IPv4 in a section [\(section)], which is not edited; put it under [Network]")
            }
        }
        let addresses = file.values("Network", "Address").filter(isIPv4)
        guard addresses.count <= 1 else {
            throw LinkFileFault("gives \(settings.interface) \(addresses.count) IPv4 addresses")
        }
        let gateways = file.values("Network", "Gateway").filter(isIPv4)
        guard gateways.count <= 1 else { throw LinkFileFault("names \(gateways.count) IPv4 gateways") }
        let nameservers = file.values("Network", "DNS").flatMap { $0.split(separator: " ").map(String.init) }
        let before = try reading(addresses.first, gateways.first, nameservers)
        guard addresses.first != nil || file.values("Network", "DHCP").last.map(withoutIPv4) != nil else {
            throw LinkFileFault("gives \(settings.interface) neither an IPv4 address nor DHCP")
        }
        if let dhcp = file.values("Network", "DHCP").last, let other = withoutIPv4(dhcp) {
            file.comment("Network", "DHCP")
            if other != "no" { file.add("Network", "DHCP", other) }
        }
        if before.address != settings.address || before.prefix != settings.prefix {
            file.set("Network", "Address", settings.addressWithPrefix, where: isIPv4)
        }
        if let gateway = settings.gateway, before.gateway != gateway {
            file.set("Network", "Gateway", gateway, where: isIPv4)
        }
        if !settings.nameservers.isEmpty, nameservers != settings.nameservers {
            file.set("Network", "DNS", settings.nameservers.joined(separator: " ")) { _ in true }
        }
        return LinkFileEdit(before: before, text: file.text)
    }

    private static func reading(
        _ address: String?,
        _ gateway: String?,
        _ nameservers: [String]
    ) throws(LinkFileFault) -> LinkFileReading {
        var reading = LinkFileReading(gateway: gateway, nameservers: nameservers)
        guard let address else { return reading }
        let parts = address.split(separator: "/", maxSplits: 1).map(String.init)
        reading.address = parts[0]
        guard parts.count == 2 else { return reading }
        guard let prefix = IPv4Number.prefix(ofMask: parts[1]) else {
            throw LinkFileFault("has the address `\(address)`")
        }
        reading.prefix = prefix
        return reading
    }

    private static func isIPv4(_ value: String) -> Bool {
        IPv4Number(String(value.prefix { $0 != "/" })) != nil
    }

    /// What `DHCP=` is without IPv4; nil where it has none.
    private static func withoutIPv4(_ value: String) -> String? {
        switch value.lowercased() {
        case "yes", "true", "on", "1", "both": "ipv6"
        case "ipv4", "v4": "no"
        default: nil
        }
    }
}

/// An ini file of systemd as its lines.
struct NetworkdFile: Hashable {
    private struct Line: Hashable {
        var raw: String
        var section: String
        var key: String?
        var value: String
    }

    private var lines: [Line] = []

    init(_ text: String) throws(LinkFileFault) {
        guard !text.utf8.contains(UInt8(ascii: "\r")) else { throw LinkFileFault("has carriage returns") }
        var section = ""
        for raw in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let trimmed = raw.trimmed
            guard !trimmed.hasSuffix("\\") else { throw LinkFileFault("has a line that goes on in the next") }
            var line = Line(raw: String(raw), section: section, key: nil, value: "")
            if trimmed.first == "[" {
                guard trimmed.last == "]" else { throw LinkFileFault("has a section without an end: `\(trimmed)`") }
                section = String(trimmed.dropFirst().dropLast())
                line.section = section
            } else if let first = trimmed.first, first != "#", first != ";" {
                guard let equals = trimmed.firstIndex(of: "=") else {
                    throw LinkFileFault("has a line that is none of systemd's: `\(trimmed)`")
                }
                line.key = String(trimmed[..<equals].trimmed)
                line.value = String(trimmed[trimmed.index(after: equals)...].trimmed)
            }
            lines.append(line)
        }
    }

    var text: String { lines.map(\.raw).joined(separator: "\n") }

    func has(_ section: String) -> Bool { lines.contains { $0.section == section } }

    /// In order; an empty assignment forgets those before it.
    func values(_ section: String, _ key: String) -> [String] {
        var values: [String] = []
        for line in lines where line.section == section && line.key == key {
            values = line.value.isEmpty ? [] : values + [line.value]
        }
        return values
    }

    /// Whoever else the file is for would be changed along.
    func matchesOnly(_ interface: String) throws(LinkFileFault) {
        let keys = Set(lines.filter { $0.section == "Match" }.compactMap(\.key))
        guard values("Match", "Name") == [interface], keys == ["Name"] else {
            throw LinkFileFault(
                "is not for \(interface) alone: its [Match] must be `Name=\(interface)` and nothing else"
            )
        }
    }

    /// The first line of this key whose value is one, and no other such line; else a new one.
    mutating func set(_ section: String, _ key: String, _ value: String, where isOne: (String) -> Bool) {
        let found = lines.indices.filter {
            lines[$0].section == section && lines[$0].key == key && (lines[$0].value.isEmpty || isOne(lines[$0].value))
        }
        guard let last = found.last else { return add(section, key, value) }
        lines[last] = Line(raw: "\(key)=\(value)", section: section, key: key, value: value)
        for index in found.dropLast().reversed() { lines.remove(at: index) }
    }

    /// Behind the last line of the section that says something.
    mutating func add(_ section: String, _ key: String, _ value: String) {
        let new = Line(raw: "\(key)=\(value)", section: section, key: key, value: value)
        if let place = lines.lastIndex(where: { $0.section == section && !$0.raw.trimmed.isEmpty }) {
            lines.insert(new, at: place + 1)
        } else {
            let isEnded = lines.last?.raw.isEmpty ?? true
            let head = Line(raw: "[\(section)]", section: section, key: nil, value: "")
            lines.insert(contentsOf: [head, new], at: isEnded ? max(lines.count - 1, 0) : lines.count)
        }
    }

    /// Every line of this key, as a comment.
    mutating func comment(_ section: String, _ key: String) {
        for index in lines.indices where lines[index].section == section && lines[index].key == key {
            lines[index] = Line(raw: "#" + lines[index].raw, section: section, key: nil, value: "")
        }
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        let head = drop { $0 == " " || $0 == "\t" }
        guard let last = head.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return head[...last]
    }
}

extension String {
    fileprivate var trimmed: Substring { self[...].trimmed }
}
