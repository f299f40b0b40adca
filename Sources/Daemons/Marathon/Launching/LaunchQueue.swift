/// Tasks that wait for an offer: one item an app, in the order in which they came.
struct LaunchQueue: Hashable, Sendable, Codable {
    struct Item: Hashable, Sendable, Codable {
        var app: MarathonApp
        var count: Int
        var since: Moment
        var offers = OfferSummary()
        fileprivate var place: Int
    }

    private struct Place: Hashable, Sendable, Codable {
        var app: String
        var place: Int
    }

    /// What keeps an app from being started again at once (marathon-api.md 1.9).
    struct Delay: Hashable, Sendable, Codable {
        var milliseconds: Double
        var until: Moment
        /// The definition whose failures it counts.
        var version: Moment
    }

    private var items: [String: Item] = [:]
    /// Places of items that have gone since are still in it.
    private var order: [Place] = []
    private var places = 0
    private(set) var delays: [String: Delay] = [:]

    var isEmpty: Bool { items.isEmpty }
    var count: Int { items.count }

    subscript(app: String) -> Item? { items[app] }

    func count(of app: String) -> Int { items[app]?.count ?? 0 }

    /// Ids in their order.
    var apps: [String] { order.filter(isTaken).map(\.app) }

    private func isTaken(_ place: Place) -> Bool { items[place.app]?.place == place.place }

    /// More tasks of an app, by the definition given last.
    mutating func add(_ app: MarathonApp, _ count: Int, at now: Moment) {
        guard count > 0 else { return }
        if items[app.id] == nil {
            if order.count > 2 * items.count + 16 { order = order.filter(isTaken) }
            places += 1
            order.append(Place(app: app.id, place: places))
            items[app.id] = Item(app: app, count: count, since: now, place: places)
        } else {
            items[app.id]?.app = app
            items[app.id]?.count += count
        }
    }

    mutating func purge(_ app: String) { items[app] = nil }

    /// One task less, which has been sent to the master.
    mutating func launched(_ app: String, at now: Moment) {
        items[app]?.count -= 1
        items[app]?.offers.used(at: now)
        if items[app]?.count == 0 { items[app] = nil }
    }

    mutating func declined(_ app: String, _ reason: RejectReason, agent: String, at now: Moment) {
        items[app]?.offers.unused(reason, agent: agent, at: now)
    }

    // MARK: Backoff

    func isReady(_ app: String, at now: Moment) -> Bool { delays[app].map { $0.until <= now } ?? true }

    /// A task of the app has failed: waits `backoffSeconds`, and longer by `backoffFactor` each time, up to
    /// `maxLaunchDelaySeconds`.
    ///
    /// Source: marathon 0.8.2, tasks/RateLimiter.scala.
    mutating func delay(_ app: MarathonApp, at now: Moment) -> Moment {
        let first = app.backoffSeconds * 1000
        let limit = app.maxLaunchDelaySeconds * 1000
        let former = delays[app.id].flatMap { $0.version == app.version ? $0.milliseconds : nil }
        let next = min(limit, former.map { $0 * app.backoffFactor } ?? first)
        let until = now + Int(next)
        delays[app.id] = Delay(milliseconds: next, until: until, version: app.version)
        return until
    }

    mutating func resetDelay(_ app: String) { delays[app] = nil }
}

/// Why an offer was not taken, in the order in which the reasons are looked at (marathon-api.md 1.9).
enum RejectReason: String, Hashable, Sendable, Codable, CaseIterable {
    case role = "UnfulfilledRole"
    case constraint = "UnfulfilledConstraint"
    case reservation = "NoCorrespondingReservationFound"
    case maintenance = "AgentMaintenance"
    case cpus = "InsufficientCpus"
    case memory = "InsufficientMemory"
    case disk = "InsufficientDisk"
    case gpus = "InsufficientGpus"
    case ports = "InsufficientPorts"
    case scarce = "DeclinedScarceResources"
}

/// What became of the offers that an app in the queue was tried on.
struct OfferSummary: Hashable, Sendable, Codable {
    private(set) var processed = 0
    private(set) var unused = 0
    private(set) var lastUnused: Moment?
    private(set) var lastUsed: Moment?
    private(set) var rejects: [RejectReason: Int] = [:]
    /// The last answer to each agent.
    private(set) var last: [String: RejectReason] = [:]

    mutating func used(at now: Moment) {
        processed += 1
        lastUsed = now
    }

    mutating func unused(_ reason: RejectReason, agent: String, at now: Moment) {
        processed += 1
        unused += 1
        lastUnused = now
        rejects[reason, default: 0] += 1
        last[agent] = reason
    }
}
