import Specs
import Synchronization

@testable import Reconciler

let zooKeeperFile = "/etc/zookeeper/conf/zoo.cfg"

/// Names and addresses of the test clusters.
enum Lab {
    static func nodes(_ count: Int) -> [NodeName] { (1...count).map { NodeName("n\($0)") } }

    static func targets(_ nodes: [NodeName]) -> [NodeName: NodeTarget] {
        Dictionary(nodes.map { ($0, NodeTarget(name: $0, address: "10.0.0.\($0)", ssh: SSHSpec())) }) { first, _ in
            first
        }
    }

    static func ring(_ nodes: [NodeName]) -> ZooKeeperRing {
        ZooKeeperRing(
            servers: nodes.enumerated().map { index, node in
                ZooKeeperRing.Server(node: node, id: index + 1, address: "10.0.0.\(node)", port: 2181)
            }
        )
    }

    static func holder(_ name: String) -> LeaseHolder {
        LeaseHolder(token: "token-\(name)", user: name, host: "ops-\(name)", pid: 42, command: "reconciler apply")
    }

    /// Nodes that all run ZooKeeper, and masters where asked, with the old content of their file.
    static func running(_ names: [NodeName], masters: Bool = false) -> [NodeName: SimulatedNode] {
        var nodes: [NodeName: SimulatedNode] = [:]
        for (index, name) in names.enumerated() {
            var node = SimulatedNode()
            node.write(zooKeeperFile, "tickTime=2000\n")
            node.services[.zooKeeper] = SimulatedNode.Daemon(reads: [zooKeeperFile], port: 2181)
            node.start(.zooKeeper, pid: 100 + index, .seconds(-60))
            if masters {
                node.services[.mesosMaster] = SimulatedNode.Daemon(reads: ["/etc/mesos/zk"], port: 5050)
                node.start(.mesosMaster, pid: 200 + index, .seconds(-60))
            }
            nodes[name] = node
        }
        return nodes
    }
}

/// Collects what a run tells, and lets a test act on it.
final class Witness: Sendable {
    private let state = Mutex<[RunEvent]>([])
    private let react: @Sendable (Int, RunEvent) -> Void

    init(_ react: @escaping @Sendable (Int, RunEvent) -> Void = { _, _ in }) { self.react = react }

    var events: [RunEvent] { state.withLock { $0 } }

    var tell: @Sendable (RunEvent) -> Void {
        { event in
            let count = self.state.withLock { events in
                events.append(event)
                return events.count
            }
            self.react(count, event)
        }
    }
}

extension ExecuteWorld {
    /// Lets several runs begin at one and the same moment.
    func together<Result: Sendable>(_ body: @Sendable () async -> Result) async -> Result {
        await time.run(body)
    }

    /// Carries a plan out in simulated time.
    func run(
        _ plan: Plan,
        as name: String = "r1",
        parallelism: Int = 4,
        lockTimeout: Duration = .seconds(30),
        interruption: Interruption = Interruption(),
        witness: Witness = Witness(),
        courier: (any ImageCourier)? = nil,
        journal: (any RunJournal)? = nil
    ) async -> Result<RunReport, RunRefusal> {
        let names = state.withLock { $0.nodes.keys.sorted() }
        let seed = UInt64(name.utf8.reduce(7) { $0 &* 31 &+ Int($1) })
        let numbers = Mutex(SeededNumbers(seed))
        let executor = Executor(
            access: self,
            targets: Lab.targets(names),
            secrets: .simulated,
            lease: LeasePlan(
                nodes: Array(names.prefix(3)),
                holder: Lab.holder(name),
                lockTimeout: lockTimeout,
                jitter: { numbers.withLock { Double.random(in: 0..<1, using: &$0) } }
            ),
            parallelism: parallelism,
            clock: time.clock,
            run: RunID(name),
            journal: journal,
            courier: courier,
            editText: setKeys,
            events: witness.tell
        )
        return await time.run {
            do throws(RunRefusal) {
                return .success(try await executor.run(plan, interruption: interruption))
            } catch {
                return .failure(error)
            }
        }
    }
}

