import Testing

@testable import Specs

@Suite struct AppDifferenceTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var release: String
        var live: String
        var declared: String
        var paths: [String]

        init(_ release: String, _ live: String, _ declared: String, _ paths: String...) {
            (self.release, self.live, self.declared, self.paths) = (release, live, declared, paths)
        }

        var testDescription: String { "\(live) → \(declared) in \(release)" }
    }

    @Test("A difference is told by its field", arguments: cases)
    func paths(_ item: Case) throws {
        #expect(try AppSamples.paths(item.release, from: item.live, to: item.declared) == item.paths)
    }

    static let cases: [Case] = [
        Case("0.8.2", #"{"id":"/a","cmd":"x"}"#, #"{"id":"/a","cmd":"y"}"#, "cmd"),
        Case("0.8.2", #"{"id":"/a","cmd":"x"}"#, #"{"id":"/a","args":["x"]}"#, "args", "cmd"),
        Case("1.3.13", #"{"id":"/a"}"#, #"{"id":"/a","args":[]}"#, "args"),
        Case("1.4.13", #"{"id":"/a","args":["x","y"]}"#, #"{"id":"/a","args":["y","x"]}"#, "args"),
        Case(
            "1.4.13",
            #"{"id":"/a","env":{"A":"1","B":"2","C":"3"}}"#,
            #"{"id":"/a","env":{"A":"1","B":"0","D":"3"}}"#,
            "env.B",
            "env.C",
            "env.D"
        ),
        Case("1.4.13", #"{"id":"/a","env":{"A":"1"}}"#, #"{"id":"/a","env":{"A":{"secret":"s"}}}"#, "env.A"),
        Case(
            "1.4.13",
            #"{"id":"/a","env":{"A":{"secret":"t"}}}"#,
            #"{"id":"/a","env":{"A":{"secret":"s"}}}"#,
            "env.A.secret"
        ),
        Case("0.8.2", #"{"id":"/a","labels":{"a.b":"1"}}"#, #"{"id":"/a"}"#, "labels.a.b"),
        Case("0.8.2", #"{"id":"/a","ports":[8080]}"#, #"{"id":"/a"}"#),
        Case("0.8.2", #"{"id":"/a","ports":[8080,8081]}"#, #"{"id":"/a"}"#, "ports"),
        Case("0.8.2", #"{"id":"/a","ports":[8080]}"#, #"{"id":"/a","ports":[]}"#, "ports"),
        Case("0.7.6", #"{"id":"/a","ports":[1,2]}"#, #"{"id":"/a"}"#, "ports"),
        Case("1.11.24", #"{"id":"/a","portDefinitions":[{"port":1,"name":"default"}]}"#, #"{"id":"/a"}"#),
        Case(
            "1.11.24",
            #"{"id":"/a","portDefinitions":[{"port":1,"name":"web"}]}"#,
            #"{"id":"/a"}"#,
            "portDefinitions[0].name"
        ),
        Case("1.11.24", #"{"id":"/a","portDefinitions":[]}"#, #"{"id":"/a"}"#, "portDefinitions[0]"),
        Case(
            "1.4.13",
            #"{"id":"/a","unreachableStrategy":"disabled"}"#,
            #"{"id":"/a","unreachableStrategy":{"inactiveAfterSeconds":0}}"#,
            "unreachableStrategy"
        ),
        Case(
            "0.8.2",
            #"{"id":"/a","container":{"docker":{"image":"i:1"}}}"#,
            #"{"id":"/a","container":{"docker":{"image":"i:2"}}}"#,
            "container.docker.image"
        ),
        Case(
            "0.8.2",
            #"{"id":"/a","container":{"docker":{"image":"i:1"}}}"#,
            #"{"id":"/a","cmd":"x"}"#,
            "cmd",
            "container"
        ),
        Case(
            "0.8.2",
            #"{"id":"/a","healthChecks":[{"path":"/a"},{"path":"/b"}]}"#,
            #"{"id":"/a","healthChecks":[{"path":"/b"},{"path":"/c"}]}"#,
            "healthChecks[1].path"
        ),
        Case(
            "1.11.24",
            #"{"id":"/a","healthChecks":[{"path":"/a"}]}"#,
            #"{"id":"/a","healthChecks":[{"path":"/a"},{"path":"/c"}]}"#,
            "healthChecks[1]"
        ),
        Case(
            "1.11.24",
            #"{"id":"/a","healthChecks":[{"path":"/a","portIndex":1}]}"#,
            #"{"id":"/a","healthChecks":[{"path":"/a"}]}"#,
            "healthChecks[0].portIndex"
        ),
        Case(
            "1.11.24",
            #"{"id":"/a","networks":[{"mode":"host"}],"container":{"docker":{"image":"i"}},"portDefinitions":[{"name":"default"}]}"#,
            #"{"id":"/a","container":{"docker":{"image":"i","network":"BRIDGE","portMappings":[{"containerPort":1}]}}}"#,
            "container.portMappings",
            "networks[0].mode",
            "portDefinitions"
        ),
        Case("1.11.24", #"{"id":"/a","role":"*"}"#, #"{"id":"/a","role":"b"}"#, "role"),
        Case("1.8.244", #"{"id":"/a","maxLaunchDelaySeconds":3600}"#, #"{"id":"/a"}"#, "maxLaunchDelaySeconds"),
        Case("0.8.2", #"{"id":"/a","constraints":[["a","UNIQUE"]]}"#, #"{"id":"/a"}"#, "constraints"),
        Case(
            "1.4.13",
            #"{"id":"/a","fetch":[{"uri":"u","cache":true}]}"#,
            #"{"id":"/a","uris":["u"]}"#,
            "fetch[0].cache"
        ),
        Case("0.8.2", #"{"id":"/a","uris":["u","v"]}"#, #"{"id":"/a","uris":["v","u"]}"#, "uris"),
        Case("1.4.13", #"{"id":"/a","instances":3}"#, #"{"id":"/a"}"#),
        Case("1.4.13", #"{"id":"/a","instances":3}"#, #"{"id":"/a","instances":1.0}"#, "instances"),
        Case(
            "1.4.13",
            #"{"id":"/a","volumes":1}"#,
            #"{"id":"/a","container":{"type":"MESOS","volumes":[{"containerPath":"d","mode":"RW","persistent":{"size":1}}]}}"#,
            "container",
            "residency",
            "unreachableStrategy",
            "upgradeStrategy.maximumOverCapacity",
            "upgradeStrategy.minimumHealthCapacity"
        ),
    ]

    @Test("Before and after are told in the normal form, with what Marathon chose")
    func valuesAreNormal() throws {
        let revision = try #require(
            try AppSamples.revision(
                "0.8.2",
                from: #"{"id":"/a","ports":[10007],"cpus":1}"#,
                to: #"{"id":"/a","ports":[0,9000],"cpus":2}"#
            )
        )
        #expect(
            revision.differences == [
                FieldDifference(path: "cpus", before: 1, after: 2),
                FieldDifference(path: "ports", before: [10007], after: [10007, 9000]),
            ]
        )
    }

    @Test("A secret is equal to itself, a masked text to nothing that is declared")
    func secrets() throws {
        let context = try AppSamples.context("1.4.13")
        func app(_ segments: Content.Segment...) -> AppValue { ["id": "/a", "env": ["P": .text(Content(segments))]] }
        let reference = Content.Segment.secret(.environment("P"))
        #expect(AppRevision(of: app(reference), from: app(reference), in: context) == nil)
        #expect(AppRevision(of: app(.literal("x")), from: app(.redacted), in: context) != nil)
        #expect(AppRevision(of: app(reference), from: app(.redacted), in: context) != nil)
        let kept = AppRevision(of: app(.literal("x")), from: app(.redacted), in: context, ignoring: ["env.P"])
        #expect(kept == nil)
    }

    @Test("Up to 1.4 a network's default name may be there or not, a declared one must be")
    func defaultNetworkNames() throws {
        var context = try AppSamples.context("1.3.13")
        context.defaultNetworkName = "overlay"
        func app(_ name: String?) -> AppValue {
            ["id": "/a", "ipAddress": name.map { ["networkName": .text(Content($0))] } ?? [:]]
        }
        func paths(_ live: String?, _ declared: String?) -> [String] {
            AppRevision(of: app(declared), from: app(live), in: context)?.differences.map(\.path) ?? []
        }
        #expect(paths(nil, nil) == [] && paths("overlay", nil) == [] && paths("overlay", "overlay") == [])
        #expect(paths(nil, "overlay") == ["ipAddress.networkName"])
        #expect(paths("other", nil) == ["ipAddress.networkName"])
    }

    @Test("The group that enforces its role gives it to its apps")
    func enforcedRoles() throws {
        var context = try AppSamples.context("1.11.24")
        context.enforcedGroups = ["/prod"]
        let live = try AppSamples.value(#"{"id":"/prod/a","role":"prod"}"#)
        #expect(AppRevision(of: ["id": "/prod/a"], from: live, in: context) == nil)
        #expect(AppRevision(of: ["id": "/a"], from: live, in: context)?.differences.map(\.path) == ["role"])
    }
}
