internal import Specs

/// Everything in which one answering node is not as declared, before any thought of order.
struct NodeDifference {
    var desired: DesiredNode
    var observed: ObservedNode
    var revision: String?
    var missing: [MissingPackage] = []
    var files: [FileDifference] = []
    var services: [ServiceDifference] = []
    var blocked: [Blocked] = []
    var notes: [Note] = []
    /// Packages of the ensembles' programs at another version than the declared one.
    var upgrades: [PackageUpgrade] = []
    /// Set once all nodes' versions were judged together (`UpgradeJudgement`).
    var programChanges: [ServiceName: ProgramChange] = [:]

    struct MissingPackage: Hashable {
        var package: DesiredPackage
        /// The full version as offered; nil for the candidate.
        var version: String?
        /// The node chooses what it is offered then: set where that is not known yet.
        var pin: String?
    }

    /// Packages that are there as declared and should be held.
    var holds: [HoldDifference] = []
    /// Repositories that a package may be looked for in.
    var searchable: [DesiredRepository] = []
    /// Repositories whose renewed lists may offer more than what was observed.
    var renewable: [DesiredRepository] = []
    /// Those of them that differ, or whose renewal is owed.
    var due: Set<String> = []
    /// Whether a package is missing that only they may offer.
    var awaitsSources = false

    init(_ desired: DesiredNode, _ observed: ObservedNode, revision: String?) {
        self.desired = desired
        self.observed = observed
        self.revision = revision
        let causes = Causes(applied: observed.applied.value, revision: revision)
        if case .unknown(let reason) = observed.applied {
            notes.append(Note(node: desired.name, "causes are unattributed: \(reason)"))
        }
        compareSources(FileComparer(node: desired, observed: observed, causes: causes))
        comparePackages()
        compareFiles(FileComparer(node: desired, observed: observed, causes: causes))
        compareEnvironmentFiles()
        compareStrays(causes)
        compareKnownFlags()
        compareUnannounced()
        compareServices()
        compareReports()
        compareNetwork()
    }

    var name: NodeName { desired.name }

    func service(_ name: ServiceName) -> ServiceDifference? { services.first { $0.service.name == name } }

    mutating func block(_ title: String, _ because: String, layer: Layer? = nil, isByUnknown: Bool) {
        blocked.append(
            Blocked(node: desired.name, title: title, layer: layer, because: because, isByUnknown: isByUnknown)
        )
    }

    /// Files of variables that cannot be read may set a flag twice, which makes the daemon exit (F13).
    private mutating func compareEnvironmentFiles() {
        for file in desired.environmentFiles where desired.service(file.service)?.running == true {
            guard !desired.files.contains(where: { $0.path == file.path }) else { continue }
            let reason: String
            switch observed.files[file.path] {
            case .unknown(let words)?: reason = words
            case .found(let found)? where found.content == nil: reason = "it is larger than 64 KiB or no text"
            case .found?, .absent?, nil: continue
            }
            block("file \(file.path)", reason, layer: desired.service(file.service)?.layer, isByUnknown: true)
        }
    }

    private mutating func compareFiles(_ comparer: FileComparer) {
        for file in desired.files {
            switch comparer.compare(file) {
            case .equal(let advice):
                notes += advice.map { Note(node: desired.name, $0) }
            case .differs(let difference, let advice):
                files.append(difference)
                notes += advice.map { Note(node: desired.name, $0) }
            case .unknown(let reason):
                let layer = desired.layer(of: file)
                block("file \(file.path)", reason, layer: layer, isByUnknown: true)
            }
        }
    }

    /// A daemon that reports other flags than its process was started with: its port may be somebody else's.
    private mutating func compareReports() {
        for service in desired.services where service.running {
            guard let seen = observed.services[service.name]?.value, seen.run == .running else { continue }
            for (flag, start, reported) in contradictoryFlags(seen) {
                let started = ShownContent.value(start, of: flag).shown
                let words = SensitiveNames.isSensitive(flag: flag) ? "another value" : reported.shown
                notes.append(
                    Note(
                        node: desired.name,
                        "\(service.name) was started with --\(flag)=\(started) and reports \(words) over REST; "
                            + "see who listens on its port"
                    )
                )
            }
        }
    }

    private mutating func compareServices() {
        for service in desired.services {
            let observation = observed.services[service.name] ?? .unknown("it was not asked for")
            if let difference = ServiceDifference(service, observation, on: observed, files: desired.files) {
                services.append(difference)
                guard let unjudged = difference.unjudged else { continue }
                if unjudged.isByFilesAlone {
                    notes.append(Note(node: desired.name, unjudged.words))
                } else {
                    block("compare \(service.name)", unjudged.words, layer: service.layer, isByUnknown: true)
                }
            } else {
                let reason: String
                switch observation {
                case .unknown(let words): reason = words
                case .found(let found):
                    reason = "its state is \(found.run.rawValue), at boot \(found.boot.rawValue) (\(found.detail))"
                case .absent: reason = "its state is unknown"
                }
                block("service \(service.name)", reason, layer: service.layer, isByUnknown: true)
            }
        }
    }
}

extension DesiredNode {
    /// The layer a file is written in: that of the first service wanted here that reads it.
    func layer(of file: DesiredFile) -> Layer? {
        services.filter { $0.running && file.readBy.contains($0.name) }.map(\.layer).min()
    }
}
