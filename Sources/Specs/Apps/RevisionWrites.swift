/// Finds the smallest write that is safe (marathon-api.md 2.1).
struct RevisionWrites {
    let target: AppValue
    let live: AppValue
    let before: AppForm
    let after: AppForm
    let differences: [FieldDifference]
    let context: AppContext

    var way: AppRevision.Way {
        guard differences.restartTasks(in: context) else { return .write(keepingTasks) }
        return context.isAtLeast(1, 4) ? .write(AppWrite(.replace, body: whole.value)) : merge
    }

    private var whole: WriteBody {
        var body = WriteBody(target, context)
        body.keepInstances(of: before)
        body.keepPorts(of: before, unless: differences)
        return body
    }

    private func isDifferent(_ name: String) -> Bool { differences.contains { $0.path.topName == name } }

    private var instances: AppValue { (isDifferent("instances") ? after : before)["instances"].map(\.plain) ?? 1 }
}

// MARK: Up to 1.3: merges only

extension RevisionWrites {
    /// What is declared, and defaults or empties for what differs and is not.
    private var merge: AppRevision.Way {
        var body = whole
        body.members["id"] = nil
        var cleared: [String] = []
        for name in Set(differences.map(\.path.topName) + uncovered).sorted() where !isDeclared(name, body) {
            guard let field = after.schema.root.field(name) else { continue }
            if let filled = after[name] {
                body.members[name] = filled.value(field.kind)
            } else if field.clearing == .onlyByReplacing {
                cleared.append(name)
            }
        }
        // An empty container is taken for none.
        if isDifferent("container"), after["container"] == nil, !cleared.contains("container") {
            cleared.append("container")
        }
        if cleared.isEmpty { return .write(AppWrite(.merge, body: body.value)) }
        var created = WriteBody(target, context)
        created.keepInstances(of: before)
        return .recreate(AppWrite(creating: created.value, in: context), clearing: cleared.sorted())
    }

    /// Fields that were told in the words of others, and are their own again: ports that mappings stood for, which a merge
    /// would keep as they are stored (marathon-api.md 3.2).
    private var uncovered: [String] {
        let fields = after.schema.root.fields.indices
        return fields.filter { before.slots[$0] == nil && after.slots[$0] != nil }.map {
            after.schema.root.fields[$0].name
        }
    }

    private func isDeclared(_ name: String, _ body: WriteBody) -> Bool {
        let old = ["fetch": "uris", "portDefinitions": "ports"][name]
        return body.members[name] != nil || old.map { body.members[$0] != nil } ?? false
    }
}

// MARK: Without touching a task

extension RevisionWrites {
    /// Only the number of instances, or what no task is restarted for.
    private var keepingTasks: AppWrite {
        if isDifferent("executorResources") || context.hasNetworks && hasCheckWithoutIndex {
            return AppWrite(.replace, body: .object(liveBody))
        }
        var body = ["instances": instances]
        if context.isAtLeast(1, 10) {
            // A merge forgets what it does not say of these (S/raml/AppConversion.scala, 1.10 and 1.11).
            for name in ["executorResources", "resourceLimits"] { body[name] = live.said(name)?.withoutNulls }
        }
        return AppWrite(.merge, body: .object(body))
    }

    /// From 1.5 every merge writes down the port index of checks that have none, which restarts the app.
    private var hasCheckWithoutIndex: Bool {
        (live.said("healthChecks")?.items ?? []).contains { check in
            check.said("protocol")?.plainText != "COMMAND" && check.said("port") == nil
                && check.said("portIndex") == nil
        }
    }

    /// The live definition as a whole new one, such that the release stores it as it is.
    private var liveBody: [String: AppValue] {
        var body = WriteBody(live, context).members
        for field in AppSchema.fields where field.forgotten?.contains(context.release) == true {
            body[field.name] = nil
        }
        body["instances"] = instances
        if isDifferent("executorResources") {
            body["executorResources"] = WriteBody(target, context).members["executorResources"]
        }
        if hasCheckWithoutIndex { hidePortDefinitions(&body) }
        return body
    }

    /// Port definitions that are said have checks get their index; those without any of their own can go unsaid.
    private func hidePortDefinitions(_ body: inout [String: AppValue]) {
        guard let definitions = body["portDefinitions"]?.items, !definitions.isEmpty else { return }
        let isBare = definitions.allSatisfy { definition in
            definition.said("protocol")?.plainText ?? "tcp" == "tcp"
                && definition.said("labels")?.members?.isEmpty ?? true
        }
        let names = definitions.map { $0.said("name")?.plainText }
        guard isBare, names == ["default"] || names.allSatisfy({ $0 == nil }) else { return }
        body["portDefinitions"] = nil
        if names != ["default"] { body["ports"] = .list(definitions.map { $0.said("port") ?? 0 }) }
    }
}

extension FormValue {
    /// Of a scalar.
    fileprivate var plain: AppValue { value(.scalar(isAssigned: false)) }
}
