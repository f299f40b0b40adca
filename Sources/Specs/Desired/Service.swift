/// What is wanted of a service on a node; the only thing the rest of the product says about it.
///
/// `ServiceLowering.swift` turns it into the acts of the node's init system; no other place knows which one that is.
public struct Service: Hashable, Sendable {
    /// How what runs is compared with what is declared.
    public enum RunningConfiguration: Hashable, Sendable {
        /// Command line flags of a Mesos daemon (`/proc/PID/cmdline`).
        case mesosFlags([FlagValue])
        /// Marathon: flags on the command line, or `MARATHON_…` variables of the process.
        case marathonFlags([FlagValue])
        /// zoo.cfg as the process read it at its start.
        case zooKeeper(KeyedEdit)
        /// Nothing to compare.
        case none
    }

    public var name: ServiceName
    public var layer: Layer
    /// Whether the node's boot starts it.
    public var boot: Bool
    public var running: Bool
    /// Where it is off, also package scripts and hands are kept from starting it (mask, `manual`).
    public var configuration: RunningConfiguration
    public var reason: Reason
    /// Set for a service of the site's own: what of it is managed at all.
    public var wish: SiteWish?

    public init(
        name: ServiceName,
        layer: Layer,
        boot: Bool,
        running: Bool,
        configuration: RunningConfiguration = .none,
        reason: Reason,
        wish: SiteWish? = nil
    ) {
        self.name = name
        self.layer = layer
        self.boot = boot
        self.running = running
        self.configuration = configuration
        self.reason = reason
        self.wish = wish
    }
}

/// What `services.NAME` says; what it leaves out stays as it is.
public struct SiteWish: Hashable, Sendable {
    public var boot: Bool?
    public var running: Bool?

    public init(boot: Bool? = nil, running: Bool? = nil) {
        self.boot = boot
        self.running = running
    }
}

/// A flag as declared: its name without dashes, of several spellings today's (`FlagNames`), and its value; `true`/`false` for
/// booleans.
public struct FlagValue: Hashable, Sendable, Codable {
    public var name: String
    public var value: Content

    public init(_ name: String, _ value: Content) {
        self.name = name
        self.value = value
    }
}

/// Which kind of service: changes of several layers never overlap, and go in this order (mesos-zk-ops.md 12).
public enum Layer: Int, Hashable, Sendable, Codable, Comparable, CaseIterable {
    case engine
    /// Changes of nodes' links: each may cut its node off for seconds, so they are ordered as an ensemble's steps are.
    case network
    case zooKeeper
    case masters
    case marathon
    case agents
    /// Services of the site's own; no ensemble.
    case site

    public static func < (a: Layer, b: Layer) -> Bool { a.rawValue < b.rawValue }

    /// Whether steps of this layer form one total order with those of the other ensembles.
    public var isEnsemble: Bool {
        switch self {
        case .zooKeeper, .masters, .marathon, .agents: true
        case .network: true
        case .engine, .site: false
        }
    }
}

/// One act of an init system on one service; each is safe to repeat.
public enum ServiceAct: Hashable, Sendable, Codable {
    /// `systemctl mask`: also before the unit exists.
    case maskUnit(ServiceName)
    case unmaskUnit(ServiceName)
    case enableUnit(ServiceName)
    case disableUnit(ServiceName)
    case startUnit(ServiceName)
    case stopUnit(ServiceName)
    /// Only while its main process is the one given (nil: whatever it is).
    case restartUnit(ServiceName, pid: Int?)
    /// `systemctl reload`: reads its configuration again and stays the process that it is.
    case reloadUnit(ServiceName)
    /// `manual` in `/etc/init/NAME.override`: upstart does not start it at boot.
    case holdJob(ServiceName)
    case releaseJob(ServiceName)
    case startJob(ServiceName)
    case stopJob(ServiceName)
    /// Stop and start, since upstart's `restart` keeps the old job definition (mesos-zk-ops.md 1.5).
    case restartJob(ServiceName, pid: Int?)
    /// `initctl reload`: SIGHUP for the main process.
    case reloadJob(ServiceName)
}

/// What is to be done with a service; `lower(to:)` says how.
public enum ServiceIntent: Hashable, Sendable, Codable {
    /// Off now, at boot, and for package scripts.
    case holdOff
    /// May start at boot; is not started now.
    case enable
    /// Enabled and started.
    case start
    case restart(pid: Int?)
    /// Reads its configuration again.
    case reload
    /// Stopped, and stays startable.
    case stop
    /// Started; what boot does stays as it is, but for a mask, behind which nothing starts.
    case startNow
    /// Off at boot; runs on if it runs.
    case disable
}

extension ServiceAct {
    /// The service it is done to.
    public var service: ServiceName {
        switch self {
        case .maskUnit(let name), .unmaskUnit(let name), .enableUnit(let name), .disableUnit(let name),
            .startUnit(let name), .stopUnit(let name), .restartUnit(let name, _), .reloadUnit(let name),
            .holdJob(let name), .releaseJob(let name), .startJob(let name), .stopJob(let name),
            .restartJob(let name, _), .reloadJob(let name):
            name
        }
    }
}
