internal import Specs

extension NodeDifference {
    /// What brings the new program of `service` onto the node, without touching the process: services that are not wanted
    /// here are kept off, then the package is installed, then the new program is asked for its flags.
    ///
    /// Empty where the service keeps its program.
    func programActions(for service: ServiceName) -> [PlannedAction] {
        guard let change = programChanges[service] else { return [] }
        var actions: [PlannedAction] = []
        if let upgrade = change.upgrade {
            let job = upgrade.job
            actions += holds(for: upgrade.package).map { .action(.service($0)) }
            actions.append(.action(.installPackages(upgrade.installs, job: job)))
            actions.append(.action(.collect(job: job, seconds: 20)))
            let isHeld = observed.packages[upgrade.package.name]?.value?.isHeld ?? false
            if willHold(upgrade.package), !isHeld { actions.append(.action(.holdPackages([upgrade.package.name]))) }
        }
        return actions + [flagCheck(of: service)].compactMap { $0.map(PlannedAction.checkFlags) }
    }

    /// A package's scripts enable what it brings (mesos-zk-ops.md 1.1); what is off here stays off.
    private func holds(for package: DesiredPackage) -> [ServiceAct] {
        let unwanted = desired.services.filter { package.brings.contains($0.name) && !$0.running }
        return unwanted.flatMap { service -> [ServiceAct] in
            switch desired.platform.initSystem {
            case .systemd: [.maskUnit(service.name)]
            case .upstart: [.holdJob(service.name)]
            }
        }
    }

    /// nil where nobody can tell which flags the program knows: it could not be asked before either.
    private func flagCheck(of service: ServiceName) -> FlagCheck? {
        guard let directory = desired.flagDirectories.first(where: { $0.service == service }),
            case .found(let known)? = observed.knownFlags[service], known.contains("work_dir")
        else { return nil }
        let flags = flagFilesAfterPlan(in: directory).map { $0.hasPrefix("?") ? String($0.dropFirst()) : $0 }
        return FlagCheck(
            service: service,
            programs: KnownFlagsFact.paths(of: service),
            flags: Set(flags).sorted()
        )
    }

    /// Names of the regular files right in `directory` once this plan's files are written.
    private func flagFilesAfterPlan(in directory: FlagDirectory) -> [String] {
        func name(_ path: String) -> String? {
            guard path.hasPrefix(directory.path + "/") else { return nil }
            let name = String(path.dropFirst(directory.path.count + 1))
            return name.contains("/") ? nil : name
        }
        let there = (observed.directories[directory.path]?.value ?? []).filter { $0.kind == .regular }
        let removed = Set(files.filter { $0.file.body == .absent }.map(\.file.path))
        let written = desired.files.filter { $0.body != .absent }.map(\.path)
        return (there.map(\.path).filter { !removed.contains($0) } + written).compactMap(name)
    }

    func change(of upgrade: PackageUpgrade) -> Change {
        let resource = "package:\(upgrade.package.name)"
        let causes = Causes(applied: observed.applied.value, revision: revision)
        let wanted = Self.versionDigest(upgrade.targetVersion)
        let present = Self.versionDigest(upgrade.installed.upstream)
        // An installation without a pin is recorded without its version: that tells nothing of who changed it.
        let isTold = observed.applied.value?[resource].map { $0.digest != sha256("installed") } ?? false
        return Change(
            node: name,
            resource: resource,
            kind: .update,
            cause: isTold ? causes.cause(of: resource, wanted: wanted, observed: present) : .unattributed,
            summary: "\(upgrade.installed) → \(upgrade.target)"
                + (upgrade.isAwaited ? ", as the renewed lists offer it" : ""),
            applied: causes.entry(resource, digest: wanted)
        )
    }

    func upgradeChanges(_ service: ServiceName) -> [Change] {
        [programChanges[service]?.upgrade.map { change(of: $0) }].compactMap { $0 }
    }

    func upgradeReasons(_ service: ServiceName) -> [Reason] {
        guard let program = programChanges[service] else { return [] }
        return [package(of: program.product)?.versionReason].compactMap { $0 }
    }

    private static func versionDigest(_ version: String) -> String { sha256("installed \(version)") }

    /// A platform as it is before any upgrade of this plan: what the versions of the upgraded packages are is not assumed.
    func before(_ platform: Platform) -> Platform {
        var platform = platform
        for upgrade in upgrades { platform.packages[upgrade.package.name] = nil }
        return platform
    }
}

extension DesiredPackage {
    /// Who asks for this version; nil where nobody does.
    var versionReason: Reason? {
        guard pin != nil, let product = UpgradeProduct(package: name) else { return nil }
        return Reason("versions.\(product.key)", at: pinnedAt)
    }
}

extension ProgramChange {
    /// What it means for people, once in a plan.
    func advice(in cluster: DesiredCluster) -> String {
        let copy: String
        switch product {
        case .zooKeeper:
            copy = "a copy of \(cluster.zooKeeper?.dataDirectory ?? "its data directory")/version-2 of one server"
        case .mesos: copy = "a copy of a standby master's replicated_log"
        case .marathon: copy = "a copy of ZooKeeper's data directory"
        }
        return "\(product.rawValue) \(from) → \(to) cannot be taken back by reverting the commit: downgrades are "
            + "refused; make \(copy) first"
    }
}

extension Planning {
    /// No member begins with a version before it is known to be there for every member.
    func searches(before step: Step) -> [String] {
        let jobs = Set(
            step.nodeActions.compactMap { if case .installPackages(_, let job) = $0.action { job } else { nil } }
        )
        guard !jobs.isEmpty else { return [] }
        return differences.filter { $0.awaitedUpgrades.contains { jobs.contains($0.job) } }.map {
            StepKey.sources($0.name)
        }
    }

    /// Why a member's program must not be replaced now although its own layer has nothing against it.
    func carrierProblem(_ member: NodeDifference, _ service: ServiceName) -> Problem? {
        guard let change = member.programChanges[service], let carrier = change.carrier else { return nil }
        let job = change.product.upgradeJob
        let isPlanned = draft.drafts.contains { $0.step.installs(job, on: member.name) }
        guard !isPlanned else { return nil }
        return Problem(
            because: "\(change.product.rawValue) is upgraded in the turn of \(carrier) on \(member.name), which is "
                + "held back",
            isByUnknown: false
        )
    }

    /// Marathon is upgraded after the agents where both are (Mesos' upgrades.md: masters, agents, schedulers).
    var marathonFollowsAgents: Bool {
        differences.contains { $0.programChanges[.mesosAgent] != nil }
            && differences.contains { $0.programChanges[.marathon] != nil }
    }

    mutating func advise(_ change: ProgramChange) {
        let note = Note(change.advice(in: desired))
        if !draft.notes.contains(note) { draft.notes.append(note) }
    }
}

extension Step {
    /// Every action with its node, members of a group in their order.
    var nodeActions: [(node: NodeName, action: NodeAction)] {
        switch act {
        case .visit(let node, let planned):
            planned.compactMap { if case .action(let action) = $0 { (node, action) } else { nil } }
        case .start(_, let members), .roll(_, let members, _, _):
            members.flatMap { member in member.actions.map { (member.node, $0) } }
        case .app, .compareApps, .image, .network: []
        }
    }

    func installs(_ job: String, on node: NodeName) -> Bool {
        nodeActions.contains { if case .installPackages(_, job) = $0.action { $0.node == node } else { false } }
    }
}
