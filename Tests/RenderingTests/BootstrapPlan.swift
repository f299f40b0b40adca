import Reconciler
import Specs

extension SamplePlans {
    /// Six bare nodes become a cluster: services held off, packages, some sixty files, starts layer by layer.
    static var bootstrap: Plan {
        var steps: [Step] = []
        func add(_ make: (Int) -> Step) { steps.append(make(steps.count + 1)) }
        for node in masters + agents { add { hold($0, node) } }
        for (index, node) in (masters + agents).enumerated() { add { install($0, node, needs: [index + 1]) } }
        for (index, node) in (masters + agents).enumerated() { add { configure($0, node, index, needs: [index + 7]) } }
        add { start($0, .zooKeeper, masters, .zooKeeper, needs: Array(13...18), gate: "one leader and two followers") }
        add { start($0, .mesosMaster, masters, .masters, needs: [19], gate: "one elected master") }
        add { start($0, .marathon, masters, .marathon, needs: [20], gate: "marathon answers on every master") }
        for node in agents {
            add { start($0, .mesosAgent, [node], .agents, needs: [$0 - 1], gate: "port 5051 listens") }
        }
        let assumption = "packages zookeeperd, mesos, marathon as their candidates in apt are laid out"
        return Plan(
            cluster: "mesosphere-in-action",
            source: source,
            nodes: answered(assumption),
            steps: steps
        )
    }

    private static func held(_ node: NodeName) -> [ServiceName] {
        masters.contains(node) ? [.mesosAgent] : [.zooKeeper, .mesosMaster]
    }

    private static func hold(_ id: Int, _ node: NodeName) -> Step {
        let acts = held(node).flatMap { ServiceIntent.holdOff.lower($0, to: .systemd) }
        return Step(
            id: id,
            title: "hold services off",
            act: .visit(node, acts.map { .action(.service($0)) }),
            changes: held(node).map {
                Change(node: node, resource: "service:\($0)", kind: .update, cause: .unattributed, summary: "masked")
            },
            reasons: [Reason("not among the node's roles", at: at(masters.contains(node) ? 15 : 18))]
        )
    }

    private static func install(_ id: Int, _ node: NodeName, needs: [Int]) -> Step {
        let names = masters.contains(node) ? ["zookeeperd", "mesos", "marathon", "docker.io"] : ["mesos", "docker.io"]
        return Step(
            id: id,
            title: "install packages",
            act: .visit(
                node,
                [
                    .action(.installPackages(names.map { PackageInstall(name: $0) }, job: "packages")),
                    .action(.collect(job: "packages", seconds: 900)),
                ]
            ),
            changes: names.map {
                Change(
                    node: node,
                    resource: "package:\($0)",
                    kind: .create,
                    cause: .unattributed,
                    summary: "1.11.0-1 (candidate)"
                )
            },
            needs: needs,
            gate: Gate(
                .platform(node: node, Platform(os: "debian-12", initSystem: .systemd, packageManager: .apt)),
                deadlineSeconds: 30,
                words: "the platform is what was assumed"
            ),
            reasons: [Reason("roles of the node", at: at(15))]
        )
    }

    private static func configure(_ id: Int, _ node: NodeName, _ index: Int, needs: [Int]) -> Step {
        let address = "10.16.40.\(masters.contains(node) ? index + 1 : index + 8)"
        let zk = "zk://10.16.40.1:2181,10.16.40.2:2181,10.16.40.3:2181"
        let config =
            newConfig + "server.1=10.16.40.1:2888:3888\nserver.2=10.16.40.2:2888:3888\nserver.3=10.16.40.3:2888:3888\n"
        let more = Content((1...8).map { "autopurge.key\($0)=\($0)\n" }.joined())
        let master: [(String, Content)] = [
            ("/etc/zookeeper/conf/zoo.cfg", config + more), ("/var/lib/zookeeper/myid", Content("\(index + 1)\n")),
            ("/etc/mesos/zk", Content(zk + "/mesos\n")), ("/etc/mesos-master/quorum", "2\n"),
            ("/etc/mesos-master/ip", Content(address + "\n")), ("/etc/mesos-master/hostname", Content(address + "\n")),
            ("/etc/mesos-master/work_dir", "/var/lib/mesos\n"), ("/etc/mesos-master/cluster", "mesosphere-in-action\n"),
            (
                "/etc/mesos-master/credentials",
                Content([.literal("ops "), .secret(.environment("MESOS_SECRET")), .literal("\n")])
            ),
            (
                "/etc/default/marathon",
                Content("MARATHON_MASTER=\(zk)/mesos\nMARATHON_ZK=\(zk)/marathon\nMARATHON_HOSTNAME=\(address)\n")
            ),
        ]
        let agent: [(String, Content)] = [
            ("/etc/mesos/zk", Content(zk + "/mesos\n")), ("/etc/mesos-slave/ip", Content(address + "\n")),
            ("/etc/mesos-slave/hostname", Content(address + "\n")), ("/etc/mesos-slave/work_dir", "/var/lib/mesos\n"),
            ("/etc/mesos-slave/containerizers", "docker,mesos\n"),
            ("/etc/mesos-slave/executor_registration_timeout", "5mins\n"),
        ]
        let files = masters.contains(node) ? master : agent
        return Step(
            id: id,
            title: "write configuration",
            act: .visit(node, files.map { .edit(LateEdit(path: $0.0, body: .whole($0.1))) }),
            changes: files.map { path, content in
                Change(
                    node: node,
                    resource: "file:\(path)",
                    kind: .create,
                    cause: .unattributed,
                    after: content,
                    summary: content.shown.split(separator: "\n").count > 1 ? "new" : ""
                )
            },
            needs: needs,
            reasons: [Reason("the ensemble", at: at(27)), Reason("mesos", at: at(33))]
        )
    }

    private static func start(
        _ id: Int,
        _ service: ServiceName,
        _ members: [NodeName],
        _ layer: Layer,
        needs: [Int],
        gate: String
    ) -> Step {
        let acts = ServiceIntent.start.lower(service, to: .systemd).map { NodeAction.service($0) }
        return Step(
            id: id,
            layer: layer,
            title: "start \(service)",
            act: members.count > 1
                ? .start(service, members.map { .init(node: $0, actions: acts) })
                : .visit(members[0], acts.map { .action($0) }),
            changes: members.map {
                Change(node: $0, resource: "service:\(service)", kind: .run, cause: .unattributed, summary: "started")
            },
            needs: needs,
            gate: Gate(.all([]), deadlineSeconds: 90, words: gate),
            reasons: [Reason("roles of the node", at: at(15))]
        )
    }
}
