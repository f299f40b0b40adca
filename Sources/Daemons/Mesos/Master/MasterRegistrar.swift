/// Changes of the registry on their way into the log: those that come while one is being stored go together in the next.
struct Registrar: Hashable, Sendable, Codable {
    /// What a store takes on a disk (`registrar/state_store_ms` of mesos-captures/ is 6 to 10).
    static let storeMilliseconds = 8

    var registry = Registry()
    var isRecovered = false
    var queue: [Registry.Operation] = []
    var inFlight: [Registry.Operation] = []
    /// Of what was stored last; nil before.
    var size: Int?
    var stores = 0
}

extension MesosMaster {
    mutating func askLog(_ now: Moment, _ effects: inout [DaemonEffect]) {
        guard var log, log.isWaiting else { return }
        let outcomes = log.tick(&effects)
        self.log = log
        if log.isWaiting { timers.set(.log, at: now + ReplicatedLog.retryMilliseconds) }
        finish(outcomes, now, &effects)
    }

    mutating func finish(_ outcomes: [ReplicatedLog.Outcome], _ now: Moment, _ effects: inout [DaemonEffect]) {
        for outcome in outcomes {
            switch outcome {
            case .recovered: effects.append(.log(.info, "Recovered the replicated log"))
            case .elected(let value):
                timers.cancel(.fetch)
                registrar.registry = value.flatMap { Registry(text: $0, version) } ?? Registry()
                change(.recover(info), now)
            case .written: stored(now, &effects)
            case .demoted:
                effects.append(.exit(DaemonExit(status: 134, "\(updateFailure): version mismatch")))
            }
        }
        if log?.isWaiting == true { timers.need(.log, by: now + ReplicatedLog.retryMilliseconds) }
    }

    /// Puts a change of the registry in the queue; `stored(_:)` goes on with it.
    mutating func change(_ operation: Registry.Operation, _ now: Moment) {
        registrar.queue.append(operation)
        if registrar.inFlight.isEmpty { timers.need(.store, by: now + Registrar.storeMilliseconds) }
    }

    mutating func store(_ now: Moment, _ effects: inout [DaemonEffect]) {
        guard registrar.inFlight.isEmpty, !registrar.queue.isEmpty else { return }
        swap(&registrar.inFlight, &registrar.queue)
        for operation in registrar.inFlight { registrar.registry.apply(operation, version) }
        timers.set(.storeTimeout, at: now + flags.milliseconds("registry_store_timeout", or: 20_000))
        guard var log else { return finish([.written], now, &effects) }
        let text = registrar.registry.text(version)
        registrar.size = text.utf8.count
        let outcomes = log.write(text, &effects)
        self.log = log
        finish(outcomes, now, &effects)
    }

    private mutating func stored(_ now: Moment, _ effects: inout [DaemonEffect]) {
        timers.cancel(.storeTimeout)
        registrar.stores += 1
        let operations = registrar.inFlight
        registrar.inFlight = []
        if !registrar.queue.isEmpty { timers.need(.store, by: now + Registrar.storeMilliseconds) }
        for operation in operations { stored(operation, now, &effects) }
    }

    private mutating func stored(_ operation: Registry.Operation, _ now: Moment, _ effects: inout [DaemonEffect]) {
        switch operation {
        case .recover: recovered(now, &effects)
        case .admit(let agent, let pid): admitted(agent, pid, now, &effects)
        case .markReachable(let agent): readmitted(agent.id, now, &effects)
        case .remove(let id), .markUnreachable(let id, _): removed(id, now, &effects)
        case .update, .maintain, .deactivate, .reactivate: break
        }
    }

    /// The registry is at hand: agents and schedulers are listened to from now on.
    private mutating func recovered(_ now: Moment, _ effects: inout [DaemonEffect]) {
        registrar.isRecovered = true
        recoveredAgents = registrar.registry.agents.mapValues(\.info)
        let count = recoveredAgents.count
        let word = version.agentWord
        effects.append(
            .log(
                .info,
                "Recovered \(count) \(word)s from the registry (\(registrar.size ?? 0)B); allowing "
                    + "\(flags[version.atLeast(1, 0) ? "agent_reregister_timeout" : "slave_reregister_timeout"] ?? "") "
                    + "for \(word)s to re-register"
            )
        )
        if count > 0 { timers.set(.reregistration, at: now + reregisterMilliseconds) }
    }

    private var reregisterMilliseconds: Int {
        flags.milliseconds(version.atLeast(1, 0) ? "agent_reregister_timeout" : "slave_reregister_timeout", or: 600_000)
    }

    /// The supervisor restarts it, and it happens again: mesos-zk-ops.md 3.1, F11.
    func fetchTimedOut(_ effects: inout [DaemonEffect]) {
        let timeout = flags["registry_fetch_timeout"] ?? ""
        let words = "Recovery failed: Failed to recover registrar: Failed to perform fetch within \(timeout)"
        effects.append(.log(.fatal, words))
        effects.append(.exit(DaemonExit(status: 134, words)))
    }

    private var updateFailure: String {
        version.atLeast(1, 0) ? "Failed to update registry" : "Failed to update 'registry'"
    }

    func storeTimedOut(_ effects: inout [DaemonEffect]) {
        let timeout = flags["registry_store_timeout"] ?? ""
        let late = "Failed to perform store within \(timeout)"
        let reason = "\(updateFailure): \(late)"
        let words: String
        switch registrar.inFlight.first {
        case .recover: words = "Recovery failed: Failed to recover registrar: Failed to persist MasterInfo: \(late)"
        case .admit(let agent, let pid):
            words = "Failed to admit \(version.agentWord) \(agent.id) at \(pid) (\(agent.hostname)): \(reason)"
        default: words = "Registrar aborting: \(reason)"
        }
        effects.append(.log(.fatal, words))
        effects.append(.exit(DaemonExit(status: 134, words)))
    }
}
