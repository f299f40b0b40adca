internal import Specs

extension Planning {
    /// What mesos-zk-ops.md section 0 says loses data, and what section 12 says to refuse.
    mutating func refuseWhatLosesData() {
        refuseZooKeeperDangers()
        refuseMasterDangers()
        refuseMarathonPath()
        refuseDuplicateFlags()
        for difference in differences { refuseAgentChange(difference) }
    }

    mutating func refuse(
        _ rule: String,
        _ nodes: [NodeName],
        _ reason: String,
        remedy: String? = nil,
        at position: SourcePosition? = nil
    ) {
        draft.refusals.append(Refusal(rule: rule, nodes: nodes, reason: reason, remedy: remedy, position: position))
    }

    // MARK: Mesos masters (dangers D3–D6)

    private mutating func refuseMasterDangers() {
        guard let masters = desired.masters else { return }
        let (members, _) = members(of: .mesosMaster)
        for member in members {
            let running = member.runningFlags(of: .mesosMaster)
            if let quorum = running["quorum"]?.plainText.flatMap({ Int($0) }), quorum != masters.quorum {
                refuse(
                    "mesos-quorum",
                    [member.name],
                    "the running master has quorum \(quorum) and \(masters.quorum) is declared; masters with different quorums "
                        + "can make two disjoint majorities of the replicated log (D3, D4)",
                    remedy: quorum < masters.quorum
                        ? "raise by hand: restart the present masters with the new quorum, the leader last, and only then start new ones"
                        : "lower by hand: stop the leaving masters for good, then restart the others with the new quorum one by one",
                    at: masters.position
                )
            }
            if let path = running["zk"]?.zkPath, path != Content(masters.zk).zkPath {
                refusePath("mesos-zk-path", member, "master", path, Content(masters.zk).zkPath ?? "", masters.position)
            }
            let isStopped = running.isEmpty && member.hasReplicatedLog(masters) == true
            let last =
                isStopped && !member.wasApplied("/etc/mesos-master/work_dir") ? member.lastMasterWorkDirectory : nil
            if let directory = running["work_dir"]?.plainText ?? last, directory != masters.workDirectory {
                refuse(
                    "mesos-work-dir",
                    [member.name],
                    "the master keeps its replicated log in \(directory) and \(masters.workDirectory) is declared: "
                        + "it would start with an empty log (D6)",
                    remedy: "declare work_dir \(directory)",
                    at: masters.position
                )
            }
        }
        refuseForeignLogs(masters, members)
        refuseLeavingMasters(masters, members)
    }

    /// Masters on nodes without the role are stopped only while those that stay make a quorum (danger D6).
    private mutating func refuseLeavingMasters(_ masters: DesiredMasters, _ members: [NodeDifference]) {
        let hosts = Content(masters.zk).zkHosts
        let leaving = differences.filter { node in
            guard case .holdOff(true)? = node.service(.mesosMaster)?.need else { return false }
            guard let service = node.observed.services[.mesosMaster]?.value, !service.arguments.isEmpty else {
                return true
            }
            // One that was started unconfigured has `zk://localhost:2181/mesos`, or no ZooKeeper at all.
            return !hosts.isDisjoint(with: Reconciler.runningFlags(service)["zk"]?.zkHosts ?? [])
        }
        let staying = members.count { $0.isUp(.mesosMaster) && $0.hasReplicatedLog(masters) != false }
        guard !leaving.isEmpty, staying < masters.quorum else { return }
        refuse(
            "mesos-masters-leave",
            leaving.map(\.name),
            "these nodes have no role mesos-master and run masters that may be this cluster's, and only \(staying) of the declared "
                + "masters run with a log; quorum is \(masters.quorum): without them the registry would be lost (D6)",
            remedy:
                "move one master at a time, each in a change of its own; a master that never served here is stopped by hand",
            at: masters.position
        )
    }

    /// A log that a single master initialised alone never recovers among new ones (D5).
    private mutating func refuseForeignLogs(_ masters: DesiredMasters, _ members: [NodeDifference]) {
        let withLog = members.filter { $0.hasReplicatedLog(masters) == true }
        let silent = masters.nodes.count - members.count
        let unseen = members.count { $0.hasReplicatedLog(masters) == nil }
        guard !withLog.isEmpty, withLog.count + silent + unseen < masters.quorum else { return }
        guard !isUnfinishedBootstrap(members, masters) else { return }
        refuse(
            "mesos-foreign-log",
            withLog.map(\.name),
            "\(withLog.count) of \(masters.nodes.count) masters already hold a replicated log, fewer than the quorum \(masters.quorum): "
                + "with new empty ones beside them the log never recovers (D5)",
            remedy: "if these nodes never served in this cluster, stop mesos-master and remove "
                + "\(masters.workDirectory)/replicated_log there by hand; otherwise grow by the documented procedure",
            at: masters.position
        )
    }

