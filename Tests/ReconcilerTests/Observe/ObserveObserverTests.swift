import Reconciler
import Specs
import Synchronization
import Testing

@Suite struct ObserveObserverTests {
    /// Nodes that answer the platform and nothing else, except those that are dead; counts visits.
    private final class Nodes: NodeAccess {
        let dead: [NodeName: NodeAccessError]
        let visits = Mutex<[NodeName]>([])
        let atOnce = Mutex<(now: Int, most: Int)>((0, 0))

        init(dead: [NodeName: NodeAccessError] = [:]) { self.dead = dead }

        func observe(_ requests: [FactRequest], on node: NodeTarget) async throws(NodeAccessError) -> [FactAnswer] {
            visits.withLock { $0.append(node.name) }
            atOnce.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            for _ in 0..<20 { await Task.yield() }
            atOnce.withLock { $0.now -= 1 }
            if let error = dead[node.name] { throw error }
            return requests.map { $0 == .platform ? .platform(ObserveSample.debian12) : .absent }
        }

        func perform(
            _ actions: [NodeAction],
            run: RunID,
            on node: NodeTarget
        ) async throws(NodeAccessError) -> [ActionResult] {
            throw NodeAccessError(.protocolViolation, "observing never acts")
        }
    }

    @Test func oneVisitANodeAndADeadOneHarmsNoOther() async {
        let error = NodeAccessError(.timedOut, "m2: connection timed out")
        let nodes = Nodes(dead: ["m2": error])
        let seen = await Observer(access: nodes, parallelism: 2).observe(
            ObserveSample.cluster(),
            secrets: SecretStore()
        )
        #expect(nodes.visits.withLock { $0.sorted() } == ["a1", "m1", "m2", "m3"])
        #expect(seen.nodes["m2"] == .silent(error))
        #expect(seen["m1"]?.platform.value?.os == "debian-12")
        #expect(seen["a1"] != nil && seen["m3"] != nil)
        #expect(nodes.atOnce.withLock { $0.most } <= 2)
    }

    @Test func onlyTheNodesThatAreNamedAreVisited() async {
        let nodes = Nodes()
        let seen = await Observer(access: nodes, parallelism: 8)
            .observe(ObserveSample.cluster(), secrets: SecretStore(), only: ["m3"])
        #expect(nodes.visits.withLock { $0 } == ["m3"])
        #expect(seen.nodes.keys.sorted() == ["m3"])
    }

    @Test func whatASilentNodeIsLikeIsAssumed() async throws {
        let nodes = Nodes(dead: ["m2": NodeAccessError(.unreachable, "no route to host")])
        let spec = ObserveSample.cluster()
        let seen = await Observer(access: nodes, parallelism: 4).observe(spec, secrets: SecretStore())
        let desired = DesiredCluster(spec, observed: seen)
        #expect(desired.node("m2")?.assumption?.source.hasPrefix("the node was not observed") == true)
        #expect(desired.node("m1")?.assumption?.source.hasPrefix("zookeeperd") == true)
    }

    @Test func theWayToANodeIsItsOwnOverTheClusters() throws {
        var spec = ObserveSample.cluster()
        spec.ssh = SSHSpec(
            user: ObserveSample.located("all"),
            port: ObserveSample.located(22),
            become: ObserveSample.located(.sudo)
        )
        spec.nodes[0].ssh = SSHSpec(alias: ObserveSample.located("gate"), port: ObserveSample.located(2222))
        spec.nodes[0].hostKey = ObserveSample.located("ssh-ed25519 AAAA")
        let target = NodeTarget(spec.nodes[0], spec)
        #expect(target.address == "10.0.0.1")
        #expect(target.hostKey == "ssh-ed25519 AAAA")
        #expect([target.ssh.alias?.value, target.ssh.user?.value] == ["gate", "all"])
        #expect(target.ssh.port?.value == 2222)
        #expect(target.ssh.become?.value == .sudo)
    }
}
