internal import Specs

extension Planning {
    /// Masters: those of a fresh cluster start within one step, since the log initialises only with 2q−1 of them.
    mutating func planMasters() {
        guard let masters = desired.masters else { return }
        let (members, silent) = members(of: .mesosMaster)
        let logs = members.map { $0.hasReplicatedLog(masters) }
        let elected = members.map(\.observed.masterElected.value)
        let standbys = members.count - 1
        let isFresh =
            silent.isEmpty && logs.allSatisfy { $0 == false } || isUnfinishedBootstrap(members, masters)
        plan(
            EnsembleRules(
                layer: .masters,
                service: .mesosMaster,
                isFresh: isFresh,
                gate: { [self] started in mastersGate(started, of: members, masters, isFresh: isFresh) },
                roll: (.mesosLeaderLast(port: masters.port), pauseSeconds: 12),
                rollProblem: { _ in
                    elected.count { $0 == true } == 1 && !elected.contains(nil)
                        ? nil
                        : Problem(
                            because:
                                "which master leads could not be observed on all of them (/metrics/snapshot, master/elected)",
                            isByUnknown: true
                        )
                },
                startsTogether: members.count { $0.isUp(.mesosMaster) } < masters.quorum,
                startProblem: { member in
                    if isFresh { return nil }
                    guard let hasLog = member.hasReplicatedLog(masters) else {
                        return Problem(because: "whether it has a replicated log could not be seen", isByUnknown: true)
                    }
                    let voters = zip(members, logs).count { $1 == true && $0.name != member.name }
                    if hasLog || voters >= masters.quorum { return nil }
                    return Problem(
                        because:
                            "it has no replicated log and only \(voters) other masters have one; quorum is \(masters.quorum)",
                        isByUnknown: !silent.isEmpty
                    )
                },
                before: { member in
                    isFresh ? [.recordApplied([member.bootstrapEntry(masters)])] : []
                },
                serves: { $0.isUp(.mesosMaster) },
                enough: masters.quorum,
                impact: "tasks keep running; the leading master's restart is one failover",
                safety: "Mesos masters: one at a time, the leader of the moment last; meanwhile \(standbys) of "
                    + "\(members.count) run, quorum \(masters.quorum)"
            )
        )
    }

    /// Marathon: the order does not touch tasks; one at a time keeps the API answering.
    mutating func planMarathon() {
        guard !isMarathonMigrating else { return migrateMarathon() }
        plan(
            EnsembleRules(
                layer: .marathon,
                service: .marathon,
                isFresh: false,
                gate: { [self] started in marathonGate(started) },
                roll: (.inOrder, pauseSeconds: 12),
                serves: { $0.isUp(.marathon) },
                enough: 1,
                impact: "tasks keep running; the API is away while its leader restarts",
                safety: "Marathon: one at a time; tasks are not touched"
            )
        )
    }

    /// Agents: one after another; a plain restart keeps executors when the agent is back within 75 s (mesos-zk-ops.md 4.2).
    mutating func planAgents() {
        let (members, _) = members(of: .mesosAgent)
        let atOnce = desired.agentsAtOnce
        func agentsOut(_ members: [NodeDifference], _ starting: [NodeDifference]) -> Problem? {
            let out = members.filter { member in
                member.isRegisteredAgent && !member.isUp(.mesosAgent)
                    && !starting.contains { $0.name == member.name }
            }
            guard let first = out.first, out.count >= atOnce else { return nil }
            return Problem(
                because: "\(first.name) is out already and stays so, and policy.agentsAtOnce is \(atOnce)",
                isByUnknown: false
            )
        }
        noteContainerizerTraps(members)
        let engines = Set(differences.map(\.name).filter { draft.has(StepKey.engine($0)) })
        plan(
            EnsembleRules(
                layer: .agents,
                service: .mesosAgent,
                gate: { [self] started in agentGate(started) },
                roll: nil,
                rollProblem: { starting in agentsOut(members, starting) },
                configurationProblem: { member in
                    member.engineProblem(startsInPlan: engines.contains(member.name)) ?? member.containerizerTrap
                },
                needs: { [StepKey.engine($0.name)] },
                serves: { $0.isUp(.mesosAgent) },
                enough: 0,
                impact: "running tasks survive if the agent is back within 75 s",
                safety: "Mesos agents: one at a time"
            )
        )
    }

