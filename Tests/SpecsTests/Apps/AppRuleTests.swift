import Testing

@testable import Specs

/// Each rule of marathon-api.md 4, at its exact place, in the releases that have it and not in the others.
@Suite struct AppRuleTests {
    struct Case: Sendable {
        /// Members beside the id; `1️⃣` where the fault is.
        var members: String
        var problem: String
        /// Releases that refuse it.
        var refused: [String]
        /// Releases that take it.
        var taken: [String] = []
        var flags = ""

        init(_ members: String, _ problem: String, in refused: [String], not taken: [String] = [], flags: String = "") {
            (self.members, self.problem, self.refused, self.taken, self.flags) = (
                members, problem, refused, taken, flags
            )
        }
    }

    static let every = [
        "0.7.6", "0.8.2", "0.11.1", "0.15.7", "1.1.5", "1.3.13", "1.4.13", "1.5.15", "1.8.244", "1.11.24",
    ]
    static let from1 = ["1.1.5", "1.3.13", "1.4.13", "1.5.15", "1.11.24"]
    static let before1 = ["0.7.6", "0.8.2", "0.11.1", "0.15.7"]
    static let raml = ["1.5.15", "1.8.244", "1.11.24"]
    static let play = ["0.7.6", "0.8.2", "0.11.1", "0.15.7", "1.1.5", "1.3.13", "1.4.13"]

