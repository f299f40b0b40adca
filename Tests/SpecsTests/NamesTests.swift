import Testing

@testable import Specs

@Suite struct NamesTests {
    @Test(arguments: [
        ("quorom", "quorum"), ("data_dir", "dataDir"), ("Zookeeper", "zookeeper"), ("zokeeper", "zookeeper"),
        ("qourum", "quorum"), ("banana", nil), ("z", nil), ("", nil),
    ])
    func suggestsTheNearestName(written: String, meant: String?) {
        #expect(Suggestion.nearest(to: written, in: ["quorum", "dataDir", "zookeeper", "zk"]) == meant)
    }

    @Test(arguments: [("kitten", "sitting", 3), ("ab", "ba", 1), ("", "abc", 3), ("same", "same", 0)])
    func countsEdits(a: String, b: String, edits: Int) {
        #expect(Suggestion.distance(Array(a.unicodeScalars), Array(b.unicodeScalars)) == edits)
        #expect(Suggestion.distance(Array(b.unicodeScalars), Array(a.unicodeScalars)) == edits)
    }

    @Test(arguments: ["10.16.40.1", "255.255.255.255", "::1", "fe80::1:2", "::ffff:10.0.0.1", "1:2:3:4:5:6:7:8", "::"])
    func isAnAddress(text: String) {
        #expect(IPAddress(text) != nil)
    }

    @Test(arguments: [
        "", "10.16.40", "10.16.40.256", "10.16.40.01", "10.16.40.1/23", "1:2:3:4:5:6:7", "1::2::3", "g::1", "12345::",
        "fe80::1%eth0", "a.b.c.d", " 10.0.0.1", "1:2:3:4:5:6:7:8:9", "1.2.3.4::",
    ])
    func isNoAddress(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func addressesAreEqualHoweverTheyAreWritten() {
        #expect(IPAddress("::1") == IPAddress("0:0:0:0:0:0:0:1"))
        #expect(IPAddress("FE80::A") == IPAddress("fe80:0::000a"))
    }

    @Test(arguments: [
        ("localhost:8080", "localhost", 8080), ("[::1]:9090", "::1", 9090), ("10.0.0.1:80", "10.0.0.1", 80),
    ])
    func takesHostAndPortApart(text: String, host: String, port: Int) {
        #expect(HostPort(text) == HostPort(host: host, port: port))
        #expect(HostPort(text)?.description == text)
    }

    @Test(arguments: ["localhost", "localhost:", ":80", "h:0", "h:65536", "::1:80", "a b:80"])
    func refusesWhatIsNoHostAndPort(text: String) {
        #expect(HostPort(text) == nil)
    }

    @Test(
        arguments: [
            ("nginx", nil, "nginx", "latest"), ("a/b:1", nil, "a/b", "1"), ("r.io/a:2", "r.io", "r.io/a", "2"),
            ("localhost:5000/a", "localhost:5000", "localhost:5000/a", "latest"), ("a@sha256:0", nil, "a", nil),
        ] as [(String, String?, String, String?)]
    )
    func takesImageNamesApart(text: String, registry: String?, repository: String, tag: String?) {
        let name = ImageName(text)
        #expect(name.registry == registry)
        #expect(name.repository == repository)
        #expect(name.tag == tag)
    }

    @Test(arguments: [
        ("web", "/shop", "/shop/web"), ("/web", "/shop", "/web"), ("../db", "/shop/web", "/shop/db"), ("a", "/", "/a"),
        ("./a/b", "/x", "/x/a/b"), ("../../../a", "/x", "/a"),
    ])
    func resolvesRelativeIDs(id: String, group: String, absolute: String) {
        #expect(AppPath.absolute(id, in: group) == absolute)
    }
}
