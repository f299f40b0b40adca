import Daemons
import Glibc
import Reconciler
import Specs
import Testing

@testable import Lab

/// The real script and a simulated node in the same state; every step is taken on both, and the answers are compared.
struct NodePair {
    let real: ScriptedNode
    var lab: LabNode
    let run = RunID("run-1")
    static let services: [ServiceName] = ["alpha", "beta"]

    init(_ platform: LabPlatform) throws {
        real = try ScriptedNode(usesSystemd: platform.usesSystemd)
        lab = LabNode(
            name: "scratch",
            address: "127.0.0.1",
            hosts: [:],
            platform: platform,
            catalogue: .standard(platform),
            seed: 1,
            at: Self.now
        )
        lab.files = FileTree()
        try makeDirectory(platform.usesSystemd ? "/run/systemd/system" : "/etc/init")
        for service in Self.services { try add(service) }
    }

    static var now: Moment {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Moment(milliseconds: Int(time.tv_sec) * 1000 + Int(time.tv_nsec) / 1_000_000)
    }

    private mutating func add(_ name: ServiceName) throws {
        if lab.platform.usesSystemd {
            try real.remember("disabled\n", as: "units/\(name)")
        } else {
            try real.remember("stop/waiting\n", as: "jobs/\(name)")
            try put("start on runlevel [2345]\n", at: "/etc/init/\(name).conf")
        }
        lab.services[name] = LabService(
            LabServiceDefinition(
                name: name,
                supervisor: lab.platform.usesSystemd ? .systemd(restartMilliseconds: nil) : .upstart,
                program: .other,
                version: "1",
                command: ["sleep", "600"]
            )
        )
    }

    // MARK: The same state

    mutating func makeDirectory(_ path: String) throws {
        try real.makeDirectory(path)
        lab.files.makeDirectory(path, at: Self.now)
    }

    mutating func put(_ text: String, at path: String) throws {
        try real.put(text, at: path)
        lab.files.write(path, text, at: Self.now)
        touch(path, seconds: 1_700_000_000)
    }

    mutating func link(_ path: String, to target: String) throws {
        try real.link(path, to: target)
        lab.files.link(path, to: target, at: Self.now)
        touch(path, seconds: 1_700_000_000)
    }

    /// Gives what is at a path (its links followed) a time that is surely before or after every process began.
    mutating func touch(_ path: String, seconds: Int) {
        guard let resolved = lab.files.resolve(path)?.path else { return }
        for path in [path, resolved] {
            let isThere = real.touch(path, seconds: seconds)
            let number = lab.files.number(at: path, followingLinks: false)
            #expect(isThere == (number != nil), "\(path) is on one of both only")
            if let number { lab.files.inodes[number]?.modified = seconds * 1_000_000_000 }
        }
    }

    // MARK: The same steps

    /// What both say, masked.
    mutating func act(
        _ theirs: NodeAction,
        _ ours: NodeAction? = nil
    ) async throws -> (
        real: ActionResult, lab: ActionResult
    ) {
        let ours = ours ?? theirs
        let said = try await real.act(theirs, run: run)
        let answered = lab.perform(ours, run: run, at: Self.now)
        for name in Self.services {
            lab.services[name]?.process?.environment["MESOS_LOG_DIR"] = "/var/log/with space"
        }
        return (Mask(root: real.root).masked(said), Mask(root: "").masked(answered))
    }

    func ask(_ requests: [FactRequest]) async throws -> [(request: FactRequest, real: FactAnswer, lab: FactAnswer)] {
        let theirs = try await real.ask(requests)
        return zip(requests, theirs).map { request, answer in
            let ours = lab.answer(request, at: Self.now) ?? .unknown(reason: "left to the world")
            return (request, Mask(root: real.root).masked(answer), Mask(root: "").masked(ours))
        }
    }
}

/// What may differ between a real and a simulated node, and nothing else.
///
/// - the scratch root in front of paths;
/// - stamps (device, inode and times of the real file system) and sizes of directories, which file systems choose;
/// - times nobody sets: of directories and of files under /var/lib/reconciler, of a process' start, of leases and records;
/// - process ids, and the identity kept beside running copies;
/// - the name and make of the machine that runs the tests;
/// - owners, who are whoever runs the tests.
struct Mask {
    var root: String

    func masked(_ result: ActionResult) -> ActionResult {
        switch result {
        case .done(let detail): .done(detail: text(detail))
        case .conflict(let found): .conflict(found: text(found))
        case .failed(let reason): .failed(reason: text(reason))
        case .alreadyInPlace, .pending: result
        }
    }

    func masked(_ answer: FactAnswer) -> FactAnswer {
        switch answer {
        case .file(let file): return .file(masked(file))
        case .directory(let path, let entries): return .directory(path: path, entries: entries.map(masked))
        case .service(var service):
            if service.pid != nil { (service.pid, service.started) = (1, 1) }
            service.detail = text(service.detail)
            return .service(service)
        case .platform(var platform):
            (platform.hostname, platform.machine) = ("", "")
            return .platform(platform)
        case .lease(let lease, _): return .lease(text: text(lease), nodeSeconds: 0)
        case .applied(let applied): return .applied(text: text(applied))
        case .unknown(let reason): return .unknown(reason: text(reason))
        default: return answer
        }
    }

    private func masked(_ file: FileAnswer) -> FileAnswer {
        var file = file
        (file.stamp, file.owner, file.group) = ("", "", "")
        if file.kind == .directory { (file.size, file.modified) = (0, 0) }
        if file.path.hasPrefix("/var/lib/reconciler/") {
            file.modified = 0
            let isBackup = file.path.hasPrefix("/var/lib/reconciler/backup/")
            if !isBackup, !file.path.contains("/files/") {
                (file.content, file.digest, file.size) = (file.content.map(text), "", 0)
            }
        }
        return file
    }

    /// Numbers after the words that announce a time or a process, and the fields of kept identities and records.
    func text(_ text: String) -> String {
        var text = text
        if !root.isEmpty {
            text = text.split(separator: root, omittingEmptySubsequences: false).joined()
            // chown names the group of whoever runs the tests; the simulated node is root's.
            text = text.split(separator: ":\(getgid())'", omittingEmptySubsequences: false).joined(separator: ":0'")
        }
        for word in ["process ", "expires=", "since="] {
            let parts = text.split(separator: word, omittingEmptySubsequences: false)
            text = parts.enumerated().map { index, part in
                index == 0 ? String(part) : "N" + part.drop { $0.isNumber }
            }.joined(separator: word)
        }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
            let words = line.split(separator: " ")
            // PID TICKS BOOT of a kept set of copies.
            if words.count == 3, words[2].count == 36, Int(words[0]) != nil { return "identity" }
            return columns.count == 5 ? columns.dropLast().joined(separator: "\t") : String(line)
        }.joined(separator: "\n")
    }
}
