import Reconciler
import Specs
import Testing

@Suite("A report of drift")
struct DriftReportTests {
    private static let motd = "file:/etc/motd"
    private static let zk = "file:/etc/mesos/zk"

    private func change(_ resource: String, _ cause: Change.Cause, on node: NodeName? = "a1") -> Change {
        Change(node: node, resource: resource, kind: .update, cause: cause, summary: "edited")
    }

    private func plan(
        _ changes: [[Change]],
        blocked: [Blocked] = [],
        refusals: [Refusal] = [],
        silent: Bool = false
    ) -> Plan {
        let failure = silent ? NodeAccessError(.timedOut, "timed out") : nil
        return Plan(
            cluster: "test",
            source: .init(file: "cluster.yaml"),
            nodes: [Plan.NodeSummary(name: "a1", failure: failure)],
            steps: changes.enumerated().map { index, changes in
                Step(id: index + 1, title: "write", act: .visit("a1", []), changes: changes)
            },
            blocked: blocked,
            refusals: refusals
        )
    }

    private func report(_ plan: Plan, ignore: [String] = []) -> DriftReport {
        DriftReport(plan, ObservedCluster(nodes: [:]), ignore: ignore.map { ResourcePattern($0) })
    }

    @Test("tells what was changed by hand from what was committed, and takes what has no record for the former")
    func tellsApart() {
        let report = report(
            plan([[change(Self.zk, .git)], [change("app:/b", .unattributed, on: nil)], [change(Self.motd, .drift)]])
        )
        #expect(report.drifted.map(\.change.resource) == ["app:/b", Self.motd])
        #expect(report.unapplied.map(\.resource) == [Self.zk])
        #expect(report.hasDrift && report.isComplete)
    }

    @Test("has no drift where there are only commits")
    func commitsAlone() {
        let report = report(plan([[change(Self.zk, .git)]]))
        #expect(!report.hasDrift && report.unapplied.count == 1)
    }

    @Test("counts a resource once, and as drift where a commit touches it too", arguments: [false, true])
    func countsOnce(driftFirst: Bool) {
        let both = [[change(Self.zk, .git)], [change(Self.zk, .drift)]]
        let report = report(plan(driftFirst ? both.reversed() : both))
        #expect(report.drifted.count == 1 && report.unapplied.isEmpty)
    }

    @Test("only counts what is ignored, also where its step holds more, and never ignores a commit")
    func ignores() {
        let report = report(
            plan([[change(Self.motd, .drift), change(Self.zk, .drift)], [change("file:/etc/mot", .git)]]),
            ignore: ["file:/etc/mot*"]
        )
        #expect(report.ignored == 1)
        #expect(report.drifted.map(\.change.resource) == [Self.zk])
        #expect(report.unapplied.count == 1)
    }

    @Test("is incomplete where a node is silent or something unknown is in the way")
    func incomplete() {
        #expect(!report(plan([], silent: true)).isComplete)
        let unknown = Blocked(title: "apps", because: "Marathon does not answer", isByUnknown: true)
        #expect(!report(plan([], blocked: [unknown])).isComplete)
        #expect(!report(plan([], blocked: [unknown])).hasDrift)
        let known = Blocked(title: "restart", because: "an ensemble of one", isByUnknown: false)
        #expect(report(plan([], blocked: [known])).hasDrift)
    }
}

@Suite("A way that is for looking only")
struct ReadOnlyTests {
    private struct Anything: HTTPTransport {
        func send(_ request: RESTRequest, to endpoint: RESTEndpoint) async throws(RESTError) -> RESTAnswer {
            RESTAnswer(status: 200)
        }
    }

    @Test("lets GET through and nothing else", arguments: [RESTRequest.Method.put, .post, .delete])
    func refusesToWrite(method: RESTRequest.Method) async throws {
        let transport = ReadOnlyTransport(Anything())
        let endpoint = RESTEndpoint(host: "10.0.0.1", port: 8080)
        #expect(try await transport.send(RESTRequest(.get, "/v2/apps"), to: endpoint).status == 200)
        let refused = await #expect(throws: RESTError.self) {
            try await transport.send(RESTRequest(method, "/v2/apps"), to: endpoint)
        }
        #expect(refused?.mayHaveArrived == false)
    }
}
