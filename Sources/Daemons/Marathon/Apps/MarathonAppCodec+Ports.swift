/// The service ports that apps hold, and how many hold each.
public struct ServicePortPool: Hashable, Sendable, Codable {
    private var counts: [Int: Int] = [:]
    /// No port of the range below is free.
    private var low = Int.min

    public init() {}

    public mutating func take(_ ports: [Int]) {
        for port in ports where port != 0 { counts[port, default: 0] += 1 }
    }

    public mutating func release(_ ports: [Int]) {
        for port in ports where port != 0 {
            if let count = counts[port], count > 1 {
                counts[port] = count - 1
            } else {
                counts[port] = nil
            }
            low = min(low, port)
        }
    }

    public func contains(_ port: Int) -> Bool { counts[port] != nil }

    /// The lowest port nobody holds, not taken yet.
    mutating func lowestFree(in range: Range<Int>) -> Int? {
        var port = max(low, range.lowerBound)
        while port < range.upperBound, contains(port) { port += 1 }
        low = port
        return port < range.upperBound ? port : nil
    }
}

extension MarathonAppCodec {
    /// What the pool counts for an app: up to 0.14 its `ports`, which are not always its service ports.
    public func heldPorts(of app: MarathonApp) -> [Int] {
        version.isAtLeast(0, 15) ? app.servicePorts : app.ports.map(\.port)
    }

    /// Gives service ports to apps that ask for one with 0 (marathon-api.md 3.2).
    ///
    /// Ports the app had before are given again in their order, then the lowest free ones of the range. Up to 0.14
    /// neither is compared with ports that new definitions name themselves, so that two may come to have one.
    /// - Parameters:
    ///   - apps: New and changed definitions, in the order in which they are served.
    ///   - former: The app of that id as it was, nil for a new one.
    ///   - pool: What `heldPorts` of all apps gave before the change; afterwards it has the new ports in the place of
    ///     the former ones. Ports of apps that go are the caller's to release.
    /// - Throws: 500 where no port is left; the pool is then of no use any more.
    public func assignPorts(
        in apps: inout [MarathonApp],
        former: (String) -> MarathonApp?,
        pool: inout ServicePortPool
    ) throws(MarathonFault) {
        if version.isAtLeast(0, 15) {
            for app in apps { pool.take(app.servicePorts) }
            for index in apps.indices {
                let old = former(apps[index].id)
                let given = apps[index].servicePorts
                // An app that is stored as it is sent keeps what it has.
                if let old, !isUpgrade(from: old, to: apps[index]) {
                    pool.release(old.servicePorts)
                    continue
                }
                let spare = (old?.servicePorts ?? []).filter { !given.contains($0) }
                let ports = try assigned(given, spare, &pool)
                place(ports, in: &apps[index])
                if !apps[index].ports.isEmpty { apps[index].mergePorts(ports) }
                pool.take(zip(given, ports).compactMap { $0 == 0 ? $1 : nil })
                pool.release(old?.servicePorts ?? [])
            }
            return
        }
        for index in apps.indices {
            let old = former(apps[index].id)
            let given = apps[index].servicePorts
            if given.contains(0) {
                let ports = try assigned(given, old?.ports.map(\.port) ?? [], &pool)
                place(ports, in: &apps[index])
                apps[index].setPorts(ports)
            } else if version.isAtLeast(0, 9) {
                apps[index].setPorts(given)
            }
            pool.take(heldPorts(of: apps[index]))
            pool.release(old.map(heldPorts) ?? [])
        }
    }

    private func assigned(
        _ given: [Int],
        _ spare: [Int],
        _ pool: inout ServicePortPool
    ) throws(MarathonFault) -> [Int] {
        var spare = spare.filter(context.localPorts.contains)[...]
        var result: [Int] = []
        var fresh: [Int] = []
        for port in given {
            if port != 0 {
                result.append(port)
            } else if let port = spare.popFirst() {
                result.append(port)
            } else if let port = pool.lowestFree(in: context.localPorts) {
                pool.take([port])
                fresh.append(port)
                result.append(port)
            } else {
                let range = "[\(context.localPorts.lowerBound)-\(context.localPorts.upperBound))"
                throw .internalError("All ports in the range \(range) are already in use")
            }
        }
        pool.release(fresh)
        return result
    }

    private func place(_ ports: [Int], in app: inout MarathonApp) {
        // Up to 0.8 mappings without a bridge are numbered, too, by the ports.
        let unused = version.isAtLeast(0, 9) ? nil : app.container?.portMappings
        guard let mappings = app.mappedPorts ?? unused else {
            for (index, port) in zip(app.ports.indices, ports) { app.ports[index].port = port }
            return
        }
        for (index, port) in zip(mappings.indices, ports) { app.container?.portMappings?[index].servicePort = port }
    }
}

extension MarathonApp {
    /// The ports' numbers are those of the service ports; what is missing on either side is filled up.
    fileprivate mutating func mergePorts(_ numbers: [Int]) {
        let given = ports.count
        setPorts(numbers + Array(repeating: 0, count: max(0, given - numbers.count)))
    }

    /// Makes `ports` those numbers, one for each.
    fileprivate mutating func setPorts(_ numbers: [Int]) {
        ports = numbers.enumerated().map { index, number in
            var port = index < ports.count ? ports[index] : Port()
            port.port = number
            return port
        }
    }
}
