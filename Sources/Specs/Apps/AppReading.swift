/// What the files named by `apps:` hold.
struct DeclaredApps {
    var apps: [AppDefinition] = []
    /// Absolute ids of groups, each where it is written.
    var groups: [Located<String>] = []
    /// Whether every app of every file is here, so that an id that is not is not declared.
    var isWhole = true
}

extension DeclaredApps {
    /// Reads one file's tree: an app, a list of such, or a group with relative ids inside.
    mutating func add(_ field: Field, in group: String = "/") {
        guard !field.context.isOverwhelmed else { return isWhole = false }
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
        refuseSettings(of: section)
        section.reportUnknownKeys()
    }

    /// Groups are never written (they would take undeclared apps with them), so nothing but their apps can be declared.
    private func refuseSettings(of section: Section) {
        let settings = [
            (key: "dependencies", hint: "say them in its apps"), (key: "pods", hint: "pods are not managed"),
            (key: "enforceRole", hint: "groups are not written"), (key: "version", hint: "leave it out"),
        ]
        for (key, hint) in settings {
            guard let field = section.field(key), field.node.items?.isEmpty != true else { continue }
            field.fault("a group's `\(key)` is not to be declared here", at: field.key, hint: hint)
        }
    }

    private mutating func addApp(_ field: Field, in group: String) {
        guard field.node.entries != nil else {
            isWhole = false
            return field.fault("an app must be a mapping, not \(field.node.kind)")
        }
        var reader = DefinitionReader(field.context)
        let definition = reader.definition(field.node)
        guard let app = AppDefinition(definition, reader.positions, field, in: group) else { return isWhole = false }
        if let fault = outside(app.id.value, group) {
            field.fault(fault.message, at: app.id.position, hint: fault.hint)
        }
        apps.append(app)
    }

    private func outside(_ id: String, _ group: String) -> Fault? {
        AppPath.isInside(id, group)
            ? nil : Fault("`\(id.abbreviated)` is not inside group `\(group)`", hint: "use relative ids")
    }
}

extension AppDefinition {
    /// The definition with absolute ids; nil, with the fault reported, where it has no id to be known by.
    fileprivate init?(
        _ written: AppValue,
        _ positions: [String: SourcePosition],
        _ field: Field,
        in group: String
    ) {
        guard var members = written.members, let id = members["id"] else {
            field.fault("the app lacks `id`")
            return nil
        }
        let place = positions["id"] ?? field.position
        // What could not be read is reported already.
        guard let content = id.content else { return nil }
        guard let text = content.plainText else {
            field.fault("an id cannot hold a secret", at: place)
            return nil
        }
        let absolute = AppPath.absolute(text, in: group)
        guard !text.isEmpty, absolute.utf8.count <= AppPath.longest else {
            let fault = AppPath.problem(text) ?? Fault("an id has at most \(AppPath.longest) characters")
            field.fault(fault.message, at: place, hint: fault.hint)
            return nil
        }
        members["id"] = .text(Content(absolute))
        if let dependencies = members["dependencies"]?.items {
            members["dependencies"] = .list(
                dependencies.enumerated().map { index, item in
                    guard let content = item.content else { return item }
                    guard let text = content.plainText else {
                        field.fault("a dependency cannot hold a secret", at: positions["dependencies[\(index)]"])
                        return .null
                    }
                    return .text(Content(AppPath.absolute(text, in: group)))
                }
            )
        }
        self.init(
            id: Located(absolute, at: place),
            position: field.position,
            definition: .object(members),
            positions: positions
        )
    }
}

extension Field {
    /// Marathon takes `null` for a key that is left out.
    fileprivate var withoutNulls: Field {
        guard let entries = node.entries else { return self }
        let given = YAMLNode(.mapping(entries.filter { !$0.value.isNull }), at: node.position)
        return Field(path: path, node: given, key: key, context: context)
    }
}
