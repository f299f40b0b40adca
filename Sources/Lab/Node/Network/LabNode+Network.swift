internal import Reconciler
internal import Specs

extension LabNode {
    /// What the node tells of its network, as net.sh does.
    var networkAnswer: NetworkAnswer {
        var answer = wiring ?? standardWiring
        answer.hostname = hostname
        return answer
    }

    /// One Ethernet link with the node's address, by the stack that its system comes with.
    var standardWiring: NetworkAnswer {
        NetworkAnswer(
            links: [
                loopback,
                NetworkAnswer.Link(
                    name: "eth0",
                    isUp: true,
                    addresses: ["\(address)/\(address.contains(":") ? 64 : 24)"],
                    owner: platform.usesAPT ? .ifupdown : .networkManager,
                    file: platform.usesAPT
                        ? "/etc/network/interfaces" : "/etc/sysconfig/network-scripts/ifcfg-eth0"
                ),
            ],
            gateways: [],
            nameservers: [],
            hostname: ""
        )
    }

    private var loopback: NetworkAnswer.Link {
        NetworkAnswer.Link(
            name: "lo",
            isUp: true,
            addresses: ["127.0.0.1/8", "::1/128"],
            owner: platform.usesAPT ? .ifupdown : .unknown,
            file: platform.usesAPT ? "/etc/network/interfaces" : ""
        )
    }

    /// Cables the node as `network:` declares, where it declares something.
    mutating func wire(as spec: NetworkSpec?) {
        guard let spec else { return }
        var wiring = standardWiring
        let name = spec.interface?.value ?? "eth0"
        wiring.links[1].name = name
        if !platform.usesAPT { wiring.links[1].file = "/etc/sysconfig/network-scripts/ifcfg-\(name)" }
        if let bits = spec.netmask.flatMap({ IPAddress($0.value) })?.prefixLength, !address.contains(":") {
            wiring.links[1].addresses = ["\(address)/\(bits)"]
        }
        if let gateway = spec.gateway?.value {
            wiring.gateways = [NetworkAnswer.Gateway(address: gateway, interface: name)]
        }
        wiring.nameservers = spec.nameservers.map(\.value)
        self.wiring = wiring
    }

    /// The host name that holds now, as the kernel has it; /etc/hostname gives it at boot.
    var hostname: String { kernelHostname ?? withoutTrailingNewlines(files.read("/etc/hostname") ?? name.text) }

    /// rename.sh.
    mutating func rename(_ new: String) throws(Concluded) {
        let old = hostname
        guard old != new else { throw .already }
        kernelHostname = new
        throw .done("\(old) became \(new)")
    }

    /// The first address that /etc/hosts gives a name; nil where it has none.
    func hostsFileAddress(of name: String) -> String? {
        for line in (files.read("/etc/hosts") ?? "").split(separator: "\n") {
            let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
            if words.dropFirst().contains(where: { $0.lowercased() == name.lowercased() }) { return String(words[0]) }
        }
        return nil
    }
}
