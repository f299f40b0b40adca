extension MesosMaster {
    /// Something may be offered that was not before: at the next round of the allocator.
    mutating func needAllocation(_ now: Moment) {
        let next = now + flags.milliseconds("allocation_interval", or: 1000)
        guard timers.moment(of: .allocate).map({ next < $0 }) ?? true else { return }
        timers.set(.allocate, at: next)
    }

    /// One round of the hierarchical allocator: what is free on each agent goes to the framework with the lowest dominant
    /// share that has not refused it (src/master/allocator/mesos/hierarchical.cpp).
    mutating func allocate(_ now: Moment, _ effects: inout [DaemonEffect]) {
        guard isElected, frameworks.values.contains(where: \.isActive) else { return }
        var shares = dominantShares()
        var made: [String: [Mesos.Offer]] = [:]
        var nextExpiry: Moment?
        for agentID in agents.keys.sorted() {
            guard let agent = agents[agentID], mayOffer(agent) else { continue }
            let order = shares.count < 2 ? shares : shares.sorted { ($0.share, $0.id) < ($1.share, $1.id) }
            for candidate in order {
                guard let role = frameworks[candidate.id]?.info.role else { continue }
                let resources = agent.free.usable(by: role)
                guard Self.isAllocatable(resources) else { continue }
                if let refusal = frameworks[candidate.id]?.refusals[agentID] {
                    if refusal.until > now, refusal.resources.contains(resources) {
                        nextExpiry = min(nextExpiry ?? refusal.until, refusal.until)
                        continue
                    }
                    frameworks[candidate.id]?.refusals[agentID] = nil
                }
                made[candidate.id, default: []].append(offer(resources, of: agentID, agent, to: candidate.id))
                if let index = shares.firstIndex(where: { $0.id == candidate.id }) {
                    shares[index].share += resources.cpus / max(shares[index].total, 1)
                }
                break
            }
        }
        for (id, offers) in made.sorted(by: { $0.key < $1.key }) {
            guard let process = frameworks[id]?.pid else { continue }
            send(Mesos.ResourceOffers(offers: offers), to: process, &effects)
        }
        if let nextExpiry { timers.set(.allocate, at: max(nextExpiry, now + 1)) }
    }

    private func mayOffer(_ agent: Agent) -> Bool {
        guard agent.isActive, !agent.free.isEmpty else { return false }
        return registrar.registry.agents[agent.info.id]?.isDeactivated != true && isWhitelisted(agent.info.hostname)
    }

    /// 1 % of a CPU or 32 MB, `min_allocatable_resources`.
    private static func isAllocatable(_ resources: Mesos.Resources) -> Bool {
        resources.cpus >= 0.01 || resources.mem >= 32
    }

    private typealias Share = (id: String, share: Double, total: Double)

    private func dominantShares() -> [Share] {
        let active = frameworks.values.filter(\.isActive)
        guard active.count > 1 else { return active.map { ($0.id, 0, 1) } }
        let all = agents.keys.sorted().compactMap { agents[$0]?.info.resources }
        let cpus = max(all.reduce(0) { $0 + $1.cpus }, 1)
        let memory = max(all.reduce(0) { $0 + $1.mem }, 1)
        return active.sorted { $0.id < $1.id }.map { framework in
            let offered = framework.offers.sorted().compactMap { offers[$0] }.reduce(0) { $0 + $1.resources.cpus }
            return (framework.id, max((framework.usedCPUs + offered) / cpus, framework.usedMemory / memory), cpus)
        }
    }

    private mutating func offer(
        _ resources: Mesos.Resources,
        of agentID: String,
        _ agent: Agent,
        to framework: String
    ) -> Mesos.Offer {
        let offer = Mesos.Offer(
            id: "\(info.id)-O\(nextOffer)",
            frameworkID: framework,
            agentID: agentID,
            hostname: agent.info.hostname,
            endpoint: agent.endpoint,
            resources: resources,
            attributes: agent.info.attributes
        )
        nextOffer += 1
        offers[offer.id] = offer
        frameworks[framework]?.offers.insert(offer.id)
        agents[agentID]?.offers.insert(offer.id)
        agents[agentID]?.free -= resources
        return offer
    }

    /// Ends an offer; what was in it is free again.
    mutating func take(back id: String) {
        guard let offer = offers.removeValue(forKey: id) else { return }
        frameworks[offer.frameworkID]?.offers.remove(id)
        agents[offer.agentID]?.offers.remove(id)
        agents[offer.agentID]?.free += offer.resources
    }

    mutating func rescind(_ id: String, _ effects: inout [DaemonEffect]) {
        guard let offer = offers[id] else { return }
        take(back: id)
        if let framework = frameworks[offer.frameworkID], framework.isConnected, let process = framework.pid {
            send(Mesos.RescindOffer(offerID: id), to: process, &effects)
        }
    }

    mutating func declineOffers(_ decline: Mesos.DeclineOffers, _ now: Moment) {
        for id in decline.offerIDs {
            guard let offer = offers[id], offer.frameworkID == decline.frameworkID else { continue }
            take(back: id)
            refuse(decline.frameworkID, offer.agentID, offer.resources, for: decline.refuseSeconds, now)
        }
        needAllocation(now)
    }

    /// Five seconds, unless the scheduler says otherwise (mesos.proto, `Filters`).
    mutating func refuse(
        _ framework: String,
        _ agent: String,
        _ resources: Mesos.Resources,
        for seconds: Double?,
        _ now: Moment
    ) {
        let milliseconds = Int(min(max(seconds ?? 5, 0), 31_536_000) * 1000)
        guard milliseconds > 0 else { return }
        frameworks[framework]?.refusals[agent] = Framework.Refusal(
            until: now + milliseconds,
            resources: resources
        )
    }
}
