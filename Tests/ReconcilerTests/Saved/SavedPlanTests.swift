import FoundationEssentials
import Specs
import Testing

@testable import Reconciler

@Suite("A saved plan")
struct SavedPlanTests {
    let desired = Samples.desired()
    let timeout = "/etc/mesos-slave/executor_registration_timeout"

    /// As declared, but for one flag on two agents whose processes run with the old value.
    var seen: ObservedCluster {
        ["a1", "a2"].reduce(Samples.converged(desired)) { cluster, name in
            cluster.changing(NodeName(name)) { node in
                node.files[timeout] = .found(Samples.observedFile(timeout, "1mins\n"))
                node.files["/etc/mesos/zk"] = node.files["/etc/mesos/zk"]
                guard case .found(var service)? = node.services[.mesosAgent] else { return }
                service.arguments = service.arguments.map {
                    $0.shown.contains("executor_registration_timeout") ? "--executor_registration_timeout=1mins" : $0
                }
                node.services[.mesosAgent] = .found(service)
            }
        }
    }

    func saved(_ observed: ObservedCluster? = nil, _ desired: DesiredCluster? = nil) -> SavedPlan {
        let observed = observed ?? seen
        let desired = desired ?? self.desired
        return SavedPlan(
            Samples.plan(desired, observed),
            desired: desired,
            observed: observed,
            inputs: ["cluster.yaml": "aa", "apps/web.json": "bb"],
            tool: "1.0",
            at: 1000
        )
    }

    func moved(_ standing: SavedPlan.Standing) -> [String] {
        if case .moved(let moved) = standing { moved.map(\.words) } else { [] }
    }

    @Test("stands on the cluster it was made for, whole")
    func standsWhereNothingMoved() {
        let saved = saved()
        #expect(!saved.plan.steps.isEmpty && !saved.fingerprints.isEmpty)
        #expect(saved.standing(in: seen) == .stands(saved.plan, alreadySo: []))
    }

    @Test("does not mind what no step relies on")
    func ignoresTheRest() {
        let saved = saved()
        let now = seen.changing("a3") { node in
            node.files[timeout] = .found(Samples.observedFile(timeout, "9mins\n", mode: 0o600))
            node.services[.mesosAgent] = .absent
        }.silencing("m2")
        #expect(saved.standing(in: now) == .stands(saved.plan, alreadySo: []))
    }

    @Test("names each object that moved, from what to what, and who relies on it")
    func namesWhatMoved() throws {
        let saved = saved()
        let now = seen.changing("a2") {
            $0.files[timeout] = .found(Samples.observedFile(timeout, "9mins\n", mode: 0o600))
        }
        let words = moved(saved.standing(in: now))
        let line = try #require(words.first { $0.hasPrefix("a2: file \(timeout): ") })
        #expect(line.contains("mode 0644 → 0600"))
        #expect(line.contains("sha256:\(sha256("1mins\n"))") && line.contains("sha256:\(sha256("9mins\n"))"))
        #expect(line.contains("(step"))
        #expect(words.allSatisfy { $0.hasPrefix("a2: ") })
    }

    enum Edit: CaseIterable {
        case process, stopped, masked, silent, upgraded, system, otherFlag

        /// What is said of it.
        var words: String {
            switch self {
            case .process: "service mesos-slave: process 42 → 77"
            case .stopped: "run running → stopped"
            case .masked: "boot on → masked"
            case .silent: "answers yes → no"
            case .upgraded: "package mesos: installed 1.11.0-1 → 1.11.0-2"
            case .system: "system debian-12 → debian-13"
            case .otherFlag: "directory /etc/mesos-slave: /etc/mesos-slave/switch_user (none) → "
            }
        }
    }

    @Test("is not applied where a node it works on is another", arguments: Edit.allCases)
    func refusesEveryKind(edit: Edit) throws {
        var before = seen
        // The wrapper reads every file of the directory: one more is one more flag.
        let directory = "/etc/mesos-slave"
        before = before.changing("a1") { node in
            node.directories[directory] = .found([])
            // Pinned and not held: a step holds it.
            guard case .found(var package)? = node.packages["mesos"] else { return }
            package.isHeld = false
            node.packages["mesos"] = .found(package)
        }
        let saved = saved(before)
        let now =
            edit == .silent
            ? before.silencing("a1")
            : before.changing("a1") { node in
                switch edit {
                case .process, .stopped, .masked:
                    guard case .found(var service)? = node.services[.mesosAgent] else { return }
                    if edit == .process { service.pid = 77 }
                    if edit == .stopped { (service.run, service.pid) = (.stopped, nil) }
                    if edit == .masked { service.boot = .masked }
                    node.services[.mesosAgent] = .found(service)
                case .upgraded:
                    guard case .found(var package)? = node.packages["mesos"] else { return }
                    package.installed = "1.11.0-2"
                    node.packages["mesos"] = .found(package)
                case .system:
                    var platform = Samples.platform
                    platform.os = "debian-13"
                    node.platform = .found(platform)
                case .otherFlag:
                    node.directories[directory] = .found([Samples.observedFile("\(directory)/switch_user", "x")])
                case .silent: break
                }
            }
        try #require(now != before)
        let words = moved(saved.standing(in: now))
        #expect(words.contains { $0.hasPrefix("a1: ") && $0.contains(edit.words) }, "\(words)")
    }

