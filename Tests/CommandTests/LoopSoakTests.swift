import Daemons
import FoundationEssentials
import Glibc
import Lab
import Reconciler
import Specs
import Testing
import Transport

@testable import Command

/// Days of random hand edits and faults: nothing that drifted is missed, nothing is done outside the limits, and the loop
/// does not grow.
///
/// A day of one seed by itself; `make soak` goes on for weeks of three (`DAYS`, `SEED` for one seed).
@Suite("The loop over days of trouble")
struct LoopSoakTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let days = environment["DAYS"].flatMap { Int($0) } ?? 1
    private static let seeds: [UInt64] =
        environment["SEED"].flatMap { UInt64($0) }.map { [$0] } ?? (environment["DAYS"] == nil ? [1] : [1, 2, 3])

    @Test("misses nothing, keeps to its limits and does not grow", arguments: seeds)
    func endures(seed: UInt64) async throws {
        let cluster = try await LoopLab.grown()
        defer { cluster.end() }
        try await cluster.watch { record in
            var torment = Torment(cluster: cluster, record: record, seed: seed)
            try await torment.begin()
            let end = try cluster.status().now.milliseconds + Self.days * 86_400_000
            // What a process needs once (caches, pools) is not growth: the first tenth is for that.
            var before: Int?
            while try cluster.status().now.milliseconds < end {
                try await torment.next()
                if torment.count == 20 { before = Self.residentKiB }
            }
            #expect(torment.count > 10 * Self.days)
            if Self.days > 1, let before {
                let grown = Self.residentKiB - before
                #expect(grown < 64 * 1024, "\(grown) KiB more after \(Self.days) days")
            }
            try torment.judge()
        }
        let kept = try #require(try cluster.store.kept())
        let size = try Data(contentsOf: URL(filePath: cluster.store.directory.file("loop.json"))).count
        #expect(kept.memory.breaker.history.count <= 10 && size < 8192, "\(size) bytes are remembered")
    }

    /// Of this process.
    private static var residentKiB: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * sysconf(Int32(_SC_PAGESIZE)) / 1024
    }
}

/// One piece of trouble after the other, each with what must be so again two intervals after its end.
private struct Torment {
    private enum Drift: CaseIterable, Hashable {
        case file, service, app
    }

    private enum Fault: CaseIterable {
        case none, silentAgent, silentMaster, marathonKilled, leaseHeld
    }

    let cluster: LoopLab
    let record: LoopLab.Record
    private var numbers: SplitMix
    private var text = ""
    /// When something of that kind was edited on that node last, so that the breaker is not what is tried here.
    private var last: [String: Int] = [:]
    private(set) var count = 0

    private static let path = "/etc/mesos-slave/executor_registration_timeout"
    private static let agents = (1...3).map { NodeName("mesos-slave\($0)") }
    private static let masters = (1...3).map { NodeName("mesos-master\($0)") }

    init(cluster: LoopLab, record: LoopLab.Record, seed: UInt64) {
        self.cluster = cluster
        self.record = record
        numbers = SplitMix(state: seed)
    }

    mutating func begin() async throws {
        text = try #require(try content(on: Self.agents[0]))
        try await cluster.pass(400)
        #expect(record.status?.lastRound?.outcome == .inSync, "\(String(describing: record.status?.lastRound))")
    }

    /// One drift, perhaps during a fault; ends when the loop had its time.
    mutating func next() async throws {
        count += 1
        try await cluster.pass(numbers.below(2400))
        let fault = Fault.allCases[numbers.below(Fault.allCases.count)]
        let silent = try await begin(fault)
        try await cluster.pass(numbers.below(120))
        let drift = Drift.allCases[numbers.below(Drift.allCases.count)]
        let agent = Self.agents[numbers.below(3)]
        let now = try cluster.status().now.milliseconds / 1000
        let key = drift == .app ? "app" : "\(drift) \(agent)"
        // Thrice within an hour would be given up.
        // With its Marathon down nobody scales an app.
        let isDone = now - (last[key] ?? 0) > 1500 && (try? inject(drift, on: agent)) != nil
        if isDone { last[key] = now }
        try await cluster.pass(numbers.below(1200))
        try await end(fault, silent)
        // Two intervals, each up to a tenth longer, and the rounds themselves.
        try await cluster.pass(2 * 330 + 240)
        guard isDone else { return }
        #expect(try isCorrected(drift, on: agent), "\(count): \(drift) on \(agent) during \(fault): \(story)")
    }

