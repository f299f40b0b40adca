import Daemons
import Specs
import Testing

@testable import Lab

@Suite("Clients of the lab's daemons", .timeLimit(.minutes(20)))
struct HTTPTests {
    @Test func `an event stream begins with its own attachment and ends with its client`() async throws {
        let fixture = try await LabFixture.converged("Testbed/cluster.yaml")
        let leader = try #require(try fixture.status().marathonLeader)
        let address = try #require(fixture.spec.nodes.first { $0.name.value == leader }?.address.value)
        let request = HTTPRequest("GET", "/v2/events", headers: [HTTPField("Accept", "text/event-stream")])
        let outcome = try fixture.lab.change { $0.http(request, to: Endpoint(address, 8080)) }
        guard case .stream(let id, let status, _) = outcome else {
            Issue.record("\(outcome) is no stream")
            return
        }
        #expect(status == 200)
        let first = try fixture.lab.change { $0.takeStream(id) }
        #expect(first.isOpen)
        #expect(String(decoding: first.bytes, as: UTF8.self).contains(#""eventType":"event_stream_attached""#))
        _ = try fixture.marathon("PUT", "/v2/apps/x", #"{"cmd":"sleep 1","cpus":0.1,"mem":16}"#)
        let next = try fixture.lab.change { $0.takeStream(id) }
        #expect(String(decoding: next.bytes, as: UTF8.self).contains(#""eventType":"api_post_event""#))
        try fixture.lab.change { $0.closeStream(id) }
        #expect(try fixture.lab.change { $0.takeStream(id) }.isOpen == false)
    }
}
