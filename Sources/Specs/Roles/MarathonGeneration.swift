/// How a Marathon is configured; the packages changed it with 1.5 (mesos-zk-ops.md 1.1, marathon-api.md 7.1).
public enum MarathonGeneration: Hashable, Sendable {
    /// Up to 1.4: files in `/etc/marathon/conf`, and `/etc/mesos/zk`.
    case flagFiles
    /// From 1.5: `MARATHON_…` in `/etc/default/marathon` (`/etc/sysconfig/marathon` with yum), and nothing else.
    case environment

    public init(version: DottedVersion?) {
        self = version.map { $0 < DottedVersion(1, 5) } ?? false ? .flagFiles : .environment
    }

    /// By the version that is, or is expected to be, installed; 1.5 or later where nothing is known.
    public init(on platform: Platform) {
        self.init(version: platform.packages["marathon"].flatMap(DottedVersion.init))
    }
}
