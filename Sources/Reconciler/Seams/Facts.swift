public import Specs

/// One thing a node can be asked; the answers are the node's raw words, of which `Observe/` makes values.
public enum FactRequest: Hashable, Sendable, Codable {
    /// What kind of system this is.
    case platform
    /// One file; content of regular files up to 64 KiB comes whole, of larger ones only the digest.
    case file(path: String)
    /// The entries of a directory, each as a file; with `recursive` those of sub-directories too (not through links).
    case directory(path: String, recursive: Bool)
    /// Boot and running state, the main process with its command line, environment (`MESOS_…`, `MARATHON_…`, `LIBPROCESS_…`
    /// only), start, and the files kept of it by earlier runs (`RunningCopy`).
    case service(ServiceName)
    /// Installed version and what the node's own sources offer.
    case package(String)
    /// The flags a program knows, from its `--help`.
    case flagNames(program: String)
    /// A four-letter word asked at an address of the node itself.
    case fourLetterWord(String, address: String, port: Int)
    /// An HTTP GET at an address of the node itself; body up to 64 KiB.
    case http(address: String, port: Int, path: String)
    /// What a name resolves to on the node (`getent ahosts`).
    case resolve(name: String)
    /// Links, default routes, name servers and host name.
    case network
    /// Whether a TCP connection to an address's port comes about within 3 s; nothing is sent.
    case reach(address: String, port: Int)
    /// Free and total bytes of the file system that holds `path` (or its nearest existing parent).
    case disk(path: String)
    case clock
    /// Whether the Docker engine answers, and its version.
    case dockerEngine
    /// The Docker engine and every image it holds.
    case images
    /// Which control group hierarchies are mounted.
    case controlGroups
    /// The TCP sockets that listen on `ports`, with whose they are; without ports on any.
    case listening(ports: [Int])
    /// The lease file.
    case lease
    /// What was last applied here.
    case applied
}

/// The answer to one `FactRequest`.
public enum FactAnswer: Hashable, Sendable, Codable {
    case platform(PlatformAnswer)
    /// A regular file, link or other; a link is followed, `resolvedPath` says where.
    case file(FileAnswer)
    case directory(path: String, entries: [FileAnswer])
    case service(ServiceAnswer)
    case package(PackageAnswer)
    case flagNames([String])
    case text(String)
    case http(status: Int, body: String)
    /// Addresses in the order given, each once.
    case addresses([String])
    case network(NetworkAnswer)
    case reach(ReachOutcome)
    case disk(freeBytes: Int, totalBytes: Int)
    /// Seconds since 1970 on the node's clock.
    case clock(seconds: Double)
    case dockerEngine(version: String)
    case images(ImagesAnswer)
    /// Controllers of mounted hierarchies of version 1, such as `cpu`, sorted; and whether version 2 is mounted.
    case controlGroups(version1: [String], hasVersion2: Bool)
    /// Sorted by port and address.
    case listening([ListeningSocket])
    /// The lease file's text and the node's clock at that moment.
    case lease(text: String, nodeSeconds: Int)
    case applied(text: String)
    /// There is no such thing (file, package, service, name).
    case absent
    /// It could not be found out; says why. Never the same as `absent`.
    case unknown(reason: String)
}

public struct PlatformAnswer: Hashable, Sendable, Codable {
    /// `ID` and `VERSION_ID` of /etc/os-release; empty when unreadable.
    public var osID: String
    public var osVersion: String
    /// `systemd` (when /run/systemd/system exists), `upstart`, or anything else seen.
    public var initSystem: String
    /// `apt`, `yum`, or empty.
    public var packageManager: String
    public var hostname: String
    public var machine: String
    /// The agent directory the installed wrapper names (`/etc/mesos-slave`, `/etc/mesos-agent`), or empty.
    public var wrapperAgentDirectory: String

    public init(
        osID: String,
        osVersion: String,
        initSystem: String,
        packageManager: String,
        hostname: String,
        machine: String,
        wrapperAgentDirectory: String
    ) {
        self.osID = osID
        self.osVersion = osVersion
        self.initSystem = initSystem
        self.packageManager = packageManager
        self.hostname = hostname
        self.machine = machine
        self.wrapperAgentDirectory = wrapperAgentDirectory
    }
}

