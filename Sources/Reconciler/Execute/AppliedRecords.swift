internal import Specs

/// The entries of the applied record that a step owes one node, handed out as soon as each is true.
///
/// Pure. A file's entry follows its write in the same visit, a package's its installation; so a run that is killed at any
/// moment has recorded what it did and nothing else. What a service runs with is recorded after the gate.
struct AppliedRecords {
    private var due: [AppliedEntry]
    private(set) var afterGate: [AppliedEntry]

    init(_ changes: [Change], on node: NodeName) {
        let own = changes.filter { $0.node == node }
        due = own.filter { $0.kind != .run }.compactMap(\.applied)
        afterGate = own.filter { $0.kind == .run }.compactMap(\.applied)
    }

    /// `actions` with each record after the action that makes it true.
    mutating func interleaved(with actions: [NodeAction]) -> [NodeAction] {
        actions.flatMap { action -> [NodeAction] in
            let entries = take(action.resources)
            return entries.isEmpty ? [action] : [action, .recordApplied(entries)]
        }
    }

    /// The entries of a path, for a file that was in place already.
    mutating func take(path: String) -> [AppliedEntry] { take(["file:\(path)"]) }

    mutating func take(packages: [PackageInstall]) -> [AppliedEntry] { take(packages.map { "package:\($0.name)" }) }

    /// All that no single action makes true: owed once every action has succeeded.
    mutating func takeRest() -> [AppliedEntry] {
        defer { due = [] }
        return due
    }

    private mutating func take(_ resources: [String]) -> [AppliedEntry] {
        let taken = due.filter { resources.contains($0.resource) }
        due.removeAll { resources.contains($0.resource) }
        return taken
    }
}

extension NodeAction {
    /// What it alone brings to the recorded state, as soon as it has succeeded.
    fileprivate var resources: [String] {
        switch self {
        case .writeFile(let write): ["file:\(write.path)"]
        case .removeFile(let path, _, _): ["file:\(path)"]
        case .setHostName: ["hostname"]
        case .service, .keepRunningCopies, .installPackages, .collect, .lease, .recordApplied, .image: []
        case .network: []
        }
    }

    /// What it does, in words that follow "could not".
    var words: String {
        switch self {
        case .writeFile(let write): "write \(write.path)"
        case .removeFile(let path, _, _): "remove \(path)"
        case .service(let act): act.words
        case .keepRunningCopies(let service, _): "keep what \(service) reads"
        case .installPackages(let packages, _): "install \(packages.map(\.name).joined(separator: ", "))"
        case .collect(let job, _): "collect \(job)"
        case .lease: "handle the lease"
        case .recordApplied: "record what was applied"
        case .setHostName(let name): "set the host name \(name)"
        case .image(let act): act.words
        case .network(let act): act.words
        }
    }
}

extension ServiceAct {
    var words: String {
        switch self {
        case .maskUnit(let name): "mask \(name)"
        case .unmaskUnit(let name): "unmask \(name)"
        case .enableUnit(let name): "enable \(name)"
        case .disableUnit(let name): "disable \(name)"
        case .startUnit(let name), .startJob(let name): "start \(name)"
        case .stopUnit(let name), .stopJob(let name): "stop \(name)"
        case .restartUnit(let name, _), .restartJob(let name, _): "restart \(name)"
        case .reloadUnit(let name), .reloadJob(let name): "reload \(name)"
        case .holdJob(let name): "hold \(name) off"
        case .releaseJob(let name): "release \(name)"
        }
    }

    /// The service and the process it must still be, for acts that must not happen twice.
    var restart: (service: ServiceName, pid: Int?)? {
        switch self {
        case .restartUnit(let name, let pid), .restartJob(let name, let pid): (name, pid)
        case .maskUnit, .unmaskUnit, .enableUnit, .disableUnit, .startUnit, .stopUnit, .holdJob, .releaseJob,
            .startJob, .stopJob, .reloadUnit, .reloadJob:
            nil
        }
    }
}

extension NetworkNodeAct {
    var words: String {
        switch self {
        case .arm(let change, _, _): "arm the change of \(change.link)"
        case .confirm: "confirm the change of the link"
        case .collect: "see how the change of the link stands"
        }
    }
}

extension ImageNodeAct {
    var words: String {
        switch self {
        case .stage: "make room for an image"
        case .load(let load, _): "load \(load.reference)"
        case .pull(let digest, _, _): "pull \(digest)"
        case .tag(_, let reference): "tag \(reference)"
        case .remove(let id): "remove image \(id)"
        case .clear: "remove the parts of images"
        }
    }
}
