internal import Reconciler
internal import Specs

extension NetworkAnswer {
    /// What net.sh said; nil where the links or routes are not what `ip -o` prints.
    init?(_ answer: ScriptAnswer) {
        guard let links = answer["link"], let addresses = answer["addr"], let routes = answer["route"],
            let hostname = answer["hostname"]
        else { return nil }
        let owners = LinkOwners(answer)
        let addressed = Dictionary(grouping: addresses.split(separator: "\n").compactMap(AddressLine.init), by: \.link)
        self.init(
            links: links.split(separator: "\n").compactMap(LinkLine.init).map { link in
                let lines = addressed[link.name] ?? []
                let owner = owners.owner(of: link.name, index: link.index)
                let leases = owners.hasLeases(link.name)
                return Link(
                    name: link.name,
                    isUp: link.isUp,
                    addresses: lines.map(\.address),
                    owner: owner.kind,
                    file: owner.file,
                    dynamicAddresses: lines.filter { $0.isDynamic || leases && !$0.isIPv6 }.map(\.address)
                )
            },
            gateways: routes.split(separator: "\n").flatMap(Gateway.all),
            nameservers: Resolver.nameservers(answer),
            hostname: hostname.trimmingSpaces
        )
    }
}

/// `2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 …`; a name may be followed by `@` and the other end (ip-link(8)).
private struct LinkLine {
    var index: String
    var name: String
    var isUp: Bool

    init?(_ line: Substring) {
        let words = line.split(whereSeparator: \.isBlank)
        guard words.count > 2, let index = words[0].number, words[1].last == ":", words[2].first == "<",
            let flags = words[2].dropFirst().split(separator: ">").first
        else { return nil }
        self.index = index
        name = words[1].dropLast().linkName
        isUp = flags.split(separator: ",").contains("UP")
    }
}

/// `2: eth0    inet 10.16.40.1/23 brd 10.16.41.255 scope global dynamic eth0\       valid_lft …`.
private struct AddressLine {
    var link: String
    var address: String
    var isIPv6: Bool
    /// Not permanent: a lease or a router's advertisement gave it.
    var isDynamic: Bool

    init?(_ line: Substring) {
        let words = line.split(whereSeparator: \.isBlank)
        guard words.count > 3, words[0].number != nil, ["inet", "inet6"].contains(words[2]),
            !words[3].hasPrefix("fe80:")
        else { return nil }
        link = words[1].linkName
        isIPv6 = words[2] == "inet6"
        let bits = isIPv6 ? 128 : 32
        // A host's own or the near end of a pair stands without a mask.
        address = words[3].contains("/") ? String(words[3]) : "\(words[3])/\(bits)"
        isDynamic = words.contains("dynamic")
    }
}

extension NetworkAnswer.Gateway {
    /// `default via 10.16.41.254 dev eth0 …`, or several ways in one line (`nexthop via … dev … weight 1`).
    fileprivate static func all(_ line: Substring) -> [Self] {
        let words = line.split { $0.isBlank || $0 == "\\" }
        guard words.first == "default" || words.first == "0.0.0.0/0" else { return [] }
        return words.indices.compactMap { index in
            guard words[index] == "via", index + 1 < words.count,
                let device = words[index...].firstIndex(of: "dev"), device + 1 < words.count
            else { return nil }
            // `via inet6 fe80::1`: a route of IPv4 through a neighbour of IPv6.
            let address = words[index + 1] == "inet6" ? words[min(index + 2, words.count - 1)] : words[index + 1]
            return Self(address: String(address), interface: String(words[device + 1]))
        }
    }
}

private enum Resolver {
    /// The addresses at which systemd-resolved answers for the node itself (systemd-resolved.service(8)).
    static let stubs: Set<String> = ["127.0.0.53", "127.0.0.54"]

    static func nameservers(_ answer: ScriptAnswer) -> [String] {
        let own = servers(answer["resolv"] ?? "")
        guard own.contains(where: stubs.contains) else { return own }
        let asked = servers(answer["resolved"] ?? "")
        let real = asked.isEmpty ? resolvectl(answer["resolvectl"] ?? "") : asked
        return real.isEmpty ? own : unique(own.flatMap { stubs.contains($0) ? real : [$0] })
    }

    /// `nameserver 8.8.8.8`, one a line.
    private static func servers(_ text: String) -> [String] {
        unique(
            text.split(separator: "\n").compactMap { line in
                let words = line.split(whereSeparator: \.isBlank)
                return words.count > 1 && words[0] == "nameserver" ? String(words[1]) : nil
            }
        )
    }

    /// `Link 2 (eth0): 8.8.8.8 1.1.1.1`, the global ones first.
    private static func resolvectl(_ text: String) -> [String] {
        unique(
            text.split(separator: "\n").flatMap { line -> [String] in
                guard let colon = line.firstRange(of: ": ") else { return [] }
                return line[colon.upperBound...].split(whereSeparator: \.isBlank).map(String.init)
                    .filter { IPAddress($0) != nil }
            }
        )
    }

