import Specs
import Synchronization

@testable import Reconciler

/// `ExecuteWorld` with answers to every question of an observation: flag directories, what processes read, data, records.
final class LoopWorld: NodeAccess, Sendable {
    let spec: ClusterSpec
    let world: ExecuteWorld
    private let wanted: [NodeName: DesiredNode]
    private let findings = Mutex<[String]>([])
    private let formed = Mutex(false)

    init(_ spec: ClusterSpec, seed: UInt64) {
        self.spec = spec
        let desired = DesiredCluster(spec, platforms: [:])
        wanted = Dictionary(desired.nodes.map { ($0.name, $0) }) { first, _ in first }
        var nodes: [NodeName: SimulatedNode] = [:]
        for node in desired.nodes { nodes[node.name] = Self.bare(node) }
        let ring = desired.zooKeeper?.members.map { ($0.node, $0.id) } ?? []
        world = ExecuteWorld(
            nodes,
            ring: Dictionary(ring) { first, _ in first },
            seed: seed,
            time: SimulatedTime(seed: seed)
        )
    }

    /// What went against an invariant of architecture.md, "Order and safety".
    var violations: [String] {
        let stray = world.restarts.filter { wanted[$0.node]?.service($0.service)?.running != true }
        return world.violations + findings.withLock { $0 } + stray.map { "\($0.service) was started on \($0.node)" }
    }

    private static func bare(_ node: DesiredNode) -> SimulatedNode {
        var seen = SimulatedNode()
        seen.address = node.address
        seen.installTime = .seconds(5)
        seen.offered["zookeeperd"] = (
            "3.8.0-11", ["/etc/zookeeper/conf/zoo.cfg": "tickTime=2000\ndataDir=/tmp/zookeeper\n"], [.zooKeeper]
        )
        let mesos = ["/etc/mesos/zk": "zk://localhost:2181/mesos\n", "/etc/mesos-master/quorum": "1\n"]
        seen.offered["mesos"] = ("1.11.0-2", mesos, [.mesosMaster, .mesosAgent])
        seen.offered["marathon"] = ("1.11.24-1", ["/etc/default/marathon": "MARATHON_MESOS_USER=root\n"], [.marathon])
        return seen
    }

    // MARK: NodeAccess

    func observe(_ requests: [FactRequest], on node: NodeTarget) async throws(NodeAccessError) -> [FactAnswer] {
        let answers = try await world.observe(requests, on: node)
        return zip(requests, answers).map { answer($0, $1, on: node.name) }
    }

    func perform(
        _ actions: [NodeAction],
        run: RunID,
        on node: NodeTarget
    ) async throws(NodeAccessError) -> [ActionResult] {
        watch(actions, on: node.name)
        defer { settle() }
        return try await world.perform(actions, run: run, on: node)
    }

    /// Once it has formed, a living server goes down only while all others serve.
    private func watch(_ actions: [NodeAction], on name: NodeName) {
        let restarts = actions.contains { action in
            guard case .service(let act) = action else { return false }
            switch act {
            case .restartUnit(.zooKeeper, _), .stopUnit(.zooKeeper): return true
            default: return false
            }
        }
        guard restarts, formed.withLock({ $0 }), world[name].services[.zooKeeper]?.process != nil else { return }
        let now = world.time.now
        let down = world.state.withLock { state in
            state.ring.keys.filter { $0 != name && state.nodes[$0]?.isServing(.zooKeeper, now) != true }
        }
        if !down.isEmpty { findings.withLock { $0.append("zookeeper on \(name) restarts while \(down) are down") } }
    }

    /// What daemons leave behind, and what they read at their next start.
    func settle() {
        let now = world.time.now
        world.change { state in
            state.settleEnsembles(now)
            for (name, node) in wanted {
                for service in node.services {
                    let daemon = state.nodes[name]?.services[service.name]
                    guard daemon != nil else { continue }
                    state.nodes[name]?.services[service.name]?.port = Self.ports[service.name]
                    state.nodes[name]?.services[service.name]?.reads =
                        node.files.filter { $0.readBy.contains(service.name) }.map(\.path)
                    guard daemon?.process != nil, let trace = Self.traces[service.name],
                        service.name != .zooKeeper || state.zooKeeperLeader != nil
                    else { continue }
                    if state.nodes[name]?.files[trace] == nil { state.nodes[name]?.write(trace, "x") }
                }
            }
            if state.zooKeeperLeader != nil { formed.withLock { $0 = true } }
        }
    }

    static let ports: [ServiceName: Int] = [.zooKeeper: 2181, .mesosMaster: 5050, .marathon: 8080, .mesosAgent: 5051]
    static let traces: [ServiceName: String] = [
        .zooKeeper: "/var/lib/zookeeper/version-2/log.1",
        .mesosMaster: "/var/lib/mesos/replicated_log/CURRENT",
        .mesosAgent: "/var/lib/mesos/meta/slaves/latest",
    ]
}

