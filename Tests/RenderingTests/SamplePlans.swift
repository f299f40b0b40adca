import Reconciler
import Specs

/// Plans as the planner makes them, for the golden files.
enum SamplePlans {
    static let masters: [NodeName] = ["mesos-master1", "mesos-master2", "mesos-master3"]
    static let agents: [NodeName] = ["mesos-slave1", "mesos-slave2", "mesos-slave3"]
    static let source = Plan.Source(file: "cluster.yaml", revision: "3f1c2aa")

    static func at(_ line: Int) -> SourcePosition { SourcePosition(file: "cluster.yaml", line: line, column: 5) }

    static func answered(_ assumption: String? = nil) -> [Plan.NodeSummary] {
        (masters + agents).map { Plan.NodeSummary(name: $0, assumption: assumption) }
    }

    // MARK: One flag on three agents, and a hand edit

    static var agentTimeout: Plan {
        var steps: [Step] = []
        for node in agents {
            let timeout = file(
                0,
                node,
                "/etc/mesos-slave/executor_registration_timeout",
                before: "1mins\n",
                after: "5mins\n",
                cause: .git,
                summary: "1mins → 5mins",
                reason: Reason("mesos.agent.executor_registration_timeout", at: at(42))
            )
            let containerizers = file(
                0,
                node,
                "/etc/mesos-slave/containerizers",
                before: "mesos\n",
                after: "docker,mesos\n",
                cause: .drift,
                summary: "mesos → docker,mesos",
                reason: Reason("mesos.agent.containerizers", at: at(41))
            )
            let files = node == "mesos-slave2" ? [timeout, containerizers] : [timeout]
            var step = restart(
                steps.count + 1,
                .mesosAgent,
                node,
                layer: .agents,
                needs: steps.last.map { [$0.id] } ?? []
            )
            step.changes = files.flatMap(\.changes) + step.changes
            step.reasons = files.flatMap(\.reasons) + [Reason("role mesos-agent", at: at(18))]
            steps.append(step)
        }
        return Plan(
            cluster: "mesosphere-in-action",
            source: source,
            nodes: answered(),
            steps: steps,
            notes: [Note(node: "mesos-slave3", "/etc/mesos-slave/switch_user is not declared and is kept")]
        )
    }

    static func file(
        _ id: Int,
        _ node: NodeName,
        _ path: String,
        before: Content?,
        after: Content?,
        cause: Change.Cause,
        summary: String,
        reason: Reason
    ) -> Step {
        let write = FileWrite(path: path, content: after ?? "", expected: .absent)
        return Step(
            id: id,
            title: "file \(path)",
            act: .visit(node, [.action(.writeFile(write))]),
            changes: [
                Change(
                    node: node,
                    resource: "file:\(path)",
                    kind: before == nil ? .create : after == nil ? .remove : .update,
                    cause: cause,
                    before: before,
                    after: after,
                    summary: summary
                )
            ],
            reasons: [reason],
            undo: "copy it back from /var/lib/reconciler/backup"
        )
    }

    static func restart(_ id: Int, _ service: ServiceName, _ node: NodeName, layer: Layer, needs: [Int]) -> Step {
        Step(
            id: id,
            layer: layer,
            title: "restart \(service)",
            act: .visit(node, [.action(.service(.restartUnit(service, pid: 812)))]),
            changes: [
                Change(
                    node: node,
                    resource: "service:\(service)",
                    kind: .run,
                    cause: .git,
                    summary: "restart: --executor_registration_timeout 1mins → 5mins"
                )
            ],
            needs: needs,
            gate: Gate(
                .serviceStable(service, node: node, seconds: 5, listening: []),
                deadlineSeconds: 75,
                words: "\(service) up for 5 s, registered and listed by the elected master"
            ),
            impact: .disruptive("running tasks survive if the agent is back within 75 s"),
            reasons: [Reason("executor_registration_timeout runs as 1mins", at: at(42))]
        )
    }

    // MARK: A living ensemble

    static let oldConfig: Content =
        "tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/var/lib/zookeeper\nclientPort=2181\n"
    static let newConfig: Content =
        "tickTime=2000\ninitLimit=20\nsyncLimit=5\ndataDir=/var/lib/zookeeper\nclientPort=2181\n"

