extension MesosMaster {
    /// An agent that has registered with this master.
    struct Agent: Hashable, Sendable, Codable {
        var info: Mesos.AgentInfo
        var pid: ProcessID
        var version: String
        var registered: Moment
        var reregistered: Moment?
        var isConnected = true
        /// Of what is offered or used; what may be offered.
        var free: Mesos.Resources
        /// Task ids by framework.
        var tasks: [String: Set<String>] = [:]
        var offers: Set<String> = []
        var missedPings = 0
        var hasAnsweredPing = false

        /// Offers go out for it.
        var isActive: Bool { isConnected }
        var endpoint: Endpoint { pid.endpoint }
    }

    struct Framework: Hashable, Sendable, Codable {
        struct Refusal: Hashable, Sendable, Codable {
            var until: Moment
            /// It holds for offers of no more than that.
            var resources: Mesos.Resources
        }

        var id: String
        var info: Mesos.FrameworkInfo
        /// nil while nobody but the agents has told of it.
        var pid: ProcessID?
        var registered: Moment
        var reregistered: Moment?
        var unregistered: Moment?
        var isActive = true
        var isConnected = true
        var tasks: [String: Mesos.Task] = [:]
        var unreachable: [String: Mesos.Task] = [:]
        var completed: [Mesos.Task] = []
        var offers: Set<String> = []
        var refusals: [String: Refusal] = [:]
        /// Scalars only: the sum of ranges over 10,000 tasks is made when it is asked for.
        var usedCPUs = 0.0
        var usedMemory = 0.0
        var usedDisk = 0.0

        /// Known from re-registered agents alone.
        var isRecovered: Bool { pid == nil }
        var isPartitionAware: Bool { info.capabilities.contains("PARTITION_AWARE") }

        mutating func use(_ resources: Mesos.Resources, sign: Double = 1) {
            usedCPUs = Self.thousandths(usedCPUs + sign * resources.cpus)
            usedMemory = Self.thousandths(usedMemory + sign * resources.mem)
            usedDisk = Self.thousandths(usedDisk + sign * resources.disk)
        }

        /// Ten thousand sums leave no trace of rounding.
        private static func thousandths(_ amount: Double) -> Double { (amount * 1000).rounded() / 1000 }

        mutating func complete(_ task: Mesos.Task, keeping limit: Int) {
            completed.append(task)
            // In blocks, so that it costs nothing per task.
            if completed.count >= limit + limit / 4 + 1 { completed.removeFirst(completed.count - limit) }
        }
    }

    enum Timer: Hashable, Sendable, Codable {
        case log, fetch, store, storeTimeout, allocate, reregistration, session
        case ping(agent: String)
        case failover(framework: String)
    }

    /// What is counted since the start, for the metrics.
    struct Counters: Hashable, Sendable, Codable {
        private var counts: [String: Int] = [:]

        subscript(name: String) -> Int { counts[name] ?? 0 }

        mutating func count(_ name: String) { counts[name, default: 0] += 1 }
    }
}
