/// /etc/network/interfaces, or a file that it sources, with one link as declared.
public enum InterfacesEdit {
    /// The new text; comments, blank lines and stanzas of others stay as they are.
    ///
    /// A `dhcp` stanza becomes a `static` one: its line is kept as a comment, and so are options that only DHCP has.
    /// - Throws: What of the file is not understood, or would be lost.
    public static func edit(_ text: String, to settings: LinkSettings) throws(LinkFileFault) -> LinkFileEdit {
        guard !text.utf8.contains(UInt8(ascii: "\r")) else {
            throw LinkFileFault("has carriage returns, which ifupdown takes for values")
        }
        var file = InterfacesFile(text)
        let stanza = try own(file, settings.interface)
        try standsAlone(stanza, in: file)
        let before = try reading(of: stanza, in: file)
        let body: [InterfacesFile.Line]
        if stanza.method == "dhcp" {
            body = fixed(stanza, in: file, settings)
        } else {
            body = try changed(stanza, in: file, settings)
        }
        file.lines.replaceSubrange(stanza.head..<stanza.body.upperBound, with: body)
        return LinkFileEdit(before: before, text: file.text)
    }

    /// Whether `text` has an IPv4 stanza for `interface`.
    public static func configures(_ interface: String, in text: String) -> Bool {
        InterfacesFile(text).stanzas.contains { $0.name == interface && $0.family == "inet" }
    }

    private static func own(_ file: InterfacesFile, _ name: String) throws(LinkFileFault) -> InterfacesFile.Stanza {
        let stanzas = file.stanzas.filter { $0.name == name && $0.family == "inet" }
        guard let stanza = stanzas.first else { throw LinkFileFault("has no stanza `iface \(name) inet …`") }
        guard stanzas.count == 1 else { throw LinkFileFault("has \(stanzas.count) stanzas `iface \(name) inet …`") }
        guard stanza.method == "static" || stanza.method == "dhcp" else {
            throw LinkFileFault("configures \(name) by the method `\(stanza.method)`; static and dhcp are understood")
        }
        guard stanza.rest.isEmpty else {
            throw LinkFileFault(
                "has more on the line of \(name) than a method: `\(stanza.rest.joined(separator: " "))`"
            )
        }
        return stanza
    }

    /// Down and up again is all that is done to a link: what is made of it, or made anew with it, would not come back as it was.
    private static func standsAlone(
        _ stanza: InterfacesFile.Stanza,
        in file: InterfacesFile
    ) throws(LinkFileFault) {
        let kinds = ["bond", "bridge", "vlan", "ovs", "team", "wpa", "wireless", "tunnel", "pointopoint", "vrf"]
        for line in file.lines[stanza.body] where kinds.contains(where: line.keyword.hasPrefix) {
            throw LinkFileFault("gives \(stanza.name) `\(line.keyword)`, so that it is more than a plain link")
        }
        for line in file.lines where line.keyword == "mapping" {
            if line.words.dropFirst().contains(where: { $0 == stanza.name || $0.contains { "*?[".contains($0) } }) {
                throw LinkFileFault("has a `mapping`, which may give \(stanza.name) another stanza")
            }
        }
        for line in file.lines where line.keyword == "auto" || line.keyword.hasPrefix("allow-") {
            if line.words.contains(where: { $0.hasPrefix("\(stanza.name)=") }) {
                throw LinkFileFault(
                    "brings \(stanza.name) up by another stanza: `\(line.words.joined(separator: " "))`"
                )
            }
        }
        let resting = file.stanzas.first { other in
            guard other.name != stanza.name else { return false }
            if [".", ":"].contains(where: { other.name.hasPrefix(stanza.name + $0) }) { return true }
            return file.lines[other.body].contains { line in
                kinds.contains(where: line.keyword.hasPrefix) && line.words.dropFirst().contains(stanza.name)
            }
        }
        if let resting {
            throw LinkFileFault("makes \(resting.name) of \(stanza.name), which would go down with it")
        }
    }

    private static func reading(
        of stanza: InterfacesFile.Stanza,
        in file: InterfacesFile
    ) throws(LinkFileFault) -> LinkFileReading {
        let options = file.lines[stanza.body].filter { !$0.words.isEmpty }
        for key in ["address", "netmask", "gateway", "network", "broadcast"]
        where options.count(where: { $0.keyword == key }) > 1 {
            throw LinkFileFault("gives \(stanza.name) more than one `\(key)`")
        }
        var reading = LinkFileReading(
            nameservers: options.filter { isNameserver($0.keyword) }.flatMap { $0.words.dropFirst() }
        )
        guard stanza.method == "static" else { return reading }
        guard let address = options.first(where: { $0.keyword == "address" })?.value else {
            throw LinkFileFault("gives \(stanza.name) no `address`")
        }
        let parts = address.split(separator: "/", maxSplits: 1).map(String.init)
        let mask = options.first { $0.keyword == "netmask" }?.value
        reading.address = parts[0]
        guard IPv4Number(parts[0]) != nil else { throw LinkFileFault("gives \(stanza.name) the address `\(address)`") }
        if let length = parts.count > 1 ? parts[1] : mask {
            guard let prefix = IPv4Number.prefix(ofMask: length) else {
                throw LinkFileFault("gives \(stanza.name) the netmask `\(length)`")
            }
            reading.prefix = prefix
        }
        reading.gateway = options.first { $0.keyword == "gateway" }?.value
        return reading
    }

