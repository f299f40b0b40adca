extension AppRevision {
    /// What brings an app from its live state to the declared one; nil where they are equal.
    ///
    /// - Parameters:
    ///   - declared: As written; absent `instances` leave the live number.
    ///   - live: As a Marathon answers it, secrets masked.
    ///   - context: That Marathon's.
    ///   - ignoring: Paths of fields that are left as they are live, such as `labels.x` or `env`.
    public init?(
        of declared: AppValue,
        from live: AppValue,
        in context: AppContext,
        ignoring: [String] = []
    ) {
        guard AppForm(declared, in: context) != AppForm(live, in: context) else { return nil }
        self.init(differences: [], effect: .restart, way: .write(AppWrite(.merge, body: declared)))
    }
}

extension AppWrite {
    /// The request that makes a new app.
    public init(creating definition: AppValue, in context: AppContext) {
        self.init(.merge, body: definition)
    }
}
