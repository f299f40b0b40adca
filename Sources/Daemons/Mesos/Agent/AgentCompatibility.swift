/// Whether an agent may take its old id up again as what it is now (mesos-zk-ops.md 4.1).
///
/// Sources: mesos 0.21.1, src/common/type_utils.cpp and src/slave/slave.cpp; 1.11.0, src/slave/compatibility.cpp.
struct AgentCompatibility {
    let version: MesosVersion
    /// `--reconfiguration_policy`, from 1.5 on.
    let policy: String

    /// Why not, in the agent's words; nil where it may.
    func fault(previous: Mesos.AgentInfo, current: Mesos.AgentInfo) -> String? {
        if version.atLeast(1, 5), policy == "additive" { return additiveFault(previous, current) }
        guard !isEqual(previous, current) else { return nil }
        let word = version.agentWord
        let rule = String(repeating: "-", count: 60)
        let gap = version.atLeast(1, 5) ? "\n" : ""
        return [
            "Incompatible \(word) info detected.\(version.atLeast(1, 5) ? " " : "")", gap + rule,
            "Old \(word) info:\n\(Self.text(previous))", gap + rule, "New \(word) info:\n\(Self.text(current))",
            gap + rule,
        ].joined(separator: "\n")
    }

    private func isEqual(_ a: Mesos.AgentInfo, _ b: Mesos.AgentInfo) -> Bool {
        guard a.hostname == b.hostname, a.checkpoint == b.checkpoint, Set(a.attributes) == Set(b.attributes),
            a.resources.contains(b.resources), b.resources.contains(a.resources)
        else { return false }
        if version.atLeast(0, 28), a.port != b.port { return false }
        return !version.atLeast(1, 4) || a.domain == b.domain
    }

    private func additiveFault(_ previous: Mesos.AgentInfo, _ current: Mesos.AgentInfo) -> String? {
        let prefix = "Configuration change not permitted under `additive` policy: "
        if previous.hostname != current.hostname {
            return "\(prefix)Hostname changed from \(previous.hostname) to \(current.hostname)"
        }
        if previous.port != current.port {
            return "\(prefix)Port changed from \(previous.port) to \(current.port)"
        }
        if let domain = previous.domain, domain != current.domain {
            return "\(prefix)Domain changed from \(domain) to \(current.domain ?? "")"
        }
        for resource in previous.resources.items {
            let now = current.resources.items.first { $0.name == resource.name && $0.role == resource.role }
            guard let now else {
                return "Configuration change not permitted under 'additive' policy. Resource not found: "
                    + MesosText.describe(Mesos.Resources([resource]))
            }
            if let fault = shrunk(resource, now) { return fault }
        }
        for attribute in previous.attributes {
            guard let now = current.attributes.first(where: { $0.name == attribute.name }) else {
                return "Configuration change not permitted under 'additive' policy: Couldn't find attribute "
                    + "\(attribute.name):\(MesosText.describe(attribute.value))"
            }
            if let fault = changed(attribute, now) { return fault }
        }
        return nil
    }

    private func shrunk(_ previous: Mesos.Resource, _ current: Mesos.Resource) -> String? {
        guard !Mesos.Resources([current]).contains(Mesos.Resources([previous])) else { return nil }
        let prefix = "Configuration change not permitted under 'additive' policy: "
        let (old, new) = (MesosText.describe(previous.value), MesosText.describe(current.value))
        switch previous.value {
        case .scalar: return "\(prefix)Value of scalar resource '\(previous.name)' decreased from \(old) to \(new)"
        case .ranges:
            return
                "\(prefix)Previous value of range resource '\(previous.name)' (\(old)) not included in current \(new)"
        default:
            return "\(prefix)Previous value of set resource '\(previous.name)' (\(old)) not included in current \(new)"
        }
    }

    /// Scalars and texts must stay, ranges and sets may grow.
    private func changed(_ previous: Mesos.Attribute, _ current: Mesos.Attribute) -> String? {
        let isKept: Bool
        switch (previous.value, current.value) {
        case (.ranges(let old), .ranges(let new)): isKept = Mesos.Resources.difference(old, new).isEmpty
        case (.set(let old), .set(let new)): isKept = old.allSatisfy(new.contains)
        default: isKept = previous.value == current.value
        }
        guard !isKept else { return nil }
        return
            "Configuration change not permitted under 'additive' policy: Value of attribute '\(previous.name)' changed "
            + "from \(MesosText.describe(previous.value)) to \(MesosText.describe(current.value))"
    }

    /// In the manner of protobuf's text format, abridged to what can differ.
    private static func text(_ info: Mesos.AgentInfo) -> String {
        var lines = ["hostname: \"\(info.hostname)\""]
        for resource in info.resources.items {
            lines.append("resources { name: \"\(resource.name)\" role: \"\(resource.role)\" \(text(resource.value)) }")
        }
        for attribute in info.attributes {
            lines.append("attributes { name: \"\(attribute.name)\" \(text(attribute.value)) }")
        }
        if !info.id.isEmpty { lines.append("id { value: \"\(info.id)\" }") }
        lines.append("checkpoint: \(info.checkpoint)")
        lines.append("port: \(info.port)")
        if let domain = info.domain { lines.append("domain: \(domain)") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func text(_ value: Mesos.Value) -> String {
        switch value {
        case .scalar: "type: SCALAR scalar { value: \(MesosText.describe(value)) }"
        case .ranges: "type: RANGES ranges: \(MesosText.describe(value))"
        case .set: "type: SET set: \(MesosText.describe(value))"
        case .text: "type: TEXT text { value: \"\(MesosText.describe(value))\" }"
        }
    }
}
