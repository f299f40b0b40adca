internal import Specs

/// Repositories: what of them is not as declared, and the steps that make it so.
extension NodeDifference {
    /// Finds out which repositories' lists would be others after a renewal, as far as can be told beforehand.
    ///
    /// A node does not say what its lists were made from: the applied record remembers what they were last renewed for.
    mutating func compareSources(_ comparer: FileComparer) {
        for repository in desired.repositories {
            if let problem = repository.problem {
                block("repository \(repository.name)", problem, isByUnknown: false)
                continue
            }
            let comparisons = desired.files.filter { repository.paths.contains($0.path) }.map(comparer.compare)
            // The file's own comparison blocks it.
            guard !comparisons.contains(where: { if case .unknown = $0 { true } else { false } }) else { continue }
            searchable.append(repository)
            let differs = comparisons.contains { if case .differs = $0 { true } else { false } }
            let record = observed.applied.value?[repository.resource]
            guard differs || record?.digest != repository.digest(in: desired) else { continue }
            renewable.append(repository)
            // What we wrote and did not get to renew is still owed; of what others wrote nothing is known.
            let isOurs = observed.applied.value?["file:\(repository.path)"] != nil
            if differs || isOurs { due.insert(repository.name) }
        }
    }

    /// The repositories that a step is planned for: those that differ, and where a package is waited for all that may help.
    var dueRepositories: [DesiredRepository] {
        guard awaitedUpgrades.isEmpty else { return searchable }
        return renewable.filter { awaitsSources || due.contains($0.name) }
    }

    var awaitedUpgrades: [PackageUpgrade] { upgrades.filter(\.isAwaited) }

    /// Whether the lists are worth a renewal for a version that they do not have.
    ///
    /// It may have been published since, or be in a repository that is new here. Once for a version, or every plan would do it
    /// again. Only a whole version can be judged before it is seen.
    func maySearch(for package: DesiredPackage, _ pin: String) -> Bool {
        guard !searchable.isEmpty, DottedVersion(pin).map({ $0.numbers.count >= 3 }) ?? false else { return false }
        return !renewable.isEmpty || observed.applied.value?[searched(package)]?.digest != sha256(pin)
    }

    fileprivate func searched(_ package: DesiredPackage) -> String { "lists:\(package.name)" }
}

extension DesiredRepository {
    var resource: String { "repository:\(name)" }

    /// Of all that is declared of it.
    func digest(in node: DesiredNode) -> String {
        sha256(
            node.files.filter { paths.contains($0.path) }.map { "\($0.path) \($0.wantedDigest)" }.joined(
                separator: "\n"
            )
        )
    }
}

extension Planning {
    /// Sources are written and their lists renewed before anything is installed from them.
    mutating func planSources() {
        for difference in differences {
            let due = difference.dueRepositories
            guard let first = due.first else { continue }
            let paths = Set(due.flatMap(\.paths))
            let files = difference.files.filter { paths.contains($0.file.path) }
            let sources = due.map { PackageSource(name: $0.name, uri: $0.uri) }
            let actions: [PlannedAction] =
                files.map(\.act) + [
                    .action(.renewSources(sources, job: "sources")), .action(.collect(job: "sources", seconds: 20)),
                ]
            let noun = due.count == 1 ? "repository \(first.name)" : "\(due.count) repositories"
            draft.add(
                StepKey.sources(difference.name),
                Step(
                    id: 0,
                    title: files.isEmpty ? "renew the lists of \(noun)" : "set up \(noun)",
                    act: .visit(difference.name, actions),
                    changes: files.map { difference.change(of: $0, in: due) }
                        + due.filter(difference.renewable.contains).map { difference.change(of: $0) }
                        + difference.awaitedUpgrades.map { difference.searchChange($0) },
                    gate: difference.searchGate,
                    reasons: (due.map(\.reason) + difference.awaitedUpgrades.compactMap(\.package.versionReason))
                        .unique,
                    undo: "remove \(due.flatMap(\.paths).joined(separator: ", ")) and renew the package lists"
                )
            )
            take(files, on: difference.name)
        }
    }

    /// What is installed as declared is kept so.
    mutating func holdPackages() {
        for difference in differences where !difference.holds.isEmpty {
            let names = difference.holds.map(\.name)
            draft.add(
                StepKey.keep(difference.name),
                needs: [StepKey.install(difference.name)],
                Step(
                    id: 0,
                    title: "hold \(names.joined(separator: ", ")) at the installed version",
                    act: .visit(difference.name, [.action(.holdPackages(names))]),
                    changes: names.map { difference.changeOfHold($0) },
                    reasons: difference.holds.map(\.reason).unique,
                    undo:
                        "`apt-mark unhold` (yum: `yum versionlock delete`), after taking the pin or hold out of cluster.yaml"
                )
            )
        }
    }
}

extension NodeDifference {
    private var causes: Causes { Causes(applied: observed.applied.value, revision: revision) }

    /// Of a key its fingerprint says more than its lines.
    fileprivate func change(of file: FileDifference, in repositories: [DesiredRepository]) -> Change {
        var change = file.change
        guard let repository = repositories.first(where: { $0.keyPath == file.file.path }) else { return change }
        let keys = "key \(repository.fingerprints.joined(separator: ", "))"
        change.summary = change.kind == .create ? keys : "another content → \(keys)"
        (change.before, change.after) = (nil, nil)
        return change
    }

    fileprivate func change(of repository: DesiredRepository) -> Change {
        let digest = repository.digest(in: desired)
        let record = observed.applied.value?[repository.resource]?.digest
        return Change(
            node: name,
            resource: repository.resource,
            kind: record == nil ? .create : .update,
            cause: causes.cause(of: repository.resource, wanted: digest, observed: record),
            summary: repository.summary,
            applied: causes.entry(repository.resource, digest: digest)
        )
    }

    /// What the renewed lists must have before any member of the ensembles is touched for it.
    fileprivate var searchGate: Gate? {
        let installs = awaitedUpgrades.flatMap(\.installs)
        guard !installs.isEmpty else { return nil }
        let words = installs.map { "\($0.name) \($0.pin ?? "")" }.joined(separator: ", ")
        return Gate(
            .all(installs.map { .offered($0.name, pin: $0.pin ?? "", node: name) }),
            deadlineSeconds: 90,
            words: "\(words) in the renewed lists"
        )
    }

    fileprivate func searchChange(_ upgrade: PackageUpgrade) -> Change {
        let resource = searched(upgrade.package)
        let digest = sha256(upgrade.package.pin ?? "")
        let record = observed.applied.value?[resource]?.digest
        return Change(
            node: name,
            resource: resource,
            kind: record == nil ? .create : .update,
            cause: causes.cause(of: resource, wanted: digest, observed: record),
            summary: "\(upgrade.target) looked for",
            applied: causes.entry(resource, digest: digest)
        )
    }

    fileprivate func changeOfHold(_ package: String) -> Change {
        let resource = "package:\(package)"
        return Change(
            node: name,
            resource: resource,
            kind: .update,
            cause: causes.cause(
                of: resource,
                wanted: Self.installed(isHeld: true),
                observed: Self.installed(isHeld: false)
            ),
            summary: "free → held",
            applied: causes.entry(resource, digest: Self.installed(isHeld: true))
        )
    }

    /// What the applied record says of a package that is there.
    static func installed(isHeld: Bool) -> String { sha256(isHeld ? "installed, held" : "installed") }

    /// Whether the package is held once it is installed: wanted, and not known to be impossible.
    func willHold(_ package: DesiredPackage) -> Bool { package.holds && cannotHold == nil }
}
