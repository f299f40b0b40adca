/// What a change of an app means to its tasks and to its version (marathon-api.md 2.2 and 5.1).
extension MarathonAppCodec {
    /// Whether more than the number of instances differs.
    ///
    /// - Parameters:
    ///   - old: As it is stored.
    ///   - new: As it shall be; its `version` does not count, nor in 1.11 do its executor's resources.
    /// - Returns: true also where only the order of a sequence differs; sets and maps have none.
    public func isUpgrade(from old: MarathonApp, to new: MarathonApp) -> Bool {
        var new = new
        (new.instances, new.version, new.versionInfo) = (old.instances, old.version, old.versionInfo)
        if version.isAtLeast(1, 10) { new.executorResources = old.executorResources }
        if version.readsRAML { new.residency = old.residency }
        return old != new && old.withoutOrder(version) != new.withoutOrder(version)
    }

    public func isOnlyScale(from old: MarathonApp, to new: MarathonApp) -> Bool {
        old.instances != new.instances && !isUpgrade(from: old, to: new)
    }

    /// Whether a plan from one to the other has a `RestartApplication`.
    ///
    /// 0.7.6 compares versions as well, and an update always has a new one; so does 0.15.0 in effect. From 0.11 another
    /// version info is an explicit restart.
    /// - Parameters:
    ///   - old: As it was stored.
    ///   - new: As it is stored now, versioned.
    /// - Returns: false for a change that only scales.
    public func restarts(from old: MarathonApp, to new: MarathonApp) -> Bool {
        if isOnlyScale(from: old, to: new) { return false }
        if isUpgrade(from: old, to: new) { return true }
        if version < MarathonVersion(0, 8) || version == MarathonVersion(0, 15, 0) { return old.version != new.version }
        return version.keepsVersions && (old.version != new.version || old.versionInfo != new.versionInfo)
    }

    /// The app with the version it is stored with, as `GroupVersioningUtil` gives it from 0.11.
    ///
    /// A new configuration starts all three times anew, scaling moves `version` and `lastScalingAt`, an explicit restart
    /// `version` and `lastScalingAt` (up to 1.4) or `lastConfigChangeAt` (in 1.11, taken for all from 1.5); anything else
    /// keeps what was. Up to 0.10 an app comes with its version.
    /// - Parameters:
    ///   - app: With its ports assigned.
    ///   - former: As it is stored; nil for a new app.
    ///   - now: The version of the whole change.
    ///   - isRestart: Whether the tasks shall be replaced though nothing is changed.
    /// - Returns: What is to be stored.
    public func versioned(
        _ app: MarathonApp,
        former: MarathonApp?,
        at now: Moment,
        isRestart: Bool = false
    ) -> MarathonApp {
        var app = app
        guard version.keepsVersions else {
            if isRestart { app.version = now }
            return app
        }
        let isAnew = former.map { isUpgrade(from: $0, to: app) } ?? true
        guard let former, !isAnew else {
            app.version = now
            app.versionInfo = .init(lastScalingAt: now, lastConfigChangeAt: now)
            return app
        }
        var info = former.versionInfo ?? .init(lastScalingAt: former.version, lastConfigChangeAt: former.version)
        if former.instances != app.instances || isRestart {
            app.version = now
            if former.instances == app.instances, version.readsRAML {
                info.lastConfigChangeAt = now
            } else {
                info.lastScalingAt = now
            }
            app.versionInfo = info
        } else {
            (app.version, app.versionInfo) = (former.version, former.versionInfo)
        }
        return app
    }
}