    static var rollingZooKeeper: Plan {
        let writes = masters.enumerated().map { index, node in
            file(
                index + 1,
                node,
                "/etc/zookeeper/conf/zoo.cfg",
                before: oldConfig,
                after: newConfig,
                cause: .git,
                summary: "initLimit 10 → 20",
                reason: Reason("zookeeper.config.initLimit", at: at(31))
            )
        }
        let ring = ZooKeeperRing(
            servers: masters.enumerated().map { .init(node: $1, id: $0 + 1, address: "10.16.40.\($0 + 1)", port: 2181) }
        )
        let roll = Step(
            id: 4,
            layer: .zooKeeper,
            title: "roll zookeeper",
            act: .roll(
                .zooKeeper,
                masters.map { .init(node: $0, actions: [.service(.restartUnit(.zooKeeper, pid: nil))]) },
                .zooKeeperLeaderLast(ring),
                pauseSeconds: 10
            ),
            changes: masters.map {
                Change(
                    node: $0,
                    resource: "service:zookeeper",
                    kind: .run,
                    cause: .git,
                    summary: "runs with initLimit 10"
                )
            },
            needs: [1, 2, 3],
            gate: Gate(.zooKeeperQuorum(ring), deadlineSeconds: 60, words: "one leader and two followers"),
            impact: .disruptive("one server at a time is away; under 3 s without a leader"),
            reasons: [Reason("what runs differs from zoo.cfg", at: at(31))]
        )
        return Plan(cluster: "mesosphere-in-action", source: source, nodes: answered(), steps: writes + [roll])
    }

    // MARK: Nothing can be done as declared

    static var refused: Plan {
        var plan = rollingZooKeeper
        plan.nodes[5].failure = NodeAccessError(
            .timedOut,
            "connect to 10.16.40.13 port 22: timed out\nis it powered on?"
        )
        plan.blocked = [
            Blocked(
                node: "mesos-slave3",
                title: "restart mesos-slave",
                layer: .agents,
                because: "mesos-slave3 does not answer (timed out)",
                isByUnknown: true
            ),
            Blocked(
                node: "mesos-slave1",
                title: "enable docker",
                layer: .engine,
                because: "no source of this node offers docker.io",
                isByUnknown: false
            ),
        ]
        plan.refusals = [
            Refusal(
                rule: "zookeeper-membership",
                nodes: ["mesos-master1", "mesos-master2"],
                reason:
                    "two voters would join at once: {1,2,3} and {1,2,3,4,5} have majorities without a common member",
                remedy: "add one server, apply, then add the other",
                position: at(27)
            )
        ]
        return plan
    }

    // MARK: A link, for somebody who is there

    static var link: Plan {
        let path = "/etc/network/interfaces"
        let act = NetworkAct(
            node: "mesos-slave1",
            change: NetworkChange(
                link: "eth0",
                owner: .ifupdown,
                files: [NetworkFile(path: path, text: "gateway 10.16.41.254\n", expected: .digest("abc"))]
            ),
            seconds: 45,
            expected: .init(address: "10.16.40.11/23", gateway: "10.16.41.254"),
            peers: [PeerPort("10.16.40.1", 22)]
        )
        let change = Change(
            node: "mesos-slave1",
            resource: "file:\(path)",
            kind: .update,
            cause: .drift,
            before: "gateway 10.16.41.1\n",
            after: "gateway 10.16.41.254\n",
            summary: "gateway 10.16.41.1 → 10.16.41.254"
        )
        let step = Step(
            id: 1,
            layer: .network,
            title: "change eth0",
            act: .network(act),
            changes: [change],
            gate: Gate(.all([]), deadlineSeconds: 120, words: "mesos-slave1 registered"),
            impact: .disruptive("eth0 of mesos-slave1 goes down for seconds"),
            reasons: [Reason("network is enforced", at: at(12))],
            undo: "revert the commit",
            needsAttendance: true
        )
        return Plan(cluster: "mesosphere-in-action", source: source, nodes: answered(), steps: [step])
    }

    static var inSync: Plan {
        Plan(
            cluster: "mesosphere-in-action",
            source: source,
            nodes: answered()
        )
    }

    static var inSyncAsFarAsSeen: Plan {
        var plan = inSync
        plan.nodes[1].failure = NodeAccessError(.hostKeyChanged, "the host key of mesos-master2 has changed")
        return plan
    }
}
