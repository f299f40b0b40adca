import Specs
import Testing

@testable import Reconciler

@Suite("Mesos as it is observed over REST")
struct MesosObservationTests {
    typealias Answer = ScriptedTransport.Answer

    /// Nodes whose services run, or that are silent.
    private struct Nodes: NodeAccess {
        var silent: Set<NodeName> = []
        var bare: Set<NodeName> = []

        func observe(_ requests: [FactRequest], on node: NodeTarget) async throws(NodeAccessError) -> [FactAnswer] {
            if silent.contains(node.name) { throw NodeAccessError(.unreachable, "no route to host") }
            return requests.map { request in
                switch request {
                case .platform: .platform(ObserveSample.debian12)
                case .service(let name) where !bare.contains(node.name):
                    .service(ServiceAnswer(name: name, boot: .on, run: .running, pid: 7))
                default: .absent
                }
            }
        }

        func perform(
            _ actions: [NodeAction],
            run: RunID,
            on node: NodeTarget
        ) async throws(NodeAccessError) -> [ActionResult] {
            throw NodeAccessError(.protocolViolation, "observing never acts")
        }
    }

    /// Three masters, the second elected, one agent.
    private func table(_ changes: [String: Answer] = [:]) -> [String: Answer] {
        var table: [String: Answer] = [:]
        for number in 1...3 {
            let host = "10.0.0.\(number)"
            table["\(host)/metrics/snapshot"] = .ok(
                MesosBodies.metrics(elected: number == 2, agents: 1, recovered: true)
            )
            table["\(host)/flags"] = .ok(MesosBodies.flags())
            table["\(host)/version"] = .ok(#"{"version":"1.11.0"}"#)
            table["\(host)/state"] =
                number == 2
                ? .ok(
                    #"{"pid":"master@10.0.0.2:5050","leader":"master@10.0.0.2:5050","frameworks":[],"#
                        + MesosBodies.slaves(["10.0.0.11"]).dropFirst()
                ) : .status(307, location: "//10.0.0.2:5050/master/state")
        }
        table["10.0.0.11/metrics/snapshot"] = .ok(#"{"slave\/registered":1.0,"slave\/recovery_errors":0}"#)
        table["10.0.0.11/flags"] = .ok(#"{"flags":{"port":"5051","containerizers":"docker,mesos"}}"#)
        return table.merging(changes) { $1 }
    }

    private func observe(
        _ transport: ScriptedTransport,
        _ nodes: Nodes = Nodes(),
        spec: ClusterSpec = ObserveSample.cluster(),
        logins: RESTLogins = RESTLogins(),
        secrets: SecretStore = SecretStore()
    ) async -> ObservedCluster {
        await Observer(access: nodes, parallelism: 4, transport: transport, logins: logins)
            .observe(spec, secrets: secrets)
    }

    @Test func `each daemon tells of itself and the elected one of all`() async {
        let seen = await observe(ScriptedTransport(table()))
        #expect(
            seen.mesos.masters.mapValues { $0.value?.metrics.value?.isElected } == [
                "m1": false, "m2": true, "m3": false,
            ]
        )
        #expect(seen.mesos.masters["m1"]?.value?.version == "1.11.0")
        #expect(seen.mesos.masters["m1"]?.value?.flags.value?["quorum"] == "2")
        #expect(seen.mesos.agents["a1"]?.value?.metrics.value?.isRegistered == true)
        #expect(seen.mesos.registered.value?.leader == "m2")
        #expect(seen.mesos.registered.value?.agents.map(\.address) == ["10.0.0.11"])
        #expect(seen["m2"]?.masterElected == .found(true))
        #expect(seen["a1"]?.services[.mesosAgent]?.value?.reportedFlags?["containerizers"] == "docker,mesos")
    }

    @Test func `a node that is silent by ssh is seen over REST, and the other way round`() async {
        let seen = await observe(
            ScriptedTransport(table(["10.0.0.3/metrics/snapshot": .fails(.unreachable)])),
            Nodes(silent: ["m2"])
        )
        #expect(seen["m2"] == nil)
        #expect(seen.mesos.masters["m2"]?.value?.flags.value?["quorum"] == "2")
        #expect(seen.mesos.registered.value?.leader == "m2")
        #expect(seen["m3"] != nil)
        #expect(seen.mesos.masters["m3"] == .unknown("http://10.0.0.3:5050: unreachable"))
    }

    @Test func `nothing is asked of a node on which no daemon runs, and nobody listening is absent`() async {
        let transport = ScriptedTransport(table(["10.0.0.1/metrics/snapshot": .fails(.refused)]))
        let seen = await observe(transport, Nodes(bare: ["m3", "a1"]))
        #expect(seen.mesos.masters["m3"] == .absent && seen.mesos.agents["a1"] == .absent)
        #expect(seen.mesos.masters["m1"] == .absent)
        #expect(Set(transport.asked.map(\.host)) == ["10.0.0.1", "10.0.0.2"])
        #expect(transport.asked.filter { $0.host == "10.0.0.1" }.map(\.path) == ["/metrics/snapshot"])
    }

    @Test(arguments: [
        (Answer.status(401), "answers 401: it asks for a login"), (.status(403), "answers 403: it may not be read"),
        (.ok(#"{"flags":{"quorum":"#), "is not whole"), (.fails(.timedOut), "timedOut"), (.status(500), "answers 500"),
    ])
    func `what cannot be read is unknown with its reason, never absent`(answer: Answer, words: String) async {
        let seen = await observe(ScriptedTransport(table(["10.0.0.1/flags": answer])))
        guard case .unknown(let reason)? = seen.mesos.masters["m1"]?.value?.flags else {
            Testing.Issue.record("the flags are not unknown")
            return
        }
        #expect(reason.contains(words))
        #expect(seen["m1"]?.services[.mesosMaster]?.value?.reportedFlags == nil)
        #expect(seen.mesos.masters["m1"]?.value?.metrics.value?.isElected == false)
    }

    @Test func `before 0.26 flags and version come from the daemon's own state`() async {
        let state = #"{"version":"0.21.1","flags":{"quorum":"2"},"slaves":[]}"#
        let seen = await observe(
            ScriptedTransport(table(["10.0.0.1/flags": .status(404), "10.0.0.1/state.json": .ok(state)]))
        )
        #expect(seen.mesos.masters["m1"]?.value?.version == "0.21.1")
        #expect(seen.mesos.masters["m1"]?.value?.flags.value?["quorum"] == "2")
    }

    @Test func `a redirect is followed once, and to a declared master only`() async {
        let moved = table(["10.0.0.2/state": .status(307, location: "//10.0.0.3:5050/master/state")])
            .merging(["10.0.0.3/state": .ok(MesosBodies.slaves(["10.0.0.11"]))]) { $1 }
        let seen = await observe(ScriptedTransport(moved))
        #expect(seen.mesos.registered.value?.leader == "m3")
        let elsewhere = ScriptedTransport(table(["10.0.0.2/state": .status(307, location: "//evil.test:5050/state")]))
        let lost = await observe(elsewhere)
        #expect(lost.mesos.registered.value == nil)
        #expect(!elsewhere.asked.contains { $0.host == "evil.test" })
        let circle = ScriptedTransport(table(["10.0.0.2/state": .status(307, location: "//10.0.0.1:5050/state")]))
        _ = await observe(circle)
        #expect(circle.asked.count { $0.path == "/state" } == 2)
    }

    @Test func `no leader and two leaders are unknown, with who says so`() async {
        let two = await observe(
            ScriptedTransport(table(["10.0.0.3/metrics/snapshot": .ok(MesosBodies.metrics(elected: true))]))
        )
        #expect(two.mesos.registered == .unknown("2 masters say that they are elected: m2, m3"))
        let none = await observe(
            ScriptedTransport(table(["10.0.0.2/metrics/snapshot": .ok(MesosBodies.metrics(elected: false))]))
        )
        #expect(none.mesos.registered == .unknown("no master that was asked over REST is elected"))
    }

    @Test func `logins go along, and secrets in flags do not come back`() async {
        let secret = SecretReference.environment("LOGIN")
        let flags = MesosBodies.flags(zk: "zk://ops:hunter2@10.0.0.1:2181/mesos", more: #","credentials":"ops s3cret""#)
        let transport = ScriptedTransport(table(["10.0.0.1/flags": .ok(flags)]))
        let seen = await observe(
            transport,
            logins: RESTLogins(mesos: Content([.literal("ops:"), .secret(secret)])),
            secrets: SecretStore([secret: "pw"])
        )
        #expect(transport.asked.allSatisfy { $0.authorization == "Basic b3BzOnB3" })
        let kept = seen.mesos.masters["m1"]?.value?.flags.value ?? [:]
        #expect(kept["zk"]?.shown == "zk://•••@10.0.0.1:2181/mesos")
        #expect(kept["credentials"]?.shown == "•••")
        #expect(!"\(seen)".contains("hunter2") && !"\(seen)".contains("s3cret"))
    }

    @Test func `a login whose secret is missing is told, and nothing is sent`() async {
        let transport = ScriptedTransport(table())
        let seen = await observe(transport, logins: RESTLogins(mesos: Content([.secret(.environment("LOGIN"))])))
        #expect(transport.asked.isEmpty)
        #expect(
            seen.mesos.masters["m1"] == .unknown("http://10.0.0.1:5050: the login's ${env:LOGIN} has no value")
        )
    }

    @Test func `over TLS the same is asked by https`() async {
        var spec = ObserveSample.cluster()
        spec.mesos?.https = ObserveSample.located(true)
        let transport = ScriptedTransport(table())
        _ = await observe(transport, spec: spec)
        #expect(!transport.asked.isEmpty && transport.asked.allSatisfy { $0.scheme == .https })
    }
}
