internal import Specs

/// How haproxy.cfg of one node stands against Marathon's tasks, against what the bridge made, and against what listens.
///
/// Tasks change every second and the bridge follows every minute: as long as it runs, a file that is behind is no difference.
struct LoadBalancerJudgement {
    enum Configuration: Hashable {
        /// As far as can be seen it is what it should be, or will be within a minute.
        case inOrder
        /// The bridge has not made what is there: nothing, a file from before, or one edited since.
        case foreign([String])
        /// The bridge has made it, and does not run any more.
        case abandoned(String)
        case unknown(String)
    }

    var configuration = Configuration.inOrder
    /// Why HAProxy must read its file again, where it must.
    var reload: String?
    var notes: [String] = []
    var problems: [Problem] = []
    /// nil where Marathon's tasks are not known.
    let expected: HAProxyConfiguration?
    /// The same without tasks so young that the bridge need not have met them.
    private let settled: HAProxyConfiguration?

    /// A run a minute, and two that may be missed.
    static let freshSeconds = 180
    /// Cron's minute, and another for a run that takes its time.
    static let followSeconds = 120
    /// How long a write and the reload after it may be apart (`haproxy -c`, a slow init system).
    static let settleSeconds = 30

    private let wanted: DesiredLoadBalancer
    private let node: ObservedNode
    private let seen: ObservedLoadBalancer
    private let clock: Int?

    init?(_ difference: NodeDifference, tasks: Observation<[BalancedTask]>) {
        guard let wanted = difference.desired.loadBalancer else { return nil }
        (self.wanted, node) = (wanted, difference.observed)
        seen = difference.observed.loadBalancer.value ?? ObservedLoadBalancer()
        clock = difference.observed.clock.value.map { Int($0) }
        expected = tasks.value.map { HAProxyConfiguration($0, reserved: Set(wanted.reserved)) }
        let clock = clock
        settled = tasks.value.map { tasks in
            let old = tasks.filter { task in
                guard let clock, let started = task.started else { return true }
                return clock - started > Self.followSeconds
            }
            return HAProxyConfiguration(old, reserved: Set(wanted.reserved))
        }
        judgeFile()
        judgeLastRun()
        judgeListeners()
    }

    /// Whether the bridge ran within the last minutes; nil where that is unknown.
    var isFresh: Bool? {
        switch seen.lastRun {
        case .absent: false
        case .unknown: nil
        case .found(let run): clock.map { abs($0 - run.at) <= Self.freshSeconds }
        }
    }

    // MARK: The file

    private mutating func judgeFile() {
        switch node.files[BridgeScript.Paths.configuration] ?? .unknown("it was not asked for") {
        case .unknown(let reason): configuration = .unknown(reason)
        case .absent: configuration = .foreign(["none yet"])
        case .found(let file) where file.kind != .regular: configuration = .unknown("it is no regular file")
        case .found(let file): judge(file)
        }
    }

    private mutating func judge(_ file: ObservedFile) {
        let differences = differences(of: file)
        if differences?.isEmpty == true { return judgeFollowing([]) }
        switch seen.isLastGood {
        case .unknown(let reason): configuration = .unknown(reason)
        case .found(true): judgeFollowing(differences ?? [])
        case .absent: configuration = .foreign(["made by hand before"])
        case .found(false):
            // The bridge may be between writing it and remembering it.
            guard !isRecent(file) else { return }
            configuration = .foreign(differences ?? ["not what the bridge made last"])
        }
    }

    /// The bridge has made what is there, or would make the same.
    private mutating func judgeFollowing(_ differences: [String]) {
        let isBehind = differences.isEmpty ? "" : ": \(Self.shown(differences))"
        switch isFresh {
        case nil: notes.append("whether the bridge runs is not known\(isBehind)")
        case false?: configuration = .abandoned("\(age)\(isBehind)")
        case true? where differences.isEmpty: break
        case true?:
            guard let run = seen.lastRun.value, run.outcome == .kept || run.outcome == .failed, isLasting(run) else {
                let lacks = lacks
                if !lacks.isEmpty {
                    notes.append(
                        "haproxy.cfg lacks tasks that run for minutes, though the bridge's last run went well: "
                            + Self.shown(lacks)
                    )
                }
                return
            }
            problems.append(
                Problem(
                    because: "haproxy.cfg does not follow Marathon's tasks\(isBehind); the bridge "
                        + Self.words(of: run),
                    isByUnknown: false,
                    remedy: "see `\(BridgeScript.Paths.script) config` on the node"
                )
            )
        }
    }

