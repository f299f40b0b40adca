internal import Specs

/// Judges all nodes' versions together: an upgrade is one of a cluster, and what one member may not do no member begins.
struct UpgradeJudgement {
    let desired: DesiredCluster
    let observed: ObservedCluster
    private(set) var differences: [NodeDifference]
    private(set) var blocked: [Blocked] = []
    private(set) var notes: [Note] = []

    init(_ desired: DesiredCluster, _ observed: ObservedCluster, _ differences: [NodeDifference]) {
        self.desired = desired
        self.observed = observed
        self.differences = differences
        for product in UpgradeProduct.allCases { judge(product) }
    }

    /// One wanted service with the versions that matter.
    private struct Member {
        var index: Int
        var service: ServiceName
        /// What the process says; nil where it says nothing or does not run.
        var running: String?
        var installed: String
        /// What it is to run.
        var target: String
        var upgrade: PackageUpgrade?

        var isStale: Bool { running.map { !$0.isSameRelease(as: installed) } ?? false }
        var changes: Bool { upgrade != nil || isStale }
    }

    private mutating func judge(_ product: UpgradeProduct) {
        let members = members(of: product)
        let changing = members.filter(\.changes)
        guard !changing.isEmpty else { return }
        guard differences[changing[0].index].package(of: product)?.pin != nil else {
            for member in changing { noteUnpinned(member, product) }
            return
        }
        if let refusal = changing.compactMap({ refusal(of: $0, product) }).first
            ?? companyRefusal(product, changing)
            ?? siteRefusal(product, members, changing)
        {
            for member in changing { block(member, product, refusal) }
            return
        }
        for member in changing { take(member, product, members) }
    }

    private func members(of product: UpgradeProduct) -> [Member] {
        var members: [Member] = []
        for (index, node) in differences.enumerated() {
            guard let package = node.package(of: product),
                let installed = node.observed.packages[package.name]?.value?.installed
            else { continue }
            let upgrade = node.upgrade(of: product)
            for service in product.services where node.desired.service(service)?.running == true {
                members.append(
                    Member(
                        index: index,
                        service: service,
                        running: runningVersion(of: service, on: node),
                        installed: installed,
                        target: upgrade?.target ?? installed,
                        upgrade: upgrade
                    )
                )
            }
        }
        return members
    }

    // MARK: What runs

    /// What the process says of itself; nil where it is not asked, silent or down.
    private func runningVersion(of service: ServiceName, on node: NodeDifference) -> String? {
        guard node.isUp(service) else { return nil }
        switch service {
        case .zooKeeper: return node.observed.zooKeeper.value?.version
        case .mesosMaster: return observed.mesos.masters[node.name]?.value?.version
        case .mesosAgent: return observed.mesos.agents[node.name]?.value?.version
        case .marathon: return marathonVersion(on: node)
        default: return nil
        }
    }

    /// Standbys hand out what the leader says (mesos-zk-ops.md 11), so only the leader's version is known.
    private func marathonVersion(on node: NodeDifference) -> String? {
        guard let marathon = observed.marathon.value, node.leadsMarathon(marathon) else { return nil }
        return "\(marathon.context.release)"
    }

    // MARK: Refusals

    private func refusal(of member: Member, _ product: UpgradeProduct) -> UpgradeRefusal? {
        let node = differences[member.index]
        for from in [member.running, member.upgrade?.installed].compactMap(\.self) {
            if let refusal = UpgradeRules.verdict(product, from: from, to: member.target).refusal { return refusal }
        }
        if let upgrade = member.upgrade, upgrade.version == nil, !upgrade.isAwaited {
            let offered = upgrade.offered.isEmpty ? "nothing" : upgrade.offered.joined(separator: ", ")
            return UpgradeRefusal(
                rule: "upgrade-not-offered",
                because: "\(upgrade.installed) is installed, version \(upgrade.target) is declared and the sources of "
                    + "\(node.name) offer \(offered)",
                remedy: notOfferedRemedy(upgrade, node)
            )
        }
        return node.upgradeRefusal(of: product, from: member.running ?? member.installed, to: member.target)
    }

    private func notOfferedRemedy(_ upgrade: PackageUpgrade, _ node: NodeDifference) -> String {
        let version = DottedVersion(upgrade.package.pin ?? "")
        if !node.searchable.isEmpty, version.map({ $0.numbers.count < 3 }) ?? true {
            return "declare it as MAJOR.MINOR.PATCH: then the repositories' lists are renewed in search of it"
        }
        let renew = node.desired.platform.packageManager == .yum ? "yum makecache" : "apt-get update"
        return "add the repository that has it, or declare a version that is offered; where it was published after "
            + "\(node.name) last renewed its lists, `\(renew)` there"
    }

