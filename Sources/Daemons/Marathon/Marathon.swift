/// Marathon of a release from 0.7 to 1.11: a standby that passes requests on, or the leader that runs everything.
///
/// Left out of every release: pods, plugins, HTTP event callbacks (`--event_subscriber`), the artifact store, TLS
/// listeners, and readiness checks. One ZooKeeper ensemble serves both `--zk` and `--master`.
public struct Marathon: DaemonModel {
    let configuration: MarathonConfiguration
    /// Where the scheduler's libprocess listens.
    let scheduler: ProcessID
    private var numbers: SeededNumbers
    private var election: MarathonElection
    /// Reads the state of the leader before.
    private var loading: MarathonStore?
    private(set) var engine: MarathonEngine?

    public init(_ start: DaemonStart, at now: Moment, effects: inout [DaemonEffect]) throws(DaemonExit) {
        configuration = try MarathonConfiguration(start)
        numbers = SeededNumbers(start.seed, for: "marathon-\(start.pid)")
        let address = start.environment["LIBPROCESS_IP"] ?? start.host.address
        let port = start.environment["LIBPROCESS_PORT"].flatMap { Int($0) } ?? start.freePort
        scheduler = ProcessID("scheduler-\(numbers.uuid())", at: Endpoint(address, port))
        election = MarathonElection(
            directory: configuration.leaderDirectory,
            statesDirectory: configuration.statesDirectory,
            announced: configuration.announced
        )
        effects.append(.log(.info, "Starting Marathon \(configuration.release)"))
        connect(&effects)
    }

    public var listeners: [Endpoint] {
        [Endpoint(configuration.text("http_address") ?? "0.0.0.0", configuration.httpPort), scheduler.endpoint]
    }

    public var wakes: Moment? { engine?.wakes }

    public mutating func receive(_ event: DaemonEvent, at now: Moment, effects: inout [DaemonEffect]) {
        switch event {
        case .coordination(let event): receive(event, at: now, effects: &effects)
        case .terminate: end(DaemonExit(status: 143, "Shutting down"), &effects)
        default: withEngine(at: now, &effects) { $0.receive(event) }
        }
    }

    public mutating func answer(
        _ request: HTTPRequest,
        at now: Moment,
        effects: inout [DaemonEffect]
    ) -> HTTPAnswer {
        let gate = MarathonGate(configuration: configuration, leader: election.leader, leads: engine != nil)
        switch gate.pass(request) {
        case .answered(let answer): return answer
        case .passed:
            var answer = HTTPAnswer.askAgain(milliseconds: 250)
            withEngine(at: now, &effects) { answer = $0.answer(request) }
            return gate.decorated(answer)
        }
    }

    private mutating func withEngine(
        at now: Moment,
        _ effects: inout [DaemonEffect],
        _ body: (inout MarathonEngine) -> Void
    ) {
        engine?.perform(at: now, effects: &effects, body)
        if engine?.abdicates == true { abdicate(&effects) }
        if let exit = engine?.failure { end(exit, &effects) }
    }

    // MARK: Leadership

    private mutating func receive(
        _ event: CoordinationEvent,
        at now: Moment,
        effects: inout [DaemonEffect]
    ) {
        switch election.receive(event, out: &effects) {
        case .elected:
            effects.append(.log(.info, "Elected (Leader Interface)"))
            loading = MarathonStore(directory: configuration.statesDirectory)
            loading?.load(out: &effects)
        case .deposed:
            effects.append(.log(.info, "Defeated (Leader Interface)"))
            return end(Self.lostLeadership(configuration.release), &effects)
        case .unchanged: break
        }
        if case .expired = event { return sessionExpired(&effects) }
        if let values = loading?.receive(event, out: &effects), let store = loading {
            loading = nil
            takeOver(store, values, at: now, &effects)
        } else {
            withEngine(at: now, &effects) { $0.receive(.coordination(event)) }
        }
    }

    private mutating func takeOver(
        _ store: MarathonStore,
        _ values: [String: String],
        at now: Moment,
        _ effects: inout [DaemonEffect]
    ) {
        engine = MarathonEngine(configuration, scheduler: scheduler, store: store, seed: numbers.next(), at: now)
        withEngine(at: now, &effects) { $0.begin(with: values) }
    }

    /// Up to 1.3 a leader that gives up stays and joins again; later ones end (marathon-api.md 1.2).
    private mutating func abdicate(_ effects: inout [DaemonEffect]) {
        guard configuration.release < .init(1, 3, 6) else {
            return end(Self.lostLeadership(configuration.release), &effects)
        }
        engine?.stop(&effects)
        (engine, loading) = (nil, nil)
        election.abdicate(out: &effects)
    }

    private mutating func sessionExpired(_ effects: inout [DaemonEffect]) {
        guard configuration.release < .init(1, 5) else {
            return end(DaemonExit(status: 101, "ZooKeeper connection was lost"), &effects)
        }
        connect(&effects)
    }

    private mutating func end(_ exit: DaemonExit, _ effects: inout [DaemonEffect]) {
        engine?.stop(&effects)
        (engine, loading) = (nil, nil)
        effects.append(.coordinate(.close))
        effects.append(.log(exit.status == 143 ? .info : .fatal, exit.message))
        effects.append(.exit(exit))
    }

    private func connect(_ effects: inout [DaemonEffect]) {
        effects.append(
            .coordinate(
                .connect(
                    servers: configuration.zk.servers,
                    sessionMilliseconds: configuration.sessionMilliseconds
                )))
    }

    /// mesos-zk-ops.md 11: 103 as from 1.5 on, "Committing suicide" before.
    private static func lostLeadership(_ release: MarathonVersion) -> DaemonExit {
        release < .init(1, 5) ? DaemonExit(status: 9, "Committing suicide") : DaemonExit(status: 103, "Lost leadership")
    }
}
