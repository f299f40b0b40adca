internal import Reconciler

extension ImagesAnswer {
    /// nil where a part is missing.
    init?(_ answer: ScriptAnswer) {
        guard let version = answer["version"], let info = answer["info"], let table = answer["table"],
            let inspected = answer["inspected"], let used = answer["used"],
            let staged = answer["staged"].flatMap({ Int($0) })
        else { return nil }
        var free: Int?
        if case .disk(let bytes, _)? = answer["df"].flatMap(diskAnswer) { free = bytes }
        self.init(
            version: version,
            info: info,
            table: table,
            inspected: inspected,
            used: used,
            freeBytes: free,
            stagedBytes: staged
        )
    }
}

/// Lines of /proc/mounts: device, directory, type, options.
///
/// The options of a hierarchy of version 1 name its controllers among other things (cgroups(7)).
func mountedControlGroups(_ mounts: String) -> FactAnswer {
    let known: Set<Substring> = [
        "blkio", "cpu", "cpuacct", "cpuset", "debug", "devices", "freezer", "hugetlb", "memory", "misc", "net_cls",
        "net_prio",
        "ns", "perf_event", "pids", "rdma",
    ]
    var controllers: Set<Substring> = []
    var hasVersion2 = false
    for line in mounts.split(separator: "\n") {
        let words = line.split(separator: " ")
        guard words.count >= 4 else { continue }
        switch words[2] {
        case "cgroup": controllers.formUnion(words[3].split(separator: ",").filter(known.contains))
        case "cgroup2": hasVersion2 = true
        default: continue
        }
    }
    return .controlGroups(version1: controllers.map(String.init).sorted(), hasVersion2: hasVersion2)
}
