/// Takes from an agent's offers what tasks need, until it is used up.
struct OfferMatcher {
    let release: MarathonVersion
    let role: String
    let offer: Mesos.Offer
    /// Of the agent, as text.
    let attributes: [String: String]
    private var rest: Mesos.Resources

    init(_ offer: Mesos.Offer, role: String, release: MarathonVersion) {
        self.offer = offer
        self.role = role
        self.release = release
        rest = offer.resources.usable(by: role)
        var texts: [String: String] = [:]
        for attribute in offer.attributes { texts[attribute.name] = attribute.value.constraintText }
        attributes = texts
    }

    struct Match {
        var resources: Mesos.Resources
        /// Of the host, in the order of the app's ports.
        var hostPorts: [Int]
    }

    enum Result {
        case matched(Match)
        case rejected(RejectReason)
    }

    /// - Parameter tasks: The app's, wherever they run.
    mutating func take(
        _ app: MarathonApp,
        beside tasks: [MarathonTask],
        _ numbers: inout SeededNumbers
    ) -> Result {
        let roles = acceptedRoles(app)
        let mine = Mesos.Resources(rest.items.filter { roles.contains($0.role) })
        guard !mine.isEmpty else { return .rejected(.role) }
        for constraint in app.constraints {
            let check = ConstraintCheck(constraint: constraint)
            guard check.isMet(hostname: offer.hostname, attributes: attributes, tasks: tasks) else {
                return .rejected(.constraint)
            }
        }
        var taken: [Mesos.Resource] = []
        let wanted = [("cpus", app.cpus, RejectReason.cpus), ("mem", app.mem, .memory), ("disk", app.disk, .disk)]
        for (name, amount, reason) in wanted + [("gpus", Double(app.gpus), .gpus)] {
            guard let part = Self.part(of: mine, name, amount) else { return .rejected(reason) }
            taken += part
        }
        guard let (ports, resources) = ports(for: app, from: mine, &numbers) else { return .rejected(.ports) }
        let match = Match(resources: Mesos.Resources(taken + resources), hostPorts: ports)
        rest -= match.resources
        return .matched(match)
    }

    private func acceptedRoles(_ app: MarathonApp) -> [String] {
        if let roles = app.acceptedResourceRoles, !roles.isEmpty { return roles }
        return ["*", role]
    }

    /// A scalar, put together from the roles that have some; nil where they have too little.
    private static func part(of resources: Mesos.Resources, _ name: String, _ amount: Double) -> [Mesos.Resource]? {
        var missing = amount
        var taken: [Mesos.Resource] = []
        for item in resources.items where item.name == name && missing > 0.0005 {
            guard case .scalar(let there) = item.value else { continue }
            let part = min(there, missing)
            taken.append(Mesos.Resource(name, .scalar(part), role: item.role))
            missing -= part
        }
        return missing > 0.0005 ? nil : taken
    }

    // MARK: Ports

    /// The host ports an app wants: 0 for any, in the order in which they are given to the task.
    static func wantedPorts(of app: MarathonApp) -> [Int] {
        if app.networks.first?.mode != .host, let mappings = app.container?.portMappings {
            return mappings.compactMap(\.hostPort)
        }
        guard app.networks.first?.mode == .host else { return [] }
        return app.ports.map { app.requirePorts ? $0.port : 0 }
    }

    private func ports(
        for app: MarathonApp,
        from resources: Mesos.Resources,
        _ numbers: inout SeededNumbers
    ) -> ([Int], [Mesos.Resource])? {
        let wanted = Self.wantedPorts(of: app)
        guard !wanted.isEmpty else { return ([], []) }
        let pool = resources.items.compactMap { item -> (role: String, ranges: [ClosedRange<Int>])? in
            guard item.name == "ports", case .ranges(let ranges) = item.value else { return nil }
            return (item.role, ranges)
        }
        var used = Set(wanted.filter { $0 != 0 })
        var ports: [Int] = []
        var byRole: [String: [Int]] = [:]
        for port in wanted {
            guard let port = port == 0 ? Self.anyPort(in: pool.flatMap(\.ranges), except: used, &numbers) : port,
                let role = pool.first(where: { $0.ranges.contains { $0.contains(port) } })?.role
            else { return nil }
            used.insert(port)
            ports.append(port)
            byRole[role, default: []].append(port)
        }
        let taken = byRole.sorted { $0.key < $1.key }.map {
            Mesos.Resource("ports", .ranges($0.value.sorted().map { $0...$0 }), role: $0.key)
        }
        return (ports, taken)
    }

    /// A port at random, as Marathon takes them, and the next free one after it.
    private static func anyPort(
        in ranges: [ClosedRange<Int>],
        except used: Set<Int>,
        _ numbers: inout SeededNumbers
    ) -> Int? {
        let total = ranges.reduce(0) { $0 + $1.count }
        guard total > 0 else { return nil }
        let start = Int.random(in: 0..<total, using: &numbers)
        for step in 0..<total {
            var index = (start + step) % total
            for range in ranges {
                if index < range.count {
                    let port = range.lowerBound + index
                    if !used.contains(port) { return port }
                    break
                }
                index -= range.count
            }
        }
        return nil
    }
}

extension Mesos.Value {
    /// As constraints compare it.
    var constraintText: String {
        switch self {
        case .text(let text): text
        case .scalar(let number): number == number.rounded() ? String(Int(number)) : String(describing: number)
        case .set(let items): "{" + items.joined(separator: ", ") + "}"
        case .ranges(let ranges):
            "[" + ranges.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ", ") + "]"
        }
    }
}
