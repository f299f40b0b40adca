/// Each role stands once on a node, and what is said for a role has someone to say it to.
enum RoleRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        repeatedRoles(draft) + flagsWithoutDaemon(draft) + settingsWithoutRole(draft)
    }

    private static func repeatedRoles(_ draft: SpecDraft) -> [Diagnostic] {
        draft.spec.nodes.flatMap { node in
            var places: [Role: SourcePosition] = [:]
            return node.roles.compactMap { role -> Diagnostic? in
                if let first = places[role.value] {
                    let message = "role `\(role.value.rawValue)` already stands at \(first)"
                    return Diagnostic(.error, message, at: role.position)
                }
                places[role.value] = role.position
                return nil
            }
        }
    }

    /// ZooKeeper, Docker and HAProxy take no flags; silence would look like obedience.
    private static func flagsWithoutDaemon(_ draft: SpecDraft) -> [Diagnostic] {
        let instead: [Role: String] = [
            .zookeeper: "keys of zoo.cfg go under `zookeeper.config`",
            .docker: "keys of daemon.json go under `docker.daemon`",
            .haproxy: "see the keys of `haproxy`",
        ]
        let layers = [draft.spec.roles.mapValues(\.flags)] + draft.spec.nodes.map(\.flags)
        return layers.joined().compactMap { role, flags in
            guard let hint = instead[role], let first = flags.first else { return nil }
            return Diagnostic(.error, "role `\(role.rawValue)` takes no flags", at: first.name.position, hint: hint)
        }
    }

    private static func settingsWithoutRole(_ draft: SpecDraft) -> [Diagnostic] {
        draft.spec.nodes.flatMap { node -> [Diagnostic] in
            guard !draft.isFaulty("nodes.\(node.name.value).roles") else { return [] }
            var found = node.flags.filter { !node.has($0.key) }.compactMap { role, flags in
                flags.first.map { ($0.name.position, "flags of `\(role.rawValue)`", role) }
            }
            if !node.has(.mesosAgent), let first = (node.attributes + node.resources).first {
                found.append((first.name.position, "attributes and resources", .mesosAgent))
            }
            return found.map { position, what, role in
                let message = "`\(node.name.value)` has \(what), but not the role `\(role.rawValue)`"
                return Diagnostic(.warning, message, at: position)
            }
        }
    }
}
