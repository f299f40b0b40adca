/// What a node's repositories offer: versions by package name, best first.
///
/// What is in a package follows from its name, its version and the platform, so nodes share it.
public struct LabCatalogue: Hashable, Sendable, Codable {
    public var platform: LabPlatform
    public var offered: [String: [String]]

    public init(platform: LabPlatform, offered: [String: [String]]) {
        self.platform = platform
        self.offered = offered
    }

    /// What the distribution and Mesosphere offer together (mesos-zk-ops.md 1.1, 10).
    public static func standard(_ platform: LabPlatform) -> LabCatalogue {
        switch platform {
        case .ubuntu14:
            LabCatalogue(
                platform: platform,
                offered: [
                    "zookeeper": ["3.4.5+dfsg-1"],
                    "zookeeperd": ["3.4.5+dfsg-1"],
                    "mesos": ["1.4.3-2.0.1", "0.28.3-2.0.26.ubuntu1404", "0.21.1-1.1.ubuntu1404"],
                    "marathon": ["1.4.13-1.0.671.ubuntu1404", "0.8.2-1.0.167.ubuntu1404", "0.7.6-1.0"],
                    "docker.io": ["1.6.2~dfsg1-1ubuntu4~14.04.1"],
                    "lxc-docker": ["1.4.1"],
                    "docker-engine": ["1.12.6-0~ubuntu-trusty"],
                    "haproxy": ["1.4.24-2ubuntu0.4"],
                    "curl": ["7.35.0-1ubuntu2.20"],
                    "cron": ["3.0pl1-124ubuntu2"],
                ]
            )
        case .debian12:
            LabCatalogue(
                platform: platform,
                offered: [
                    "zookeeper": ["3.8.0-11+deb12u2"],
                    "zookeeperd": ["3.8.0-11+deb12u2"],
                    "mesos": ["1.11.0-2.0.1", "1.4.3-2.0.1"],
                    "marathon": ["1.11.24-0.1.debian9", "1.4.13-1.0.1"],
                    "docker.io": ["20.10.24+dfsg1-1+deb12u1+b2"],
                    "haproxy": ["2.6.12-1+deb12u1"],
                    "curl": ["7.88.1-10+deb12u8"],
                    "cron": ["3.0pl1-162"],
                ]
            )
        case .centOS7:
            LabCatalogue(
                platform: platform,
                offered: [
                    "mesosphere-zookeeper": ["3.4.6-0.1.20141204175332.centos7"],
                    "mesos": ["1.11.0-2.0.1.el7", "1.4.3-2.0.1.el7"],
                    "marathon": ["1.11.24-0.1.el7", "1.4.13-1.0.1.el7"],
                    "docker": ["2:1.13.1-209.git7d71120.el7.centos"],
                    "haproxy": ["1.5.18-9.el7_9.1"],
                    "curl": ["7.29.0-59.el7_9.2"],
                    "cronie": ["1.4.11-25.el7_9"],
                ]
            )
        }
    }
}
