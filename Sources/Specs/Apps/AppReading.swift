/// What the files named by `apps:` hold.
struct DeclaredApps {
    var apps: [AppDefinition] = []
    /// Absolute ids of groups, each where it is written.
    var groups: [Located<String>] = []
}

extension DeclaredApps {
    /// Reads one file's tree: an app, a list of such, or a group with relative ids inside.
    mutating func add(_ field: Field, in group: String = "/") {
        guard !field.context.isOverwhelmed else { return }
        if let items = field.node.items {
            for (index, item) in items.enumerated() {
                add(field.inner("\(index)", item, key: item.position), in: group)
            }
        } else if field.node["apps"] != nil || field.node["groups"] != nil {
            addGroup(field, in: group)
        } else {
            addApp(field, in: group)
        }
    }

    private mutating func addGroup(_ field: Field, in parent: String) {
        guard let section = Section(field.withoutNulls) else { return }
        let written = section.optional("id", .text) ?? Located(parent, at: field.position)
        let id = AppPath.absolute(written.value, in: parent)
        if id != parent {
            if let fault = AppPath.problem(written.value) ?? outside(id, parent) {
                field.fault(fault.message, at: written.position, hint: fault.hint)
            }
            groups.append(Located(id, at: written.position))
        }
        for key in ["apps", "groups"] {
            guard let list = section.field(key) else { continue }
            guard list.node.items != nil else {
                list.fault("`\(key)` must be a list, not \(list.node.kind)")
                continue
            }
            add(list, in: id)
        }
    }

    private mutating func addApp(_ field: Field, in group: String) {
        guard let section = Section(field.withoutNulls) else { return }
        let written = section.required("id", .text, fallback: "")
        guard !written.value.isEmpty else { return }
        let id = AppPath.absolute(written.value, in: group)
        if let fault = AppPath.problem(written.value) ?? outside(id, group) {
            field.fault(fault.message, at: written.position, hint: fault.hint)
        }
        guard id.utf8.count <= AppPath.longest else { return }
        apps.append(AppDefinition(section, id: Located(id, at: written.position), group: group, node: field.node))
    }

    private func outside(_ id: String, _ group: String) -> Fault? {
        AppPath.isInside(id, group) ? nil : Fault("`\(id)` is not inside group `\(group)`", hint: "use relative ids")
    }
}

extension AppDefinition {
    fileprivate init(_ section: Section, id: Located<String>, group: String, node: YAMLNode) {
        for key in ["cpus", "mem", "disk", "gpus"] { _ = section.optional(key, .amount) }
        let container = section.value("container", .container)
        self.init(
            id: id,
            position: node.position,
            instances: section.optional("instances", .typedInteger(0...Int.max)),
            command: section.optional("cmd", .anyText),
            arguments: section.optional("args", .texts),
            container: container?.container,
            servicePorts: AppDefinition.servicePorts(section, container?.mappings),
            dependencies: (section.value("dependencies", .list(of: .text)) ?? []).map {
                Located(AppPath.absolute($0.value, in: group), at: $0.position)
            },
            secretReferences: AppDefinition.secrets(in: section.field),
            node: node
        )
    }

    /// The chosen service ports: those of the port mappings where there are any, else the app's own.
    private static func servicePorts(_ section: Section, _ mappings: [Located<Int>]?) -> [Located<Int>] {
        let ports = section.value("ports", .list(of: .typedInteger(0...65535)))
        let definitions = section.value("portDefinitions", .list(of: .portDefinition))
        let own = ports ?? definitions?.compactMap(\.value) ?? []
        return (mappings ?? own).filter { $0.value != 0 }
    }

    /// Checks every `${…}` of ours in the definition, and gives the secrets among them.
    private static func secrets(in field: Field) -> [SecretReference] {
        switch field.node.value {
        case .scalar(let scalar):
            return field.expand(scalar.text)?.references ?? []
        case .sequence(let items):
            let references = items.enumerated().flatMap { index, item in
                secrets(in: field.inner("\(index)", item, key: item.position))
            }
            return references.sortedOnce()
        case .mapping(let entries):
            let references = entries.flatMap { entry in
                secrets(in: field.inner(entry.key.value, entry.value, key: entry.key.position))
            }
            return references.sortedOnce()
        }
    }
}

extension Field {
    /// Marathon takes `null` for a key that is left out.
    fileprivate var withoutNulls: Field {
        Field(path: path, node: node.withoutNulls, key: key, context: context)
    }
}

extension YAMLNode {
    fileprivate var withoutNulls: YAMLNode {
        switch value {
        case .scalar: self
        case .sequence(let items): YAMLNode(.sequence(items.map(\.withoutNulls)), at: position)
        case .mapping(let entries):
            YAMLNode(
                .mapping(
                    entries.filter { !$0.value.isNull }.map { Entry(key: $0.key, value: $0.value.withoutNulls) }
                ),
                at: position
            )
        }
    }
}
