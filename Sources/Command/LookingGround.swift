internal import Reconciler
internal import Specs

/// What looking stands on: nothing that is held here can change a node, an app or an image.
struct LookingGround: Sendable {
    var access: ReadOnlyAccess
    var transport: ReadOnlyTransport
    /// Where images come from.
    var origins: any ImageLooking
    var secrets: SecretStore
    var clock: any Clock<Duration>

    /// The looking half of the loop over `declared`.
    func look(over declared: Declared, _ connection: Connection) -> ClusterLook {
        let (spec, source) = (declared.spec, declared.source)
        let marathon = marathon(of: spec, clock)
        let apps = desiredApps(declared, connection)
        let images = spec.desiredImages(for: declared.apps)
        let desire = { @Sendable (observed: ObservedCluster) in
            var desired = DesiredCluster(spec, observed: observed)
            desired.apps = apps
            desired.images = images
            return desired
        }
        return ClusterLook(
            observe: { await observe(spec, apps, images, marathon, parallelism: connection.parallelism) },
            observeOnly: { objects in
                await observe(objects, of: spec, apps, images, marathon, parallelism: connection.parallelism)
            },
            desire: desire,
            difference: { observed in Plan(desired: desire(observed), observed: observed, source: source) }
        )
    }

    private func marathon(of spec: ClusterSpec, _ clock: some Clock<Duration>) -> MarathonClient? {
        MarathonClient.Reach(spec).map {
            MarathonClient(reach: $0, transport: transport, secrets: secrets, clock: clock)
        }
    }

    /// nil where none are managed; texts in the form in which live ones are seen, known secrets as references.
    private func desiredApps(_ declared: Declared, _ connection: Connection) -> DesiredApps? {
        guard declared.spec.managesApps else { return nil }
        var desired = DesiredApps(spec: declared.spec, apps: declared.apps, forced: connection.forcedApps)
        desired.mayAsk = connection.mayAsk
        for index in desired.apps.indices {
            desired.apps[index].definition = secrets.normalise(desired.apps[index].definition)
        }
        return desired
    }

    /// Nodes, Marathon and where images come from at once.
    private func observe(
        _ spec: ClusterSpec,
        _ apps: DesiredApps?,
        _ images: DesiredImages?,
        _ marathon: MarathonClient?,
        parallelism: Int
    ) async -> ObservedCluster {
        let observer = Observer(
            access: access,
            parallelism: parallelism,
            transport: transport,
            logins: RESTLogins(spec),
            clock: clock
        )
        async let live = live(apps, marathon)
        async let found = found(images)
        async let balanced = balanced(spec, marathon)
        var observed = await observer.observe(spec, secrets: secrets)
        observed.marathon = await live
        observed.images = await found
        observed.balanced = await balanced
        return observed
    }

    /// Only at what a saved plan relies on.
    private func observe(
        _ objects: Set<ReliedObject>,
        of spec: ClusterSpec,
        _ apps: DesiredApps?,
        _ images: DesiredImages?,
        _ marathon: MarathonClient?,
        parallelism: Int
    ) async -> ObservedCluster {
        var apps = apps
        apps?.apps.removeAll { !objects.contains(.app($0.id)) }
        var images = images
        images?.images.removeAll { !objects.contains(.origin($0.reference)) }
        let (concernedApps, concernedImages) = (objects.contains(.marathon) ? apps : nil, images)
        let observer = Observer(access: access, parallelism: parallelism)
        async let live = live(concernedApps, marathon)
        async let origins = found(concernedImages)
        var observed = await observer.observe(spec, secrets: secrets, only: objects)
        observed.marathon = await live
        observed.images = await origins
        return observed
    }

    private func live(_ apps: DesiredApps?, _ marathon: MarathonClient?) async -> Observation<ObservedMarathon> {
        guard let apps, let marathon else { return .absent }
        return await marathon.observe(apps)
    }

    /// Only for those who balance them.
    private func balanced(_ spec: ClusterSpec, _ marathon: MarathonClient?) async -> Observation<[BalancedTask]> {
        guard let marathon, !spec.nodes(with: .haproxy).isEmpty else { return .absent }
        return await marathon.balancedTasks()
    }

    private func found(_ images: DesiredImages?) async -> [String: SourceLook] {
        guard let images, !images.images.isEmpty else { return [:] }
        return await origins.look(for: images.images)
    }
}

/// The loop without its hands: what is there, and how it differs from what is declared.
struct ClusterLook: Sendable {
    /// Asks every node once.
    var observe: @Sendable () async -> ObservedCluster
    /// Asks only for what is given.
    var observeOnly: @Sendable (Set<ReliedObject>) async -> ObservedCluster
    /// What is declared, for the platforms that were seen.
    var desire: @Sendable (ObservedCluster) -> DesiredCluster
    /// The pure difference between what is declared and what was seen.
    var difference: @Sendable (ObservedCluster) -> Plan
}