/// Sets `key=value` lines as the product's editor does, without its care for comments and quotes.
func setKeys(_ edit: KeyedEdit, _ text: String?) throws -> String {
    struct Hopeless: Error {}
    if text?.contains("<<<") == true { throw Hopeless() }
    var lines = (text ?? "").split(separator: "\n").map(String.init)
    for entry in edit.set {
        guard let value = entry.value.plainText else { throw Hopeless() }
        let line = "\(entry.key)=\(value)"
        if let index = lines.firstIndex(where: { $0.hasPrefix("\(entry.key)=") }) {
            lines[index] = line
        } else {
            lines.append(line)
        }
    }
    return lines.map { $0 + "\n" }.joined()
}

extension Plan {
    /// A plan of these steps, numbered from 1 in their order.
    init(_ steps: [Step]) {
        var numbered = steps
        for index in numbered.indices { numbered[index].id = index + 1 }
        self.init(cluster: "lab", source: Source(file: "cluster.yaml"), nodes: [], steps: numbered)
    }
}

extension Step {
    /// One action on one node.
    static func visit(
        _ node: NodeName,
        _ actions: [PlannedAction],
        layer: Layer? = nil,
        changes: [Change] = [],
        needs: [Int] = [],
        gate: Gate? = nil
    ) -> Step {
        Step(
            id: 0,
            layer: layer,
            title: "visit \(node)",
            act: .visit(node, actions),
            changes: changes,
            needs: needs,
            gate: gate
        )
    }

    static func write(
        _ path: String,
        _ content: Content,
        on node: NodeName,
        over expected: FileExpectation = .absent,
        layer: Layer? = nil,
        needs: [Int] = []
    ) -> Step {
        visit(
            node,
            [.action(.writeFile(FileWrite(path: path, content: content, expected: expected)))],
            layer: layer,
            changes: [.file(path, content, on: node)],
            needs: needs
        )
    }

    static func roll(
        _ service: ServiceName,
        _ nodes: [NodeName],
        in world: ExecuteWorld,
        rule: RollRule,
        layer: Layer,
        needs: [Int] = [],
        gate: Gate?
    ) -> Step {
        let members = nodes.map { node in
            let pid = world[node].services[service]?.process?.pid
            return Act.Member(node: node, actions: [.service(.restartUnit(service, pid: pid))])
        }
        return Step(
            id: 0,
            layer: layer,
            title: "roll \(service)",
            act: .roll(service, members, rule, pauseSeconds: 10),
            changes: nodes.map { .running(service, on: $0) },
            needs: needs,
            gate: gate
        )
    }
}

extension Change {
    static func file(_ path: String, _ content: Content, on node: NodeName) -> Change {
        Change(
            node: node,
            resource: "file:\(path)",
            kind: .update,
            cause: .git,
            summary: path,
            applied: AppliedEntry(resource: "file:\(path)", digest: content.digest, revision: "r")
        )
    }

    static func running(_ service: ServiceName, on node: NodeName) -> Change {
        Change(
            node: node,
            resource: "service:\(service)",
            kind: .run,
            cause: .git,
            summary: "restart",
            applied: AppliedEntry(resource: "service:\(service)", digest: "run", revision: "r")
        )
    }
}

extension Gate {
    static func quorum(_ ring: ZooKeeperRing, within seconds: Int = 30) -> Gate {
        Gate(.zooKeeperQuorum(ring), deadlineSeconds: seconds, words: "one leader and all others following")
    }
}

extension RunReport {
    /// Outcomes by step id, as one word each.
    var words: [String] {
        steps.map { step in
            switch step.outcome {
            case .applied: "applied"
            case .alreadyInPlace: "in place"
            case .failed: "failed"
            case .conflict: "conflict"
            case .notReached: "not reached"
            case .unknown: "unknown"
            }
        }
    }
}

extension Result where Success == RunReport, Failure == RunRefusal {
    var report: RunReport? { try? get() }
    var refusal: RunRefusal? {
        if case .failure(let refusal) = self { refusal } else { nil }
    }
}
