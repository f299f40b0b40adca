public import Daemons
public import Reconciler
internal import Specs

extension LabNode {
    /// When a detached job ends; nil where none of that name is under way.
    public func jobEnds(_ job: String, run: RunID) -> Moment? {
        jobs["\(run)/\(job)"]?.ends ?? imageJobs?["\(run)/\(job)"]?.ends
    }

    private func jobDirectory(_ job: String, _ run: RunID) -> String { "\(StatePath.runtime)/\(run)/\(job)" }

    /// jobs.sh, `act_install`.
    mutating func install(
        _ wanted: [PackageInstall],
        job: String,
        _ run: RunID,
        _ now: Moment
    ) throws(Concluded) {
        let directory = try newJob(job, run, now)
        let time = clock(at: now)
        if wanted.allSatisfy(isInstalled) {
            files.write("\(directory)/result", "already\n", at: time)
            throw .already
        }
        // One installation at a time (install.sh).
        let begins = max(now, jobs.values.map(\.ends).max() ?? now)
        let pid = beginJob(in: directory, time)
        jobs["\(run)/\(job)"] = PackageJob(
            packages: wanted,
            pid: pid,
            began: begins,
            ends: begins + duration(of: wanted)
        )
        if platform.usesAPT {
            files.write(
                policy,
                "#!/bin/sh\n# reconciler: no service is started while its packages are installed\n",
                mode: 0o755,
                at: time
            )
        }
        throw .done("started")
    }

    /// Its directory, where it is not under way already (jobs.sh, `new_job`).
    mutating func newJob(_ job: String, _ run: RunID, _ now: Moment) throws(Concluded) -> String {
        let directory = jobDirectory(job, run)
        let parent = FileTree.parted(directory).parent
        if let words = directoryTrouble(parent) { throw failedWords(parent, words) }
        if files.exists(directory) {
            guard files.isDirectory(directory) else { throw .failed("\(directory): cannot be made") }
            throw .done("under way since an earlier visit")
        }
        files.makeDirectory(parent, mode: 0o700, at: clock(at: now))
        files.makeDirectory(directory, at: clock(at: now))
        return directory
    }

    /// Its process, which has written who it is.
    mutating func beginJob(in directory: String, _ time: Moment) -> Int {
        let pid = newPID()
        files.write("\(directory)/log", "", at: time)
        files.write("\(directory)/process", "\(pid) \((time - bootedAt) / 10) \(bootID)\n", at: time)
        return pid
    }

    private var policy: String { "/usr/sbin/policy-rc.d" }

    /// jobs.sh, `act_collect`, which here never waits.
    func collect(_ job: String, _ run: RunID, _ now: Moment) throws(Concluded) {
        let directory = jobDirectory(job, run)
        guard files.isDirectory(directory) else {
            throw .failed("no job \(job) of run \(run) is here; was the node restarted meanwhile?")
        }
        guard let result = files.read("\(directory)/result"), !result.isEmpty else {
            if jobEnds(job, run: run) != nil { throw Concluded(.pending) }
            let log = (files.read("\(directory)/log") ?? "").split(separator: "\n").suffix(3)
            throw .failed("job \(job) ended without a result: \(log.joined(separator: "\n"))")
        }
        let lines = withoutTrailingNewlines(result).split(
            separator: "\n",
            maxSplits: 1,
            omittingEmptySubsequences: false
        ).map(String.init)
        let words = lines.count > 1 ? lines[1] : ""
        switch lines[0] {
        case "already": throw .already
        case "changed": throw .done(words)
        default: throw .failed(words)
        }
    }

    /// Whether it is there, in order and at the version asked for (jobs.sh, `installed`).
    private func isInstalled(_ wanted: PackageInstall) -> Bool {
        guard wanted.version != nil || wanted.pin == nil else { return false }
        guard let package = packages[wanted.name], package.trouble == nil else { return false }
        return wanted.version.map { $0 == package.version } ?? true
    }

    /// Lists, download and unpacking: some seconds and 15 MB a second.
    private mutating func duration(of wanted: [PackageInstall]) -> Int {
        let bytes = wanted.map { contents(of: $0)?.bytes ?? 0 }.reduce(0, +)
        return 3000 + Int(numbers.next() % 3000) + wanted.count * 1500 + bytes / 15_000
    }

