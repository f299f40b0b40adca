internal import Daemons
internal import Reconciler
internal import Specs

extension LabNode {
    /// Versions that the node's sources offer, best first: the distribution's own, and those of repositories whose lists it
    /// has; all of the catalogue in a world without declared repositories.
    func offered(_ name: String) -> [String] {
        let all = catalogue.offered[name] ?? []
        guard let repositories, (LabRepository.mesosphere + LabRepository.docker).contains(name) else { return all }
        return repositories.contains { (lists ?? []).contains($0.name) && $0.offers.contains(name) } ? all : []
    }

    // MARK: Renewal

    /// jobs.sh, `act_renew`.
    mutating func renew(
        _ sources: [PackageSource],
        job: String,
        _ run: RunID,
        _ now: Moment
    ) throws(Concluded) {
        let directory = try newJob(job, run, now)
        let pid = beginJob(in: directory, clock(at: now))
        let begins = max(now, jobs.values.map(\.ends).max() ?? now)
        jobs["\(run)/\(job)"] = PackageJob(
            packages: [],
            pid: pid,
            began: begins,
            ends: begins + 2000 + Int(numbers.next() % 2000),
            sources: sources
        )
        throw .done("started")
    }

    /// renew.sh: the lists, and its verdict; nil where no lists were asked for.
    mutating func renewal(of job: PackageJob) -> (log: String, verdict: String)? {
        guard let sources = job.sources else { return nil }
        let faults = sources.compactMap { fault(of: $0.name, $0.uri) }
        renewLists()
        guard faults.isEmpty else {
            let words = faults.map(\.words).joined(separator: "; ")
            let stay = "its files stay as declared: correct \"repositories\" in cluster.yaml and run again"
            return (
                faults.map { $0.words + "\n" }.joined(),
                "failed\n\(words); \(faults.contains { $0.isKey } ? Self.otherKey : Self.notReached); \(stay)"
            )
        }
        return ("", "changed\nlists of \(sources.map(\.name).joined(separator: ", ")) renewed")
    }

    /// What every renewal does, of whichever job: a list that cannot be had any more stays as it was.
    mutating func renewLists() {
        guard let repositories else { return }
        let fine = repositories.filter { isListed($0.name, $0.uri) && fault(of: $0.name, $0.uri) == nil }.map(\.name)
        lists = (lists ?? []).union(fine)
    }

    private static let otherKey = "it is signed by another key than the declared one"
    private static let notReached = "see whether the node reaches it"

    /// What apt or yum complain of.
    private func fault(of name: String, _ uri: String) -> (words: String, isKey: Bool)? {
        guard isListed(name, uri) else { return ("E: \(name): no such source", false) }
        guard let repository = repositories?.first(where: { $0.uri == uri }) else {
            return platform.usesAPT
                ? ("W: Failed to fetch \(uri)/InRelease  Could not resolve host", false)
                : ("Error: Cannot retrieve repository metadata (repomd.xml) for repository: \(name)", false)
        }
        guard platform.usesAPT, !holdsKey(of: repository) else { return nil }
        let words =
            "E: GPG error: \(uri) InRelease: The following signatures couldn't be verified because the public key is "
        return (words + "not available: NO_PUBKEY", true)
    }

    private func isListed(_ name: String, _ uri: String) -> Bool {
        let path = platform.usesAPT ? "/etc/apt/sources.list.d/\(name).list" : "/etc/yum.repos.d/\(name).repo"
        return (files.read(path) ?? "").split(whereSeparator: { " \n=".contains($0) }).contains(Substring(uri))
    }

    /// In the file that the source names, or among the keys trusted for all.
    private func holdsKey(of repository: LabRepository) -> Bool {
        guard let text = repository.keyText else { return true }
        return files.read("/etc/apt/keyrings/\(repository.name).asc") == text
            || files.bytes("/etc/apt/trusted.gpg.d/\(repository.name).gpg") == repository.keyBytes
    }

    // MARK: Pins

    /// install.sh: the version that a pin means now (pins.sh, `resolve`).
    func resolved(_ wanted: PackageInstall) -> PackageInstall? {
        guard wanted.version == nil, let pin = wanted.pin else { return wanted }
        let pinned = DottedVersion(pin)
        let version = offered(wanted.name).first { version in
            guard let pinned, let found = DottedVersion(version) else { return version == pin }
            return found.numbers.starts(with: pinned.numbers)
        }
        return version.map { PackageInstall(name: wanted.name, version: $0) }
    }

    /// Its words where there is none.
    func unresolved(_ wanted: PackageInstall) -> String {
        let offered = offered(wanted.name)
        let words = offered.isEmpty ? "nothing" : offered.joined(separator: ", ")
        return
            "failed\nversion \(wanted.pin ?? "") of \(wanted.name) is declared and the node's sources offer \(words); "
            + "nothing was installed"
    }

    // MARK: Holds

    /// yum's plugin is in no minimal installation.
    var cannotHold: String? {
        platform.usesAPT ? nil : "yum has no versionlock here; install yum-plugin-versionlock"
    }

    /// holds.sh, `act_hold_packages`.
    mutating func hold(_ names: [String]) throws(Concluded) {
        if let cannotHold { throw .done("not held: \(cannotHold)") }
        let free = names.filter { packages[$0]?.isHeld != true }
        guard !free.isEmpty else { throw .already }
        if let missing = free.first(where: { packages[$0] == nil }) {
            throw .failed(
                "\(missing) is not held: E: Can't select installed nor candidate version from package '\(missing)'"
            )
        }
        for name in free { packages[name]?.isHeld = true }
        throw .changed
    }
}
