internal import Reconciler

/// What ifupdown and networkd make of their files, as far as the lab's links go; shares no code with the product's editor.
struct LabLinkFile: Hashable {
    /// Such as `10.16.40.1/23`; nil: by DHCP, whose server gives what is there.
    var address: String?
    var gateway: String?
    var nameservers: [String] = []

    init?(_ text: String, for link: NetworkAnswer.Link) {
        let lines = text.split(separator: "\n").map { $0.split { " =\t".contains($0) }.map(String.init) }
        switch link.owner {
        case .ifupdown:
            var isOwn = false
            for words in lines {
                switch words.first {
                case "iface": isOwn = words.count > 3 && words[1] == link.name && words[2] == "inet"
                case "auto", "source", "mapping": isOwn = false
                case "address" where isOwn && words.count > 1: address = words[1]
                case "netmask" where isOwn && words.count > 1:
                    guard let bits = Self.bits(words[1]), let bare = address?.prefix(while: { $0 != "/" }) else {
                        continue
                    }
                    address = "\(bare)/\(bits)"
                case "gateway" where isOwn && words.count > 1: gateway = words[1]
                case "dns-nameservers" where isOwn: nameservers = Array(words.dropFirst())
                default: continue
                }
            }
        case .networkd:
            for words in lines where words.count > 1 {
                switch words[0] {
                case "Address": address = words[1]
                case "Gateway": gateway = words[1]
                case "DNS": nameservers += words.dropFirst()
                default: continue
                }
            }
        case .networkManager, .netplan, .unknown: return nil
        }
    }

    /// What a link is now, as its file would say it; nil where its owner has another form.
    init?(_ link: NetworkAnswer.Link, _ answer: NetworkAnswer) {
        guard link.owner == .ifupdown || link.owner == .networkd else { return nil }
        address = link.addresses.first { !$0.contains(":") }
        gateway = answer.gateways.first { $0.interface == link.name }?.address
        nameservers = answer.nameservers
    }

    func text(for link: NetworkAnswer.Link) -> String {
        switch link.owner {
        case .ifupdown:
            let options =
                [address.map { "address \($0)" }, gateway.map { "gateway \($0)" }].compactMap(\.self)
                + (nameservers.isEmpty ? [] : ["dns-nameservers \(nameservers.joined(separator: " "))"])
            let head = ["auto lo", "iface lo inet loopback", "", "auto \(link.name)", "iface \(link.name) inet static"]
            return (head + options.map { "    \($0)" } + [""]).joined(separator: "\n")
        case .networkd, .networkManager, .netplan, .unknown:
            let keys = [address.map { "Address=\($0)" }, gateway.map { "Gateway=\($0)" }].compactMap(\.self)
            return (["[Match]", "Name=\(link.name)", "", "[Network]"] + keys + nameservers.map { "DNS=\($0)" } + [""])
                .joined(separator: "\n")
        }
    }

    private static func bits(_ mask: String) -> Int? {
        let parts = mask.split(separator: ".").compactMap { UInt8($0) }
        return parts.count == 4 ? parts.map(\.nonzeroBitCount).reduce(0, +) : Int(mask)
    }
}
