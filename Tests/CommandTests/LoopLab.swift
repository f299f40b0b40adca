import FoundationEssentials
import Lab
import Reconciler
import Specs
import Synchronization
import Testing
import Transport

@testable import Command

/// The testbed's cluster with one app in a lab of its own, grown whole, and the loop over it with the commands' own wiring.
struct LoopLab: Sendable {
    let directory: String
    let declared: Declared
    let lab: Lab

    static let app = #"{"id": "/hello", "cmd": "sleep 100000", "cpus": 0.1, "mem": 16, "instances": 2}"#

    /// A place of its own with the declaration in it, and `more` at its end.
    static func place(_ more: String = "") throws -> String {
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
        let directory = "/tmp/reconciler-loop-\(UUID().uuidString.lowercased())"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let text = try String(contentsOfFile: root + "/Testbed/cluster.yaml", encoding: .utf8)
        try (text + "apps: hello.json\n" + more).write(
            toFile: directory + "/cluster.yaml",
            atomically: true,
            encoding: .utf8
        )
        try app.write(toFile: directory + "/hello.json", atomically: true, encoding: .utf8)
        return directory
    }

    /// Everything installed, configured and running.
    static func grown(_ more: String = "") async throws -> LoopLab {
        let directory = try place(more)
        let declared = try await FileDeclarations(file: directory + "/cluster.yaml").first()
        let world = try await (grownWorld ?? Task { try await grow(declared) }).value
        return LoopLab(directory: directory, declared: declared, lab: Lab(world))
    }

    private static let grownWorld: Task<LabWorld, any Error>? = Task {
        let directory = try place()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try await grow(try await FileDeclarations(file: directory + "/cluster.yaml").first())
    }

    private static func grow(_ declared: Declared) async throws -> LabWorld {
        let lab = Lab(try LabWorld(spec: declared.spec, seed: 1))
        for _ in 1...4 {
            let left = try await steps(lab, declared)
            if left == 0 { return try lab.read { $0 } }
        }
        throw Stop(.failure, "the lab does not come to rest")
    }

    /// Carries out what there is to do; how much that was.
    private static func steps(_ lab: Lab, _ declared: Declared) async throws -> Int {
        let count = Mutex(0)
        try await lab.run {
            var connection = Connection(parallelism: 6)
            connection.takesLease = true
            try await Ground(of: lab, under: declared).loop(over: declared, connection) { loop in
                let plan = await loop.plan()
                count.withLock { $0 = plan.steps.count }
                guard !plan.steps.isEmpty else { return }
                _ = try await loop.apply(plan) { _, _ in true }
            }
        }
        return count.withLock { $0 }
    }

    func end() { try? FileManager.default.removeItem(atPath: directory) }

    // MARK: The loop

    /// What happened in a loop.
    final class Record: Sendable, LoopListener {
        struct State {
            var notices: [LoopNotice] = []
            var status: LoopStatus?
            var plans: [Plan] = []
        }

        let state = Mutex(State())

        func publish(_ status: LoopStatus, _ plan: Plan?) { state.withLock { $0.status = status } }
        func notify(_ notice: LoopNotice) { state.withLock { $0.notices.append(notice) } }

        var notices: [LoopNotice] { state.withLock { $0.notices } }
        var status: LoopStatus? { state.withLock { $0.status } }
        /// Every plan that was carried out.
        var plans: [Plan] { state.withLock { $0.plans } }
    }

    var store: LoopStore { LoopStore(StateDirectory(cluster: "", override: directory + "/state", environment: [:])) }

    /// Runs the loop for as long as `body` goes on, both in simulated time.
    func watch(correct: Bool = true, _ body: @escaping @Sendable (_ record: Record) async throws -> Void) async throws {
        let record = Record()
        let store = store
        try store.directory.prepare()
        let stop = Interruption()
        let declared = declared
        try await Residence.inside(lab) { residence in
            let connect = try #require(residence.connect)
            let hands = LoopHands(connection: Connection(parallelism: 6)) { declared, connection, body in
                try await connect(declared, connection) { loop in
                    var loop = loop
                    loop.execute = { [execute = loop.execute] plan in
                        record.state.withLock { $0.plans.append(plan) }
                        return try await execute(plan)
                    }
                    try await body(loop)
                }
            }
            let source = OneDeclaration(
                declaration: LoopDeclaration(
                    cluster: "testbed",
                    identity: "1",
                    revision: "r1",
                    limits: LoopLimits(declared.spec, corrects: correct),
                    intervalSeconds: 300,
                    open: hands.open(declared)
                )
            )
            let tools = LoopTools(store, residence, WatchListeners([record])) { Issue.record("\($0)") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { stop.trip() }
                    try await body(record)
                }
                var loop = WatchLoop(cluster: "testbed", source: source, tools: tools)
                await loop.run(until: stop)
                try await group.waitForAll()
            }
        }
    }

    private struct OneDeclaration: LoopSource {
        var declaration: LoopDeclaration
        func newest() async -> LoopOffer { .declared(declaration) }
    }

    // MARK: The world

    func inject(_ fault: LabFault) throws { try lab.change { world throws(LabError) in try world.inject(fault) } }

    func pass(_ seconds: Int) async throws { try await lab.clock.sleep(for: .seconds(seconds)) }

    func status() throws -> LabStatus { try lab.read { $0.status } }
}
