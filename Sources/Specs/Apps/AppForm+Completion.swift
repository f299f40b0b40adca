/// What no single field's default says: it depends on other fields, or on Marathon's flags.
extension AppForm {
    init(_ definition: ModernDefinition, in context: AppContext) {
        schema = FormSchema.of(context.release)
        slots = schema.root.slots(of: definition.members)
        if definition["instances"] == nil { self["instances"] = .assigned(1) }
        if definition.hadURIs, !context.hasNetworks { leaveExtractOpen() }
        if self["constraints"]?.isEmpty == false { foldConstraints(context) }
        if self["dependencies"]?.isEmpty == false { rootDependencies() }
        completeNetworking(definition, context)
        completePolicies(definition, context)
        completeRoles(definition["id"]?.plainText, context)
        completeHealthChecks(context)
    }

    /// Up to 1.4 a definition unpacks what ends as an archive does, an update everything (marathon-api.md 3.1, `fetch`;
    /// S/state/FetchUri.scala and S/api/v2/json/Formats.scala, 1.4.13): one file comes to be stored in two ways.
    private mutating func leaveExtractOpen() {
        edit("fetch") { item in
            if item["extract"] == .scalar(false) { item["extract"] = .assigned(false) }
        }
    }

    /// `["hostname","UNIQUE",""]` has no value, and operators are in upper case (marathon-api.md 3.1).
    private mutating func foldConstraints(_ context: AppContext) {
        let constraints = self["constraints"]?.items ?? []
        self["constraints"] = .set(
            constraints.map { constraint in
                guard var parts = constraint.items, parts.count >= 2 else { return constraint }
                if parts.count == 3, parts[2].text == "" { parts.removeLast() }
                if context.isAtLeast(0, 9), let name = parts[1].text {
                    parts[1] = .scalar(.text(Content(name.uppercased())))
                }
                return .list(parts)
            }
        )
    }

    private mutating func rootDependencies() {
        let ids = self["dependencies"]?.items ?? []
        guard ids.contains(where: { $0.text?.hasPrefix("/") == false }) else { return }
        self["dependencies"] = .set(ids.map { .scalar(.text(Content(AppPath.absolute($0.text ?? "", in: "/")))) })
    }

    /// marathon-api.md 3.1, `role` and `acceptedResourceRoles`.
    private mutating func completeRoles(_ id: String?, _ context: AppContext) {
        guard context.isAtLeast(1, 9) else { return }
        if self["role"] == nil { self["role"] = .scalar(.text(Content(context.role(of: id ?? "/")))) }
        guard !context.isAtLeast(1, 10), let role = self["role"], let accepted = self["acceptedResourceRoles"]?.items
        else { return }
        // 1.9 drops what it cannot use, later releases refuse it.
        self["acceptedResourceRoles"] = .list(accepted.filter { $0.text == "*" || $0 == role })
    }

    /// What an app with volumes that bind it to an agent gets instead (marathon-api.md 3.1).
    private mutating func completePolicies(_ definition: ModernDefinition, _ context: AppContext) {
        guard context.isAtLeast(1, 0) else { return }
        let volumes = definition["container"]?.said("volumes")?.items ?? []
        let isResident = volumes.contains { $0.said("persistent") != nil }
        if isResident, !context.hasNetworks, self["residency"] == nil, let kind = kind("residency") {
            self["residency"] = FormValue([:], kind)
        }
        let isBound = isResident || self["residency"] != nil || volumes.contains { $0.said("external") != nil }
        if isBound, definition["upgradeStrategy"] == nil, let kind = kind("upgradeStrategy") {
            self["upgradeStrategy"] = FormValue(["minimumHealthCapacity": 0.5, "maximumOverCapacity": 0], kind)
        }
        if isResident, context.isAtLeast(1, 4), definition["unreachableStrategy"] == nil {
            self["unreachableStrategy"] = .scalar("disabled")
        }
    }
}

extension AppContext {
    /// The role of an app that says none: that of its top group where it is enforced (marathon-api.md 3.1), else `role`.
    public func role(of id: String) -> String {
        guard !enforcedGroups.isEmpty, let top = id.split(separator: "/").first, enforcedGroups.contains("/" + top)
        else { return role }
        return String(top)
    }
}

// MARK: Records

/// A record's slots by name, for those who change several of them.
struct EditedRecord {
    let record: FormRecord
    var slots: [FormValue?]

    /// Names that the release does not know are nil, and stay so.
    subscript(name: String) -> FormValue? {
        get { record.slot(name).flatMap { slots[$0] } }
        set { if let slot = record.slot(name) { slots[slot] = newValue } }
    }

    /// Takes a field back to what it is where nothing is said.
    mutating func reset(_ name: String) {
        if let slot = record.slot(name) { slots[slot] = record.fields[slot].filled }
    }

    /// Edits the record in a slot, or every record of a list there.
    mutating func edit(_ name: String, _ change: (inout EditedRecord) -> Void) {
        guard let slot = record.slot(name), let value = slots[slot], let inner = record.fields[slot].kind.record
        else { return }
        slots[slot] = value.edited(inner, change)
    }
}

extension FormValue {
    func edited(_ record: FormRecord, _ change: (inout EditedRecord) -> Void) -> FormValue {
        switch self {
        case .record(let slots):
            var edited = EditedRecord(record: record, slots: slots)
            change(&edited)
            return .record(edited.slots)
        case .list(let items): return .list(items.map { $0.edited(record, change) })
        case .objects(let items): return .objects(items.map { $0.edited(record, change) })
        case .orNone(let value): return .orNone(value.edited(record, change))
        case .scalar, .texts, .map, .assigned: return self
        }
    }
}

extension AppForm {
    mutating func edit(_ name: String, _ change: (inout EditedRecord) -> Void) {
        var root = EditedRecord(record: schema.root, slots: slots)
        // Else the array would be copied.
        slots = []
        root.edit(name, change)
        slots = root.slots
    }
}