// MARK: - Answers

extension LoopWorld {
    private func answer(_ request: FactRequest, _ answer: FactAnswer, on name: NodeName) -> FactAnswer {
        let node = world[name]
        switch request {
        case .directory(let path, let recursive):
            let now = world.time.now
            let below = node.files.keys.filter { file in
                file.hasPrefix(path + "/") && (recursive || !file.dropFirst(path.count + 1).contains("/"))
            }
            let entries = world.state.withLock { state in
                below.sorted().compactMap { file -> FileAnswer? in
                    if case .file(let entry) = state.answer(.file(path: file), on: name, now) { entry } else { nil }
                }
            }
            return entries.isEmpty ? .absent : .directory(path: path, entries: entries)
        case .service(let service):
            guard case .service(var seen) = answer else { return answer }
            if let process = node.services[service]?.process, seen.pid != nil { describe(process, &seen, node) }
            return .service(seen)
        case .fourLetterWord(let word, _, _):
            if case .unknown = answer { return .absent }
            guard word == "conf", case .text(let text) = answer,
                let zooCfg = node.services[.zooKeeper]?.process?.read["/etc/zookeeper/conf/zoo.cfg"]
            else { return answer }
            let servers = zooCfg.split(separator: "\n").filter { $0.hasPrefix("server.") }
            return .text(text + "membership: \n" + servers.map { "\($0):participant\n" }.joined())
        case .applied:
            let lines = node.applied.values.map { "\($0.resource)\t\($0.digest)\t\($0.revision)\n" }.sorted()
            return lines.isEmpty ? .absent : .applied(text: lines.joined())
        case .flagNames: return .absent
        default: return answer
        }
    }

    /// The command line and environment that the wrappers make of what the process read.
    private func describe(_ process: SimulatedNode.Process, _ seen: inout ServiceAnswer, _ node: SimulatedNode) {
        seen.started = node.seconds(process.readyAt) - 2
        func lines(_ path: String) -> [String] { (process.read[path] ?? "").split(separator: "\n").map(String.init) }
        func flags(_ directory: String) -> [String] {
            process.read.sorted { $0.key < $1.key }.compactMap { path, content in
                guard path.hasPrefix(directory + "/"), !content.isEmpty else { return nil }
                return "--\(path.dropFirst(directory.count + 1))=\(content.filter { $0 != "\n" })"
            }
        }
        let zk = lines("/etc/mesos/zk").first ?? ""
        switch seen.name {
        case .mesosMaster: seen.arguments = ["/usr/sbin/mesos-master", "--zk=\(zk)"] + flags("/etc/mesos-master")
        case .mesosAgent: seen.arguments = ["/usr/sbin/mesos-slave", "--master=\(zk)"] + flags("/etc/mesos-slave")
        case .marathon:
            seen.arguments = ["java", "mesosphere.marathon.Main"]
            seen.environment = lines("/etc/default/marathon")
        default:
            seen.arguments = ["java"]
            seen.copies = process.read.sorted { $0.key < $1.key }.map { RunningCopy(path: $0.key, content: $0.value) }
        }
    }
}

// MARK: - The loop

extension LoopWorld {
    func plan() async -> Plan {
        settle()
        let seen = await withTaskExecutorPreference(world.time) {
            await Observer(access: self, parallelism: 8).observe(self.spec, secrets: .simulated)
        }
        return Plan(
            desired: DesiredCluster(spec, observed: seen),
            observed: seen,
            source: Plan.Source(file: "cluster.yaml", revision: "abc")
        )
    }

    func apply(_ plan: Plan, as name: String, witness: Witness = Witness()) async -> Result<RunReport, RunRefusal> {
        let executor = Executor(
            access: self,
            targets: Dictionary(spec.nodes.map { ($0.name.value, NodeTarget($0, spec)) }) { first, _ in first },
            secrets: .simulated,
            lease: LeasePlan(
                nodes: DesiredCluster(spec, platforms: [:]).leaseHolders,
                holder: Lab.holder(name),
                lockTimeout: .seconds(120)
            ),
            parallelism: 4,
            clock: world.time.clock,
            run: RunID(name),
            editText: { edit, text in
                KeyedText(Content(text ?? ""), format: edit.format).applying(edit, includingRecommended: true).shown
            },
            events: witness.tell
        )
        return await withTaskExecutorPreference(world.time) {
            do throws(RunRefusal) {
                return .success(try await executor.run(plan, interruption: Interruption()))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Plans and applies until nothing is left to do or nothing can be done; the last plan.
    func converge(_ prefix: String, rounds: Int = 4) async -> Plan {
        var plan = await plan()
        for round in 1...rounds where !plan.steps.isEmpty && plan.refusals.isEmpty {
            _ = await apply(plan, as: "\(prefix)-\(round)")
            plan = await self.plan()
        }
        return plan
    }
}
