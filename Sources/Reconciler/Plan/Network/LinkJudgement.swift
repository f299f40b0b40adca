internal import Specs

/// What is to be done about one node's link; no thought of other nodes.
enum LinkJudgement: Hashable {
    /// The file is as declared; `notes` say where the link is not.
    case settled(notes: [String])
    case blocked(Problem, rule: String?)
    case change(LinkDifference)
}

/// A link's file as it is and as it should be.
struct LinkDifference: Hashable {
    var link: String
    var owner: LinkOwner
    var file: ObservedFile
    var before: String
    var after: String
    /// One entry for each thing that differs, such as `gateway 10.16.41.1 → 10.16.41.254`.
    var words: [String]
    var expected: NetworkAct.Expected
}

extension LinkJudgement {
    init(_ wanted: DesiredLink, on node: ObservedNode) {
        do throws(LinkProblem) {
            self = try LinkJudge(wanted: wanted, node: node).judge()
        } catch {
            self = .blocked(error.problem, rule: error.rule)
        }
    }
}

private struct LinkProblem: Error {
    var problem: Problem
    var rule: String?

    init(_ because: String, isByUnknown: Bool = false, rule: String? = nil, remedy: String? = nil) {
        problem = Problem(because: because, isByUnknown: isByUnknown, remedy: remedy)
        self.rule = rule
    }
}

private struct LinkJudge {
    let wanted: DesiredLink
    let node: ObservedNode

    func judge() throws(LinkProblem) -> LinkJudgement {
        let network: NetworkAnswer
        switch node.network {
        case .found(let found): network = found
        case .absent: throw LinkProblem("the node does not tell of its links", isByUnknown: true)
        case .unknown(let reason): throw LinkProblem(reason, isByUnknown: true)
        }
        let link = try link(in: network)
        let settings = try settings(of: link)
        let owner = try owner(of: link)
        let file = try file(of: link, owner)
        guard let text = file.content?.plainText else {
            throw LinkProblem("\(file.path) is larger than 64 KiB, no text, or holds what looks like a secret")
        }
        if LinkFiles.isCloudInits(file.path, text) {
            throw LinkProblem(
                "\(file.path) is cloud-init's, which writes it anew: a change would be lost",
                remedy:
                    "change it where cloud-init takes it from, or switch that off (network: {config: disabled}) and keep the file"
            )
        }
        let edit: LinkFileEdit
        do throws(LinkFileFault) {
            edit =
                try owner == .ifupdown
                ? InterfacesEdit.edit(text, to: settings) : NetworkdEdit.edit(text, to: settings)
        } catch {
            throw LinkProblem(
                "\(file.path) \(error.words)",
                remedy: "bring it to one plain stanza for \(link.name) by hand, or declare no network.enforce"
            )
        }
        if let address = edit.before.address, address != wanted.address {
            throw LinkProblem(
                "\(file.path) gives \(link.name) \(address) and cluster.yaml says \(wanted.address): another address is "
                    + "another member for every ensemble and another agent for Mesos",
                rule: "network-address",
                remedy: "correct whichever is wrong by hand"
            )
        }
        let expected = NetworkAct.Expected(
            address: settings.addressWithPrefix,
            gateway: settings.gateway,
            nameservers: settings.nameservers
        )
        guard edit.text != text else { return .settled(notes: notes(on: link, network, file, expected)) }
        return .change(
            LinkDifference(
                link: link.name,
                owner: owner,
                file: file,
                before: text,
                after: edit.text,
                words: words(edit.before, settings),
                expected: expected
            )
        )
    }

    // MARK: The link

    private func link(in network: NetworkAnswer) throws(LinkProblem) -> NetworkAnswer.Link {
        let owners = network.links.filter { $0.addresses.contains { $0.hasPrefix("\(wanted.address)/") } }
        if let interface = wanted.interface {
            guard let link = network.links.first(where: { $0.name == interface }) else {
                let names = network.links.map(\.name).filter { $0 != "lo" }.joined(separator: ", ")
                throw LinkProblem("there is no link \(interface) (\(names.isEmpty ? "none at all" : names))")
            }
            if owners.contains(link) { return link }
            let elsewhere = owners.first.map { "; \($0.name) has \(wanted.address)" } ?? ""
            throw LinkProblem(
                "\(interface) has \(link.addresses.isEmpty ? "no address" : link.addresses.joined(separator: ", "))\(elsewhere)"
                    + ": an address is not moved or changed, since every ensemble knows the node by it",
                rule: "network-address",
                remedy: "correct network.interface or the node's address, or change the address by hand"
            )
        }
        guard let link = owners.first, owners.count == 1 else {
            throw LinkProblem("\(owners.isEmpty ? "no link has" : "several links have") the address \(wanted.address)")
        }
        return link
    }

    private func settings(of link: NetworkAnswer.Link) throws(LinkProblem) -> LinkSettings {
        let current = link.addresses.first { $0.hasPrefix("\(wanted.address)/") }
            .flatMap { $0.split(separator: "/").last }.flatMap { Int($0) }
        guard let prefix = wanted.prefix ?? current else {
            throw LinkProblem("the length of \(link.name)'s network is neither declared nor told", isByUnknown: true)
        }
        if let gateway = wanted.gateway, let address = IPAddress(wanted.address), let router = IPAddress(gateway),
            !router.isNeighbour(of: address, prefix: prefix)
        {
            throw LinkProblem(
                "the gateway \(gateway) is not in the network of \(wanted.address)/\(prefix)",
                remedy: "correct network.netmask or network.gateway"
            )
        }
        return LinkSettings(
            interface: link.name,
            address: wanted.address,
            prefix: prefix,
            gateway: wanted.gateway,
            nameservers: wanted.nameservers
        )
    }

