import Specs
import Testing

@testable import Reconciler

/// A cluster whose versions are values, on which plans are carried out action by action and cut off anywhere.
private struct VersionWorld {
    struct Node {
        var installed: [String: String]
        /// The version of each process; what does not run is not there.
        var running: [ServiceName: String]
        var masked: Set<ServiceName> = []
    }

    let desired: DesiredCluster
    var nodes: [NodeName: Node]
    var faults: [String] = []
    /// Whether all servers, and all masters, were up when the world began: what harms them later is the plan's doing.
    private var downAtFirst: [ServiceName: Int] = [:]

    static let packages: [(name: String, services: [ServiceName])] = [
        ("zookeeperd", [.zooKeeper]), ("mesos", [.mesosMaster, .mesosAgent]), ("marathon", [.marathon]),
    ]

    init(_ desired: DesiredCluster, old: [String: String], new: [String: String], _ numbers: inout SeededNumbers) {
        self.desired = desired
        nodes = [:]
        for node in desired.nodes {
            var value = Node(installed: [:], running: [:])
            for (name, services) in Self.packages where node.packages.contains(where: { $0.name == name }) {
                guard let before = old[name], let after = new[name] else { continue }
                // Some are upgraded already, of some the process is still the old one.
                let state = Int.random(in: 0..<6, using: &numbers)
                let isMarathon = name == "marathon"
                value.installed[name] = state >= 4 ? after : before
                for service in services where node.service(service)?.running == true {
                    let isDown = service != .zooKeeper && Int.random(in: 0..<8, using: &numbers) == 0
                    if !isDown { value.running[service] = state == 5 && !isMarathon ? after : before }
                    // A new Marathon runs nowhere beside an old one at first.
                    if isMarathon, state >= 4 { value.running[service] = nil }
                }
            }
            nodes[node.name] = value
        }
        for service in [ServiceName.zooKeeper, .mesosMaster] { downAtFirst[service] = down(service).count }
    }

    private func wanting(_ service: ServiceName) -> [NodeName] {
        desired.nodes.filter { $0.service(service)?.running == true }.map(\.name)
    }

    private func down(_ service: ServiceName) -> [NodeName] {
        wanting(service).filter { nodes[$0]?.running[service] == nil }
    }

    var observed: ObservedCluster {
        var seen = Samples.converged(desired)
        for (name, node) in nodes {
            seen = seen.changing(name) { found in
                for (package, version) in node.installed {
                    let pin = desired.node(name)?.packages.first { $0.name == package }?.pin ?? version
                    found.packages[package] = .found(
                        PackageAnswer(name: package, installed: version, offered: ["\(pin)-1"])
                    )
                }
                for (_, services) in Self.packages {
                    for service in services where desired.node(name)?.service(service)?.running == true {
                        if node.running[service] == nil { UpgradePlanTests.stopped(&found, service) }
                    }
                }
                if let version = node.running[.zooKeeper] {
                    found.zooKeeper = found.zooKeeper.map { server in
                        var server = server
                        server.version = version.upstream
                        return server
                    }
                }
                if found.masterElected.value != nil {
                    let first = wanting(.mesosMaster).first { nodes[$0]?.running[.mesosMaster] != nil }
                    found.masterElected = node.running[.mesosMaster] == nil ? .absent : .found(name == first)
                }
            }
            func daemon<Metrics>(_ version: String) -> Observation<ObservedDaemon<Metrics>> {
                let (flags, metrics) = (Observation<[String: Content]>.unknown(""), Observation<Metrics>.unknown(""))
                return .found(
                    ObservedDaemon(endpoint: "x", version: version.upstream, flags: flags, metrics: metrics)
                )
            }
            if let version = node.running[.mesosMaster] { seen.mesos.masters[name] = daemon(version) }
            if let version = node.running[.mesosAgent] { seen.mesos.agents[name] = daemon(version) }
        }
        return seen
    }

    /// Carries out at most `limit` actions.
    mutating func carryOut(_ plan: Plan, limit: Int) -> Int {
        var done = 0
        for step in plan.steps {
            for (node, action) in step.nodeActions {
                guard done < limit else { return done }
                done += 1
                perform(action, on: node)
            }
        }
        return done
    }

    private mutating func perform(_ action: NodeAction, on name: NodeName) {
        switch action {
        case .installPackages(let packages, _):
            for package in packages {
                guard let version = package.version, let old = nodes[name]?.installed[package.name] else { continue }
                if let new = DottedVersion(version), let before = DottedVersion(old), new < before {
                    faults.append("\(package.name) on \(name) went from \(old) back to \(version)")
                }
                nodes[name]?.installed[package.name] = version
            }
        case .service(let act): perform(act, on: name)
        default: break
        }
    }

