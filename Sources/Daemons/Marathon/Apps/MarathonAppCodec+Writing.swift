extension MarathonAppCodec {
    /// The app as `GET /v2/apps` answers it; without counts and deployments as in groups, queues and `/versions/{ts}`.
    /// - Parameter extras: Embedded members, appended as they are (`tasks`, `lastTaskFailure`, …).
    /// - Returns: An object in the release's shape.
    public func json(
        _ app: MarathonApp,
        counts: MarathonTaskCounts? = nil,
        deployments: [String]? = nil,
        extras: [JSONObject.Member] = []
    ) -> JSON { [:] }

    /// The body of a POST's 201, where the app has no tasks yet.
    public func createdJSON(_ app: MarathonApp, deployment: String) -> JSON { [:] }
}