    /// What was done in all.
    func judge() throws {
        for plan in record.plans {
            for step in plan.steps where step.impact != .none {
                Issue.record("\(step.title) disturbs: \(step.impact)")
            }
        }
        #expect(!record.notices.contains { $0.kind == .givenUp })
        #expect(record.notices.count { $0.kind == .corrected } > 0)
    }

    private var story: String {
        let round = record.status?.lastRound.map { "\($0.outcome) \($0.messages)" } ?? "no round"
        let items = (record.status?.items ?? []).map { "\($0.item) \($0.state) \($0.detail)" }
        return "\(round); \(items)"
    }

    // MARK: Drift

    private func inject(_ drift: Drift, on agent: NodeName) throws {
        switch drift {
        case .file: try cluster.inject(.write(path: Self.path, text: "1mins\n", on: agent))
        case .service: try cluster.inject(.stop(.mesosAgent, on: agent))
        // Fewer: to end tasks again is nothing that the loop does by itself.
        case .app: try cluster.inject(.scale(app: "/hello", instances: 1))
        }
    }

    private func isCorrected(_ drift: Drift, on agent: NodeName) throws -> Bool {
        switch drift {
        case .file: return try content(on: agent) == text
        case .service:
            return try cluster.status().nodes.first { $0.name == agent }?.services.contains { $0.name == .mesosAgent }
                ?? false
        case .app: return try cluster.status().apps.first { $0.id == "/hello" }?.instances == 2
        }
    }

    private func content(on node: NodeName) throws -> String? {
        let answers = try cluster.lab.ask { world throws(LabError) in
            (try? world.observe([.file(path: Self.path)], on: node)) ?? []
        }
        guard case .file(let file)? = answers.first else { return nil }
        return file.content
    }

    // MARK: Faults

    private mutating func begin(_ fault: Fault) async throws -> NodeName? {
        switch fault {
        case .none: return nil
        case .silentAgent, .silentMaster:
            let nodes = fault == .silentAgent ? Self.agents : Self.masters
            let node = nodes[numbers.below(3)]
            try cluster.inject(.unplug(node))
            return node
        case .marathonKilled:
            for node in Self.masters { try? cluster.inject(.kill(.marathon, on: node)) }
            return nil
        case .leaseHeld:
            try hold(until: 7200)
            return nil
        }
    }

    private func end(_ fault: Fault, _ node: NodeName?) async throws {
        switch fault {
        case .none, .marathonKilled: break
        case .silentAgent, .silentMaster: if let node { try cluster.inject(.plugIn(node)) }
        case .leaseHeld: try hold(until: 0)
        }
    }

    /// As if another run held the cluster; 0 lets go.
    private func hold(until seconds: Int) throws {
        for node in Self.masters {
            let path = "/var/lib/reconciler/lease"
            guard seconds > 0 else {
                try cluster.inject(.delete(path: path, on: node))
                continue
            }
            let now = try cluster.status().now.milliseconds / 1000
            let text = """
                token=other
                user=somebody
                host=elsewhere
                pid=1
                command=reconciler apply
                since=\(now)
                expires=\(now + seconds)

                """
            try cluster.inject(.write(path: path, text: text, on: node))
        }
    }
}

/// Steele, Lea and Flood's generator: a few lines, and the same numbers everywhere.
private struct SplitMix {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }
}
