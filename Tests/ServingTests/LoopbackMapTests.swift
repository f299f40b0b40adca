import Daemons
import Serving
import Testing

@Suite struct LoopbackMapTests {
    private static func map() throws -> LoopbackMap {
        try LoopbackMap(nodes: [
            ("10.16.40.1", ["mesos-master1", "Master1.example"]), ("10.16.40.2", ["mesos-master2"]), ("127.0.0.9", []),
        ])
    }

    @Test func `addresses and names are found on loopback, and back`() throws {
        let map = try Self.map()
        #expect(map["10.16.40.1"] == "127.16.40.1")
        #expect(map["MASTER1.example"] == "127.16.40.1")
        #expect(map["127.0.0.9"] == "127.0.0.9")
        #expect(map["10.16.40.3"] == nil)
        #expect(map.node(at: "127.16.40.2") == "10.16.40.2")
        #expect(map.node(at: "127.16.40.3") == nil)
    }

    @Test(
        arguments: [
            (
                [("10.16.40.1", []), ("172.16.40.1", [])],
                LoopbackMapFailure.collision("10.16.40.1", "172.16.40.1", loopback: "127.16.40.1")
            ),
            ([("10.0.0.1", ["a"]), ("10.0.0.2", ["A"])], .ambiguous(name: "a")),
            ([("10.0.0.0", [])], .reserved("10.0.0.0")),
            ([("10.255.255.255", [])], .reserved("10.255.255.255")),
            ([("10.0.1", [])], .notIPv4("10.0.1")),
            ([("10.0.0.01", [])], .notIPv4("10.0.0.01")),
            ([("10.0.0.256", [])], .notIPv4("10.0.0.256")),
            ([("fd00::1", [])], .notIPv4("fd00::1")),
            ([("mesos-master1", [])], .notIPv4("mesos-master1")),
        ] as [([(String, [String])], LoopbackMapFailure)]
    )
    func `nodes that have no loopback address of their own are refused`(
        _ nodes: [(String, [String])],
        _ failure: LoopbackMapFailure
    ) {
        #expect(throws: failure) { try LoopbackMap(nodes: nodes.map { (address: $0.0, names: $0.1) }) }
    }

    @Test func `the same node twice is one node`() throws {
        #expect(try LoopbackMap(nodes: [("10.0.0.1", ["a"]), ("10.0.0.1", ["b"])])["b"] == "127.0.0.1")
    }

    @Test(
        arguments: [
            ("http://10.16.40.1:8080/v2/apps/a?b#c", "http://127.16.40.1:8080/v2/apps/a?b#c"),
            ("https://10.16.40.1", "https://127.16.40.1"),
            ("//10.16.40.2:5050/master/state", "//127.16.40.2:5050/master/state"),
            ("//mesos-master2:5050", "//127.16.40.2:5050"),
            ("http://user:p@10.16.40.1:8080/", "http://user:p@127.16.40.1:8080/"),
            ("10.16.40.1:8080", "127.16.40.1:8080"),
            ("mesos-master1:8080", "127.16.40.1:8080"),
            ("/v2/apps//a", "/v2/apps//a"),
            ("/redirect?to=http://10.16.40.1/", "/redirect?to=http://10.16.40.1/"),
            ("v2/apps", "v2/apps"),
            ("?page=2", "?page=2"),
            ("http://127.16.40.1:8080/", "http://127.16.40.1:8080/"),
            ("http://localhost:8080/", "http://localhost:8080/"),
            ("http://[::1]:8080/", "http://[::1]:8080/"),
            ("http://10.16.40.3:8080/", nil),
            ("//example.org/", nil),
            ("http://127.evil.example/", nil),
            ("http://127.0.0.1.evil.example/", nil),
            ("http://10.16.40.1@example.org/", nil),
            ("http://example.org?@10.16.40.1/", nil),
            ("http://[fd00::1]:8080/", nil),
        ] as [(String, String?)]
    )
    func `what a client follows leads to loopback or nowhere`(_ said: String, _ seen: String?) throws {
        let map = try Self.map()
        for name in ["Location", "location", "Content-Location", "X-Marathon-Leader"] {
            let other = HTTPField("X-Marathon-Via", "1.1 10.16.40.1:8080")
            let expected = (seen.map { [HTTPField(name, $0)] } ?? []) + [other]
            #expect(map.outward([HTTPField(name, said), other]) == expected)
        }
    }

    @Test func `a request's host is the node's again`() throws {
        let map = try Self.map()
        for (asked, inside) in [
            ("127.16.40.1:8080", "10.16.40.1:8080"), ("127.16.40.2", "10.16.40.2"),
            ("localhost:8080", "localhost:8080"),
        ] {
            let request = map.inward(
                HTTPRequest("GET", "/", headers: [HTTPField("host", asked), HTTPField("X", asked)])
            )
            #expect(request.headers == [HTTPField("host", inside), HTTPField("X", asked)])
        }
    }
}
