/// Groups as `/v2/groups` answers them (marathon-api.md 1.6).
struct GroupWriter {
    let codec: MarathonAppCodec
    let root: MarathonRoot
    var showsApps = true
    var showsGroups = true
    var showsPods = true

    /// - Parameter extras: Embedded members of an app, its counts and its deployments.
    /// - Returns: The group with everything below.
    func json(
        _ id: String,
        _ extras: (MarathonApp) -> ([JSONObject.Member], MarathonTaskCounts?, [String]?)
    ) -> JSON {
        guard let group = root.groups[id] else { return .null }
        var object: JSONObject = ["id": .string(id)]
        if showsApps {
            object["apps"] = .array(
                group.apps.compactMap { root.apps[$0] }.map { app in
                    let (members, counts, deployments) = extras(app)
                    return codec.json(app, counts: counts, deployments: deployments, extras: members)
                })
        }
        if showsGroups { object["groups"] = .array(group.groups.map { json($0, extras) }) }
        object["dependencies"] = .array(group.dependencies.map(JSON.string))
        if codec.version >= .init(1, 4), showsPods { object["pods"] = [] }
        object["version"] = .string(group.version.iso8601)
        if codec.version >= .init(1, 9) { object["enforceRole"] = false }
        return .object(object)
    }
}
