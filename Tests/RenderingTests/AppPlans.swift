import Reconciler
import Specs

/// Plans of apps, by the planner itself, for the golden files.
enum AppPlans {
    static let modern = AppContext(release: MarathonRelease(1, 4, 13))
    static let old = AppContext(release: MarathonRelease(0, 8, 2))

    static func at(_ line: Int, _ file: String = "apps/hello.json") -> SourcePosition {
        SourcePosition(file: file, line: line, column: 3)
    }

    static func app(
        _ id: String,
        _ fields: [String: AppValue] = [:],
        instances: Int = 3,
        after dependencies: [String] = []
    ) -> DesiredApp {
        var members: [String: AppValue] = [
            "id": .text(Content(id)), "cmd": "python3 -m http.server $PORT0", "cpus": 0.1, "mem": 32,
            "instances": .number(Double(instances)),
        ]
        if !dependencies.isEmpty { members["dependencies"] = .list(dependencies.map { .text(Content($0)) }) }
        members.merge(fields) { _, new in new }
        return DesiredApp(
            id: id,
            definition: .object(members),
            position: at(1),
            positions: ["instances": at(5), "labels": at(8), "env": at(12), "cmd": at(3)],
            dependencies: dependencies
        )
    }

    static func live(_ app: DesiredApp) -> LiveApp {
        LiveApp(
            id: app.id,
            version: "2015-03-01T10:00:00.000Z",
            definition: app.definition,
            instances: app.instances ?? 1,
            tasksRunning: app.instances ?? 1
        )
    }

    static func marathon(_ apps: [DesiredApp], in context: AppContext = modern) -> ObservedMarathon {
        ObservedMarathon(
            endpoint: "http://10.16.40.1:8080",
            context: context,
            leader: "10.16.40.1:8080",
            apps: Dictionary(apps.map { ($0.id, live($0)) }) { first, _ in first }
        )
    }

    static func plan(
        _ apps: DesiredApps,
        _ marathon: ObservedMarathon,
        recorded: [String: String] = [:]
    ) -> Plan {
        let entries = recorded.map { ($0, AppliedEntry(resource: $0, digest: $1, revision: "a1b2c3d")) }
        var node = ObservedNode(name: "mesos-master1", platform: .unknown("not asked"))
        node.applied = .found(Dictionary(entries) { first, _ in first })
        return Plan(
            desired: DesiredCluster(
                name: "mesosphere-in-action",
                nodes: [],
                leaseHolders: ["mesos-master1"],
                apps: apps
            ),
            observed: ObservedCluster(nodes: ["mesos-master1": .answered(node)], marathon: .found(marathon)),
            source: SamplePlans.source
        ).answered
    }

    // MARK: Changes

    /// The example of the command line's design: agents roll, then an app is scaled.
    static var scaled: Plan {
        let apps = plan(
            DesiredApps(apps: [app("/hello")]),
            marathon([app("/hello", instances: 1)]),
            recorded: ["app:/hello": "older"]
        )
        var plan = SamplePlans.agentTimeout
        for step in apps.steps {
            var step = step
            step.id = plan.steps.count + 1
            step.needs = [plan.steps.count]
            plan.steps.append(step)
        }
        return plan
    }

    static var relabelled: Plan {
        let before = app("/hello", ["labels": ["team": "ops"]])
        return plan(DesiredApps(apps: [app("/hello", ["labels": ["team": "web"]])]), marathon([before]))
    }

    /// Several fields: one that comes, one that goes, a secret, a structured one and a long one.
    static var rewritten: Plan {
        let long =
            "exec java -Xmx512m -Dfile.encoding=UTF-8 -jar /srv/app/releases/current/app.jar --port $PORT0 --level "
        let before = app(
            "/shop/web",
            [
                "cmd": .text(Content(long + "info")), "labels": ["team": "ops", "tier": "1"],
                "env": ["PASSWORD": .text(Content([.redacted]))], "constraints": [["hostname", "UNIQUE"]],
            ]
        )
        let after = app(
            "/shop/web",
            [
                "cmd": .text(Content(long + "debug")), "labels": ["team": "ops", "zone": "a\u{1B}[2Jb"],
                "env": ["PASSWORD": .text(Content([.secret(.environment("WEB_PASSWORD"))]))],
                "constraints": [["hostname", "UNIQUE"], ["rack", "GROUP_BY", "3"]],
            ],
            instances: 4
        )
        return plan(DesiredApps(apps: [after]), marathon([before]))
    }

