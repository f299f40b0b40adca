import Daemons
import Reconciler
import Specs
import Testing

@testable import Lab

@Suite("Requests in the lab", .timeLimit(.minutes(20)))
struct LabHTTPTransportTests {
    private func endpoint(_ cluster: MarathonCluster, _ node: NodeName, port: Int = 8080) throws -> RESTEndpoint {
        let address = try #require(cluster.spec.nodes.first { $0.name.value == node }?.address.value)
        return RESTEndpoint(host: address, port: port)
    }

    private func error(
        _ cluster: MarathonCluster,
        _ request: RESTRequest,
        _ endpoint: RESTEndpoint
    ) async throws -> RESTError? {
        try await cluster.run {
            do throws(RESTError) {
                _ = try await cluster.lab.transport().send(request, to: endpoint)
                return nil
            } catch { return error }
        }
    }

    @Test func `a closed port refuses, and a host that is gone does not answer`() async throws {
        let cluster = try await MarathonCluster.of("1.11.24")
        let node = try cluster.standby
        let closed = try await error(cluster, RESTRequest(.put, "/"), try endpoint(cluster, node, port: 9999))
        #expect(closed?.kind == .refused && closed?.mayHaveArrived == false)
        try cluster.inject(.powerOff(node))
        let gone = try await error(cluster, RESTRequest(.put, "/"), try endpoint(cluster, node))
        #expect(gone?.kind == .unreachable && gone?.mayHaveArrived == false)
        let nowhere = try await error(cluster, RESTRequest(.get, "/"), RESTEndpoint(host: "10.99.0.1", port: 80))
        #expect(nowhere?.kind == .unreachable)
    }

    @Test func `a write whose host is gone before the answer may have arrived, and has`() async throws {
        let cluster = try await MarathonCluster.of("1.11.24")
        let leader = try #require(try cluster.leader)
        let target = try endpoint(cluster, leader)
        let body = #"{"id":"/x","cmd":"sleep 1","cpus":0.1,"mem":16}"#
        let failure: RESTError? = try await cluster.run {
            async let fault: RESTError? = {
                do throws(RESTError) {
                    _ = try await cluster.lab.transport().send(
                        RESTRequest(
                            .put,
                            "/v2/apps/x",
                            headers: [(name: "Content-Type", value: "application/json")],
                            body: Array(body.utf8)
                        ),
                        to: target
                    )
                    return nil
                } catch { return error }
            }()
            // As soon as it is heard, which takes some milliseconds.
            while try cluster.lab.read({ $0.heard("/x") }) == false {
                try await cluster.lab.clock.sleep(for: .milliseconds(1))
            }
            try cluster.inject(.unplug(leader))
            return await fault
        }
        #expect(failure?.kind == .interrupted && failure?.mayHaveArrived == true)
    }

    @Test func `an answer that comes too late may have been a deed`() async throws {
        let cluster = try await MarathonCluster.of("1.11.24")
        let target = try endpoint(cluster, try #require(try cluster.leader))
        let request = RESTRequest(.get, "/v2/info", deadline: .milliseconds(1))
        let late = try await error(cluster, request, target)
        #expect(late?.kind == .timedOut && late?.mayHaveArrived == true)
    }

    @Test func `asking takes simulated time and changes nothing else`() async throws {
        let cluster = try await MarathonCluster.of("1.11.24")
        let target = try endpoint(cluster, try #require(try cluster.leader))
        let before = try cluster.lab.read { $0.now }
        let answer = try await cluster.run {
            try await cluster.lab.transport().send(RESTRequest(.get, "/v2/info"), to: target)
        }
        #expect(answer.status == 200)
        #expect(answer.header("content-type")?.hasPrefix("application/json") == true)
        #expect(try cluster.lab.read { $0.now } > before)
    }

    @Test func `an event stream is no answer`() async throws {
        let cluster = try await MarathonCluster.of("1.11.24")
        let target = try endpoint(cluster, try #require(try cluster.leader))
        let stream = RESTRequest(.get, "/v2/events", headers: [(name: "Accept", value: "text/event-stream")])
        #expect(try await error(cluster, stream, target)?.kind == .interrupted)
        #expect(try cluster.lab.read { $0.streams.isEmpty })
    }
}

extension LabWorld {
    /// Whether any Marathon has an app of that id; a look that takes no time.
    fileprivate func heard(_ id: String) -> Bool {
        var copy = self
        return copy.askMarathon(HTTPRequest("GET", "/v2/apps" + id)).map { $0.status == 200 } ?? false
    }
}
