/// What a body of `/v2/groups` makes of the root: a full replacement of what it lists, a rollback, or a multiplication.
///
/// Source: marathon-api.md 1.6.
struct GroupUpdate {
    let codec: MarathonAppCodec
    let root: MarathonRoot
    let version: Moment
    private(set) var edit = RootEdit()

    init(codec: MarathonAppCodec, root: MarathonRoot, version: Moment) {
        self.codec = codec
        self.root = root
        self.version = version
    }

    private var release: MarathonVersion { codec.version }

    /// The group a body is about: its own id, within the URL's group.
    static func path(of body: JSON, url: String) -> String {
        body["id"]?.string.map { MarathonPath.absolute($0, in: url) } ?? url
    }

    mutating func apply(_ body: JSON, to group: String) throws(MarathonFault) {
        edit.groupID = group
        if let text = body["version"]?.string {
            try rollBack(group, to: text)
        } else if let factor = body["scaleBy"]?.double {
            try scale(group, by: factor)
        } else {
            try replace(group, body)
        }
    }

    mutating func remove(_ group: String) {
        edit.groupID = group
        for id in root.apps(below: group) { edit.removedApps.append(id) }
        edit.removedGroups += root.groups(below: group).filter { $0 != "/" }
    }

    // MARK: Replacement

    private mutating func replace(_ group: String, _ body: JSON) throws(MarathonFault) {
        guard body.object != nil else { throw .wrongType(release, [("", "error.expected.jsobject")]) }
        let current = root.groups[group]
        var dependencies = current?.dependencies ?? []
        if let listed = body["dependencies"]?.array {
            dependencies = listed.compactMap(\.string).map { MarathonPath.absolute($0, in: group) }
        }
        edit.groups.append((group, dependencies))
        if let listed = body["apps"]?.array { try replaceApps(of: group, listed) }
        guard let listed = body["groups"]?.array else { return }
        var kept: Set<String> = []
        for element in listed {
            guard let name = element["id"]?.string else {
                throw .validation(release, [.init(path: "/id", attribute: "id", "must not be empty")])
            }
            let id = MarathonPath.absolute(name, in: group)
            guard PathID.isBelow(id, group), id != group else { throw notBelow(id, group) }
            kept.insert(id)
            try replace(id, element)
        }
        for id in current?.groups ?? [] where !kept.contains(id) {
            edit.removedApps += root.apps(below: id)
            edit.removedGroups += root.groups(below: id)
        }
    }

    private mutating func replaceApps(of group: String, _ listed: [JSON]) throws(MarathonFault) {
        var kept: Set<String> = []
        for element in listed {
            let app = try codec.readApp(element, base: group, at: version)
            guard PathID.isBelow(app.id, group), app.id != group else { throw notBelow(app.id, group) }
            guard kept.insert(app.id).inserted else { continue }
            try add(app)
        }
        edit.removedApps += (root.groups[group]?.apps ?? []).filter { !kept.contains($0) }
    }

    private mutating func add(_ app: MarathonApp) throws(MarathonFault) {
        let former = root.apps[app.id]
        try codec.validate(app, former: former)
        edit.apps.append(app)
    }

    private func notBelow(_ id: String, _ group: String) -> MarathonFault {
        let words = "identifier \(id) is not child of \(group). Hint: use relative paths."
        return .validation(release, [.init(path: "/id", attribute: "id", words)])
    }

    // MARK: Versions and scaling

    private mutating func rollBack(_ group: String, to text: String) throws(MarathonFault) {
        guard let wanted = Moment(iso8601: text) else {
            throw MarathonFault(400, ["message": .string("Invalid format: \"\(text)\"")])
        }
        guard let former = root.at(wanted), former.groups[group] != nil else {
            throw MarathonFault(404, ["message": .string("Group \(group) not available in version \(text)")])
        }
        let there = former.groups(below: group)
        for id in there { edit.groups.append((id, former.groups[id]?.dependencies ?? [])) }
        edit.removedGroups += root.groups(below: group).filter { former.groups[$0] == nil }
        for id in former.apps(below: group) {
            guard var app = former.apps[id], app != root.apps[id] else { continue }
            (app.version, app.versionInfo) = (version, nil)
            try add(app)
        }
        edit.removedApps += root.apps(below: group).filter { former.apps[$0] == nil }
    }

    private mutating func scale(_ group: String, by factor: Double) throws(MarathonFault) {
        guard root.groups[group] != nil else { throw .unknownGroup(group) }
        for id in root.apps(below: group) {
            guard var app = root.apps[id] else { continue }
            app.instances = Int((Double(app.instances) * factor).rounded(.up))
            app.version = version
            try add(app)
        }
    }
}
