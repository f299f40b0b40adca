import FoundationEssentials
import Specs
import Testing

@testable import Transport

/// How the bridge reads an answer, well-meant or not: what it takes for one, and what of it gets into haproxy.cfg.
@Suite struct BridgeReadingTests {
    static let hosts: [(String, String?)] = [
        ("10.0.0.1", "10.0.0.1"), ("agent-1.example.com", "agent-1.example.com"), ("fe80::1", "ipv6@fe80::1"),
        ("2001:db8::10.0.0.1", "ipv6@2001:db8::10.0.0.1"), ("under_score", "under_score"),
        ("a b", nil), ("a\\n  server evil 1.2.3.4", nil), ("a\\u000aserver", nil), ("a\\\"b", nil), ("a'b", nil),
        ("$HOME", nil),
        ("a#b", nil), ("", nil), ("-a", nil), ("/run/x", nil), ("unix@x", nil), ("a\\\\b", nil), ("a\\tb", nil),
        ("é", nil),
        ("fe80::1%eth0", nil), ("[::1]", nil), ("*", nil), ("a:b", nil), ("a,b", nil), ("\\u0000", nil),
    ]

    @Test("a host is written only where it is a name or an address", arguments: hosts.indices, BridgeShell.allCases)
    func host(_ index: Int, _ shell: BridgeShell) async throws {
        let (host, expected) = Self.hosts[index]
        let body = marathonApps([("/x", 2, 10000, ["HOST:1", "z:2"])]).replacing("HOST", with: host)
        let made = try await BridgeNode.sections(of: body, shell: shell)
        #expect(made.ended.status == 0, "\(made.ended.errors)")
        let servers = [expected.map { $0 + ":1" }, "z:2"].compactMap(\.self).sorted()
        #expect(
            made.sections == ["x-10000: " + servers.joined(separator: " ")]
                || made.sections == ["x-10000: z:2 " + (expected ?? "") + ":1"]
        )
        #expect(made.ended.output.split(separator: "\n").count == 5 + servers.count)
        #expect(made.ended.output.contains("evil") == false)
    }

    @Test(
        "an app's name cannot leave its line",
        arguments: [
            (#"/a\n  bind 1.2.3.4:5"#, "a___bind_1.2.3.4_5"), (#"/a b"#, "a_b"), (#"/a\"b'c"#, "a_b_c"),
            (#"/a/b/c"#, "a_b_c"),
            (#"\/a\/b"#, "a_b"), (#"/\u0061pp"#, "app"), ("/a.b-c", "a.b-c"), ("/$x#y", "_x_y"),
        ]
    )
    func name(_ id: String, _ expected: String) async throws {
        let body = #"{"apps":[{"id":"\#(id)","ports":[10000],"tasks":[{"host":"h","ports":[1],"startedAt":"x"}]}]}"#
        let made = try await BridgeNode.sections(of: body)
        #expect(made.sections == ["\(expected)-10000: h:1"])
    }

    /// Not JSON (RFC 8259), or not of Marathon.
    static let malformed = [
        "", " ", "null", "[]", "{", "}", #"{"apps":[}"#, #"{"apps":[]"#, #"{"apps":[]}}"#, #"{"apps":[]}{"#,
        #"{"apps":[]} x"#,
        #"{"apps":[],}"#, #"{"apps":[,]}"#, #"{"apps":[1,]}"#, #"{"apps" []}"#, #"{"apps":}"#, #"{apps:[]}"#,
        #"{'apps':[]}"#,
        #"{"apps":[tru]}"#, #"{"apps":[],"x":01}"#, #"{"apps":[],"x":1.}"#, #"{"apps":[],"x":+1}"#,
        #"{"apps":[],"x":1e}"#,
        #"{"apps":[],"x":NaN}"#, #"{"apps":[],"x":"\q"}"#, #"{"apps":[],"x":"\u12g4"}"#, #"{"apps":[],"x":"\u12"}"#,
        "{\"apps\":[],\"x\":\"a\nb\"}", #"{"apps":[],"x":"abc"#, #"{"apps":[]}""#, #"{"apps":[],"x":"a" "b"}"#,
        #"{"apps":[],"x":1 2}"#, #"{"apps":[],"x":[1:2]}"#, #"{"apps":[],"x"}"#, #"{"apps":[],1:2}"#, #"{"apps":{}}"#,
        #"{"apps":["x"]}"#, #"{"apps":[[]]}"#, #"{"apps":[{}]}"#, #"{"apps":[null]}"#,
        #"{"apps":[{"id":"/x","tasks":[{]}]}"#,
        #"{"tasks":[{"host":"h"}]}"#, #"{"x":{"apps":[]}}"#,
        #"{"apps":[],"x":""# + String(repeating: "a", count: 253) + #"\u12"}"#,
        #"{"apps":[],"x":""# + String(repeating: "a", count: 255) + #"\q"}"#,
        #"{"apps":[],"x":""# + String(repeating: "\\n", count: 3000) + #"\u00\n11"}"#,
        "{\"apps\":[],\"x\":" + String(repeating: "[", count: 300) + String(repeating: "]", count: 300) + "}",
    ]

    @Test("what is no JSON is no answer", arguments: malformed.indices)
    func isNoAnswer(_ index: Int) async throws {
        let made = try await BridgeNode.sections(of: Self.malformed[index])
        #expect(made.ended.status == 3)
        #expect(made.ended.output == "")
    }

    /// JSON that is one, oddly spelled.
    static let odd = [
        "\n\t{ \"apps\" : [ ] }\r\n", #"{"apps":[],"x":"\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00"}"#,
        #"{"x":"\\","apps":[]}"#,
        #"{"x":"\\\"","apps":[]}"#, #"{"x":"\"","y":"\"\"","apps":[]}"#, #"{"":"","apps":[]}"#,
        #"{"x":[-0,0.5,1e9,-1.5E-3,true,false,null,{},[],[[{"a":[]}]]],"apps":[]}"#, #"{"x":"{}[],:","apps":[]}"#,
        "{\"x\":\"漢字 \u{7f}\",\"apps\":[]}", "{\"apps\":[],\"x\":\"" + String(repeating: "a\\\"", count: 3000) + "\"}",
        "{\"apps\":[],\"x\":[" + String(repeating: "1, ", count: 3000) + "1]}",
        "{\"apps\":[],\"x\":\"" + String(repeating: "a\\u00e9", count: 3000) + "\"}",
        "{\"apps\":[],\"x\":\"" + String(repeating: "a\\\\\\\"\\/", count: 3000) + "\"}",
    ]

    @Test(
        "what is JSON is read, however it is spelled, by every awk there is",
        arguments: odd.indices,
        ["mawk", "gawk", "busybox", "original-awk"]
    )
    func isRead(_ index: Int, _ awk: String) async throws {
        let path = "/usr/bin/" + awk
        guard FileManager.default.isExecutableFile(atPath: path) else { return }
        let node = try BridgeNode()
        try node.link("awk", to: path)
        let body = Self.odd[index].replacing(
            "\"apps\":[]",
            with: #"""
                "apps":[{"id":"/x","ports":[1],"tasks":[{"host":"h","ports":[2],"startedAt":"x"}]}]
                """#
        )
        .replacing(
            "\"apps\" : [ ]",
            with: #"""

                "apps" : [ { "id" : "/x" , "ports" : [ 1 ] , "tasks" : [ { "host" : "h" , "ports" : [ 2 ] , "startedAt" : "x" } ] } ]
                """#
        )
        try node.answer(body)
        let ended = try await node.run("apps", "m:8080")
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(ended.output.contains("  server x-1 h:2 check\n"))
    }

    @Test("a label full of quotation marks does not hold the bridge up", arguments: [BridgeShell.dash, .busybox])
    func longLabel(_ shell: BridgeShell) async throws {
        let label = #""labels":{"x":""# + String(repeating: #"\""#, count: 1_000_000) + #""},"ports""#
        let body = marathonApps([("/x", 1, 10000, ["h:1"])]).replacing("\"ports\":[10000]", with: label + ":[10000]")
        #expect(try await BridgeNode.sections(of: body, shell: shell).sections == ["x-10000: h:1"])
    }

    @Test("an app whose name no line can hold is left out alone")
    func longName() async throws {
        let long = "/" + String(repeating: "a", count: 3000)
        let body = marathonApps([(long, 1, 9999, ["g:1"]), ("/", 1, 9998, ["g:2"]), ("/x", 1, 10000, ["h:1"])])
        let made = try await BridgeNode.sections(of: body)
        #expect(made.sections == ["x-10000: h:1"])
        #expect(made.ended.errors.contains("aaa... left out: HAProxy takes no such name"))
    }

    @Test("two apps whose names are the same for HAProxy are not mixed")
    func sameNames() async throws {
        let apps = [("/a_b", 1, 10000, ["h:1"]), ("/a/b", 1, 10000, ["g:2"]), ("/a_b", 1, 10001, ["h:3"])]
        for body in [marathonApps(apps), marathonApps(apps.reversed())] {
            let made = try await BridgeNode.sections(of: body)
            #expect(made.sections == ["a_b-10000: g:2", "a_b-10001: h:3"])
            #expect(made.ended.errors.contains("a_b left out at 10000: another app of this name has this service port"))
        }
    }

    @Test("apps that come without their tasks are no answer, and the tasks are asked for")
    func withoutTasks() async throws {
        let node = try BridgeNode()
        try node.answer(#"{"apps":[{"id":"/x","instances":1,"ports":[10000],"tasksRunning":1}]}"#)
        try node.answer("x\t10000\th:1\t\n", type: "text/plain", to: "tasks")
        #expect(try await node.run("apps", "m:8080").output.contains("  server x-1 h:1 check\n"))
        try node.answer(#"{"apps":[{"id":"/x","instances":0,"ports":[10000]}]}"#)
        #expect(try await node.run("apps", "m:8080").output == "")
    }

    @Test(
        "text: odd columns of old versions are understood",
        arguments: [
            ("x\t10000\th:1\t\n", ["x-10000: h:1"]), ("x\t10000\th:1\n", ["x-10000: h:1"]),
            ("x\t10000\th:0\tg:2\t\n", ["x-10000: g:2"]),
            ("x\t10000\t\n", []), ("x\t \th g \n", []), ("x\t0\th:1\t\n", []),
            ("x\t10000\tfe80::1:31000\t\n", ["x-10000: ipv6@fe80::1:31000"]),
            ("x\t10000\th:1\th:1\t\n", ["x-10000: h:1"]), ("x\t10000\t\na\t10001\th:1\t\n", ["a-10001: h:1"]),
        ]
    )
    func text(_ body: String, _ expected: [String]) async throws {
        let made = try await BridgeNode.sections(of: body, type: "text/plain", path: "tasks")
        #expect(made.ended.status == 0, "\(made.ended.errors)")
        #expect(made.sections == expected)
    }

    @Test(
        "JSON under the name of text, or under none, is still JSON",
        arguments: ["text/plain", "text/plain; charset=utf-8", ""]
    )
    func untyped(_ type: String) async throws {
        #expect(try await BridgeNode.sections(of: BridgeAnswerTests.cluster, type: type).sections.count == 2)
    }
}

extension BridgeNode {
    /// The sections an answer makes, one line each: `name: server, server`.
    static func sections(
        of body: String,
        type: String = "application/json",
        path: String = "apps",
        settings: String = "",
        header: String? = nil,
        shell: BridgeShell = .dash
    ) async throws -> (sections: [String], ended: BridgeNode.Ended) {
        let node = try BridgeNode(shell)
        if path == "tasks" { try node.answer("", status: 404, to: "apps") }
        try node.answer(body, type: type, to: path)
        if !settings.isEmpty { try node.put(settings, at: "/etc/haproxy-marathon-bridge/settings") }
        if let header { try node.put(header, at: "/etc/haproxy-marathon-bridge/header") }
        let ended = try await node.run("apps", "m:8080")
        var sections: [String] = []
        for line in ended.output.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words[0] == "listen" { sections.append(words[1] + ":") }
            if words[0] == "server" { sections[sections.count - 1] += " " + words[2] }
        }
        return (sections, ended)
    }
}
