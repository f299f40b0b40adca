public import Specs

extension Plan {
    /// What each step relies on, by step id.
    ///
    /// What it writes, starts and installs; of a service that it starts anew everything that the service reads, since a
    /// line edited by hand comes into force with it; of an ensemble the membership of every member.
    public func reliedObjects(_ desired: DesiredCluster, _ observed: ObservedCluster) -> [Int: Set<ReliedObject>] {
        let reliance = Reliance(desired: desired, observed: observed)
        return Dictionary(steps.map { ($0.id, reliance.objects(of: $0)) }) { $0.union($1) }
    }
}

private struct Reliance {
    let desired: DesiredCluster
    let observed: ObservedCluster

    func objects(of step: Step) -> Set<ReliedObject> {
        var objects = Set(step.nodes.map(ReliedObject.node))
        for portion in step.portions {
            for action in portion.actions { objects.formUnion(self.objects(of: action, on: portion.node)) }
        }
        switch step.act {
        case .roll(_, _, .zooKeeperLeaderLast(let ring), _):
            objects.formUnion(ring.servers.map { .zooKeeper($0.node) })
        case .app(let act): objects.formUnion([.marathon, .app(act.id)])
        case .image(let act):
            switch act.operation {
            case .build, .ship: objects.insert(.origin(act.reference))
            case .pull, .tag, .remove: break
            }
            if let node = act.node, act.wasSeen { objects.insert(.image(node, act.reference)) }
        case .network(let act): objects.formUnion(self.objects(of: act.change, on: act.node))
        case .visit, .start, .roll, .compareApps: break
        }
        return objects.union(membership(of: step))
    }

    /// Every member of an ensemble that a step touches, with the files that say who is in it.
    private func membership(of step: Step) -> Set<ReliedObject> {
        switch step.layer {
        case .zooKeeper?:
            members(desired.zooKeeper?.members.map(\.node) ?? [], ["zoo.cfg", "myid"]) { .zooKeeper($0) }
        case .masters?: members(desired.masters?.nodes ?? [], ["quorum", "zk"]) { .master($0) }
        case .network?, .engine?, .marathon?, .agents?, .site?, nil: []
        }
    }

    private func members(
        _ nodes: [NodeName],
        _ names: Set<String>,
        _ place: (NodeName) -> ReliedObject
    ) -> Set<ReliedObject> {
        var objects = Set(nodes.map(place))
        for node in nodes {
            let paths = desired.node(node)?.files.map(\.path) ?? []
            let telling = paths.filter { path in names.contains { path.hasSuffix("/" + $0) } }
            objects.formUnion(telling.map { .file(node, path: $0) })
        }
        return objects
    }

    private func objects(of action: PlannedAction, on node: NodeName) -> Set<ReliedObject> {
        switch action {
        case .edit(let edit): [.file(node, path: edit.path)]
        case .checkFlags: []
        case .action(let action):
            switch action {
            case .writeFile(let write): [.file(node, path: write.path)]
            case .removeFile(let path, _, _): [.file(node, path: path)]
            case .service(let act): objects(of: act, on: node)
            case .keepRunningCopies(_, let paths): Set(paths.map { .file(node, path: $0) })
            case .installPackages(let packages, _): Set(packages.map { .package(node, $0.name) })
            case .holdPackages(let names): Set(names.map { .package(node, $0) })
            case .setHostName: [.file(node, path: "/etc/hostname"), .hostName(node)]
            case .network(.arm(let change, _, _)): objects(of: change, on: node)
            case .network: []
            case .refreshBalancer: [.service(node, .haproxy)]
            case .renewSources: []
            // An image's part and its name are compared by the engine's own ids when they are loaded.
            case .image, .collect, .lease, .recordApplied: []
            }
        }
    }

    private func objects(of change: NetworkChange, on node: NodeName) -> Set<ReliedObject> {
        Set(change.files.map { .file(node, path: $0.path) } + [.link(node, change.link)])
    }

    private func objects(of act: ServiceAct, on node: NodeName) -> Set<ReliedObject> {
        let service = ReliedObject.service(node, act.service)
        return act.readsConfiguration ? filesRead(by: act.service, on: node).union([service]) : [service]
    }

    private func filesRead(by service: ServiceName, on name: NodeName) -> Set<ReliedObject> {
        guard let node = desired.node(name) else { return [] }
        var objects: Set<ReliedObject> = []
        for directory in node.flagDirectories where directory.service == service {
            let paths = observed[name].map { Array($0.directories.keys) } ?? []
            for path in paths where path == directory.path || path.hasPrefix(directory.path + "/") {
                objects.insert(.directory(name, path: path, recursive: directory.isRecursive))
            }
        }
        objects.formUnion(
            node.environmentFiles.filter { $0.service == service }.map { .file(name, path: $0.path) }
        )
        objects.formUnion(
            node.files.filter { $0.readBy.contains(service) }.map { .file(name, path: $0.path) }
        )
        return objects
    }
}

/// What a step does on one node.
struct Portion: Hashable {
    var node: NodeName
    var actions: [PlannedAction]
}

extension Step {
    var portions: [Portion] {
        switch act {
        case .visit(let node, let actions): [Portion(node: node, actions: actions)]
        case .start(_, let members), .roll(_, let members, _, _):
            members.map { Portion(node: $0.node, actions: $0.planned) }
        case .app, .compareApps, .image, .network: []
        }
    }
}

extension ServiceAct {
    /// Whether the service reads its files anew.
    var readsConfiguration: Bool {
        switch self {
        case .startUnit, .startJob, .restartUnit, .restartJob, .reloadUnit, .reloadJob: true
        case .maskUnit, .unmaskUnit, .enableUnit, .disableUnit, .stopUnit, .holdJob, .releaseJob, .stopJob: false
        }
    }
}
