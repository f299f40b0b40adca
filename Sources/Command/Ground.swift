internal import Reconciler
internal import Specs

/// What a loop stands on: a way to the nodes, the clock they live by, and names for runs.
///
/// The same over ssh and in the simulated cluster.
struct Ground: Sendable {
    var access: any NodeAccess
    /// The way to REST APIs.
    var transport: any HTTPTransport
    /// The way of images.
    var courier: any ImageCourier
    var secrets: SecretStore
    /// One that goes on while the machine sleeps, as the nodes' clocks do.
    var clock: any Clock<Duration>
    /// Where tasks of our own run; nil for anywhere.
    ///
    /// Simulated time stands still only for what runs on its executor.
    var executor: (any TaskExecutor)?
    /// Letters, digits and `-`, each time another.
    var newID: @Sendable () throws -> String

    /// Gives the loop over `declared` to `body`, under the cluster's lease where `connection` takes one.
    /// - Throws: What `body` throws, and `Stop` where somebody else holds the cluster.
    func loop(
        over declared: Declared,
        _ connection: Connection,
        _ body: Wiring.Body
    ) async throws {
        let (spec, source) = (declared.spec, declared.source)
        let lease = try await HeldLease(connection, of: spec, on: self)
        let marathon = marathon(of: spec, clock)
        let apps = desiredApps(declared, connection)
        let images = spec.desiredImages(for: declared.apps)
        let desire = { @Sendable (observed: ObservedCluster) in
            var desired = DesiredCluster(spec, observed: observed)
            desired.apps = apps
            desired.images = images
            return desired
        }
        let loop = Reconciliation(
            observe: { await look(at: spec, apps, images, marathon, parallelism: connection.parallelism) },
            observeOnly: { objects in
                await look(at: objects, of: spec, apps, images, marathon, parallelism: connection.parallelism)
            },
            desire: desire,
            difference: { observed in Plan(desired: desire(observed), observed: observed, source: source) },
            execute: { plan in
                try await carryOut(plan, of: spec, images, connection, under: lease.plan, marathon, clock)
            }
        )
        do {
            try await body(loop)
        } catch {
            await letGo(lease)
            throw error
        }
        await letGo(lease)
    }

    /// Also of what looking at images has opened.
    private func letGo(_ lease: HeldLease) async {
        await uncancelled {
            await courier.close()
            await lease.giveBack()
        }
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
    private func look(
        at spec: ClusterSpec,
        _ apps: DesiredApps?,
        _ images: DesiredImages?,
        _ marathon: MarathonClient?,
        parallelism: Int
    ) async -> ObservedCluster {
        let observer = Observer(
            access: access,
            parallelism: parallelism,
            transport: transport,
            logins: RESTLogins(spec)
        )
        async let live = live(apps, marathon)
        async let origins = origins(images)
        var observed = await observer.observe(spec, secrets: secrets)
        observed.marathon = await live
        observed.images = await origins
        return observed
    }

    /// Only at what a saved plan relies on.
    private func look(
        at objects: Set<ReliedObject>,
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
        async let origins = origins(concernedImages)
        var observed = await observer.observe(spec, secrets: secrets, only: objects)
        observed.marathon = await live
        observed.images = await origins
        return observed
    }

    private func live(_ apps: DesiredApps?, _ marathon: MarathonClient?) async -> Observation<ObservedMarathon> {
        guard let apps, let marathon else { return .absent }
        return await marathon.observe(apps)
    }

    private func origins(_ images: DesiredImages?) async -> [String: SourceLook] {
        guard let images, !images.images.isEmpty else { return [:] }
        return await courier.look(for: images.images)
    }

    /// Runs `body` to its end, also in a cancelled task.
    func uncancelled(_ body: @escaping @Sendable () async -> Void) async {
        await Task(executorPreference: executor) { await body() }.value
    }

    /// One run under the cluster's lease.
    private func carryOut(
        _ plan: Plan,
        of spec: ClusterSpec,
        _ images: DesiredImages?,
        _ connection: Connection,
        under lease: LeasePlan,
        _ marathon: MarathonClient?,
        _ clock: some Clock<Duration>
    ) async throws -> RunReport {
        let executor = Executor(
            access: access,
            targets: spec.targets,
            transport: transport,
            logins: RESTLogins(spec),
            secrets: secrets,
            lease: lease,
            parallelism: connection.parallelism,
            clock: clock,
            run: RunID(try newID()),
            marathon: marathon,
            masters: ServicePlace.masters(of: spec),
            courier: courier,
            images: images?.images ?? [],
            editText: { edit, text in
                let text = KeyedText(text ?? "", format: edit.format)
                // The planner takes the recommendations out of edits of files that live already.
                guard let edited = text.applying(edit, includingRecommended: true).plainText else {
                    throw Stop(.failure, "a part of the text is hidden and cannot be written back")
                }
                return edited
            },
            events: connection.events
        )
        let interruption = Interruption()
        let listener = Task(executorPreference: self.executor) {
            for await _ in connection.interrupts { interruption.trip() }
        }
        defer { listener.cancel() }
        do throws(RunRefusal) {
            return try await executor.run(plan, interruption: interruption)
        } catch {
            throw Stop(ExitStatus(error), error.description)
        }
    }
}