    // MARK: What is not done

    static var recreateWithoutConsent: Plan {
        let live = [app("/db", ["user": "postgres"]), app("/web", after: ["/db"])]
        let wanted = [app("/db"), app("/web", ["cpus": 0.5], after: ["/db"]), app("/other")]
        return plan(DesiredApps(apps: wanted), marathon(live, in: old))
    }

    static var pruned: Plan {
        let live = [
            app("/shop/cart"), app("/shop/old"), app("/shop/user", instances: 1, after: ["/shop/old"]), app("/else"),
        ]
        var marathon = marathon(live)
        marathon.deployments = [
            LiveDeployment(
                id: "867ed450-f6a8-4d33-9b0e-e11c5513990b",
                version: "2015-05-06T07:08:09.000Z",
                affectedApps: ["/shop/old"],
                currentActions: [.init(action: "RestartApplication", app: "/shop/old")],
                currentStep: 1,
                totalSteps: 2
            )
        ]
        return plan(
            DesiredApps(
                apps: [app("/shop/cart"), app("/shop/new", instances: 2)],
                prune: .confirm,
                pruneUnder: ["/shop"]
            ),
            marathon
        )
    }

    static var beyondBudget: Plan {
        let wanted = [app("/hello", ["cpus": 1]), app("/web", instances: 1)]
        return plan(
            DesiredApps(apps: wanted, tasksRestarted: .percent(20)),
            marathon([app("/hello"), app("/web", instances: 2)])
        )
    }

    static var hidden: Plan {
        var marathon = marathon([app("/web")])
        marathon.hidden = ["/hello": "GET /v2/apps//hello answers 403"]
        return plan(DesiredApps(apps: [app("/hello"), app("/web", instances: 4)]), marathon)
    }

    // MARK: A cluster of one node

    /// Marathon is installed and started, and no app can be there yet.
    static var fresh: Plan { small(installed: false) }
    /// Marathon is there, stopped, and what it has is seen only once it answers.
    static var compared: Plan { small(installed: true) }

    private static func small(installed: Bool) -> Plan {
        func at<Value>(_ value: Value) -> Located<Value> { Located(value, at: SamplePlans.at(9)) }
        let node = NodeSpec(name: at("m1"), address: at("10.16.40.1"), roles: [at(.marathon)])
        let spec = ClusterSpec(
            file: "cluster.yaml",
            cluster: at("one"),
            versions: VersionPins(mesos: at("1.11.0"), marathon: at("1.11.24")),
            nodes: [node],
            marathon: MarathonSpec(position: SamplePlans.at(9), zkPath: at("/marathon"))
        )
        var platform = Platform(os: "debian-12", initSystem: .systemd, packageManager: .apt)
        if installed { platform.packages = ["mesos": "1.11.0", "marathon": "1.11.24"] }
        var desired = DesiredCluster(spec, platforms: ["m1": platform])
        desired.apps = DesiredApps(
            apps: [app("/hello"), app("/web", instances: 1, after: ["/hello"])],
            expected: AppContext(release: MarathonRelease(1, 11, 24))
        )
        let observed = desired.nodes.map { ($0.name, NodeObservation.answered(bare($0, installed: installed))) }
        return Plan(
            desired: desired,
            observed: ObservedCluster(
                nodes: Dictionary(observed) { first, _ in first },
                marathon: .unknown("no Marathon answers")
            ),
            source: SamplePlans.source
        )
    }

    private static func bare(_ node: DesiredNode, installed: Bool) -> ObservedNode {
        var seen = ObservedNode(name: node.name, platform: .found(node.platform), clock: .found(1000))
        for package in node.packages {
            let version = (package.pin ?? "1.0") + "-1"
            seen.packages[package.name] = .found(
                PackageAnswer(
                    name: package.name,
                    installed: installed ? version : nil,
                    offered: [version],
                    isHeld: installed && package.holds
                )
            )
        }
        for file in node.files { seen.files[file.path] = .absent }
        for directory in node.flagDirectories { seen.directories[directory.path] = .absent }
        for service in node.services { seen.services[service.name] = .absent }
        return seen
    }
}

extension Plan {
    /// As of a cluster whose nodes all answered and need nothing.
    fileprivate var answered: Plan {
        var plan = self
        plan.nodes = SamplePlans.answered()
        return plan
    }
}