    @Test("applied in part, does only the rest and keeps every gate")
    func resumes() throws {
        let saved = saved()
        let now = seen.changing("a1") { node in
            node.files[timeout] = .found(Samples.observedFile(timeout, "5mins\n"))
            guard case .found(var service)? = node.services[.mesosAgent] else { return }
            (service.pid, service.started) = (99, 700)
            node.services[.mesosAgent] = .found(service)
        }
        guard case .stands(let plan, let alreadySo) = saved.standing(in: now) else {
            Issue.record("\(moved(saved.standing(in: now)))")
            return
        }
        let own = saved.plan.steps.filter { $0.nodes == ["a1"] }
        #expect(alreadySo == own.map(\.id))
        #expect(plan.steps.map(\.id) == saved.plan.steps.map(\.id))
        #expect(plan.steps.map(\.gate) == saved.plan.steps.map(\.gate))
        for (step, before) in zip(plan.steps, saved.plan.steps) {
            let isDone = alreadySo.contains(step.id)
            #expect(step.portions.allSatisfy { $0.actions.isEmpty == isDone })
            if !isDone { #expect(step == before) }
        }
    }

    @Test("takes no restart for done that came before the write it is for")
    func mistrustsEarlierRestarts() {
        let saved = saved()
        let now = seen.changing("a1") { node in
            guard case .found(var service)? = node.services[.mesosAgent] else { return }
            (service.pid, service.started) = (99, 700)
            node.services[.mesosAgent] = .found(service)
        }
        let words = moved(saved.standing(in: now))
        #expect(words.contains { $0.hasPrefix("a1: service mesos-slave: process 42 → 99") })
    }

    @Test("of an ensemble does not mind who leads, and minds who is a member")
    func watchesMembership() throws {
        let desired = Samples.desired(Samples.spec(tickTime: "3000"))
        let observed = Samples.converged(desired).changing("m2") { node in
            let path = "/etc/zookeeper/conf/zoo.cfg"
            guard case .found(let file)? = node.files[path], let text = file.content?.plainText else { return }
            let old = text.replacing("tickTime=3000", with: "tickTime=2000")
            node.files[path] = .found(Samples.observedFile(path, Content(old)))
        }
        let saved = saved(observed, desired)
        try #require(saved.plan.steps.contains { $0.layer == .zooKeeper })
        func zooKeeper(_ change: (inout ZooKeeperServer) -> Void) -> ObservedCluster {
            observed.changing("m1") { node in
                guard case .found(var server) = node.zooKeeper else { return }
                change(&server)
                node.zooKeeper = .found(server)
            }
        }
        #expect(moved(saved.standing(in: zooKeeper { ($0.mode, $0.syncedFollowers) = (.leader, 2) })).isEmpty)
        let words = moved(saved.standing(in: zooKeeper { $0.members = [1: "10.16.40.1:2888:3888"] }))
        #expect(words.contains { $0.hasPrefix("m1: its place in the ZooKeeper ensemble: members ") })
    }

    @Test("that holds a package relies on its hold, and does not mind that it is held by now")
    func watchesHolds() throws {
        func held(_ isHeld: Bool, in cluster: ObservedCluster) -> ObservedCluster {
            cluster.changing("a1") { node in
                guard case .found(var package)? = node.packages["mesos"] else { return }
                package.isHeld = isHeld
                node.packages["mesos"] = .found(package)
            }
        }
        let saved = saved(held(false, in: seen))
        #expect(saved.objects.contains(.package("a1", "mesos")))
        #expect(moved(saved.standing(in: held(true, in: seen))).isEmpty)
        // Installed in that moment, a package that somebody freed would take its pin along.
        var installs = saved
        for index in installs.fingerprints.indices where installs.fingerprints[index].object == .package("a1", "mesos")
        {
            installs.fingerprints[index].parts["held"] = "yes"
        }
        let words = moved(installs.standing(in: held(false, in: seen)))
        #expect(words.contains { $0.hasPrefix("a1: package mesos: held yes → no") }, "\(words)")
    }

    @Test("that names a host or changes a link relies on the name it has and on the link's addresses")
    func watchesTheNetwork() throws {
        let (desired, converged) = NetworkPlanTests.converged(NetworkPlanTests.spec(enforce: true))
        func network(_ cluster: ObservedCluster, _ change: (inout NetworkAnswer) -> Void) -> ObservedCluster {
            cluster.changing("a1") { node in
                guard var network = node.network.value else { return }
                change(&network)
                node.network = .found(network)
            }
        }
        let before = network(converged) { $0.hostname = "debian" }
        var saved = saved(before, desired)
        #expect(saved.objects.contains(.hostName("a1")))
        #expect(moved(saved.standing(in: before)).isEmpty)
        #expect(moved(saved.standing(in: converged)).isEmpty)
        let renamed = moved(saved.standing(in: network(before) { $0.hostname = "other" }))
        #expect(renamed.contains { $0.hasPrefix("a1: host name: name debian → other") }, "\(renamed)")

        let link = Step(
            id: 1,
            layer: .network,
            title: "change eth0",
            act: .network(
                NetworkAct(
                    node: "a1",
                    change: NetworkChange(link: "eth0", owner: .ifupdown, files: []),
                    seconds: 45,
                    expected: .init(address: "10.16.40.11/23"),
                    peers: []
                )
            )
        )
        var plan = saved.plan
        plan.steps = [link]
        saved = SavedPlan(plan, desired: desired, observed: before, inputs: [:], tool: "1.0", at: 1000)
        #expect(moved(saved.standing(in: before)).isEmpty)
        let other = moved(saved.standing(in: network(before) { $0.links[1].addresses = ["10.16.40.12/23"] }))
        #expect(other.contains { $0.hasPrefix("a1: link eth0: addresses ") }, "\(other)")
        let routed = moved(saved.standing(in: network(before) { $0.gateways = [] }))
        #expect(routed.contains { $0.hasPrefix("a1: link eth0: gateways 10.16.41.254 → ") }, "\(routed)")
        // What no step touches may move.
        #expect(moved(saved.standing(in: network(before) { $0.links[2].isUp = true })).isEmpty)
    }

    @Test("is of one tool, one cluster and the files it was made from")
    func isBoundToItsInputs() {
        let saved = saved()
        let inputs = saved.inputs
        #expect(saved.mismatches(tool: "1.0", cluster: "test", inputs: inputs).isEmpty)
        #expect(saved.mismatches(tool: "1.1", cluster: "test", inputs: inputs) == ["the tool: version 1.0 → 1.1"])
        #expect(saved.mismatches(tool: "1.0", cluster: "other", inputs: inputs).count == 1)
        let edited = saved.mismatches(
            tool: "1.0",
            cluster: "test",
            inputs: ["cluster.yaml": "cc", "apps/new.json": "dd"]
        )
        #expect(edited.map { $0.prefix { $0 != ":" } } == ["apps/new.json", "apps/web.json", "cluster.yaml"])
    }

    @Test("is asked for again with no more facts than it relies on")
    func asksForLittle() throws {
        let saved = saved()
        let spec = Samples.spec()
        let whole = spec.nodes.map { ObservationRequest(for: $0, in: spec).facts.count }.reduce(0, +)
        let part = spec.nodes.map { ObservationRequest(for: $0, in: spec, only: saved.objects).facts.count }
        #expect(part.reduce(0, +) < whole / 2)
        for (node, number) in zip(spec.nodes, part) {
            #expect((number > 0) == saved.objects.contains { $0.node == node.name.value })
        }
    }

    @Test("holds no secret's value, whatever the files on the node hold")
    func holdsNoSecret() throws {
        let secret = "PLANTED-d41d8cd98f"
        let store = SecretStore([.environment("TOKEN"): secret])
        let observed = seen.changing("a1") { node in
            let content = store.mask("token=\(secret)\n")
            var file = Samples.observedFile(timeout, content)
            file.version = .stamp("12:34")
            node.files[timeout] = .found(file)
        }
        let text = String(decoding: try JSONEncoder().encode(saved(observed)), as: UTF8.self)
        #expect(!text.contains(secret) && !text.contains(sha256(secret)) && !text.contains(sha256("token=\(secret)\n")))
        #expect(text.contains("12:34"))
    }

    @Test("says of every change whether the base asks for it too")
    func tellsThisChangeFromWhatWasBefore() throws {
        let base = Samples.plan(desired, seen)
        let wanted = Samples.desired(Samples.spec(tickTime: "3000"))
        let head = Samples.plan(wanted, seen).attributed(against: base)
        let changes = head.steps.flatMap(\.changes)
        #expect(changes.contains { $0.cause == .git } && changes.contains { $0.cause == .drift })
        for change in changes {
            let isOfTheBase = base.steps.flatMap(\.changes).contains {
                $0.node == change.node && $0.resource == change.resource && $0.after == change.after
            }
            #expect((change.cause == .drift) == isOfTheBase, "\(change.resource)")
        }
        let dropped = Samples.plan(desired, Samples.converged(desired)).attributed(against: base)
        #expect(dropped.notes.contains { $0.text.contains(timeout) })
    }
}
