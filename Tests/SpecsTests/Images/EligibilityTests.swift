import Testing

@testable import Specs

@Suite struct EligibilityTests {
    /// `a1`: agent-1.example.org, rack r1, zone east; `a2`: 10.0.0.12, rack r2, ssd 1, zone east.
    private func allowed(_ constraints: String, more: String = "") throws -> [String] {
        let cluster = ImageSample.cluster("web: {}", more: more)
        let reading = ImageSample.read(cluster, [ImageSample.app("/a", "web", constraints)])
        let agents = DeclaredAgents(try reading.checked())
        return agents.allowed(try #require(reading.apps.first)).map(\.name.value.text)
    }

    @Test(arguments: [
        (#"["hostname", "UNIQUE"]"#, ["a1", "a2"]), (#"["rack", "GROUP_BY", "2"]"#, ["a1", "a2"]),
        (#"["rack", "MAX_PER", "1"]"#, ["a1", "a2"]), (#"["nowhere", "UNIQUE"]"#, ["a1", "a2"]),
        (#"["rack", "CLUSTER"]"#, ["a1", "a2"]), (#"["rack", "CLUSTER", ""]"#, ["a1", "a2"]),
        (#"["rack", "CLUSTER", "r2"]"#, ["a2"]), (#"["rack", "CLUSTER", "r"]"#, []),
        (#"["zone", "CLUSTER", "east"]"#, ["a1", "a2"]),
        (#"["hostname", "CLUSTER", "agent-1.example.org"]"#, ["a1"]), (#"["hostname", "CLUSTER", "10.0.0.11"]"#, []),
        (#"["hostname", "CLUSTER", "a2"]"#, []), (#"["@hostname", "LIKE", "10\\.0\\..*"]"#, ["a2"]),
        (#"["hostname", "LIKE", "agent"]"#, []), (#"["hostname", "LIKE", "(?i)AGENT-\\d\\..+"]"#, ["a1"]),
        (#"["rack", "LIKE", "r|r2"]"#, ["a2"]), (#"["rack", "LIKE", "r[1-3]"]"#, ["a1", "a2"]),
        (#"["rack", "UNLIKE", "r1"]"#, ["a2"]), (#"["rack", "UNLIKE", "r"]"#, ["a1", "a2"]),
        (#"["rack", "like", "r1"]"#, ["a1"]), (#"["rack", "IS", "r1"]"#, ["a1"]), (#"["ssd", "IS", "1.0"]"#, ["a2"]),
        (#"["ssd", "IS", "2"]"#, []), (#"["ssd", "LIKE", "1"]"#, ["a2"]), (#"["ssd", "UNLIKE", "\\d"]"#, ["a1", "a2"]),
        (#"["ssd", "UNLIKE", ".*"]"#, ["a1"]), (#"["ssd", "UNLIKE", "x"]"#, ["a1", "a2"]),
        (#"["missing", "CLUSTER", "x"]"#, []), (#"["missing", "LIKE", ".*"]"#, []),
        (#"["missing", "UNLIKE", ".*"]"#, ["a1", "a2"]),
        (#"["@region", "IS", "eu"]"#, ["a1", "a2"]), (#"["@zone", "CLUSTER", "1"]"#, ["a1", "a2"]),
    ])
    func aConstraintExcludesWhomMarathonWouldRefuse(constraint: String, agents: [String]) throws {
        #expect(try allowed("[\(constraint)]") == agents)
    }

    @Test(arguments: ["(", "[[:alpha:]]x", "[a-z--r]1", "é", "*"])
    func aPatternThatCannotBeJudgedExcludesNobody(pattern: String) throws {
        #expect(try allowed(#"[["rack", "LIKE", "\#(pattern)"]]"#) == ["a1", "a2"])
        #expect(try allowed(#"[["rack", "UNLIKE", "\#(pattern)"]]"#) == ["a1", "a2"])
    }

    @Test(arguments: ["[1-3]", "\"{a,b}\"", "\"${env:RACK}\"", "1.5", "2000"])
    func aValueThatMarathonMayReadInWaysUnknownExcludesNobody(value: String) throws {
        let cluster = ImageSample.cluster("web: {}").replacing("rack: r1", with: "rack: \(value)")
        for constraint in [#""LIKE", "zzz""#, #""UNLIKE", ".*""#, #""CLUSTER", "zzz""#, #""IS", "zzz""#] {
            let reading = ImageSample.read(cluster, [ImageSample.app("/a", "web", "[[\"rack\", \(constraint)]]")])
            let agents = DeclaredAgents(try reading.checked()).allowed(try #require(reading.apps.first))
            #expect(agents.map(\.name.value.text).contains("a1"), "\(constraint)")
        }
    }

    @Test func aNodesAttributeReplacesTheClusters() throws {
        let cluster = ImageSample.cluster("web: {}").replacing("{rack: r1}", with: "{rack: r1, zone: west}")
        let reading = ImageSample.read(cluster, [ImageSample.app("/a", "web", #"[["zone", "CLUSTER", "east"]]"#)])
        let agents = DeclaredAgents(try reading.checked()).allowed(try #require(reading.apps.first))
        #expect(agents.map(\.name.value.text) == ["a2"])
    }

    /// Of all sets of these constraints: more constraints never allow more, and each set allows what its members have in common.
    @Test func constraintsNarrowEachOther() throws {
        let all = [
            #"["rack", "LIKE", "r1"]"#, #"["hostname", "UNIQUE"]"#, #"["rack", "UNLIKE", "r2"]"#,
            #"["zone", "CLUSTER", "east"]"#, #"["ssd", "IS", "1"]"#, #"["rack", "GROUP_BY"]"#,
        ]
        let alone = try all.map { Set(try allowed("[\($0)]")) }
        for chosen in 0..<(1 << all.count) {
            let indices = all.indices.filter { chosen & (1 << $0) != 0 }
            let together = Set(try allowed("[\(indices.map { all[$0] }.joined(separator: ","))]"))
            #expect(together == indices.reduce(Set(["a1", "a2"])) { $0.intersection(alone[$1]) }, "\(indices)")
        }
    }
}
