import Specs
import Synchronization
import Testing

@testable import Reconciler

@Suite("Two ways to a REST API")
struct MesosReachTests {
    /// A node on which a GET finds what is in `pages`, and 404 else; nil: it is silent.
    private final class Node: NodeAccess {
        let pages: [String: String]?
        let visits = Mutex<[[FactRequest]]>([])

        init(_ pages: [String: String]?) { self.pages = pages }

        func observe(_ requests: [FactRequest], on node: NodeTarget) async throws(NodeAccessError) -> [FactAnswer] {
            visits.withLock { $0.append(requests) }
            guard let pages else { throw NodeAccessError(.unreachable, "no route to host") }
            return requests.map { request in
                guard case .http(_, _, let path) = request else { return .absent }
                return pages[path].map { .http(status: 200, body: $0) } ?? .http(status: 404, body: "")
            }
        }

        func perform(
            _ actions: [NodeAction],
            run: RunID,
            on node: NodeTarget
        ) async throws(NodeAccessError) -> [ActionResult] {
            throw NodeAccessError(.protocolViolation, "gates never act")
        }
    }

    private let place = ServicePlace("m1", address: "10.0.0.1", port: 5050)

    private func ask(
        _ transport: ScriptedTransport?,
        _ node: Node,
        at place: ServicePlace? = nil
    ) async -> (reply: RESTReply, service: FactAnswer) {
        let visits = NodeVisits(
            access: node,
            targets: ["m1": NodeTarget(name: "m1", address: "10.0.0.1", ssh: SSHSpec())],
            run: RunID("r1"),
            clock: RunClock(ContinuousClock()),
            reach: transport.map { RESTReach($0, logins: RESTLogins(), secrets: SecretStore()) }
        )
        var questions = GateQuestions()
        let question = RESTQuestion(.mesosMaster, at: place ?? self.place, ["/flags", "/state.json"])
        questions.ask(question)
        questions.ask([.service(.mesosMaster)], of: "m1")
        let answers = await visits.observe(questions)
        return (answers.reply(to: question), answers.answer(.service(.mesosMaster), of: "m1"))
    }

    @Test func `what the network brings is not asked on the node`() async {
        let node = Node([:])
        let seen = await ask(ScriptedTransport(["10.0.0.1/state.json": .ok("{}")]), node)
        #expect(seen.reply == .answered(status: 200, body: "{}"))
        #expect(node.visits.withLock { $0 } == [[.service(.mesosMaster)]])
    }

    @Test(arguments: [RESTError.Kind.unreachable, .timedOut, .interrupted, .untrusted, .tooLarge])
    func `where the network fails the node itself is asked, path by path`(kind: RESTError.Kind) async {
        let node = Node(["/state.json": #"{"flags":{}}"#])
        let seen = await ask(ScriptedTransport { _, _ in .fails(kind) }, node)
        #expect(seen.reply == .answered(status: 200, body: #"{"flags":{}}"#))
        #expect(seen.service == .absent)
        let visits = node.visits.withLock { $0 }
        #expect(
            visits.count == 2 && visits[0].contains(.service(.mesosMaster))
                && !visits[1].contains(.service(.mesosMaster))
        )
    }

    @Test func `without a network at all the node is asked, in the same visit`() async {
        let node = Node(["/flags": "{}"])
        #expect(await ask(nil, node).reply == .answered(status: 200, body: "{}"))
        #expect(node.visits.withLock { $0.count } == 1)
    }

    @Test func `nobody listening is an answer`() async {
        let node = Node(["/flags": "{}"])
        #expect(await ask(ScriptedTransport { _, _ in .fails(.refused) }, node).reply == .absent)
    }

    @Test func `where both ways fail both reasons are told`() async {
        let seen = await ask(ScriptedTransport { _, _ in .fails(.timedOut) }, Node(nil))
        #expect(
            seen.reply
                == .unknown("http://10.0.0.1:5050: timedOut; on the node: does not answer (no route to host)")
        )
    }

    @Test func `the node is not asked what only TLS can tell`() async {
        let node = Node(["/flags": "{}"])
        let place = ServicePlace("m1", address: "10.0.0.1", port: 5050, tls: DesiredTLS())
        let seen = await ask(ScriptedTransport { _, _ in .fails(.untrusted) }, node, at: place)
        #expect(seen.reply == .unknown("https://10.0.0.1:5050: untrusted"))
        #expect(node.visits.withLock { $0 } == [[.service(.mesosMaster)]])
    }
}
