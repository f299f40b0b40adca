/// The systems a simulated node can be.
public enum LabPlatform: String, Hashable, Sendable, Codable, CaseIterable {
    case ubuntu14 = "ubuntu-14.04"
    case debian12 = "debian-12"
    case centOS7 = "centos-7"

    var osID: String { String(rawValue.prefix { $0 != "-" }) }
    var osVersion: String { String(rawValue.drop { $0 != "-" }.dropFirst()) }

    var usesSystemd: Bool { self != .ubuntu14 }
    var usesAPT: Bool { self != .centOS7 }

    /// systemd counts restarts from version 235; CentOS 7 has 219.
    var countsRestarts: Bool { self == .debian12 }

    /// Debian 11 and later mount cgroup v2 alone (mesos-zk-ops.md 4.3).
    var hasCPUHierarchy: Bool { self != .debian12 }

    /// Debian and Ubuntu empty it at every boot.
    var clearsTmpAtBoot: Bool { self != .centOS7 }

    /// Where packages put unit files.
    var unitDirectory: String { usesAPT ? "/lib/systemd/system" : "/usr/lib/systemd/system" }
}
