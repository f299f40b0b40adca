internal import Specs

/// Which of the ensembles' programs a package holds.
enum UpgradeProduct: String, Hashable, CaseIterable {
    case zooKeeper = "ZooKeeper"
    case mesos = "Mesos"
    case marathon = "Marathon"

    /// By the name of the package that is declared; nil for what is not upgraded here (Docker, HAProxy).
    init?(package name: String) {
        switch name {
        case "zookeeperd", "zookeeper", "mesosphere-zookeeper", "zookeeper-server": self = .zooKeeper
        case "mesos": self = .mesos
        case "marathon": self = .marathon
        default: return nil
        }
    }

    /// The services that run its program, in the order of their layers.
    var services: [ServiceName] {
        switch self {
        case .zooKeeper: [.zooKeeper]
        case .mesos: [.mesosMaster, .mesosAgent]
        case .marathon: [.marathon]
        }
    }

    /// The detached job that installs it.
    var upgradeJob: String { "upgrade-\(key)" }

    /// The key under `versions:`.
    var key: String {
        switch self {
        case .zooKeeper: "zookeeper"
        case .mesos: "mesos"
        case .marathon: "marathon"
        }
    }
}

/// A release line, such as 1.10: what upgrades are documented between.
struct ReleaseLine: Hashable, Comparable, CustomStringConvertible {
    var major: Int
    var minor: Int

    init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// nil where the version does not say its minor number.
    init?(_ version: DottedVersion) {
        guard version.numbers.count >= 2 else { return nil }
        self.init(version.numbers[0], version.numbers[1])
    }

    static func < (a: ReleaseLine, b: ReleaseLine) -> Bool { (a.major, a.minor) < (b.major, b.minor) }

    var description: String { "\(major).\(minor)" }
}

/// What the makers document of going from one version to another.
enum UpgradeVerdict: Hashable {
    /// It is the same version.
    case same
    /// Members may run both for as long as a roll takes.
    case rolling
    /// No two members may run both: all stop before the first new one starts.
    case allStopped
    case refused(UpgradeRefusal)

    var refusal: UpgradeRefusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }
}

/// Why a version is not gone to, and what to do instead.
struct UpgradeRefusal: Hashable {
    /// A stable name, such as `package-downgrade`.
    var rule: String
    var because: String
    var remedy: String
}

/// The tables of documented upgrades; what they do not know is refused.
///
/// Sources: Mesos' upgrades.md and versioning.md, Marathon's docs/upgrade, ZooKeeper's zookeeperReconfig.md ("Upgrading to
/// 3.5.0"); mesos-zk-ops.md 2.3, 3.2, 11.
enum UpgradeRules {
    /// Both versions as the package manager or the program says them.
    static func verdict(_ product: UpgradeProduct, from old: String, to new: String) -> UpgradeVerdict {
        guard let from = DottedVersion(old), let to = DottedVersion(new) else {
            return unreadable(product, DottedVersion(old) == nil ? old : new)
        }
        if !(from < to), !(to < from) { return .same }
        guard let fromLine = ReleaseLine(from), let toLine = ReleaseLine(to) else {
            return unreadable(product, ReleaseLine(from) == nil ? old : new)
        }
        if to < from { return downgrade(product, from, to) }
        let lines = product.lines
        for line in [fromLine, toLine] where !lines.contains(line) { return unknown(product, line) }
        if fromLine == toLine { return .rolling }
        switch product {
        case .zooKeeper: return zooKeeper(from, to)
        case .mesos: return mesos(fromLine, toLine)
        case .marathon: return marathon(fromLine, toLine)
        }
    }

    /// A rolling upgrade to 3.5 or later starts from 3.4.6 or later: older servers do not understand its elections.
    private static func zooKeeper(_ from: DottedVersion, _ to: DottedVersion) -> UpgradeVerdict {
        guard from < DottedVersion(3, 4, 6), !(to < DottedVersion(3, 5)) else { return .rolling }
        return .refused(
            UpgradeRefusal(
                rule: "upgrade-skips",
                because:
                    "ZooKeeper \(from) cannot elect a leader together with \(to): a rolling upgrade to 3.5 or later "
                    + "goes through 3.4.6 or a later 3.4",
                remedy: "declare versions.zookeeper: 3.4.14 (or another 3.4 from 3.4.6 on), apply, and then \(to)"
            )
        )
    }

    /// From 1.0 on any stable release may follow any older one (versioning.md, "Upgrades"); before, each section of
    /// upgrades.md goes from one minor release to the next.
    private static func mesos(_ from: ReleaseLine, _ to: ReleaseLine) -> UpgradeVerdict {
        if from >= ReleaseLine(1, 0) { return .rolling }
        return oneAtATime(.mesos, from, to) ?? .rolling
    }

