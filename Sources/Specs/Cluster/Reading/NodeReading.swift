extension Shape where Value == [NodeSpec] {
    /// `nodes:`, in the order of the file.
    static var nodes: Shape {
        Shape<[(name: Located<String>, value: NodeSpec)]>.mapping(of: .node, names: .host).map { nodes in
            nodes.map { name, node in
                var node = node
                node.name = Located(NodeName(name.value), at: name.position)
                return node
            }
        }
    }
}

extension Shape where Value == NodeSpec {
    fileprivate static var node: Shape {
        section { section in
            NodeSpec(
                name: Located("", at: section.position),
                address: section.required("address", .text, fallback: ""),
                roles: section.value("roles", .list(of: .word)) ?? [],
                ssh: section.value("ssh", .nodeSSH) ?? SSHSpec(),
                hostKey: section.optional("hostKey", .text),
                hostname: section.optional("hostname", .text(.host)),
                attributes: section.value("attributes", .attributes) ?? [],
                resources: section.value("resources", .attributes) ?? [],
                flags: section.value("flags", .byRole(.flags)) ?? [:],
                files: section.value("files", .files) ?? [],
                services: section.value("services", .services) ?? []
            )
        }
    }
}

extension Shape where Value == [Role: RoleSpec] {
    /// `roles:`.
    static var roles: Shape {
        .byRole(
            .section { section in
                RoleSpec(
                    flags: section.value("flags", .flags) ?? [],
                    files: section.value("files", .files) ?? [],
                    services: section.value("services", .services) ?? []
                )
            }
        )
    }
}

extension Shape {
    /// A mapping whose keys are roles.
    fileprivate static func byRole<Item>(_ item: Shape<Item>) -> Shape where Value == [Role: Item] {
        Shape { field in
            Shape<[(name: Located<String>, value: Item)]>.mapping(of: item, names: .role).read(field).map { entries in
                let known = entries.compactMap { entry in Role(rawValue: entry.name.value).map { ($0, entry.value) } }
                return Dictionary(known) { first, _ in first }
            }
        }
    }
}

extension NameRule {
    fileprivate static let role = NameRule { name in
        guard Role(rawValue: name) == nil else { return nil }
        let roles = Role.allCases.map(\.rawValue)
        return Fault("unknown role `\(name.abbreviated)`", hint: Suggestion.hint(for: name, in: roles))
    }
}