    /// A first start of the masters that we began and did not finish: their logs cannot be anyone else's.
    ///
    /// Once a start has passed its gate it is recorded; logs that are missing after that were lost (D6).
    func isUnfinishedBootstrap(_ members: [NodeDifference], _ masters: DesiredMasters) -> Bool {
        let withLog = members.filter { $0.hasReplicatedLog(masters) != false }
        guard !withLog.isEmpty, withLog.count < masters.quorum, members.count == masters.nodes.count else {
            return false
        }
        let service = "service:\(ServiceName.mesosMaster)"
        return withLog.allSatisfy { $0.appliedDigest(of: masters.bootstrapResource) == masters.bootstrapDigest }
            && members.allSatisfy { $0.appliedDigest(of: service) == nil }
    }
}

extension DesiredMasters {
    var bootstrapResource: String { "bootstrap:mesos-masters" }
    var bootstrapDigest: String { sha256("\(nodes.map(\.text).sorted()) \(quorum) \(zk)") }
}

extension NodeDifference {
    /// Says that a first start of exactly these masters was begun by us.
    func bootstrapEntry(_ masters: DesiredMasters) -> AppliedEntry {
        AppliedEntry(resource: masters.bootstrapResource, digest: masters.bootstrapDigest, revision: revision ?? "-")
    }

    /// An agent with `docker` in its containerizers exits at once where no engine answers (mesos-zk-ops.md 4.3).
    func engineProblem(startsInPlan: Bool) -> Problem? {
        guard desired.usesDockerContainerizer, !startsInPlan else { return nil }
        switch observed.dockerEngine {
        case .found: return nil
        case .absent:
            return Problem(because: "`docker` is in its containerizers and it has no Docker engine", isByUnknown: false)
        case .unknown(let reason):
            return Problem(
                because: "`docker` is in its containerizers and its engine does not answer: \(reason)",
                isByUnknown: false
            )
        }
    }

    func appliedDigest(of resource: String) -> String? { observed.applied.value?[resource]?.digest }

    /// Whether this plan means to start it.
    func isStarted(_ name: ServiceName) -> Bool { service(name)?.need == .start }

    /// Whether a process of it may be there, a crash loop included.
    func mayBeUp(_ service: ServiceName) -> Bool {
        switch observed.services[service] ?? .unknown("") {
        case .found(let found): ![.stopped, .failed].contains(found.run)
        case .absent: false
        case .unknown: true
        }
    }

    /// Where the file of the flag says that the last start worked.
    var lastMasterWorkDirectory: String? {
        observed.files["/etc/mesos-master/work_dir"]?.value?.content?.withoutTrailingNewlines.plainText
    }

    func isUp(_ service: ServiceName) -> Bool { observed.services[service]?.value?.run == .running }

    /// Whether it has a log, also where the last start kept it; nil where it could not be seen.
    func hasReplicatedLog(_ masters: DesiredMasters) -> Bool? {
        let last = lastMasterWorkDirectory.map { observed.directories["\($0)/replicated_log"] ?? .unknown("not asked") }
        switch last {
        case .unknown?: return nil
        case .found(let entries)? where !entries.isEmpty: return true
        case .found?, .absent?, nil: break
        }
        return switch observed.directories["\(masters.workDirectory)/replicated_log"] ?? .unknown("not asked") {
        case .found(let entries): !entries.isEmpty
        case .absent: false
        case .unknown: nil
        }
    }
}

extension DesiredNode {
    var usesDockerContainerizer: Bool {
        guard case .mesosFlags(let flags)? = service(.mesosAgent)?.configuration else { return false }
        let list = flags.first { $0.name == "containerizers" }?.value.plainText ?? ""
        return list.split(separator: ",").contains("docker")
    }
}

extension Service {
    /// The declared value of a flag, where it is no secret.
    func flag(_ name: String) -> String? {
        switch configuration {
        case .mesosFlags(let flags), .marathonFlags(let flags): flags.first { $0.name == name }?.value.plainText
        case .zooKeeper, .none: nil
        }
    }
}