    /// What the bridge should have met by now.
    ///
    /// Tasks that are gone leave no time by which it should have let go of them.
    private var lacks: [String] {
        guard let settled, let content = node.files[BridgeScript.Paths.configuration]?.value?.content else { return [] }
        return HAProxyFile(content.shown, header: wanted.header.shown).lacks(of: settled)
    }

    /// One run that came to nothing is made good by the next one, a minute later.
    private func isLasting(_ run: BridgeRun) -> Bool {
        run.since.map { run.at - $0 >= Self.freshSeconds } ?? true
    }

    /// nil where that cannot be told.
    private func differences(of file: ObservedFile) -> [String]? {
        guard let expected else { return nil }
        guard let content = file.content else {
            guard let digest = seen.digest,
                let text = expected.text(header: wanted.header, bind: wanted.bind)?.plainText
            else { return nil }
            return sha256(text) == digest ? [] : ["it differs (it is larger than 64 KiB, so where is not shown)"]
        }
        return HAProxyFile(content.shown, header: wanted.header.shown).differences(from: expected, bind: wanted.bind)
    }

    private func isRecent(_ file: ObservedFile) -> Bool {
        clock.map { $0 - file.modified <= Self.settleSeconds } ?? true
    }

    // MARK: The bridge

    private mutating func judgeLastRun() {
        guard let run = seen.lastRun.value else { return }
        let isTold = problems.contains { $0.because.contains(Self.words(of: run)) }
        switch run.outcome {
        case .kept, .failed:
            if isFresh == true, !isTold { notes.append("the bridge \(Self.words(of: run))") }
        case .updated, .unchanged:
            if !run.message.isEmpty { notes.append("the bridge says: \(run.message)") }
        }
    }

    private var age: String {
        guard let run = seen.lastRun.value, let clock else { return "the bridge has never run" }
        return "the bridge has not run for \(max(clock - run.at, 0) / 60) minutes"
    }

    private static func words(of run: BridgeRun) -> String {
        let what = run.outcome == .kept ? "kept what was there" : "failed"
        return run.message.isEmpty ? what : "\(what): \(run.message)"
    }

    /// The first few of many.
    static func shown(_ differences: [String]) -> String {
        let shown = differences.prefix(5).joined(separator: "; ")
        return differences.count > 5 ? "\(shown); and \(differences.count - 5) more" : shown
    }

    // MARK: Who listens

    /// The file stands, and HAProxy runs: then it listens on what the file says, or something is wrong.
    private mutating func judgeListeners() {
        guard seen.isLastGood == .found(true), case .found(let file)? = node.files[BridgeScript.Paths.configuration],
            !isRecent(file), node.services[.haproxy]?.value?.run == .running, case .found(let sockets) = seen.listening
        else { return }
        let own = sockets.filter { $0.port == wanted.ownListener.port && $0.program == "haproxy" }
        if let started = own.compactMap(\.started).max(), started + Self.settleSeconds < file.modified {
            reload = "it runs with what haproxy.cfg was before"
        }
        let read = file.content.map { HAProxyFile($0.shown, header: wanted.header.shown) }
        let present = (read?.listeners ?? []).compactMap { listener in listener.port.map { (listener.name, $0) } }
        // The bridge leaves out what it cannot open.
        let absent = (expected?.listeners ?? []).filter { one in !present.contains { $0.0 == one.name } }
            .map { ($0.name, $0.port) }
        for (name, port) in [("its own listener", wanted.ownListener.port)] + present + (read == nil ? [] : absent) {
            guard let missing = sockets.missing(port) else { continue }
            let isThere = !absent.contains { $0.0 == name }
            if sockets.contains(where: { $0.port == port }) {
                problems.append(
                    Problem(
                        because: "\(name) is not served: \(missing)",
                        isByUnknown: false,
                        remedy: "stop whoever listens there, or choose another service port"
                    )
                )
            } else if reload == nil, isThere {
                reload = "\(name) is in haproxy.cfg and \(missing)"
            }
        }
    }
}