    private func contents(of wanted: PackageInstall) -> LabPackage? {
        let version = wanted.version ?? offered(wanted.name).first
        return version.flatMap { LabPackage(wanted.name, version: $0, on: platform) }
    }

    /// Ends the jobs that are due.
    mutating func finishJobs(_ now: Moment) {
        for (key, job) in jobs.sorted(by: { ($0.value.ends, $0.key) < ($1.value.ends, $1.key) })
        where job.ends <= now {
            jobs[key] = nil
            if jobs.isEmpty { files.remove(policy, at: clock(at: job.ends)) }
            let directory = "\(StatePath.runtime)/\(key)"
            let (log, verdict) = outcome(of: job)
            let time = clock(at: job.ends)
            files.write("\(directory)/log", log, at: time)
            files.write("\(directory)/result", verdict + "\n", at: time)
        }
    }

    /// What the package manager prints, and install.sh's verdict.
    private mutating func outcome(of job: PackageJob) -> (log: String, verdict: String) {
        if let renewal = renewal(of: job) { return renewal }
        renewLists()
        var job = job
        var choices: [String] = []
        for (index, wanted) in job.packages.enumerated() {
            guard let chosen = resolved(wanted) else { return ("", unresolved(wanted)) }
            if chosen != wanted { choices.append("\(wanted.name) \(wanted.pin ?? "") is \(chosen.version ?? "")") }
            job.packages[index] = chosen
        }
        var log = choices
        log += platform.usesAPT ? ["Reading package lists...", "Building dependency tree..."] : []
        func failure(_ words: String, _ status: Int) -> (String, String) {
            let all = (log + [words]).suffix(5).joined(separator: "\n")
            return (
                (log + [words]).joined(separator: "\n") + "\n",
                words.contains("enough free space")
                    ? "failed\ndisk full: \(all)"
                    : "failed\nthe package manager ended with status \(status): \(all)"
            )
        }
        for wanted in job.packages {
            if let words = trouble(of: wanted) { return failure(words, platform.usesAPT ? 100 : 1) }
        }
        let bytes = job.packages.map { contents(of: $0)?.bytes ?? 0 }.reduce(0, +)
        guard bytes + bytes / 3 <= freeBytes else {
            return failure("E: You don't have enough free space in /var/cache/apt/archives/.", 100)
        }
        for name in packages.keys.sorted() where packages[name]?.trouble != nil {
            packages[name]?.trouble = nil
            log.append("Setting up \(name) (\(packages[name]?.version ?? "")) ...")
        }
        for wanted in job.packages
        where packages[wanted.name]?.version != wanted.version ?? offered(wanted.name).first {
            install(wanted.name, version: wanted.version, startsServices: false, at: job.ends)
            log.append("Setting up \(wanted.name) (\(packages[wanted.name]?.version ?? "")) ...")
        }
        return (log.joined(separator: "\n") + "\n", "changed\n" + log.suffix(5).joined(separator: "\n"))
    }

    /// apt's or yum's words for what is not offered.
    private func trouble(of wanted: PackageInstall) -> String? {
        let offered = offered(wanted.name)
        guard !offered.isEmpty, contents(of: wanted) != nil else {
            return platform.usesAPT
                ? "E: Unable to locate package \(wanted.name)" : "Error: Nothing to do"
        }
        guard let version = wanted.version, !offered.contains(version), packages[wanted.name]?.version != version else {
            return nil
        }
        return platform.usesAPT
            ? "E: Version '\(version)' for '\(wanted.name)' was not found" : "Error: Nothing to do"
    }

    /// Jobs that end with the machine: what was being unpacked is half-configured from then on.
    mutating func cutOffJobs(_ now: Moment) {
        for (_, job) in jobs.sorted(by: { $0.key < $1.key }) where now - job.began > (job.ends - job.began) / 2 {
            for wanted in job.packages where !isInstalled(wanted) && trouble(of: wanted) == nil {
                install(wanted.name, version: wanted.version, startsServices: false, at: now)
                packages[wanted.name]?.trouble = "half-configured"
            }
        }
        jobs = [:]
    }
}
