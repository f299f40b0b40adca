import Specs
import Testing

@testable import Reconciler

@Suite("Where the Marathons are")
struct MarathonReachTests {
    @Test(
        arguments: [
            ("http://m.example:8080", RESTEndpoint(host: "m.example", port: 8080)),
            ("HTTP://m.example", RESTEndpoint(host: "m.example", port: 80)),
            (
                "https://m.example/service/marathon/",
                RESTEndpoint(.https, host: "m.example", port: 443, basePath: "/service/marathon")
            ),
            ("http://[fd00::1]:80/", RESTEndpoint(host: "fd00::1", port: 80)),
            ("https://[fd00::1]", RESTEndpoint(.https, host: "fd00::1", port: 443)),
            ("ftp://m", nil), ("m:8080", nil), ("http://", nil), ("http://m:0", nil), ("http://m:99999", nil),
            ("http://me:pw@m", nil), ("http://m/?x=1", nil),
        ] as [(String, RESTEndpoint?)]
    )
    func `an endpoint is read as written`(url: String, endpoint: RESTEndpoint?) {
        #expect(RESTEndpoint(url: url) == endpoint)
    }

    private func reach(_ marathon: String, node: String = "") throws -> MarathonClient.Reach? {
        let text = """
            version: 1
            cluster: c
            nodes:
              n1: {address: 10.0.0.1, roles: [zookeeper, mesos-master, marathon]\(node)}
              n2: {address: 10.0.0.2, roles: [mesos-agent]}
              n3: {address: 10.0.0.3, roles: [marathon]}
            zookeeper: {ensemble: {1: n1}}
            mesos: {zk: /mesos, quorum: 1}
            marathon: \(marathon)
            """
        let reading = SpecReader.read("cluster.yaml", from: Texts(texts: ["cluster.yaml": Array(text.utf8)]))
        return MarathonClient.Reach(try #require(reading.spec, "\(reading.diagnostics)"))
    }

    private struct Texts: SpecSource {
        var texts: [String: [UInt8]]
        func bytes(of path: String) throws(SpecSourceError) -> [UInt8]? { texts[path] }
        func paths(matching pattern: String) throws(SpecSourceError) -> [String] { [] }
    }

    @Test func `every node with the role is one, at the port its flags say`() throws {
        let reach = try #require(
            try reach("{zk: /marathon, flags: {http_port: 8090}}", node: ", flags: {marathon: {http_port: 8091}}")
        )
        #expect(
            reach.endpoints == [
                RESTEndpoint(host: "10.0.0.1", port: 8091, node: "n1"),
                RESTEndpoint(host: "10.0.0.3", port: 8090, node: "n3"),
            ]
        )
        #expect(reach.credentials == nil && reach.token == nil)
    }

    @Test func `over TLS it is the other port, with the declared authority and login`() throws {
        let reach = try #require(
            try reach("{zk: /marathon, https: true, authority: ca.pem, httpCredentials: \"me:${env:PW}\"}")
        )
        #expect(
            reach.endpoints.first
                == RESTEndpoint(.https, host: "10.0.0.1", port: 8443, node: "n1", authority: "ca.pem")
        )
        #expect(reach.credentials == Content([.literal("me:"), .secret(.environment("PW"))]))
    }

    @Test func `a declared endpoint is the only one`() throws {
        let reach = try #require(
            try reach("{zk: /marathon, endpoint: \"https://proxy/service/marathon\", token: \"${env:T}\"}")
        )
        #expect(reach.endpoints == [RESTEndpoint(.https, host: "proxy", port: 443, basePath: "/service/marathon")])
        #expect(reach.token == Content([.secret(.environment("T"))]))
    }
}