    /// "Don't skip minor releases"; and the state in ZooKeeper is migrated by the first that leads.
    private static func marathon(_ from: ReleaseLine, _ to: ReleaseLine) -> UpgradeVerdict {
        oneAtATime(.marathon, from, to) ?? .allStopped
    }

    private static func oneAtATime(
        _ product: UpgradeProduct,
        _ from: ReleaseLine,
        _ to: ReleaseLine
    ) -> UpgradeVerdict? {
        let between = product.lines.filter { from < $0 && $0 < to && !product.passedOver.contains($0) }
        guard let next = between.first else { return nil }
        let path = between.map(\.description).joined(separator: ", ")
        return .refused(
            UpgradeRefusal(
                rule: "upgrade-skips",
                because: "from \(product.rawValue) \(from) to \(to) would skip \(path), and only upgrades from one "
                    + "minor release to the next are documented",
                remedy: "declare the last release of \(next) under versions.\(product.key), apply, and go on from there"
            )
        )
    }

    private static func downgrade(
        _ product: UpgradeProduct,
        _ from: DottedVersion,
        _ to: DottedVersion
    ) -> UpgradeVerdict {
        .refused(
            UpgradeRefusal(
                rule: "package-downgrade",
                because: "\(product.rawValue) \(from) would be replaced by the older \(to): "
                    + product.dangerOfDowngrade,
                remedy: "declare versions.\(product.key): \(from), or go back by hand with a copy of the data "
                    + "from before"
            )
        )
    }

    private static func unknown(_ product: UpgradeProduct, _ line: ReleaseLine) -> UpgradeVerdict {
        let known = product.lines
        let range = "\(known.first?.description ?? "") to \(known.last?.description ?? "")"
        return .refused(
            UpgradeRefusal(
                rule: "upgrade-unknown",
                because: "no upgrade from or to \(product.rawValue) \(line) is known here (known are \(range))",
                remedy: "follow the release's own notes by hand, node by node, and apply afterwards"
            )
        )
    }

    private static func unreadable(_ product: UpgradeProduct, _ version: String) -> UpgradeVerdict {
        .refused(
            UpgradeRefusal(
                rule: "upgrade-unknown",
                because: "`\(version)` is no version of \(product.rawValue) that can be compared",
                remedy: "declare versions.\(product.key) as MAJOR.MINOR.PATCH"
            )
        )
    }

    // MARK: Marathon and Mesos

    /// The oldest Mesos that a Marathon works with; nil where the tables say nothing (mesos-zk-ops.md 3.2).
    static func oldestMesos(forMarathon version: String) -> DottedVersion? {
        guard let line = DottedVersion(version).flatMap(ReleaseLine.init) else { return nil }
        return oldestMesos.last { $0.marathon <= line }?.mesos
    }

    private static let oldestMesos: [(marathon: ReleaseLine, mesos: DottedVersion)] = [
        (ReleaseLine(1, 3), DottedVersion(1, 0, 0)), (ReleaseLine(1, 4), DottedVersion(1, 1, 0)),
        (ReleaseLine(1, 7), DottedVersion(1, 5, 0)),
    ]
}

extension UpgradeProduct {
    /// Release lines whose upgrades are documented, oldest first.
    fileprivate var lines: [ReleaseLine] {
        switch self {
        case .zooKeeper: (4...8).map { ReleaseLine(3, $0) }
        // Before 0.19 masters kept no registry.
        case .mesos: (19...28).map { ReleaseLine(0, $0) } + (0...11).map { ReleaseLine(1, $0) }
        // 1.2 was never released.
        case .marathon:
            (7...15).map { ReleaseLine(0, $0) } + [ReleaseLine(1, 0), ReleaseLine(1, 1)]
                + (3...11).map { ReleaseLine(1, $0) }
        }
    }

    /// Lines that saw candidates only: nobody can be asked to go through them.
    fileprivate var passedOver: [ReleaseLine] {
        switch self {
        case .zooKeeper, .mesos: []
        case .marathon: [ReleaseLine(0, 12), ReleaseLine(1, 0)]
        }
    }

    fileprivate var dangerOfDowngrade: String {
        switch self {
        case .zooKeeper: "it may not read snapshots and transactions that the newer one has written"
        case .mesos:
            "masters refuse a registry with capabilities that they do not know, and agents checkpoints of a newer one"
        case .marathon: "its state in ZooKeeper has been migrated, and no release migrates back"
        }
    }
}
