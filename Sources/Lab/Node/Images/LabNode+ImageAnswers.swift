internal import Daemons
internal import Reconciler

extension LabNode {
    /// images.sh, `fact_images`.
    func imagesAnswer(at now: Moment) throws(Unknown) -> FactAnswer {
        guard var client = engineClient(at: now) else { return .absent }
        let (version, info) = (try client.version(), try client.info())
        let table = try client.ask(["images", "--no-trunc"])
        var seen: Set<Substring> = []
        let all = try client.ask(["images", "--no-trunc", "-q"])
        let unnamed = try client.ask(["images", "--no-trunc", "-q", "--filter", "dangling=true"])
        let ids = (all + "\n" + unnamed).split(separator: "\n").filter { seen.insert($0).inserted }.map(String.init)
        return .images(
            ImagesAnswer(
                version: version,
                info: info,
                table: table,
                inspected: ids.isEmpty ? "[]" : try client.ask(["inspect"] + ids),
                used: try client.used(),
                freeBytes: freeBytes / 1024 * 1024,
                stagedBytes: stagedBytes
            )
        )
    }

    /// The size of all files in the directory of parts.
    var stagedBytes: Int {
        (files.list(StatePath.images) ?? []).filter { !$0.hasPrefix(".") }
            .reduce(0) { $0 + (files.attributes("\(StatePath.images)/\($1)")?.size ?? 0) }
    }

    /// Debian 12 has version 2 alone unless it was booted for version 1, and then both (mesos-zk-ops.md 4.3).
    var controlGroups: FactAnswer {
        let isDebian = platform == .debian12
        guard hasCPUHierarchy else { return .controlGroups(version1: [], hasVersion2: isDebian) }
        let common = ["blkio", "cpu", "cpuacct", "cpuset", "devices", "freezer", "hugetlb", "memory", "perf_event"]
        let later =
            switch platform {
            case .ubuntu14: [String]()
            case .centOS7: ["net_cls", "net_prio", "pids"]
            case .debian12: ["misc", "net_cls", "net_prio", "pids", "rdma"]
            }
        return .controlGroups(version1: (common + later).sorted(), hasVersion2: isDebian)
    }
}

extension StatePath {
    static let images = "\(state)/images"
}