    private static func unique(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}

/// Who configures which link, as each of the stacks tells it.
private struct LinkOwners {
    private var networkd: [String: (isManaged: Bool, file: String)] = [:]
    private var connections: [String: String] = [:]
    private var profiles: [String: String] = [:]
    private var stanzas: [(file: String, link: String, family: String, method: String)] = []
    private var netplan: [(file: String, names: Set<String>)] = []

    init(_ answer: ScriptAnswer) {
        for field in answer.fields {
            let lines = field.text.split(separator: "\n").map(String.init)
            switch field.name {
            case "networkd":
                let values = lines.dropFirst().map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
                let state = values.last { $0.first == "ADMIN_STATE" }?.last ?? ""
                let file = values.last { $0.first == "NETWORK_FILE" && $0.count == 2 }?.last ?? ""
                networkd[lines.first ?? ""] = (!["unmanaged", "pending", ""].contains(state) && !file.isEmpty, file)
            case "nmdevices":
                for columns in lines.map(terseColumns) where columns.count == 3 && columns[1].hasPrefix("connected") {
                    if columns[1] == "connected" { connections[columns[0]] = columns[2] }
                }
            case "nmfiles":
                for columns in lines.map(terseColumns) where columns.count == 2 { profiles[columns[0]] = columns[1] }
            case "ifcfg":
                let name = field.text.split(separator: "/").last?.dropFirst("ifcfg-".count) ?? ""
                if profiles[String(name)] == nil { profiles[String(name)] = field.text }
            case "stanzas":
                for words in lines.dropFirst().map({ $0.split(whereSeparator: \.isBlank).map(String.init) })
                where words.count > 3 {
                    stanzas.append((lines.first ?? "", words[1], words[2], words[3]))
                }
            case "netplan":
                netplan.append((lines.first ?? "", Set(lines.dropFirst())))
            default: break
            }
        }
    }

    /// Unknown where two stacks say that it is theirs.
    func owner(of link: String, index: String) -> (kind: LinkOwner, file: String) {
        let owned = stanzas.filter { $0.link == link && $0.family == "inet" && $0.method != "manual" }
        let networkdFile = networkd[index].flatMap { $0.isManaged ? $0.file : nil }
        let connection = connections[link]
        switch (networkdFile, connection, owned.isEmpty) {
        case (let file?, nil, true):
            // netplan's own are made at boot and called after it (netplan-generate(8)).
            return file.contains("netplan") ? (.netplan, netplanFile(link)) : (.networkd, file)
        case (nil, let connection?, true):
            guard !connection.hasPrefix("netplan-") else { return (.netplan, netplanFile(link)) }
            return (.networkManager, profiles[connection] ?? profiles[link] ?? "")
        case (nil, nil, false):
            let files = Set(owned.map(\.file))
            return (.ifupdown, files.count == 1 ? files.first ?? "" : "")
        default: return (.unknown, "")
        }
    }

    /// Whether interfaces(5) says that its IPv4 address is a lease, which older kernels' flags do not show.
    func hasLeases(_ link: String) -> Bool {
        stanzas.contains { $0.link == link && $0.family == "inet" && $0.method == "dhcp" }
            && networkd.values.allSatisfy { !$0.isManaged } && connections[link] == nil
    }

    /// The one file that names the link.
    private func netplanFile(_ link: String) -> String {
        let files = netplan.filter { $0.names.contains(link) }.map(\.file)
        return files.count == 1 ? files[0] : ""
    }
}

/// The columns of nmcli's terse output, where `\:` and `\\` stand for themselves (nmcli(1), --terse).
private func terseColumns(_ line: String) -> [String] {
    var (columns, isEscaped) = ([""], false)
    for character in line {
        if isEscaped || character != "\\" && character != ":" {
            columns[columns.count - 1].append(character)
            isEscaped = false
        } else if character == "\\" {
            isEscaped = true
        } else {
            columns.append("")
        }
    }
    return columns
}

extension ReachOutcome {
    /// `connected`, `refused`, or `silent` and why.
    init?(_ answer: ScriptAnswer) {
        let words = (answer["outcome"] ?? "").split(separator: " ", maxSplits: 1)
        switch words.first {
        case "connected": self = .connected
        case "refused": self = .refused
        case "silent": self = .silent(words.count > 1 ? String(words[1]) : "no answer")
        default: return nil
        }
    }
}

extension Character {
    fileprivate var isBlank: Bool { self == " " || self == "\t" }
}

extension String {
    fileprivate var trimmingSpaces: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}

extension Substring {
    /// The digits of `2:`.
    fileprivate var number: String? {
        let digits = dropLast()
        return last == ":" && !digits.isEmpty && digits.allSatisfy(\.isNumber) ? String(digits) : nil
    }

    /// `eth0` of `eth0@if5`.
    fileprivate var linkName: String { String(split(separator: "@").first ?? self) }
}
