extension MarathonAppCodec {
    /// Reads a complete definition: POST, a creating PUT, `partialUpdate=false`, or an element of a group.
    ///
    /// - Parameters:
    ///   - id: The URL's id, which wins over the body's from 0.10.
    ///   - base: Absolute id of the group that relative ids belong to.
    ///   - now: Becomes the app's version.
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
        MarathonApp(id: id ?? base, version: now)
    }

    /// Merges a PUT's body into an app (marathon-api.md 2.1).
    /// - Throws: The release's answer to a body of the wrong shape, or one that cannot be merged.
    public func update(_ app: MarathonApp, with json: JSON, at now: Moment) throws(MarathonFault) -> MarathonApp {
        app
    }

    /// The version a PUT's body wants the app rolled back to, nil for an ordinary update.
    /// - Throws: 422 where `version` is combined with other fields.
    public func rollbackVersion(in json: JSON) throws(MarathonFault) -> Moment? { nil }

    /// The absolute id an update or an element of an array of them is about; up to 0.9 a body's id wins over the URL's.
    public func id(in json: JSON, url: String?, base: String = "/") throws(MarathonFault) -> String? { url }
}
