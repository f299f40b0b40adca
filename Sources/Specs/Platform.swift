/// What a node is: enough to know where its settings live and how its services are handled.
public struct Platform: Hashable, Sendable, Codable {
    public enum InitSystem: String, Hashable, Sendable, Codable {
        case systemd, upstart
    }

    public enum PackageManager: String, Hashable, Sendable, Codable {
        case apt, yum
    }

    /// `ID-VERSION_ID` of /etc/os-release, such as `debian-12` or `ubuntu-14.04`.
    public var os: String
    public var initSystem: InitSystem
    public var packageManager: PackageManager
    /// Installed (or, under an assumption, expected) package versions, upstream part and revision as the manager says.
    public var packages: [String: String]
    /// The directory the installed wrapper reads agent flags from: `/etc/mesos-slave`, or `/etc/mesos-agent` in Apache's RPM.
    public var agentFlagDirectory: String
    /// The directory zoo.cfg and myid are in, such as `/etc/zookeeper/conf`.
    public var zooKeeperConfigDirectory: String

    public init(
        os: String,
        initSystem: InitSystem,
        packageManager: PackageManager,
        packages: [String: String] = [:],
        agentFlagDirectory: String = "/etc/mesos-slave",
        zooKeeperConfigDirectory: String = "/etc/zookeeper/conf"
    ) {
        self.os = os
        self.initSystem = initSystem
        self.packageManager = packageManager
        self.packages = packages
        self.agentFlagDirectory = agentFlagDirectory
        self.zooKeeperConfigDirectory = zooKeeperConfigDirectory
    }
}

/// What is expected of a node that cannot be known before its packages are installed, and where the expectation comes from.
///
/// Checked by re-observation once the packages are there; a mismatch stops the plan before anything relies on it.
public struct Assumption: Hashable, Sendable, Codable {
    public var platform: Platform
    /// Such as "packages zookeeperd, mesos as their candidates in apt are laid out".
    public var source: String

    public init(platform: Platform, source: String) {
        self.platform = platform
        self.source = source
    }
}

/// A dotted version, compared number by number; anything after the numbers is ignored.
public struct DottedVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var numbers: [Int]

    /// The upstream version in `text`: an epoch (`1:`) and everything from the first character that is no digit or dot is dropped.
    public init?(_ text: String) {
        let upstream = text.split(separator: ":", maxSplits: 1).last ?? ""
        let leading = upstream.prefix { $0.isNumber || $0 == "." }
        let numbers = leading.split(separator: ".").compactMap { Int($0) }
        guard !numbers.isEmpty else { return nil }
        self.numbers = numbers
    }

    public init(_ numbers: Int...) { self.numbers = numbers }

    public static func < (a: DottedVersion, b: DottedVersion) -> Bool {
        let length = max(a.numbers.count, b.numbers.count)
        let (left, right) = (a.padded(to: length), b.padded(to: length))
        return left.lexicographicallyPrecedes(right)
    }

    public var description: String { numbers.map(String.init).joined(separator: ".") }

    private func padded(to length: Int) -> [Int] {
        numbers + Array(repeating: 0, count: max(0, length - numbers.count))
    }
}