    /// A member whose package is broken or cannot be seen: what broke it there, the new package perhaps, is not carried to
    /// the next one, and which versions would be beside each other is not known.
    private func companyRefusal(_ product: UpgradeProduct, _ changing: [Member]) -> UpgradeRefusal? {
        guard changing.contains(where: { $0.upgrade != nil }) else { return nil }
        for node in differences {
            guard let package = node.package(of: product),
                product.services.contains(where: { node.desired.service($0)?.running == true })
            else { continue }
            switch node.observed.packages[package.name] {
            case .unknown(let reason)?:
                return UpgradeRefusal(
                    rule: "upgrade-needs-all",
                    because: "the version of \(package.name) on \(node.name) is not known (\(reason))",
                    remedy: "see to the package manager of \(node.name), or take the node out of cluster.yaml"
                )
            case .found(let answer)?:
                guard let trouble = answer.trouble else { continue }
                return UpgradeRefusal(
                    rule: "upgrade-half-installed",
                    because: "\(package.name) on \(node.name) is \(trouble), and what went wrong there may go wrong "
                        + "everywhere",
                    remedy: "finish it by hand (`dpkg --configure -a`, `apt-get -f install`), or run again soon if an "
                        + "installation goes on"
                )
            case .absent?, nil: continue
            }
        }
        return nil
    }

    /// What the rest of the cluster has against it.
    private func siteRefusal(
        _ product: UpgradeProduct,
        _ members: [Member],
        _ changing: [Member]
    ) -> UpgradeRefusal? {
        guard product == .marathon, let target = changing.first?.target else { return nil }
        if let oldest = UpgradeRules.oldestMesos(forMarathon: target) {
            for node in differences {
                guard let installed = node.observed.packages["mesos"]?.value?.installed,
                    let mesos = DottedVersion(installed), mesos < oldest
                else { continue }
                return UpgradeRefusal(
                    rule: "upgrade-needs-mesos",
                    because: "Marathon \(target.upstream) works with Mesos \(oldest) and later, and "
                        + "\(node.name) has \(mesos)",
                    remedy: "upgrade Mesos first (versions.mesos), in an apply of its own"
                )
            }
        }
        return changing.contains { isMigrating($0) } ? silentRefusal(members) : nil
    }

    private func isMigrating(_ member: Member) -> Bool {
        UpgradeRules.verdict(.marathon, from: member.running ?? member.installed, to: member.target) == .allStopped
    }

    /// A Marathon of which nobody knows whether it runs may share the state with a new one.
    private func silentRefusal(_ members: [Member]) -> UpgradeRefusal? {
        let known = Set(members.map { differences[$0.index].name })
        let silent = desired.nodes.first { node in
            guard node.service(.marathon)?.running == true else { return false }
            guard known.contains(node.name), let seen = differences.first(where: { $0.name == node.name }) else {
                return true
            }
            return seen.service(.marathon) == nil
        }
        return silent.map { node in
            UpgradeRefusal(
                rule: "upgrade-needs-all",
                because:
                    "two minor releases of Marathon must not share state, and whether Marathon runs on \(node.name), "
                    + "and in which version, is not known",
                remedy: "bring \(node.name) back, or take the role marathon from it once it is off for good"
            )
        }
    }

    private mutating func block(_ member: Member, _ product: UpgradeProduct, _ refusal: UpgradeRefusal) {
        let node = differences[member.index]
        let title = member.upgrade?.title ?? "restart \(member.service) as \(member.installed.upstream)"
        let fault = Blocked(
            node: node.name,
            title: title,
            layer: node.desired.service(member.service)?.layer,
            because: refusal.because,
            isByUnknown: refusal.rule == "upgrade-needs-all",
            rule: refusal.rule,
            remedy: refusal.remedy,
            position: node.package(of: product)?.pinnedAt
        )
        differences[member.index].upgrades.removeAll { $0.product == product }
        differences[member.index].blocked.append(fault)
        // One line for a package, though two services may run it.
        if !blocked.contains(where: { $0.node == fault.node && $0.title == fault.title }) { blocked.append(fault) }
    }

    private mutating func noteUnpinned(_ member: Member, _ product: UpgradeProduct) {
        guard let running = member.running else { return }
        notes.append(
            Note(
                node: differences[member.index].name,
                "\(member.service) runs \(running) and \(member.installed.upstream) is installed: its next start changes the "
                    + "version; declare versions.\(product.key) to have it restarted in its turn"
            )
        )
    }

    // MARK: Taking it on

    private mutating func take(_ member: Member, _ product: UpgradeProduct, _ members: [Member]) {
        let first = members.first { $0.index == member.index }?.service
        let change = ProgramChange(
            product: product,
            from: (member.running ?? member.installed).upstream,
            to: member.target.upstream,
            upgrade: first == member.service ? member.upgrade : nil,
            carrier: first == member.service || member.upgrade == nil ? nil : first
        )
        differences[member.index].take(change, of: member.service)
    }
}

