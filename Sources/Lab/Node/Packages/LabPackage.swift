internal import Specs

/// What one version of a package puts on a node.
///
/// Made anew whenever it is needed: its texts are literals, which all nodes share.
struct LabPackage {
    enum Item {
        case file(String, text: String, mode: Int = 0o644, owner: String = "root", isConffile: Bool = false)
        /// A program of that many bytes, which nobody keeps in memory.
        case program(String, bytes: Int)
        case directory(String, mode: Int = 0o755, owner: String = "root")
        case link(String, to: String)
    }

    var depends: [String] = []
    var items: [Item] = []
    var services: [LabServiceDefinition] = []
    /// Whether the package's own scripts start its services, unless they are kept from it.
    var startsServices = false
    /// Whether it stops and disables its services before it is replaced, as Marathon's does from 1.5 on.
    var stopsBeforeUpgrade = false
    var users: [String] = []
    /// Room beside what is in `items`, and the time its installation takes.
    var bytes = 1_000_000
    /// By path, after links.
    var programs: [String: LabProgram] = [:]

    /// nil: no such package is known.
    init?(_ name: String, version: String, on platform: LabPlatform) {
        switch name {
        case "zookeeper" where platform.usesAPT: self = .zooKeeperLibrary(platform)
        case "zookeeperd" where platform.usesAPT: self = .zooKeeperDaemon(version, platform)
        case "mesosphere-zookeeper": self = .mesosphereZooKeeper(version)
        case "mesos": self = .mesos(version, platform)
        case "marathon": self = .marathon(version, platform)
        case "docker.io", "lxc-docker", "docker-engine", "docker-ce", "docker": self = .docker(version, platform)
        case "haproxy": self = .haproxy(version, platform)
        case "curl": self = .curl()
        case "cron", "cronie": self = .cron(version, platform)
        default: return nil
        }
    }

    init() {}
}

/// The upstream part of a package's version: without epoch and without the distribution's own suffixes.
func upstreamVersion(_ version: String) -> String { DottedVersion(version)?.description ?? version }

extension LabPackage {
    /// An upstart job, as Mesosphere's are.
    static func upstartJob(_ name: String, startOn: String, exec: String) -> Item {
        .file(
            "/etc/init/\(name).conf",
            text: "description \"\(name)\"\n\nstart on \(startOn)\nrespawn\n\nexec \(exec)\n",
            isConffile: true
        )
    }

    /// A unit that runs `exec` for ever.
    static func unit(
        _ name: String,
        _ platform: LabPlatform,
        exec: String,
        restartSeconds: Int,
        more: [String] = []
    ) -> Item {
        let lines =
            ["[Unit]", "Description=\(name)", "After=network.target", "", "[Service]", "ExecStart=\(exec)"]
            + ["Restart=always", "RestartSec=\(restartSeconds)"] + more
            + ["", "[Install]", "WantedBy=multi-user.target", ""]
        return .file("\(platform.unitDirectory)/\(name).service", text: lines.joined(separator: "\n"))
    }
}