public struct FileAnswer: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable {
        case regular, directory, other
        /// A symbolic link that leads nowhere.
        case dangling
    }

    public var path: String
    /// After all links.
    public var resolvedPath: String
    public var kind: Kind
    /// Permission bits, such as 0o644.
    public var mode: Int
    public var owner: String
    public var group: String
    public var size: Int
    /// Seconds since 1970.
    public var modified: Int
    /// SHA-256 in lower-case hexadecimal; empty for what is no regular file.
    public var digest: String
    /// Changes whenever the file is replaced or written: device, inode, size, mtime and ctime.
    public var stamp: String
    /// nil above 64 KiB, for what is no regular file, and where it is no UTF-8.
    public var content: String?

    public init(
        path: String,
        resolvedPath: String,
        kind: Kind,
        mode: Int,
        owner: String,
        group: String,
        size: Int,
        modified: Int,
        digest: String,
        stamp: String,
        content: String?
    ) {
        self.path = path
        self.resolvedPath = resolvedPath
        self.kind = kind
        self.mode = mode
        self.owner = owner
        self.group = group
        self.size = size
        self.modified = modified
        self.digest = digest
        self.stamp = stamp
        self.content = content
    }
}

public struct ServiceAnswer: Hashable, Sendable, Codable {
    public enum Boot: String, Hashable, Sendable, Codable {
        case on, off
        /// Off, and kept from being started by anyone (`mask`).
        case masked
        /// The init system has no such service (a mask may still stand: then `masked`).
        case none
        case unknown
    }

    public enum Run: String, Hashable, Sendable, Codable {
        case running, stopped
        /// Started again and again by its supervisor.
        case restarting
        case failed
        /// On its way from one to the other.
        case changing
        case unknown
    }

    public var name: ServiceName
    public var boot: Boot
    public var run: Run
    /// The main process; nil when not running, or when it cannot be told (then `detail` says so).
    public var pid: Int?
    /// When the main process started, seconds since 1970.
    public var started: Int?
    /// Starts by its supervisor since the last by hand; nil where the init system does not count.
    public var restarts: Int?
    /// `/proc/PID/cmdline`, each argument.
    public var arguments: [String]
    /// The watched part of `/proc/PID/environ`, `NAME=value` each.
    public var environment: [String]
    /// Files as the process read them at its start, kept by the run that started it (or saved before a write).
    public var copies: [RunningCopy]
    /// The init system's own words, such as `failed (Result: exit-code)`.
    public var detail: String

    public init(
        name: ServiceName,
        boot: Boot,
        run: Run,
        pid: Int? = nil,
        started: Int? = nil,
        restarts: Int? = nil,
        arguments: [String] = [],
        environment: [String] = [],
        copies: [RunningCopy] = [],
        detail: String = ""
    ) {
        self.name = name
        self.boot = boot
        self.run = run
        self.pid = pid
        self.started = started
        self.restarts = restarts
        self.arguments = arguments
        self.environment = environment
        self.copies = copies
        self.detail = detail
    }
}

/// A file as the running process read it.
///
/// Kept on the node under `/var/lib/reconciler/running/SERVICE/`, valid only while the process (pid and start) is the one
/// it was kept for.
public struct RunningCopy: Hashable, Sendable, Codable {
    public var path: String
    public var content: String

    public init(path: String, content: String) {
        self.path = path
        self.content = content
    }
}

public struct PackageAnswer: Hashable, Sendable, Codable {
    public var name: String
    /// nil: not installed.
    public var installed: String?
    /// Half-configured or half-installed, in the manager's words; nil when in order.
    public var trouble: String?
    /// Versions the node's sources offer, best first.
    public var offered: [String]
    /// Whether it is kept at its version (dpkg's selection `hold`; yum's versionlock).
    public var isHeld: Bool
    /// Why nothing can be held on this node; nil where it can.
    public var cannotHold: String?

    public init(
        name: String,
        installed: String? = nil,
        trouble: String? = nil,
        offered: [String] = [],
        isHeld: Bool = false,
        cannotHold: String? = nil
    ) {
        self.name = name
        self.installed = installed
        self.trouble = trouble
        self.offered = offered
        self.isHeld = isHeld
        self.cannotHold = cannotHold
    }
}