    private mutating func refusePath(
        _ rule: String,
        _ member: NodeDifference,
        _ what: String,
        _ running: String,
        _ declared: String,
        _ position: SourcePosition?
    ) {
        refuse(
            rule,
            [member.name],
            "the running \(what) uses the ZooKeeper path \(running) and \(declared) is declared: it would start from empty state, "
                + "and what runs now would be orphaned",
            remedy: "declare the path \(running); a path cannot be changed on a living cluster",
            at: position
        )
    }

    // MARK: Marathon (danger D9)

    private mutating func refuseMarathonPath() {
        for member in differences {
            guard let service = member.desired.service(.marathon), service.running,
                case .marathonFlags(let declared) = service.configuration,
                let wanted = declared.first(where: { $0.name == "zk" })?.value.zkPath,
                let path = member.runningFlags(of: .marathon)["zk"]?.zkPath, path != wanted
            else { continue }
            refusePath("marathon-zk-path", member, "Marathon", path, wanted, service.reason.position)
        }
    }

    // MARK: Agents (danger D7)

    /// Settings that are part of what an agent registered as; another value makes it refuse to start (mesos-zk-ops.md 4.1).
    static let registeredFlags = ["hostname", "attributes", "resources", "port", "work_dir", "default_role", "domain"]

    private mutating func refuseAgentChange(_ member: NodeDifference) {
        guard let service = member.desired.service(.mesosAgent), service.running,
            case .mesosFlags(let declared) = service.configuration, member.isRegisteredAgent
        else { return }
        let registered = declared.filter { Self.registeredFlags.contains($0.name) }
        let changes: [String]
        if let running = member.observed.services[.mesosAgent]?.value, running.run == .running,
            !running.arguments.isEmpty || running.reportedFlags != nil
        {
            changes = differingFlags(registered, running: running).map { flag, found in
                "\(flag.name) \(found?.shown ?? "unset") → \(flag.value.shown)"
            }
        } else {
            changes = Self.registeredFlags.compactMap(member.registeredFileChange)
        }
        guard !changes.isEmpty else { return }
        refuse(
            "agent-incompatible",
            [member.name],
            "the agent has registered, and \(changes.joined(separator: ", ")) changes what it registered as: it would refuse to "
                + "start with \"Incompatible agent info\" (D7)",
            remedy:
                "drain it, stop it, remove meta/slaves/latest under its work_dir, then apply: it registers as a new agent",
            at: service.reason.position
        )
    }
}

extension NodeDifference {
    /// Flags the running process was started with; empty when it does not run or cannot be read.
    func runningFlags(of name: ServiceName) -> [String: Content] {
        guard let service = observed.services[name]?.value, service.run == .running else { return [:] }
        return Reconciler.runningFlags(service)
    }

    /// Whether an agent has checkpointed its registration here; unknown counts as yes.
    var isRegisteredAgent: Bool {
        let paths = observed.files.filter { $0.key.hasSuffix("/meta/slaves/latest") }
        return paths.contains { $0.value != .absent }
    }

    /// For an agent whose flags cannot be seen: a file that gives the flag differs, and not because of a hand edit of what
    /// was last applied.
    func registeredFileChange(_ flag: String) -> String? {
        let changed = files.first { file in
            let parts = file.file.path.split(separator: "/")
            guard file.file.readBy.contains(.mesosAgent),
                parts.last.map(String.init) == flag || parts.dropLast().last.map(String.init) == flag
            else { return false }
            return file.change.applied.map { $0.digest != appliedDigest(of: $0.resource) } ?? true
        }
        return changed.map { "\(flag) (\($0.file.path): \($0.change.summary))" }
    }
}

extension Content {
    /// The hosts with ports of a `zk://host:port,…/path` URL.
    var zkHosts: Set<String> {
        let text = shown
        guard text.hasPrefix("zk://") else { return [] }
        let list = text.dropFirst(5).prefix { $0 != "/" }.split(separator: "@").last ?? ""
        return Set(list.split(separator: ",").map(String.init))
    }

    /// The path of a `zk://host:port,…/path` URL, such as `/mesos`.
    var zkPath: String? {
        let text = shown
        guard text.hasPrefix("zk://"), let slash = text.dropFirst(5).firstIndex(of: "/") else { return nil }
        return String(text[slash...])
    }
}
