public import Specs

/// One flag of a daemon in its three places: as declared, as it would be started with from what is on disk, as it runs.
public struct FlagColumns: Hashable, Sendable, Codable {
    public var node: NodeName
    public var service: ServiceName
    /// Folded (`FlagNames`).
    public var flag: String
    /// nil: nobody declared it.
    public var declared: Content?
    /// nil: nothing on disk sets it, or a shell computes it.
    public var onDisk: Content?
    /// nil: it runs without it.
    public var running: Content?
    /// Whether the daemon itself said so (REST); else it is what its process was started with.
    public var isReported: Bool

    public init(
        node: NodeName,
        service: ServiceName,
        flag: String,
        declared: Content?,
        onDisk: Content?,
        running: Content?,
        isReported: Bool
    ) {
        self.node = node
        self.service = service
        self.flag = flag
        self.declared = declared
        self.onDisk = onDisk
        self.running = running
        self.isReported = isReported
    }
}

extension FlagColumns {
    /// The flags whose columns differ, of daemons that run; by node, service and name.
    ///
    /// A flag that is neither declared nor on disk runs with its default and is not among them.
    public static func differing(_ desired: DesiredCluster, _ observed: ObservedCluster) -> [FlagColumns] {
        desired.nodes.flatMap { node in
            observed[node.name].map { seen in
                node.services.flatMap { differing($0, on: node, seen) }
            } ?? []
        }
        .sorted { ($0.node, $0.service, $0.flag) < ($1.node, $1.service, $1.flag) }
    }

    private static func differing(_ service: Service, on node: DesiredNode, _ seen: ObservedNode) -> [FlagColumns] {
        guard service.running, case .found(let process)? = seen.services[service.name], process.run == .running,
            let declared = declaredFlags(service)
        else { return [] }
        let onDisk = seen.effectiveFlags(of: service.name, on: node) ?? [:]
        let running = runningFlags(process)
        return Set(declared.keys).union(onDisk.keys).compactMap { name in
            let disk = onDisk[name]?.last
            let columns = FlagColumns(
                node: node.name,
                service: service.name,
                flag: name,
                declared: declared[name].map { ShownContent.value($0, of: name) },
                onDisk: disk?.value.map { ShownContent.value($0, of: name) },
                running: running[name].map { ShownContent.value($0, of: name) },
                isReported: process.reportedFlags?[name] != nil
            )
            let wanted = declared[name] ?? disk?.value
            guard let wanted else { return nil }
            // What a shell computes on the node cannot be compared.
            let isOnDisk =
                disk.map { $0.value.map { flagsEqual(name, declared: wanted, running: $0) } ?? true } ?? false
            let isRunning = flagsEqual(name, declared: wanted, running: running[name])
            return isOnDisk && isRunning ? nil : columns
        }
    }

    private static func declaredFlags(_ service: Service) -> [String: Content]? {
        switch service.configuration {
        case .mesosFlags(let flags): Dictionary(flags.map { (FlagNames.mesos($0.name).name, $0.value) }) { $1 }
        case .marathonFlags(let flags): Dictionary(flags.map { ($0.name, $0.value) }) { $1 }
        case .zooKeeper, .none: nil
        }
    }
}
