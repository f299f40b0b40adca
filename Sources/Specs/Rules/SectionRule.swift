/// A role has the section that describes its service, and a section has nodes.
enum SectionRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        let spec = draft.spec
        var found: [Diagnostic] = []
        if spec.nodes.isEmpty, !draft.isAppsOnly, !draft.isFaulty("nodes") {
            let place = SourcePosition(file: spec.file, line: 1, column: 1)
            found.append(Diagnostic(.error, "`nodes` names no node", at: place))
        }
        let sections: [(role: Role, section: String)] = [
            (.zookeeper, "zookeeper"), (.mesosMaster, "mesos"), (.mesosAgent, "mesos"), (.marathon, "marathon"),
        ]
        for (role, section) in sections where !draft.sections.contains(section) {
            guard let place = spec.nodes.lazy.flatMap(\.roles).first(where: { $0.value == role })?.position else {
                continue
            }
            let message = "role `\(role.rawValue)` needs a section `\(section)`"
            found.append(Diagnostic(.error, message, at: place))
        }
        let needs: [(section: String, place: SourcePosition?, needed: String)] = [
            ("mesos", spec.mesos?.position, "zookeeper"), ("marathon", spec.marathon?.position, "mesos"),
        ]
        for (section, place, needed) in needs where !draft.sections.contains(needed) {
            guard let place, !draft.isAppsOnly else { continue }
            let message = "`\(section)` needs a section `\(needed)`"
            found.append(Diagnostic(.error, message, at: place, hint: "its zk:// URL is derived from it"))
        }
        return found + sectionsWithoutNodes(draft)
    }

    private static func sectionsWithoutNodes(_ draft: SpecDraft) -> [Diagnostic] {
        guard !draft.hasFaultyRoles else { return [] }
        let spec = draft.spec
        let owners: [(section: String, place: SourcePosition?, role: Role)] = [
            ("marathon", spec.marathon?.position, .marathon), ("haproxy", spec.other.haproxy?.position, .haproxy),
        ]
        return owners.compactMap { section, place, role in
            guard let place, spec.nodes(with: role).isEmpty, !draft.isAppsOnly else { return nil }
            return Diagnostic(
                .warning,
                "`\(section)` is declared, but no node has the role `\(role.rawValue)`",
                at: place
            )
        }
    }
}
