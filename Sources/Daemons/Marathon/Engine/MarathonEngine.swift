/// The leader: the groups, the deployments, the framework and its tasks.
struct MarathonEngine: Sendable, Codable {
    /// What waits for its moment.
    enum Timer: Hashable, Sendable, Codable {
        case register
        case reconcile
        case scaleApps
        case revive
        case heartbeat
        case abdicate
        case backoffOver(app: String)
        case launchTimeout(task: String)
        case killAgain(task: String)
        case healthCheck(task: String, index: Int)
        case inactive(task: String)
        case expunge(task: String)
    }

    let configuration: MarathonConfiguration
    let codec: MarathonAppCodec
    /// Where the scheduler's libprocess listens.
    let scheduler: ProcessID
    var now: Moment
    /// What the event under way makes of it, handed out at its end.
    var out: [DaemonEffect] = []
    var store: MarathonStore
    var agenda = Agenda<Timer>()
    var numbers: SeededNumbers
    var framework: Framework
    var root: MarathonRoot
    var records: [String: AppRecord] = [:]
    var pool = ServicePortPool()
    var tasks = TaskTable()
    var queue = LaunchQueue()
    var deployments = DeploymentTable()
    var checks = CheckTable()
    var events = EventHub()
    /// It is to give up leading.
    var abdicates = false
    /// It is to end.
    var failure: DaemonExit?
    private var lastVersion = Moment(milliseconds: 0)

    var release: MarathonVersion { configuration.release }
    var wakes: Moment? { agenda.next }

    init(
        _ configuration: MarathonConfiguration,
        scheduler: ProcessID,
        store: MarathonStore,
        seed: UInt64,
        at now: Moment
    ) {
        self.configuration = configuration
        codec = MarathonAppCodec(version: configuration.release, context: configuration.context)
        self.scheduler = scheduler
        self.now = now
        self.store = store
        numbers = SeededNumbers(seed, for: "engine")
        framework = Framework(configuration)
        root = MarathonRoot(at: now)
    }

    /// Runs `body` at `now`, and gives out what came of it.
    mutating func perform(
        at now: Moment,
        effects: inout [DaemonEffect],
        _ body: (inout MarathonEngine) -> Void
    ) {
        self.now = now
        swap(&out, &effects)
        body(&self)
        swap(&out, &effects)
    }

    mutating func receive(_ event: DaemonEvent) {
        switch event {
        case .wake: while let (_, timer) = agenda.popDue(at: now) { fire(timer) }
        case .message(let message): receive(message)
        case .unreachable(let process): masterUnreachable(process)
        case .coordination(let event): detect(event)
        case .checked(let id, let failure): checked(id, failure: failure)
        case .streamClosed(let id): closeStream(id)
        case .container, .terminate: break
        }
    }

    private mutating func fire(_ timer: Timer) {
        switch timer {
        case .register: register()
        case .reconcile:
            agenda.add(.reconcile, at: now + configuration.reconciliationInterval)
            reconcile()
        case .scaleApps:
            agenda.add(.scaleApps, at: now + configuration.scaleAppsInterval)
            scaleApps()
        case .revive: revive()
        case .heartbeat: heartbeat()
        case .abdicate: abdicates = true
        case .backoffOver(let app): if queue[app] != nil { wantOffers() }
        case .launchTimeout(let task): launchTimeout(task)
        case .killAgain(let task): killAgain(task)
        case .healthCheck(let task, let index): check(task, index)
        case .inactive(let task): becomeInactive(task)
        case .expunge(let task): expunge(task)
        }
    }

    /// A version no other change has: the moment, or the next free millisecond.
    mutating func nextVersion() -> Moment {
        lastVersion = max(now, lastVersion + 1)
        return lastVersion
    }

    /// The last words to the master: the tasks stay, and their framework waits for its next scheduler.
    mutating func stop(_ effects: inout [DaemonEffect]) {
        swap(&out, &effects)
        deactivate()
        closeStreams()
        swap(&out, &effects)
    }

    mutating func log(_ severity: LogSeverity, _ text: String) { out.append(.log(severity, text)) }
}
