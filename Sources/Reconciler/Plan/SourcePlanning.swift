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
    var dueRepositories: [DesiredRepository] { renewable.filter { awaitsSources || due.contains($0.name) } }
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
                    changes: files.map { difference.change(of: $0, in: due) } + due.map { difference.change(of: $0) },
                    reasons: due.map(\.reason),
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