    private func owner(of link: NetworkAnswer.Link) throws(LinkProblem) -> LinkOwner {
        switch link.owner {
        case .ifupdown, .networkd: return link.owner
        case .networkManager:
            throw LinkProblem(
                "\(link.name) is NetworkManager's; links of ifupdown and systemd-networkd are changed, others are only checked",
                remedy: "change it by hand (nmcli connection modify …, nmcli connection up …)"
            )
        case .netplan:
            throw LinkProblem(
                "\(link.name) is netplan's; links of ifupdown and systemd-networkd are changed, others are only checked",
                remedy: "change its YAML by hand (netplan try reverts by itself)"
            )
        case .unknown:
            throw LinkProblem("nobody that is known configures \(link.name), so it is only checked")
        }
    }

    // MARK: The file

    private func file(of link: NetworkAnswer.Link, _ owner: LinkOwner) throws(LinkProblem) -> ObservedFile {
        let places = owner == .ifupdown ? LinkFiles.ifupdown : LinkFiles.networkd
        guard !link.file.isEmpty else {
            throw LinkProblem("which file configures \(link.name) is not known", isByUnknown: true)
        }
        guard places.contains(where: { link.file.hasPrefix($0 + "/") }) else {
            throw LinkProblem(
                "\(link.file), which configures \(link.name), is not under \(places.joined(separator: " or "))"
            )
        }
        let entries = try entries(of: places)
        guard let file = entries.first(where: { $0.path == link.file || $0.resolvedPath == link.file }) else {
            throw LinkProblem("\(link.file), which configures \(link.name), could not be seen", isByUnknown: true)
        }
        switch owner {
        case .ifupdown:
            let other = entries.first { entry in
                entry.resolvedPath != file.resolvedPath && LinkFiles.isRead(entry)
                    && (entry.content?.plainText).map { InterfacesEdit.configures(link.name, in: $0) } ?? false
            }
            if let other { throw LinkProblem("\(file.path) and \(other.path) both configure \(link.name)") }
        case .networkd:
            let dropIns = entries.filter { $0.path.hasPrefix(file.path + ".d/") }
            if let first = dropIns.first { throw LinkProblem("\(first.path) changes what \(file.path) says") }
        case .networkManager, .netplan, .unknown: break
        }
        return file
    }

    private func entries(of places: [String]) throws(LinkProblem) -> [ObservedFile] {
        var entries: [ObservedFile] = []
        for place in places {
            switch node.directories[place] {
            case .found(let found)?: entries += found
            case .absent?: continue
            case .unknown(let reason)?: throw LinkProblem("\(place): \(reason)", isByUnknown: true)
            case nil: throw LinkProblem("\(place) was not looked at", isByUnknown: true)
            }
        }
        return entries.filter { $0.kind == .regular }
    }

    // MARK: Words

    private func words(_ before: LinkFileReading, _ settings: LinkSettings) -> [String] {
        var words: [String] = []
        if before.address == nil {
            words.append("dhcp → \(settings.addressWithPrefix)")
        } else if before.prefix != settings.prefix {
            words.append(
                "address \(settings.address)\(before.prefix.map { "/\($0)" } ?? "") → \(settings.addressWithPrefix)"
            )
        }
        if let gateway = settings.gateway, before.gateway != gateway {
            words.append("gateway \(before.gateway ?? "none") → \(gateway)")
        }
        if !settings.nameservers.isEmpty, before.nameservers != settings.nameservers {
            let old = before.nameservers.isEmpty ? "none" : before.nameservers.joined(separator: " ")
            words.append("name servers \(old) → \(settings.nameservers.joined(separator: " "))")
        }
        return words.isEmpty ? ["the file's own form"] : words
    }

    /// What the file says and the node does not do: nothing that writing the file again would mend.
    private func notes(
        on link: NetworkAnswer.Link,
        _ network: NetworkAnswer,
        _ file: ObservedFile,
        _ expected: NetworkAct.Expected
    ) -> [String] {
        var notes: [String] = []
        if let missing = expected.missing(on: link.name, in: network) {
            notes.append(
                "\(file.path) is as declared and \(missing): it takes effect when \(link.name) is brought up again"
            )
        }
        if !expected.nameservers.isEmpty, network.nameservers != expected.nameservers {
            let asked = network.nameservers.isEmpty ? "none" : network.nameservers.joined(separator: ", ")
            notes.append(
                "\(file.path) names \(expected.nameservers.joined(separator: ", ")) and the resolver asks \(asked): "
                    + "ifupdown needs resolvconf for them, and another program may write /etc/resolv.conf"
            )
        }
        return notes
    }
}

/// Where the files of links are.
enum LinkFiles {
    static let ifupdown = ["/etc/network"]
    static let networkd = ["/etc/systemd/network"]

    /// `interfaces` itself and what its directory holds but for hidden files, which no pattern finds; `if-up.d` and the like
    /// hold programs.
    static func isRead(_ file: ObservedFile) -> Bool {
        let directory = "/etc/network/interfaces.d/"
        return file.path == "/etc/network/interfaces"
            || file.path.hasPrefix(directory) && !file.path.hasPrefix(directory + ".")
    }

    /// cloud-init names its files so, and begins them with such a comment.
    static func isCloudInits(_ path: String, _ text: String) -> Bool {
        if path.split(separator: "/").last?.contains("cloud-init") == true { return true }
        let comments = text.split(separator: "\n").filter { $0.drop { $0 == " " }.first == "#" }
        return comments.contains { $0.contains("cloud-init") || $0.contains("information provided by the datasource") }
    }
}
