extension MarathonAppCodec {
    /// Reads a complete definition: POST, a creating PUT, `partialUpdate=false`, or an element of a group.
    ///
    /// - Parameters:
    ///   - json: The body, or the element.
    ///   - id: The URL's id, which wins over the body's from 0.10.
    ///   - base: Absolute id of the group that relative ids belong to.
    ///   - now: Becomes the app's version; up to 0.10 a version in the body is taken instead.
    ///   - origin: What the definition is read for.
    /// - Returns: The app; `assignPorts` and `validate` come next.
    /// - Throws: The release's answer to a body of the wrong shape.
    public func readApp(
        _ json: JSON,
        id: String? = nil,
        base: String = "/",
        at now: Moment,
        origin: MarathonAppOrigin = .definition
    ) throws(MarathonFault) -> MarathonApp {
        // Up to 1.4 a creating PUT is a merge onto the defaults.
        let isMerge = origin == .creatingPut && !version.readsRAML
        var json = json
        if let id, !isMerge, var object = json.object {
            object["id"] = .string(id)
            json = .object(object)
        }
        var patch = try patch(json, isUpdate: isMerge)
        if isMerge, patch.version != nil { try checkVersionAlone(patch) }
        if version.readsRAML {
            try checkDeprecated(patch)
            try normalise(&patch, origin: origin)
        } else if isMerge {
            modernise(&patch)
        } else if let name = context.defaultNetworkName, patch.ipAddress?["networkName"] == nil,
            var address = patch.ipAddress?.object
        {
            address["networkName"] = .string(name)
            patch.ipAddress = .object(address)
        }
        let bodyWins = !version.isAtLeast(0, 10)
        let name = (bodyWins ? patch.id ?? id : id ?? patch.id) ?? base
        var app = complete(patch, id: MarathonPath.absolute(name, in: base), at: now, origin: origin)
        if !version.keepsVersions, let given = patch.version { app.version = given }
        let dependencyBase = version.readsRAML ? base : app.id
        app.dependencies = distinct(app.dependencies.map { MarathonPath.absolute($0, in: dependencyBase) })
        return app
    }

    /// Merges a PUT's body into an app (marathon-api.md 2.1).
    ///
    /// - Parameters:
    ///   - app: As it is stored.
    ///   - json: The body, or an element of an array of them; a `version` in it is refused beside other fields and
    ///     otherwise says nothing here (see `rollbackVersion`).
    ///   - now: Becomes the app's version, up to 0.10.
    /// - Returns: The app to be; `assignPorts`, `validate` and `versioned` come next.
    /// - Throws: The release's answer to a body of the wrong shape, or one that cannot be merged.
    public func update(_ app: MarathonApp, with json: JSON, at now: Moment) throws(MarathonFault) -> MarathonApp {
        var update = try patch(json, isUpdate: true)
        try checkVersionAlone(update)
        let base = version.isAtLeast(1, 0) ? "/" : app.id
        update.dependencies = update.dependencies.map { ids in
            distinct(ids.map { MarathonPath.absolute($0, in: base) })
        }
        if version.readsRAML { try normaliseUpdate(&update) } else { modernise(&update) }
        var patch = MarathonAppPatch(app, readsRAML: version.readsRAML)
        patch.merge(update)
        if version.isAtLeast(1, 10) {
            // Lost, if not said again: AppConversion.appUpdateRamlReader.
            (patch.executorResources, patch.resourceLimits) = (update.executorResources, update.resourceLimits)
        }
        if version.readsRAML { try normalise(&patch, origin: .definition) }
        var result = complete(patch, id: app.id, at: app.version, origin: nil)
        result.versionInfo = app.versionInfo
        if !version.keepsVersions { result.version = now }
        return result
    }

    /// The version a PUT's body wants the app rolled back to, nil for an ordinary update.
    /// - Throws: The release's answer where `version` is combined with other fields, or the body's shape is wrong.
    public func rollbackVersion(in json: JSON) throws(MarathonFault) -> Moment? {
        guard let given = json["version"], !given.isNull else { return nil }
        let patch = try patch(json, isUpdate: true)
        try checkVersionAlone(patch)
        return patch.version
    }

    /// The absolute id that an update, or an element of an array of them, is about.
    ///
    /// - Parameters:
    ///   - json: The body, or the element.
    ///   - url: The URL's id; up to 0.9 a body's id wins over it.
    ///   - base: What relative ids belong to.
    /// - Returns: nil for an element without id, which releases up to 1.4 skip.
    /// - Throws: The release's answer to an id of the wrong shape, or from 1.5 to an element without one.
    public func id(in json: JSON, url: String?, base: String = "/") throws(MarathonFault) -> String? {
        var reader = ShapeReader(json)
        let given = reader.optional("id", idShape)
        try reader.finish(version)
        let name = version.isAtLeast(0, 10) ? url ?? given : given ?? url
        if name == nil, version.readsRAML { throw .requirement("App Update must have app id set") }
        return name.map { MarathonPath.absolute($0, in: base) }
    }

    private func distinct(_ ids: [String]) -> [String] {
        var seen: Set<String> = []
        return ids.filter { seen.insert($0).inserted }
    }

    /// `version` is a wish to roll back, and goes alone; in 0.7 not even with the URL's id, which is filled in.
    private func checkVersionAlone(_ patch: MarathonAppPatch) throws(MarathonFault) {
        guard patch.version != nil else { return }
        if !version.isAtLeast(0, 8) { throw .requirement("The 'version' field may not be combined with other fields.") }
        guard patch.saysMoreThanVersion else { return }
        let words = "The 'version' field may only be combined with the 'id' field."
        throw version.readsRAML ? .validation(version, [.init(path: "/", words)]) : .requirement(words)
    }

    /// Up to 1.4: what an update says in old names.
    ///
    /// From 0.15 files of `uris` are all extracted then (FetchUri.apply, 1.4.13).
    private func modernise(_ update: inout MarathonAppPatch) {
        update.fetch =
            update.fetch
            ?? update.uris?.map { uri in
                var fetch = MarathonApp.Fetch(uri: uri)
                fetch.extract = version.isAtLeast(0, 15) || isArchive(uri)
                return fetch
            }
        update.portDefinitions = update.portDefinitions ?? update.ports?.map { MarathonApp.Port($0) }
        (update.uris, update.ports) = (nil, nil)
        // 0.15.0 forgot it (#3140).
        if version.isAtLeast(0, 15, 1) { update.healthChecks = update.healthChecks?.map(\.withPortIndex) }
        if update.container == MarathonApp.Container(), !version.isAtLeast(1, 3) { update.container = nil }
    }
}
