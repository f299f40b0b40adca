extension Platform {
    /// What a node is taken for of which nothing is known: Debian 12.
    public static let fallback = Platform(os: "debian-12", initSystem: .systemd, packageManager: .apt)

    /// What `platform:` declares; what it leaves out follows from the distribution.
    public init(declared: PlatformSpec?) {
        let os = declared?.os?.value ?? Platform.fallback.os
        self.init(
            os: os,
            initSystem: declared?.initSystem?.value ?? Self.usualInit(of: os),
            packageManager: declared?.packageManager?.value ?? Self.usualPackageManager(of: os)
        )
    }

    private static func usualInit(of os: String) -> InitSystem {
        let withUpstart = ["ubuntu-12", "ubuntu-13", "ubuntu-14", "centos-6", "rhel-6"]
        return withUpstart.contains { os.hasPrefix($0) } ? .upstart : .systemd
    }

    private static func usualPackageManager(of os: String) -> PackageManager {
        let withYum = ["centos", "rhel", "fedora", "rocky", "almalinux", "amzn", "ol"]
        let distribution = os.split(separator: "-").first.map(String.init) ?? os
        return withYum.contains(distribution) ? .yum : .apt
    }
}

/// Works out which platform a node will have once its packages are there.
struct PlatformForecast {
    var spec: ClusterSpec
    var node: NodeSpec
    /// nil: the node was not observed.
    var observed: Platform?
    /// What the node's own sources offer, by package.
    var candidates: [String: String]

    /// The platform, and what of it is assumed: nil where everything the node needs is installed as pinned.
    func outcome() -> (platform: Platform, assumption: Assumption?) {
        var platform = observed ?? Platform(declared: spec.platform)
        let expected = expectations(on: platform)
        let open = expected.filter { !$0.isInstalled }
        guard observed == nil || !open.isEmpty else { return (platform, nil) }
        for package in open { platform.packages[package.name] = package.version }
        return (platform, Assumption(platform: platform, source: source(open, on: platform)))
    }

    private struct Expectation {
        var name: String
        /// nil: nothing says which version it will be.
        var version: String?
        var isInstalled: Bool
        var source: String
    }

    /// The packages whose layout decides where settings live.
    private func expectations(on platform: Platform) -> [Expectation] {
        let pins = spec.versions
        var wanted: [(name: String, pin: String?)] = []
        if node.has(.zookeeper) { wanted.append((ZooKeeperRole.packageName(on: platform), pins.zookeeper?.value)) }
        if node.has(.mesosMaster) || node.has(.mesosAgent) { wanted.append((MesosPackage.name, pins.mesos?.value)) }
        if node.has(.marathon) { wanted.append((MarathonRole.package, pins.marathon?.value)) }
        if node.has(.docker) {
            wanted.append((DockerRole.packageName(spec.docker, on: platform), pins.docker?.value))
        }
        return wanted.map { expectation($0.name, pin: $0.pin, on: platform) }
    }

    private func expectation(_ name: String, pin: String?, on platform: Platform) -> Expectation {
        let installed = platform.packages[name]
        if let installed, pin.map({ Self.matches($0, installed) }) ?? true {
            return Expectation(name: name, version: installed, isInstalled: true, source: "installed")
        }
        let candidate = candidates[name]
        if let pin {
            let offered = candidate.flatMap { Self.matches(pin, $0) ? $0 : nil }
            return Expectation(name: name, version: offered ?? pin, isInstalled: false, source: "as pinned")
        }
        let manager = platform.packageManager.rawValue
        let source = candidate == nil ? "in a version not known yet" : "the candidate of \(manager)"
        return Expectation(name: name, version: candidate, isInstalled: false, source: source)
    }

    /// Whether the upstream part of an installed version is the pinned one.
    private static func matches(_ pin: String, _ version: String) -> Bool {
        guard let pin = DottedVersion(pin), let version = DottedVersion(version) else { return false }
        return !(pin < version) && !(version < pin)
    }

    private func source(_ open: [Expectation], on platform: Platform) -> String {
        let declared = spec.platform == nil ? "taken for" : "declared as"
        let node = observed == nil ? "the node was not observed and is \(declared) \(platform.os)" : nil
        let packages = open.map { package in
            package.version.map { "\(package.name) \($0) (\(package.source))" } ?? "\(package.name) (\(package.source))"
        }
        let layout =
            packages.isEmpty
            ? nil
            : "\(packages.joined(separator: ", ")) as the \(platform.packageManager.rawValue) packages of Mesosphere and "
                + "\(platform.os) lay them out: agent flags in \(platform.agentFlagDirectory), zoo.cfg in "
                + platform.zooKeeperConfigDirectory + marathonWords(platform)
        return [node, layout].compactMap { $0 }.joined(separator: "; ")
    }

    private func marathonWords(_ platform: Platform) -> String {
        guard node.has(.marathon) else { return "" }
        return switch MarathonGeneration(on: platform) {
        case .flagFiles: ", Marathon's flags in \(MarathonRole.directory)"
        case .environment: ", Marathon's flags in \(MarathonRole.environmentFile(on: platform).path)"
        }
    }
}