    static let cases: [Case] = [
        // What to run.
        Case(#""cmd": "run it", "args": 1️⃣["x"]"#, "both `cmd` and `args`", in: every),
        Case(
            #""cmd": "x y", "args": 1️⃣["y"], "container": {"type": "DOCKER", "docker": {"image": "web"}}"#,
            "both `cmd`",
            in: from1,
            not: before1
        ),
        Case(#""cmd": "x y", "args": 1️⃣[]"#, "both `cmd`", in: ["0.7.6", "1.3.13"], not: ["1.4.13", "1.11.24"]),
        Case(#""cmd": 1️⃣"""#, "empty `cmd`", in: every),
        Case(#""cmd": 1️⃣"x""#, "one character", in: raml, not: play),
        Case(#""container": 1️⃣{"type": "DOCKER"}"#, "needs `docker.image`", in: every),
        Case(#""cmd": "x y", "container": 1️⃣{"volumes": []}"#, "needs `docker.image`", in: raml, not: before1),
        // Amounts.
        Case(
            #""cpus": 1️⃣0"#,
            "`cpus` must be",
            in: ["0.8.2", "1.5.15", "1.11.24"],
            not: ["0.7.6", "0.11.1", "1.4.13"]
        ),
        Case(#""cpus": 1️⃣-1"#, "at least", in: every), Case(#""mem": 1️⃣-1"#, "at least", in: every),
        Case(#""instances": 1️⃣-1"#, "at least", in: every),
        Case(#""instances": 1️⃣3000000000"#, "at most", in: every),
        Case(#""backoffFactor": 1️⃣0.5"#, "at least 1", in: raml, not: play),
        Case(#""backoffSeconds": 1️⃣-1"#, "at least 0", in: raml, not: play),
        // Ports.
        Case(#""ports": [80, 0, 0, 1️⃣80]"#, "`ports[0]` already", in: every),
        Case(#""ports": [1️⃣65536]"#, "0 to 65535", in: every),
        Case(#""portDefinitions": [{"port": 80}, {"port": 1️⃣80}]"#, "already", in: from1),
        Case(#""portDefinitions": [{"name": "a"}, {"name": 1️⃣"a"}]"#, "is called `a` already", in: from1),
        Case(#""portDefinitions": [{"name": 1️⃣"A_b"}]"#, "no name of a port", in: from1),
        Case(#""ports": 1️⃣[80], "portDefinitions": [{"port": 81}]"#, "different numbers", in: from1),
        Case(#""ports": 1️⃣[80], "ipAddress": {}"#, "has no `ports`", in: ["0.15.7", "1.4.13"]),
        Case(#""ports": 1️⃣[80], "ipAddress": {"networkName": "n"}"#, "has no `ports`", in: raml),
        Case(#""uris": 1️⃣["http://h/a"], "fetch": [{"uri": "http://h/b"}]"#, "both set", in: ["0.15.7"] + from1),
        Case(#""portDefinitions": [{"protocol": 1️⃣"icmp"}]"#, "no protocol", in: raml, not: ["1.4.13"]),
        Case(
            #""container": {"docker": {"image": "web", "network": "BRIDGE", "portMappings": [1️⃣{"hostPort": 0}]}}"#,
            "lacks `containerPort`",
            in: before1,
            not: from1
        ),
        Case(
            #""container": {"docker": {"image": "web", "network": "BRIDGE", "portMappings": [{"containerPort": 1, "protocol": 1️⃣"udp,tcp"}]}}"#,
            "no protocol",
            in: before1,
            not: from1
        ),
        // Networks.
        Case(
            #""container": {"docker": {"image": "web", "network": 1️⃣"USER"}}"#,
            "needs Marathon 1.1",
            in: ["1.0.0", "0.8.2"],
            not: ["1.1.5", "1.4.13"]
        ),
        Case(#""container": {"docker": {"image": "web", "network": 1️⃣"NONE"}}"#, "went away", in: raml, not: play),
        Case(#""container": {"docker": {"image": "web", "network": 1️⃣"BRIGDE"}}"#, "did you mean `BRIDGE`", in: every),
        Case(#""networks": [{"mode": "host"}], "ipAddress": 1️⃣{}"#, "`networks` and `ipAddress`", in: raml),
        Case(
            #""networks": [{"mode": "host"}], "container": {"docker": {"image": "web", "network": 1️⃣"HOST"}}"#,
            "are both set",
            in: raml
        ),
        Case(#""networks": [{"mode": "host"}, {"mode": 1️⃣"container/bridge"}]"#, "on the host's network, or", in: raml),
        Case(#""networks": [{"mode": "host"}, 1️⃣{"mode": "host"}]"#, "one network of mode host", in: raml),
        Case(#""networks": [{"mode": "host", "name": 1️⃣"n"}]"#, "has no name", in: raml),
        Case(#""networks": [1️⃣{"mode": "container"}]"#, "has no name", in: raml),
        Case(#""networks": [{"mode": "container", "name": "n"}, 1️⃣{"name": "n"}]"#, "already", in: raml),
        Case(
            #""networks": [{"name": "n"}, 1️⃣{"name": "m"}], "container": {"type": "DOCKER", "docker": {"image": "web"}}"#,
            "one container network",
            in: raml
        ),
        Case(
            #""networks": [{"name": "n"}, {"name": "m"}], "container": {"type": "MESOS", "portMappings": [1️⃣{"hostPort": 0}]}"#,
            "names that network",
            in: raml
        ),
        Case(
            #""networks": [{"name": "net"}], "container": {"type": "MESOS", "portMappings": [{"networkNames": [1️⃣"nett"]}]}"#,
            "did you mean `net`",
            in: raml
        ),
        // Health and readiness.
        Case(#""healthChecks": [{"portIndex": 1️⃣1}]"#, "none of the app's", in: every),
        Case(#""ports": [], "healthChecks": [1️⃣{"protocol": "TCP"}]"#, "no port to check", in: play),
        Case(#""ports": [1, 2], "healthChecks": [1️⃣{}]"#, "says none", in: raml, not: play),
        Case(#""ports": [], "healthChecks": [1️⃣{"protocol": "COMMAND"}]"#, "no port", in: ["0.7.6"], not: ["0.8.2"]),
        Case(#""healthChecks": [1️⃣{"protocol": "COMMAND"}]"#, "needs a `command`", in: ["1.4.13"] + raml, not: before1),
        Case(#""healthChecks": [{"command": 1️⃣{"value": "x"}}]"#, "has no `command`", in: raml, not: play),
        Case(#""healthChecks": [{"protocol": 1️⃣"HTTPS"}]"#, "needs Marathon 0.8.1", in: ["0.7.6"], not: ["0.8.2"]),
        Case(#""healthChecks": [{"protocol": 1️⃣"MESOS_TCP"}]"#, "needs Marathon 1.4", in: ["0.7.6", "1.3.13"]),
        Case(
            #""healthChecks": [{"protocol": "MESOS_TCP"}, 1️⃣{"protocol": "MESOS_HTTP"}]"#,
            "at most one",
            in: ["1.4.13"] + raml
        ),
        Case(#""readinessChecks": [{"portName": 1️⃣"web"}]"#, "no port is called `web`", in: from1),
        Case(
            #""portDefinitions": [{"name": "web"}], "readinessChecks": [{"portName": "web", "timeoutSeconds": 1️⃣30}]"#,
            "not shorter",
            in: from1
        ),
        Case(
            #""portDefinitions": [{"name": "w"}], "readinessChecks": [{"portName": "w"}, 1️⃣{"portName": "w"}]"#,
            "at most one",
            in: from1
        ),
        Case(#""check": 1️⃣{}"#, "one of http, tcp and exec", in: ["1.8.244", "1.11.24"]),
        // Strategies.
        Case(
            #""upgradeStrategy": {"minimumHealthCapacity": 1️⃣1.5, "maximumOverCapacity": 1}"#,
            "0 to 1",
            in: every.filter { $0 != "0.7.6" }
        ),
        Case(#""upgradeStrategy": 1️⃣{}"#, "lacks `minimumHealthCapacity`", in: ["0.7.6"], not: ["0.8.2", "1.4.13"]),
        Case(
            #""upgradeStrategy": 1️⃣{"minimumHealthCapacity": 1}"#,
            "lacks `maximumOverCapacity`",
            in: raml,
            not: play
        ),
        Case(
            #""instances": 1️⃣2, "labels": {"MARATHON_SINGLE_INSTANCE_APP": "true"}, "upgradeStrategy": {"minimumHealthCapacity": 0, "maximumOverCapacity": 0}"#,
            "allows one instance",
            in: from1,
            not: ["0.8.2"]
        ),
        Case(
            #""unreachableStrategy": {"inactiveAfterSeconds": 1️⃣9, "expungeAfterSeconds": 5}"#,
            "before they count as inactive",
            in: ["1.4.13"] + raml
        ),
        Case(
            #""unreachableStrategy": {"inactiveAfterSeconds": 1️⃣9}"#,
            "set `expungeAfterSeconds`",
            in: ["1.4.13", "1.11.24"],
            not: ["1.4.0", "1.5.0"]
        ),
        Case(#""killSelection": 1️⃣"YOUNGEST""#, "known here", in: ["1.4.13"] + raml),
        Case(#""unreachableStrategy": 1️⃣"off""#, "known here: disabled", in: ["1.4.13"] + raml),
        Case(#""executor": 1️⃣"a//b""#, "no executor", in: every),
        // Placement.
        Case(#""constraints": [["hostname", 1️⃣"UNIQ"]]"#, "did you mean `UNIQUE`", in: every),
        Case(#""constraints": [["hostname", 1️⃣"unique"]]"#, "no operator", in: play, not: raml),
        Case(#""constraints": [["hostname", 1️⃣"MAX_PER", "2"]]"#, "needs Marathon 1.3", in: ["0.7.6", "1.1.5"]),
        Case(
            #""constraints": [["rack", 1️⃣"IS", "a"]]"#,
            "needs Marathon 1.6",
            in: ["1.4.13", "1.5.15"],
            not: ["1.6.0"]
        ),
        Case(#""constraints": [["rack", "MAX_PER", 1️⃣"two"]]"#, "whole number", in: ["1.3.13"] + raml),
        Case(#""constraints": [1️⃣["rack", "LIKE"]]"#, "regular expression", in: ["1.3.13"] + raml, not: ["1.1.5"]),
        Case(#""constraints": [["rack", "GROUP_BY", 1️⃣"x"]]"#, "whole number", in: ["1.3.13"] + raml, not: ["0.8.2"]),
        Case(#""constraints": [1️⃣["rack"]]"#, "[field, operator]", in: every),
        Case(#""acceptedResourceRoles": 1️⃣[]"#, "is empty", in: ["0.11.1"] + from1),
        Case(#""acceptedResourceRoles": ["*", 1️⃣"x"]"#, "never come", in: ["1.10.26", "1.11.24"], not: ["1.9.109"]),
        // Containers, volumes, features.
        Case(#""container": {"docker": {"image": 1️⃣""}}"#, "has no name", in: every),
        Case(#""container": {"docker": 1️⃣{"network": "HOST"}}"#, "lacks `image`", in: every),
        Case(
            #""container": {"type": "MESOS", "docker": {"image": "web", "parameters": 1️⃣[{"key": "a", "value": "b"}]}}"#,
            "takes no `docker.parameters`",
            in: ["1.4.13"] + raml,
            not: ["1.1.5", "1.3.13"]
        ),
        Case(
            #""container": {"type": "MESOS", "docker": {"image": "web", "credential": 1️⃣{"principal": "p"}}}"#,
            "takes no `docker.credential`",
            in: ["1.4.13"],
            not: ["1.3.13"]
        ),
        Case(
            #""container": {"type": "MESOS", "docker": {"image": "web", "credential": 1️⃣{}}}"#,
            "lacks `principal`",
            in: ["1.3.13"]
        ),
        Case(
            #""container": {"type": "MESOS", "appc": {"image": "i", "id": 1️⃣"md5-0a"}}"#,
            "no id of an image",
            in: ["1.3.13", "1.4.13", "1.5.15", "1.8.244"]
        ),
        Case(
            #""container": {"type": "MESOS", "docker": {"image": "i"}, "appc": 1️⃣{"image": "i"}}"#,
            "a container has one image",
            in: ["1.5.15", "1.8.244"],
            not: ["1.3.13", "1.4.13"]
        ),
        Case(
            #""container": {"docker": {"image": "web", "parameters": 1️⃣[]}}"#,
            "as a mapping",
            in: ["0.7.6"],
            not: ["0.8.2"]
        ),
        Case(
            #""container": {"docker": {"image": "web"}, "volumes": [1️⃣{"containerPath": "/a", "mode": "RO"}]}"#,
            "lacks `hostPath`",
            in: every
        ),
        Case(
            #""container": {"docker": {"image": "web"}, "volumes": [{"containerPath": "/a", "hostPath": "/b", "mode": 1️⃣"ro"}]}"#,
            "did you mean `RO`",
            in: every
        ),
        Case(
            #""container": {"docker": {"image": "web"}, "volumes": [{"containerPath": 1️⃣"/a", "mode": "RW", "persistent": {"size": 1}}]}"#,
            "under a name",
            in: from1
        ),
        Case(
            #""container": {"docker": {"image": "web"}, "volumes": [{"containerPath": "a", "mode": "RW", "persistent": {"size": 1️⃣0}}]}"#,
            "more than 0",
            in: from1
        ),
        Case(
            #""upgradeStrategy": {"minimumHealthCapacity": 0, "maximumOverCapacity": 1️⃣1}, "container": {"docker": {"image": "web"}, "volumes": [{"containerPath": "a", "mode": "RW", "persistent": {"size": 1}}]}"#,
            "cannot start more",
            in: from1
        ),
        Case(#""gpus": 1️⃣1"#, "feature `gpu_resources`", in: ["1.3.13"] + raml),
        Case(
            #""gpus": 1️⃣1, "container": {"docker": {"image": "web"}}"#,
            "no GPUs",
            in: ["1.3.13"] + raml,
            flags: "enable_features: gpu_resources"
        ),
        Case(#""secrets": 1️⃣{"s": {"source": "/s"}}"#, "feature `secrets`", in: ["1.3.13"] + raml),
        Case(
            #""env": {"A": {"secret": 1️⃣"s"}}"#,
            "`secrets` has no `s`",
            in: raml,
            not: ["1.3.13", "1.4.13"],
            flags: "enable_features: \"vips, secrets\""
        ),
        Case(#""env": {"A": {"secret": 1️⃣"s"}}"#, "needs Marathon 1.3", in: ["0.7.6", "1.1.5"]),
        Case(#""resourceLimits": {"cpus": 1️⃣0.5}"#, "below the 1", in: ["1.11.24"]),
        Case(#""resourceLimits": {"cpus": 1️⃣"none"}"#, "`unlimited`", in: ["1.11.24"]),
        // Fields.
        Case(#"1️⃣"cmdd": "x""#, "knows no field `cmdd`", in: every),
        Case(#""container": {"docker": {"image": "web", 1️⃣"imge": "x"}}"#, "`container.docker.imge`", in: every),
        Case(#""healthChecks": [{1️⃣"pathh": "/"}]"#, "did you mean `path`?", in: every),
        Case(#"1️⃣"version": "2014-01-01T00:00:00Z""#, "Marathon's own", in: every),
        Case(#"1️⃣"tasksRunning": 3"#, "Marathon's own", in: every),
        Case(#""fetch": 1️⃣[{"uri": "http://h/a"}]"#, "`fetch` needs Marathon 0.15; 0.7.6 ignores it", in: ["0.7.6"]),
        Case(#""labels": 1️⃣{"a": "b"}"#, "needs Marathon 0.8", in: ["0.7.6"], not: ["0.8.2"]),
        Case(#""storeUrls": 1️⃣["http://h/a"]"#, "went away with Marathon 1.5", in: raml),
        Case(#""storeUrls": 1️⃣["http://h/a"]"#, "moves `storeUrls` away", in: play),
        Case(
            #""upgradeStrategy": {"minimumHealthCapacity": 1, "maximumOverCapacity": 1️⃣1}"#,
            "`upgradeStrategy.maximumOverCapacity` needs Marathon 0.8",
            in: ["0.7.6"],
            not: ["0.8.2"]
        ),
    ]

    @Test("a rule finds its fault at its place, in the releases that have it and in no other", arguments: cases.indices)
    func isFound(index: Int) {
        let rule = Self.cases[index]
        let marked = MarkedText(AppSample.body(rule.members), file: "apps/x.json")
        for release in rule.refused {
            let reading = AppSample.read(["apps/x.json": marked.text], marathon: release, flags: rule.flags)
            #expect(reading.errors.map(\.position) == marked.marks, "\(release) \(rule.members): \(reading.errors)")
            let words = reading.errors.first?.description ?? ""
            #expect(words.contains(rule.problem), "\(release) \(rule.members): \(words)")
        }
        for release in rule.taken {
            let reading = AppSample.read(["apps/x.json": marked.text], marathon: release, flags: rule.flags)
            #expect(reading.errors == [], "\(release) \(rule.members)")
        }
    }

    @Test(
        "the planner, asking with the observed release, finds the same faults at the same places",
        arguments: cases.indices
    )
    func isFoundByThePlannerToo(index: Int) throws {
        let rule = Self.cases[index]
        let marked = MarkedText(AppSample.body(rule.members), file: "apps/x.json")
        for release in rule.refused {
            let reading = AppSample.read(["apps/x.json": marked.text], marathon: release, flags: rule.flags)
            let app = try #require(reading.apps.first)
            let desired = DesiredApp(
                id: app.id.value,
                definition: app.definition,
                position: app.position,
                positions: app.positions
            )
            var context = AppContext(release: try #require(MarathonRelease(release)))
            if rule.flags.contains("secrets") { context.features = ["secrets"] }
            if rule.flags.contains("gpu") { context.features = ["gpu_resources"] }
            let found = faults(of: desired, in: context)
            #expect(found.map { desired.position(of: $0.path) } == marked.marks, "\(release) \(rule.members): \(found)")
        }
    }

    @Test("without a pin, what some release takes is no fault", arguments: cases.indices)
    func isNoFaultWhereSomeReleaseTakesIt(index: Int) {
        let rule = Self.cases[index]
        let marked = MarkedText(AppSample.body(rule.members), file: "apps/x.json")
        let reading = AppSample.read(["apps/x.json": marked.text])
        if !rule.taken.isEmpty { #expect(reading.errors == [], "\(rule.members)") }
        if rule.refused == Self.every { #expect(reading.errors.map(\.position) == marked.marks, "\(reading.errors)") }
    }
}
