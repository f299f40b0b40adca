internal import Specs

extension NodeDifference {
    /// Host name and what the node's own names lead to; where `network.enforce` sees to them a step does, and none is told.
    var nameNotes: [String] {
        desired.network?.enforces == true ? rewrittenNotes : hostNameNotes + loopbackNotes
    }

    /// cloud-init says so at the head of what it makes of its template.
    private var rewrittenNotes: [String] {
        guard let text = observed.files["/etc/hosts"]?.value?.content?.plainText,
            text.split(separator: "\n").contains(where: { $0.hasPrefix("#") && $0.contains("manage_etc_hosts") })
        else { return [] }
        return [
            "cloud-init writes /etc/hosts anew at every boot there: set manage_etc_hosts: false and preserve_hostname: true in "
                + "/etc/cloud/cloud.cfg.d, and take its comment out of /etc/hosts"
        ]
    }

    /// Only where `network:` is declared: without it the host name is the site's own business.
    private var hostNameNotes: [String] {
        guard let declared = desired.network?.hostname, let seen = observed.network.value else { return [] }
        let file = observed.files["/etc/hostname"]?.value?.content?.hostname ?? seen.hostname
        var notes: [String] = []
        if ![seen.hostname, file].contains(where: { isSameHost($0, declared.value) }) {
            notes.append(
                "its host name is \(seen.hostname), and \(declared.value) is declared (\(declared.position)); "
                    + "set it by hand, or set network.enforce: true"
            )
        }
        if file != seen.hostname {
            notes.append("its host name is \(seen.hostname), and /etc/hostname makes it \(file) at the next boot")
        }
        return notes
    }

    /// `m1` and `m1.example.com` are one host; an address is nobody's short name.
    private func isSameHost(_ a: String, _ b: String) -> Bool {
        let (a, b) = (a.lowercased(), b.lowercased())
        guard a != b else { return true }
        guard IPAddress(a) == nil, IPAddress(b) == nil else { return false }
        return a.hasPrefix(b + ".") || b.hasPrefix(a + ".")
    }

    /// Who looks its own name up binds, or tells others, an address that is reached by nobody else (mesos-zk-ops.md F7).
    private var loopbackNotes: [String] {
        let daemons: Set<Role> = [.zookeeper, .mesosMaster, .marathon, .mesosAgent]
        guard !daemons.isDisjoint(with: desired.roles) else { return [] }
        // A name that is declared for an address of its own may lead to loopback.
        let others = Set(desired.network?.hosts.map(\.name) ?? [])
        let looped = observed.addresses.compactMap { name, found -> (String, String)? in
            guard !others.contains(name), let first = found.value?.first, IPAddress(first)?.isLoopback == true else {
                return nil
            }
            return (name, first)
        }
        var traps = looped.sorted { $0.0 < $1.0 }
        if let own = observed.network.value?.hostname, observed.addresses[own] == nil,
            let first = hostsAddress(of: own),
            first.isLoopback
        {
            traps.append((own, first.text))
        }
        return traps.map { name, address in
            "its own name \(name) leads to \(address) there: daemons that look it up listen where no other node reaches them "
                + "(Marathon's scheduler registers so); take `\(name)` off that line of /etc/hosts, or set "
                + "network.enforce: true"
        }
    }

    private func hostsAddress(of name: String) -> (text: String, isLoopback: Bool)? {
        guard let content = observed.files["/etc/hosts"]?.value?.content,
            let found = KeyedText(content, format: .hosts)[name]?.plainText
        else { return nil }
        return (found, IPAddress(found)?.isLoopback == true)
    }
}

extension Content {
    /// The name in an /etc/hostname: its first line that is no comment (hostname(5)).
    fileprivate var hostname: String? {
        let lines = (plainText ?? "").split(separator: "\n").map { line in
            String(line.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" && $0 != "\r" })
        }
        return lines.first { !$0.isEmpty && !$0.hasPrefix("#") }
    }
}
