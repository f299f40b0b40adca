import Specs
import Testing

@testable import Reconciler

@Suite("What a balancer's node tells")
struct LoadBalancerObservationTests {
    private func file(_ path: String, _ text: String) -> FileAnswer {
        FileAnswer(
            path: path,
            resolvedPath: path,
            kind: .regular,
            mode: 0o644,
            owner: "root",
            group: "root",
            size: text.utf8.count,
            modified: 1,
            digest: sha256(text),
            stamp: "1",
            content: text.utf8.count > 65_536 ? nil : text
        )
    }

    private func observe(_ texts: [String: String], _ spec: ClusterSpec = BalancerSample.spec()) throws -> ObservedNode
    {
        let node = try #require(spec.node("m1"))
        let requests = ObservationRequest(for: node, in: spec).facts
        let answers = requests.map { request -> FactAnswer in
            switch request {
            case .file(let path): texts[path].map { .file(file(path, $0)) } ?? .absent
            case .listening: .listening([ListeningSocket(address: "::", port: 80)])
            default: .absent
            }
        }
        let secrets = SecretStore([.environment("PW"): "s3cret"])
        return ObservedNode(node, in: spec, requests: requests, answers: answers, secrets: secrets)
    }

    private let cfg = BridgeScript.Paths.configuration
    private let good = BridgeScript.Paths.lastGood

    @Test("whether haproxy.cfg is what the bridge made last is told, and where that is not known")
    func lastGood() throws {
        #expect(try observe([cfg: "a", good: "a"]).loadBalancer.value?.isLastGood == .found(true))
        #expect(try observe([cfg: "a", good: "b"]).loadBalancer.value?.isLastGood == .found(false))
        #expect(try observe([cfg: "a"]).loadBalancer.value?.isLastGood == .absent)
    }

    @Test("of a large file the digest is kept, and of one whose header holds a secret it is not")
    func digest() throws {
        let text = String(repeating: "x", count: 70_000)
        #expect(try observe([cfg: text]).loadBalancer.value?.digest == sha256(text))
        var spec = BalancerSample.spec()
        let place = SourcePosition(file: "cluster.yaml", line: 1, column: 1)
        let credentials = Content([.literal("op:"), .secret(.environment("PW"))])
        spec.other.haproxy = HAProxySpec(position: place, stats: .init(credentials: Located(credentials, at: place)))
        #expect(try observe([cfg: text], spec).loadBalancer.value?.digest == nil)
    }

    @Test("passwords in haproxy.cfg are not shown, declared ones stand as references")
    func passwords() throws {
        var spec = BalancerSample.spec()
        let place = SourcePosition(file: "cluster.yaml", line: 1, column: 1)
        let credentials = Content([.literal("op:"), .secret(.environment("PW"))])
        spec.other.haproxy = HAProxySpec(position: place, stats: .init(credentials: Located(credentials, at: place)))
        let text =
            "listen stats\n  stats auth op:s3cret\n  stats auth admin:admin\nuserlist u\n  user joe insecure-password pw1\n"
        let shown = try #require(try observe([cfg: text], spec).files[cfg]?.value?.content?.shown)
        #expect(
            shown
                == "listen stats\n  stats auth op:${env:PW}\n  stats auth •••\nuserlist u\n  user joe insecure-password •••\n"
        )
    }

    @Test("the bridge's own files compare equal to what is declared, whatever words are in them")
    func ownTexts() throws {
        let node = try observe([BridgeScript.Paths.script: BridgeScript.text])
        #expect(node.files[BridgeScript.Paths.script]?.value?.content == Content(BridgeScript.text))
    }

    @Test("a node without the role is asked nothing of it")
    func otherNodes() throws {
        let spec = BalancerSample.spec()
        let facts = ObservationRequest(for: try #require(spec.node("a1")), in: spec).facts
        #expect(!facts.contains(.listening(ports: [])) && !facts.contains(.file(path: cfg)))
    }

    @Test("tasks are read with their ports, whatever the release leaves out")
    func tasks() async {
        let body = """
            {"tasks":[{"appId":"/web","id":"w.1","host":"h1","ports":[31000],"servicePorts":[80],"stagedAt":"a","startedAt":"b",
            "version":"v","healthCheckResults":[{"alive":false}]},
            {"appId":"old","id":"o.1","host":"h2","ports":[31001],"stagedAt":"a","startedAt":null,"version":"v"}]}
            """
        let marathons = ScriptedMarathons { _, request in
            request.path == "/v2/tasks" ? .answer(200, body) : .answer(404, "{}")
        }
        #expect(
            await marathons.client().balancedTasks()
                == .found([
                    BalancedTask(app: "/web", host: "h1", ports: [31_000], servicePorts: [80], isAlive: false),
                    BalancedTask(app: "/old", host: "h2", ports: [31_001], servicePorts: [], isRunning: false),
                ])
        )
        let broken = ScriptedMarathons { _, _ in .answer(200, "<html>") }
        guard case .unknown = await broken.client().balancedTasks() else {
            Issue.record("read from no JSON")
            return
        }
    }
}
