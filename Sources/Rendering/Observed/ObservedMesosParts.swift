internal import Reconciler
internal import Specs

extension ObservedDocument {
    /// What Mesos tells over REST.
    public struct Mesos: Hashable, Sendable, Encodable {
        /// By node, as `agents`.
        public var masters: [String: Seen<Master>]
        public var agents: [String: Seen<Agent>]
        /// What the elected master lists.
        public var registered: Seen<Registered>

        /// nil where it was not asked.
        init?(_ mesos: ObservedMesos) {
            guard !mesos.masters.isEmpty || !mesos.agents.isEmpty else { return nil }
            masters = Self.byName(mesos.masters.mapValues { Seen($0, Master.init) })
            agents = Self.byName(mesos.agents.mapValues { Seen($0, Agent.init) })
            registered = Seen(mesos.registered, Registered.init)
        }

        private static func byName<Value>(_ values: [NodeName: Value]) -> [String: Value] {
            Dictionary(values.map { ($0.key.text, $0.value) }) { first, _ in first }
        }
    }

    public struct Master: Hashable, Sendable, Encodable {
        public var endpoint: String
        public var version: String?
        public var flags: Seen<[String: String]>
        public var elected: Bool?
        public var uptimeSeconds: Double?
        public var agentsActive: Int?
        public var agentsInactive: Int?
        public var agentsUnreachable: Int?
        public var logRecovered: Bool?
        public var ensembleSize: Int?

        init(_ master: ObservedMaster) {
            (endpoint, version) = (master.endpoint, master.version)
            flags = Seen(master.flags) { ShownContent.values($0).mapValues(\.shown) }
            let metrics = master.metrics.value
            (elected, uptimeSeconds) = (metrics?.isElected, metrics?.uptimeSeconds?.roundedToMilliseconds)
            (agentsActive, agentsInactive) = (metrics?.agentsActive, metrics?.agentsInactive)
            agentsUnreachable = metrics?.agentsUnreachable
            (logRecovered, ensembleSize) = (metrics?.isLogRecovered, metrics?.ensembleSize)
        }
    }

    public struct Agent: Hashable, Sendable, Encodable {
        public var endpoint: String
        public var version: String?
        public var flags: Seen<[String: String]>
        public var registered: Bool?
        public var recoveryErrors: Int?
        public var uptimeSeconds: Double?

        init(_ agent: ObservedAgent) {
            (endpoint, version) = (agent.endpoint, agent.version)
            flags = Seen(agent.flags) { ShownContent.values($0).mapValues(\.shown) }
            let metrics = agent.metrics.value
            (registered, recoveryErrors) = (metrics?.isRegistered, metrics?.recoveryErrors)
            uptimeSeconds = metrics?.uptimeSeconds?.roundedToMilliseconds
        }
    }

    public struct Registered: Hashable, Sendable, Encodable {
        public var leader: String
        public var agents: [Listed]
        public var frameworks: [Framework]

        init(_ registered: RegisteredWithMesos) {
            leader = registered.leader.text
            agents = registered.agents.map(Listed.init)
            frameworks = registered.frameworks.map(Framework.init)
        }
    }

    public struct Listed: Hashable, Sendable, Encodable {
        public var id: String
        public var address: String
        public var hostname: String
        public var active: Bool
        public var attributes: [String: String]
        public var resources: [String: Double]
        public var ranges: [String: String]
        /// Absent where it is not known what is used.
        public var free: [String: Double]?

        init(_ agent: ListedAgent) {
            (id, address, hostname, active) = (agent.id, agent.address, agent.hostname, agent.isActive)
            (attributes, resources, ranges) = (agent.attributes, agent.resources.scalars, agent.resources.ranges)
            free = agent.free
        }
    }

    public struct Framework: Hashable, Sendable, Encodable {
        public var id: String
        public var name: String
        public var active: Bool

        init(_ framework: ListedFramework) {
            (id, name, active) = (framework.id, framework.name, framework.isActive)
        }
    }

    /// A flag whose places differ; see `FlagColumns`.
    public struct Flag: Hashable, Sendable, Encodable {
        public var service: String
        public var flag: String
        public var declared: String?
        public var onDisk: String?
        public var running: String?
        /// `rest` or `process`.
        public var source: String

        init(_ columns: FlagColumns) {
            (service, flag) = (columns.service.text, columns.flag)
            (declared, onDisk, running) = (columns.declared?.shown, columns.onDisk?.shown, columns.running?.shown)
            source = columns.isReported ? "rest" : "process"
        }
    }
}

extension ObservedView {
    /// What Mesos' daemons on this node tell over REST, one row each.
    func mesos(on name: NodeName) -> [(String, String)] {
        var rows: [(String, String)] = []
        switch observed.mesos.masters[name] {
        case .found(let master)?: rows.append(("mesos", words(for: master)))
        case .unknown(let why)?: rows.append(("?", "mesos master over REST: \(oneLine(why))"))
        case .absent?, nil: break
        }
        switch observed.mesos.agents[name] {
        case .found(let agent)?: rows.append(("mesos", words(for: agent)))
        case .unknown(let why)?: rows.append(("?", "mesos agent over REST: \(oneLine(why))"))
        case .absent?, nil: break
        }
        return rows
    }

    /// Flags that differ between cluster.yaml, disk and process, one row each.
    func flagRows(on name: NodeName) -> [(String, String)] {
        flags.filter { $0.node == name }.map { columns in
            let source = columns.isReported ? "REST" : "process"
            let running = columns.running.map { "\(visible($0.shown)) (\(source))" } ?? "unset"
            return (
                "flag",
                "\(visible(columns.service.text)) --\(visible(columns.flag)): declared \(text(columns.declared)), "
                    + "on disk \(text(columns.onDisk)), running \(running)"
            )
        }
    }

    private func text(_ value: Content?) -> String { value.map { visible($0.shown) } ?? "unset" }

    private func words(for master: ObservedMaster) -> String {
        let metrics = master.metrics.value
        let elected = metrics?.isElected.map { $0 ? "elected" : "standby" }
        let agents = metrics?.isElected == true ? metrics?.agentsActive.map { "\(count($0, "agent")) active" } : nil
        let log = metrics?.isLogRecovered.map { $0 ? "log recovered" : style("log not recovered", .unknown) }
        return ["master " + (master.version.map { visible($0) } ?? "of an unknown release"), elected, agents, log]
            .compactMap(\.self).joined(separator: ", ")
    }

    private func words(for agent: ObservedAgent) -> String {
        let metrics = agent.metrics.value
        let errors = metrics?.recoveryErrors.flatMap { $0 > 0 ? style(count($0, "recovery error"), .unknown) : nil }
        let registered = metrics?.isRegistered.map { $0 ? "registered" : style("not registered", .unknown) }
        return ["agent " + (agent.version.map { visible($0) } ?? "of an unknown release"), registered, errors]
            .compactMap(\.self).joined(separator: ", ")
    }
}