    private mutating func perform(_ act: ServiceAct, on name: NodeName) {
        switch act {
        case .restartUnit(let service, _):
            judge(service, on: name)
            start(service, on: name)
        case .stopUnit(let service):
            if service != .marathon, nodes[name]?.running[service] != nil { judge(service, on: name) }
            nodes[name]?.running[service] = nil
        case .startUnit(let service): start(service, on: name)
        default: break
        }
    }

    /// Nobody is restarted while another member of its ensemble is down.
    private mutating func judge(_ service: ServiceName, on name: NodeName) {
        guard service == .zooKeeper || service == .mesosMaster else { return }
        let others = down(service).filter { $0 != name }
        if !others.isEmpty { faults.append("\(service) on \(name) is restarted while \(others) are down") }
    }

    private mutating func start(_ service: ServiceName, on name: NodeName) {
        guard let package = Self.packages.first(where: { $0.services.contains(service) })?.name,
            let version = nodes[name]?.installed[package]
        else { return }
        nodes[name]?.running[service] = version
        guard service == .marathon else { return }
        let versions = nodes.values.compactMap { $0.running[.marathon].flatMap(DottedVersion.init) }
        let lines = Set(versions.compactMap(ReleaseLine.init))
        if lines.count > 1 { faults.append("Marathons of \(lines.sorted()) share state") }
    }

    var isDone: Bool {
        desired.nodes.allSatisfy { node in
            Self.packages.allSatisfy { name, services in
                guard let pin = node.packages.first(where: { $0.name == name })?.pin else { return true }
                return services.filter { node.service($0)?.running == true }
                    .allSatisfy { nodes[node.name]?.running[$0]?.isUpstream(pin) == true }
            }
        }
    }
}

@Suite("Upgrades from any state, cut off anywhere", .timeLimit(.minutes(20)))
struct UpgradeHazardTests {
    private static let paths: [(old: [String: String], new: [String: String])] = [
        (
            ["zookeeperd": "3.8.0-1", "mesos": "1.10.0-1", "marathon": "1.10.26-1"],
            ["zookeeperd": "3.8.4-1", "mesos": "1.11.0-1", "marathon": "1.11.24-1"]
        ),
        (
            ["zookeeperd": "3.6.3-1", "mesos": "1.9.0-1", "marathon": "1.11.20-1"],
            ["zookeeperd": "3.8.0-1", "mesos": "1.11.0-1", "marathon": "1.11.24-1"]
        ),
    ]

    @Test("converge without a downgrade, two members at once or two Marathon releases", arguments: seeds(120))
    func anyState(seed: UInt64) {
        var numbers = SeededNumbers(seed)
        let path = Self.paths[Int(seed % 2)]
        let desired = UpgradePlanTests.desired(
            seed % 3 == 0 ? Samples.together() : Samples.spec(),
            zooKeeper: path.new["zookeeperd"]?.upstream,
            mesos: path.new["mesos"]?.upstream ?? "",
            marathon: path.new["marathon"]?.upstream ?? ""
        )
        var world = VersionWorld(desired, old: path.old, new: path.new, &numbers)
        for round in 1...12 {
            let plan = Samples.plan(desired, world.observed)
            #expect(plan.refusals == [], "seed \(seed), round \(round)")
            if plan.steps.isEmpty { break }
            // Cut off for some rounds, then let through.
            _ = world.carryOut(plan, limit: round < 6 ? Int.random(in: 1...25, using: &numbers) : .max)
        }
        #expect(world.faults == [], "seed \(seed)")
        #expect(world.isDone, "seed \(seed): \(Samples.plan(desired, world.observed).blocked.map(\.because))")
    }

    @Test("a declared version older than what is there moves nothing", arguments: seeds(20))
    func backwards(seed: UInt64) {
        var numbers = SeededNumbers(seed)
        let path = Self.paths[Int(seed % 2)]
        let desired = UpgradePlanTests.desired(
            zooKeeper: path.old["zookeeperd"]?.upstream,
            mesos: path.old["mesos"]?.upstream ?? "",
            marathon: path.old["marathon"]?.upstream ?? ""
        )
        var world = VersionWorld(desired, old: path.new, new: path.new, &numbers)
        let before = world.nodes.mapValues(\.installed)
        let plan = Samples.plan(desired, world.observed)
        _ = world.carryOut(plan, limit: .max)
        #expect(world.nodes.mapValues(\.installed) == before)
        #expect(plan.blocked.contains { $0.rule == "package-downgrade" })
    }
}