    private static func isNameserver(_ keyword: String) -> Bool {
        // resolvconf takes both (resolvconf(8), "dns-nameservers"); the singular may come more than once.
        keyword == "dns-nameservers" || keyword == "dns-nameserver"
    }

    // MARK: dhcp

    private static let dhcpOptions: Set<String> = [
        "hostname", "leasehours", "leasetime", "vendor", "client", "request", "script", "metric",
    ]

    private static func fixed(
        _ stanza: InterfacesFile.Stanza,
        in file: InterfacesFile,
        _ settings: LinkSettings
    ) -> [InterfacesFile.Line] {
        let head = file.lines[stanza.head]
        let body = file.lines[stanza.body]
        let indentation = body.first { !$0.words.isEmpty }?.indentation ?? ""
        func line(_ words: String) -> InterfacesFile.Line { .init(raw: indentation + words + "\n", words: []) }
        var lines = [commented(head), .init(raw: "iface \(settings.interface) inet static\n", words: [])]
        lines.append(line("address \(settings.address)"))
        lines.append(line("netmask \(settings.netmask)"))
        if let gateway = settings.gateway { lines.append(line("gateway \(gateway)")) }
        if !settings.nameservers.isEmpty {
            lines.append(line("dns-nameservers \(settings.nameservers.joined(separator: " "))"))
        }
        for old in body {
            let isReplaced = isNameserver(old.keyword) && !settings.nameservers.isEmpty
            lines.append(isReplaced || dhcpOptions.contains(old.keyword) ? commented(old) : old)
        }
        // A file without a last newline keeps being one only where its last line is kept.
        return lines
    }

    private static func commented(_ line: InterfacesFile.Line) -> InterfacesFile.Line {
        let content = line.raw.hasSuffix("\n") ? String(line.raw.dropLast()) : line.raw
        return .init(raw: "#" + content.replacing("\n", with: "\n#") + "\n", words: [])
    }

    // MARK: static

    private static func changed(
        _ stanza: InterfacesFile.Stanza,
        in file: InterfacesFile,
        _ settings: LinkSettings
    ) throws(LinkFileFault) -> [InterfacesFile.Line] {
        let before = try reading(of: stanza, in: file)
        var body = StanzaBody(Array(file.lines[stanza.body]))
        if before.address != settings.address || before.prefix != settings.prefix {
            let isJoined = body.value("address")?.contains("/") ?? false
            body.set("address", isJoined ? settings.addressWithPrefix : settings.address)
            if let mask = body.value("netmask") {
                body.set("netmask", mask.contains(".") ? settings.netmask : String(settings.prefix))
            } else if !isJoined {
                body.set("netmask", settings.netmask, after: ["address"])
            }
            // Where they are written they are those of the old length.
            if let bounds = settings.bounds {
                if body.value("network") != nil { body.set("network", bounds.network) }
                if let old = body.value("broadcast"), IPv4Number(old) != nil { body.set("broadcast", bounds.broadcast) }
            }
        }
        if let gateway = settings.gateway, before.gateway != gateway {
            body.set("gateway", gateway, after: ["netmask", "address"])
        }
        if !settings.nameservers.isEmpty, before.nameservers != settings.nameservers {
            body.replaceAll(where: isNameserver, "dns-nameservers", settings.nameservers.joined(separator: " "))
        }
        return [file.lines[stanza.head].ended] + body.lines
    }
}

/// The options of one stanza, on their way to new values.
private struct StanzaBody {
    var lines: [InterfacesFile.Line]

    init(_ lines: [InterfacesFile.Line]) { self.lines = lines }

    private func index(_ key: String) -> Int? { lines.firstIndex { $0.keyword == key } }

    func value(_ key: String) -> String? { index(key).map { lines[$0].value } }

    private func line(_ key: String, _ value: String, like model: InterfacesFile.Line?) -> InterfacesFile.Line {
        .init(
            raw: "\(model?.indentation ?? "")\(key) \(value)\n",
            words: [key] + value.split(separator: " ").map(String.init)
        )
    }

    /// In the place that it has, else behind the first of `after`, else behind the last option.
    mutating func set(_ key: String, _ value: String, after: [String] = []) {
        if let index = index(key) {
            if lines[index].value != value { lines[index] = line(key, value, like: lines[index]) }
            return
        }
        let last = lines.lastIndex { !$0.words.isEmpty }
        let place = after.compactMap { index($0) }.first ?? last
        let new = line(key, value, like: place.map { lines[$0] })
        guard let place else { return lines.insert(new, at: 0) }
        lines[place] = lines[place].ended
        lines.insert(new, at: place + 1)
    }

    mutating func replaceAll(where isOne: (String) -> Bool, _ key: String, _ value: String) {
        guard let first = lines.firstIndex(where: { isOne($0.keyword) }) else { return set(key, value) }
        let new = line(key, value, like: lines[first])
        lines[first] = new
        let others = lines.indices.filter { $0 > first && isOne(lines[$0].keyword) }
        for index in others.reversed() { lines.remove(at: index) }
    }
}

extension InterfacesFile.Line {
    /// With a newline at its end, so that another line can follow.
    var ended: InterfacesFile.Line {
        raw.hasSuffix("\n") ? self : .init(raw: raw + "\n", words: words)
    }
}
