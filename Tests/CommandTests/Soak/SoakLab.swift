import Daemons
import Lab
import Reconciler
import Specs
import Synchronization
import Testing
import Transport

@testable import Command

/// A loop over a simulated cluster in bad weather, started again whenever it ended or was killed.
final class SoakLab: Sendable {
    let cluster: LoopLab
    let weather = SoakWeather()
    /// Between the world's time and the local time of the loop's machine, in seconds.
    let zone: Int

    private struct State {
        var heard: [(at: Int, notice: LoopNotice)] = []
        var status: LoopStatus?
        var rounds = 0
        var failedRounds = 0
        var starts = 0
        var stop = Interruption()
        var isOver = false
        var complaints: [String] = []
    }

    private let state = Mutex(State())

    init(_ cluster: LoopLab, zone: Int) { (self.cluster, self.zone) = (cluster, zone) }

    // MARK: What is known of the loop

    var status: LoopStatus? { state.withLock { $0.status } }
    var rounds: Int { state.withLock { $0.rounds } }
    var failedRounds: Int { state.withLock { $0.failedRounds } }
    var starts: Int { state.withLock { $0.starts } }
    var complaints: [String] { state.withLock { $0.complaints } }
    /// Since it was asked to forget, with the world's time.
    var heard: [(at: Int, notice: LoopNotice)] { state.withLock { $0.heard } }
    func forget() { state.withLock { $0.heard = [] } }

    // MARK: The world

    /// Seconds of the world.
    func now() throws -> Int { try cluster.lab.read { $0.now.milliseconds / 1000 } }

    func pass(_ seconds: Int) async throws { try await cluster.pass(seconds) }

    /// What the loop takes for the time: its machine's clock may be off.
    private var loopNow: Int {
        ((try? now()) ?? 0) + weather.state.withLock { $0.clockOffset }
    }

    func local(_ now: Int) -> TimeWindow.Instant {
        let local = now + zone
        return TimeWindow.Instant(weekday: (local / 86_400 + 3) % 7, minute: local / 60 % 1440)
    }

    // MARK: Lives

    /// Ends the loop as SIGTERM does; another begins.
    func restart() { state.withLock { $0.stop }.trip() }

    /// Runs loop after loop for as long as `body` goes on, all in simulated time.
    func live(_ body: @escaping @Sendable (SoakLab) async throws -> Void) async throws {
        try cluster.store.directory.prepare()
        try await Residence.inside(cluster.lab) { residence in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { [self] in
                    defer {
                        state.withLock { $0.isOver = true }
                        restart()
                    }
                    try await body(self)
                }
                while !state.withLock({ $0.isOver }) {
                    await oneLife(residence)
                    try? await pass(3)
                }
                try await group.waitForAll()
            }
        }
    }

    private func oneLife(_ residence: Residence) async {
        let life = weather.life
        let stop = Interruption()
        state.withLock { state in
            state.stop = stop
            state.starts += 1
            state.status = nil
        }
        var residence = residence
        residence.now = { [self] in loopNow }
        residence.local = { [self] in local($0) }
        let tools = tools(residence, life)
        await withTaskGroup(of: Void.self) { group in
            var loop = WatchLoop(cluster: "testbed", source: Source(soak: self, life: life), tools: tools)
            // Whoever was killed is gone soon, and was deaf and dumb from that moment on.
            group.addTask { [self] in
                while weather.life == life, !Task.isCancelled { try? await pass(20) }
                stop.trip()
                stop.trip()
            }
            await loop.run(until: stop)
            group.cancelAll()
        }
    }

    private func tools(_ residence: Residence, _ life: Int) -> LoopTools {
        var tools = LoopTools(cluster.store, residence, WatchListeners([])) { [self] words in
            state.withLock { $0.complaints.append(words) }
        }
        let (save, publish, resumed) = (tools.save, tools.publish, tools.resumed)
        tools.save = { [weather] in if weather.life == life { save($0) } }
        tools.resumed = { [weather] in weather.life == life ? resumed() : [] }
        tools.publish = { [self] status, plan in
            guard weather.life == life else { return }
            publish(status, plan)
            state.withLock { state in
                let before = state.status?.counters
                state.rounds += status.counters.rounds - (before?.rounds ?? 0)
                state.failedRounds += status.counters.failedRounds - (before?.failedRounds ?? 0)
                state.status = status
            }
        }
        tools.notify = { [self] notice in
            guard weather.life == life else { return }
            let at = (try? now()) ?? 0
            state.withLock { $0.heard.append((at, notice)) }
        }
        return tools
    }

    private struct Source: LoopSource {
        var soak: SoakLab
        var life: Int

        func newest() async -> LoopOffer {
            guard !soak.weather.state.withLock({ $0.isBadRevision }) else {
                return .unreadable(revision: "r2", reason: "cluster.yaml:3:1: this is no YAML")
            }
            return .declared(soak.declaration(life))
        }

        func lastGood() async -> LoopDeclaration? { soak.declaration(life) }
    }

    private func declaration(_ life: Int) -> LoopDeclaration {
        let declared = cluster.declared
        let hands = LoopHands(connection: connection) { [self] declared, connection, body in
            var ground = try Ground(of: cluster.lab, under: declared)
            ground.access = SoakAccess(base: cluster.lab.access(), lab: cluster.lab, weather: weather, life: life)
            ground.transport = SoakTransport(
                base: cluster.lab.transport(),
                lab: cluster.lab,
                weather: weather,
                life: life
            )
            try await ground.loop(over: declared, connection, body)
        }
        return LoopDeclaration(
            cluster: "testbed",
            identity: "1",
            revision: "r1",
            limits: LoopLimits(declared.spec, corrects: true),
            ignore: declared.spec.other.watch.ignore.map { ResourcePattern($0.value) },
            intervalSeconds: Self.interval,
            open: hands.open(declared)
        )
    }

    private var connection: Connection {
        var connection = Connection(parallelism: 6)
        connection.journal = FileJournal(cluster.store.directory) { [self] in loopNow }
        return connection
    }

    static let interval = 300
    static let declaration = """
        watch:
          windows: ["Mon-Thu 09:00-18:00", "Fri-Sun 22:00-06:00"]
          ignore: ["file:/etc/mesos-slave/containerizers"]
        policy:
          budget: {nodes: 2}

        """

    /// The same windows, written down once more and in another way.
    static func isOpen(_ instant: TimeWindow.Instant) -> Bool {
        let isByDay = instant.weekday <= 3 && instant.minute >= 9 * 60 && instant.minute < 18 * 60
        let isEvening = instant.weekday >= 4 && instant.minute >= 22 * 60
        let isMorningAfter = [5, 6, 0].contains(instant.weekday) && instant.minute < 6 * 60
        return isByDay || isEvening || isMorningAfter
    }
}
