extension MarathonEngine {
    /// Starts what waits, as far as the offers go, and declines what is left.
    mutating func receive(_ offers: [Mesos.Offer]) {
        guard let id = framework.id else { return }
        for offer in offers {
            let launches = launches(on: offer)
            if launches.isEmpty {
                let seconds = configuration.declineSeconds
                send(Mesos.DeclineOffers(frameworkID: id, offerIDs: [offer.id], refuseSeconds: seconds))
            } else {
                send(Mesos.LaunchTasks(frameworkID: id, offerIDs: [offer.id], tasks: launches))
            }
        }
    }

    private mutating func launches(on offer: Mesos.Offer) -> [Mesos.TaskInfo] {
        guard !queue.isEmpty else { return [] }
        var matcher = OfferMatcher(offer, role: configuration.role, release: release)
        var launches: [Mesos.TaskInfo] = []
        let limit = configuration.tasksPerOffer
        for id in queue.apps {
            launching: while launches.count < limit, let item = queue[id], queue.isReady(id, at: now) {
                switch matcher.take(item.app, beside: tasks.of(id), &numbers) {
                case .matched(let match): launches.append(launch(item.app, match, on: matcher))
                case .rejected(let reason):
                    queue.declined(id, reason, agent: offer.agentID, at: now)
                    break launching
                }
            }
            if launches.count >= limit { break }
        }
        return launches
    }

    private mutating func launch(
        _ app: MarathonApp,
        _ match: OfferMatcher.Match,
        on matcher: OfferMatcher
    ) -> Mesos.TaskInfo {
        let identity = TaskIdentity(app.id, release: release, at: now, &numbers)
        let fields = Set(app.constraints.compactMap(\.first))
        var task = MarathonTask(
            id: identity.task,
            instance: identity.instance,
            app: app.id,
            version: app.version,
            host: matcher.offer.hostname,
            agent: matcher.offer.agentID,
            ports: match.hostPorts,
            attributes: matcher.attributes.filter { fields.contains($0.key) },
            role: configuration.role,
            stagedAt: now
        )
        task.health = app.healthChecks.map { _ in TaskHealth() }
        tasks.insert(task)
        saveTask(task.id)
        queue.launched(app.id, at: now)
        agenda.add(.launchTimeout(task: task.id), at: now + configuration.taskLaunchTimeout)
        emitInstanceChanged(task, "Created")
        let builder = TaskBuilder(release: release, app: app, prefix: configuration.text("env_vars_prefix") ?? "")
        return builder.info(task, match)
    }
}