extension NodeDifference {
    /// From now on the service needs a restart (or, where it is down, its start) with the new program.
    fileprivate mutating func take(_ change: ProgramChange, of name: ServiceName) {
        programChanges[name] = change
        guard let index = services.firstIndex(where: { $0.service.name == name }) else { return }
        switch services[index].need {
        case .nothing, .enable:
            let pid = observed.services[name]?.value?.pid
            services[index].need = .restart(pid: pid, differences: [change.words])
        case .restart(let pid, let differences):
            services[index].need = .restart(pid: pid, differences: [change.words] + differences)
        case .reload, .start, .holdOff, .site: break
        }
    }

    /// Whether this node's Marathon is the one that leads.
    func leadsMarathon(_ marathon: ObservedMarathon) -> Bool {
        guard let leader = marathon.leader, let colon = leader.lastIndex(of: ":") else { return false }
        let host = String(leader[..<colon])
        return [desired.address, name.text, desired.service(.marathon)?.flag("hostname")].contains(host)
    }

    /// What on this node is against the new version, if anything.
    fileprivate func upgradeRefusal(of product: UpgradeProduct, from: String, to: String) -> UpgradeRefusal? {
        guard let from = DottedVersion(from), let to = DottedVersion(to) else { return nil }
        switch product {
        case .zooKeeper: return zooKeeperUpgradeRefusal(from, to)
        case .mesos: return mesosUpgradeRefusal(to)
        case .marathon: return nil
        }
    }

    private func zooKeeperUpgradeRefusal(_ from: DottedVersion, _ to: DottedVersion) -> UpgradeRefusal? {
        let dynamic = DottedVersion(3, 5)
        guard from < dynamic, !(to < dynamic) else { return nil }
        let next = nextZooCfg
        if lacksSnapshot, next["snapshot.trust.empty"]?.plainText != "true" {
            return UpgradeRefusal(
                rule: "upgrade-snapshot",
                because: "\(name) has transactions and no snapshot yet: ZooKeeper \(to) would exit with \"No snapshot "
                    + "found, but there are log entries\"",
                remedy: "restart its present ZooKeeper once it has written a snapshot, or declare "
                    + "snapshot.trust.empty: true under zookeeper.config for this upgrade and remove it afterwards"
            )
        }
        let isOff = next["admin.enableServer"]?.plainText == "false"
        let isElsewhere = next["admin.serverPort"].map { $0.plainText != "8080" } ?? false
        guard desired.service(.marathon)?.running == true, !isOff, !isElsewhere else { return nil }
        return UpgradeRefusal(
            rule: "upgrade-admin-server",
            because: "ZooKeeper \(to) opens port 8080 for its AdminServer, which is Marathon's on \(name)",
            remedy: "declare admin.enableServer: false (or another admin.serverPort) under zookeeper.config"
        )
    }

    /// Whether the data directory was seen with transactions and without a snapshot (mesos-zk-ops.md 2.3).
    private var lacksSnapshot: Bool {
        let names = observed.directories.filter { $0.key.hasSuffix("/version-2") }.values.compactMap(\.value).joined()
            .compactMap { $0.path.split(separator: "/").last }
        return names.contains { $0.hasPrefix("log.") } && !names.contains { $0.hasPrefix("snapshot.") }
    }

    /// The keys of zoo.cfg at its next start.
    private var nextZooCfg: [String: Content] {
        guard case .zooKeeper(let edit)? = desired.service(.zooKeeper)?.configuration else { return [:] }
        var keys: [String: Content] = [:]
        for key in ["snapshot.trust.empty", "admin.enableServer", "admin.serverPort"] {
            keys[key] = edit.set.first { $0.key == key }?.value ?? zooCfg?[key]
        }
        return keys
    }

    private func mesosUpgradeRefusal(_ to: DottedVersion) -> UpgradeRefusal? {
        guard desired.usesDockerContainerizer, desired.service(.mesosAgent)?.running == true,
            let engine = observed.dockerEngine.value.flatMap(DottedVersion.init),
            let fault = DockerAcceptance.problem(mesos: to, docker: engine)
        else { return nil }
        return UpgradeRefusal(
            rule: "upgrade-needs-docker",
            because: "Mesos \(to) does not work with Docker \(engine) of \(name): \(fault)",
            remedy: "upgrade Docker there first"
        )
    }
}

extension String {
    /// Whether a program's own version is that of a package, as far as both say it.
    fileprivate func isSameRelease(as package: String) -> Bool {
        guard let own = DottedVersion(self), let other = DottedVersion(package) else { return true }
        let count = [own.numbers.count, other.numbers.count, 3].min() ?? 0
        return own.numbers.prefix(count) == other.numbers.prefix(count)
    }
}
