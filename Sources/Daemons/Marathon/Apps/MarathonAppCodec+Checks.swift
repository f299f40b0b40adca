extension MarathonAppCodec {
    /// Checks one definition by itself (marathon-api.md section 4).
    /// - Parameter former: The app as it was, for rules about what may change.
    /// - Throws: 422, or what the release makes of it.
    public func validate(_ app: MarathonApp, former: MarathonApp? = nil) throws(MarathonFault) {}

    /// Checks a whole root: ids that are both app and group, cyclic dependencies, `--max_apps`.
    /// - Parameter changed: Ids of the apps that changed since the last check; nil checks all.
    /// - Throws: 422, or what the release makes of it.
    public func validate(_ tree: MarathonTree, changed: [String]? = nil) throws(MarathonFault) {}

    /// Checks an app's service ports against those of the other apps: 409 for POST and creating PUT in 0.8.1 to 0.13,
    /// 422 in 0.15 to 1.1, nothing else.
    public func checkServicePorts(of app: MarathonApp, in tree: MarathonTree) throws(MarathonFault) {}
}

/// All apps and groups, as far as the checks of a whole root look at them.
public struct MarathonTree: Sendable {
    public var apps: [String: MarathonApp]
    /// Absolute group ids with the absolute ids they depend on.
    public var groups: [String: [String]]

    public init(apps: [String: MarathonApp], groups: [String: [String]] = [:]) {
        self.apps = apps
        self.groups = groups
    }
}
