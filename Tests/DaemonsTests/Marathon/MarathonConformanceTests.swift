import Testing

@testable import Daemons

/// Recorded answers and documented bodies, read and written again.
///
/// The documentation's answers were recorded in August to October 2014 on 0.7.0-SNAPSHOT, partly edited by hand, and not
/// refreshed for later releases (remarks of marathon-examples/README.md). Therefore the exceptions:
///  1. a nested key recorded as null may be missing: Jackson wrote those, Play leaves them out;
///  2. the keys of `newer` may be written and not recorded: they came after the recording, or were edited away.
@Suite struct MarathonConformanceTests {
    static let newer: Set<String> = [
        "/labels object", "/maxLaunchDelaySeconds number", "/upgradeStrategy/maximumOverCapacity number",
        "/container/docker/privileged bool", "/container/docker/parameters array",
        "/container/docker/parameters object", "/container/docker/forcePullImage bool",
        "/healthChecks/*/ignoreHttp1xx bool", "/requirePorts bool",
    ]

    static let recorded: [(file: String, version: MarathonVersion)] = [
        ("v0.7.6-get-apps-embed-tasks.json", MarathonVersion(0, 7, 6)),
        ("v0.8.2-get-apps.json", MarathonVersion(0, 8, 2)),
        ("v0.8.2-get-apps-embed-tasks.json", MarathonVersion(0, 8, 2)),
        ("v0.8.2-get-app-or-apps-2.json", MarathonVersion(0, 8, 2)),
        ("v1.5.5-real-apps-sample.json", MarathonVersion(1, 5, 5)),
    ]

    @Test(arguments: recorded)
    func `a recorded app that is read and written keeps its keys and types`(
        file: String,
        version: MarathonVersion
    ) throws {
        let answer = try MarathonAppSample.fixture(file)
        let apps = answer["apps"]?.array ?? [answer["app"] ?? answer]
        #expect(!apps.isEmpty)
        let codec = MarathonAppSample.codec(version)
        for recorded in apps {
            let app = try codec.readApp(MarathonAppSample.stripped(recorded, version), at: MarathonAppSample.now)
            try codec.validate(app)
            let written = codec.json(app)
            try compare(recorded, written, version, file)
        }
    }

    @Test(arguments: [
        ("v0.7.6-post-apps-response-201.json", MarathonVersion(0, 7, 6)),
        ("v0.8.2-post-apps-response-201.json", MarathonVersion(0, 8, 2)),
    ])
    func `the documented POST is answered with the documented keys and types`(
        file: String,
        version: MarathonVersion
    ) throws {
        let codec = MarathonAppSample.codec(version)
        let request = try MarathonAppSample.fixture("v0.8.2-post-apps-request.json")
        let app = try codec.readApp(request, at: MarathonAppSample.now)
        try codec.validate(app)
        let answer = codec.createdJSON(app, deployment: "f44fd4fc-4330-4600-a68b-99c7bd33014a")
        let recorded = try MarathonAppSample.fixture(file)
        // Recorded before 0.8's counts; nested nulls are Jackson's in both.
        let late: Set<String> = [
            "/container/docker/network null", "/container/docker/portMappings null", "/tasksStaged number",
            "/tasksRunning number", "/tasksHealthy number", "/tasksUnhealthy number", "/tasks array",
        ]
        let missing = MarathonAppSample.shape(recorded).subtracting(MarathonAppSample.shape(answer))
        let added = MarathonAppSample.shape(answer).subtracting(MarathonAppSample.shape(recorded))
        #expect(missing.isEmpty)
        #expect(added.subtracting(Self.newer).subtracting(late).isEmpty)
        for key in ["id", "cpus", "mem", "ports", "constraints", "upgradeStrategy"] where key != "upgradeStrategy" {
            #expect(answer[key] == recorded[key], "\(key)")
        }
    }

    private func compare(_ recorded: JSON, _ written: JSON, _ version: MarathonVersion, _ file: String) throws {
        var object = recorded.object ?? [:]
        for key in MarathonAppSample.readOnly { object[key] = nil }
        var other = written.object ?? [:]
        for key in MarathonAppSample.readOnly { other[key] = nil }
        let before = MarathonAppSample.shape(.object(object))
        let after = MarathonAppSample.shape(.object(other))
        let missing = before.subtracting(after).filter {
            !($0.hasSuffix(" null") && $0.split(separator: "/").count > 1)
        }
        let added = after.subtracting(before).subtracting(version.isAtLeast(1, 5) ? [] : Self.newer)
        #expect(missing.isEmpty, "\(file): \(missing.sorted())")
        #expect(added.isEmpty, "\(file): \(added.sorted())")
    }

    @Test func `a real app of 1_5_5 is written value for value as it was recorded`() throws {
        let recorded = try #require(try MarathonAppSample.fixture("v1.5.5-real-apps-sample.json")["apps"]?.array?.first)
        let codec = MarathonAppSample.codec(MarathonVersion(1, 5, 5))
        let app = try codec.readApp(MarathonAppSample.stripped(recorded, codec.version), at: MarathonAppSample.now)
        let written = codec.json(app)
        for member in recorded.object?.members ?? [] where !MarathonAppSample.readOnly.contains(member.key) {
            #expect(sorted(written[member.key] ?? .null) == sorted(member.value), "\(member.key)")
        }
        #expect(written.text.contains(#""disk":0,"#))
    }

    private func sorted(_ json: JSON) -> JSON {
        switch json {
        case .object(let object):
            .object(JSONObject(members: object.members.sorted { $0.key < $1.key }.map { ($0.key, sorted($0.value)) }))
        case .array(let values): .array(values.map(sorted))
        default: json
        }
    }

    @Test func `the documented bodies that no release takes are refused in its words`() throws {
        let codec = MarathonAppSample.codec(MarathonVersion(0, 8, 2))
        let full = try MarathonAppSample.fixture("v0.8.2-post-apps-request-full.json")
        let operatorFault = MarathonAppSample.fault { _ = try codec.readApp(full, at: MarathonAppSample.now) }
        #expect(operatorFault?.status == 422)
        #expect(
            operatorFault?.body["message"]
                == "No enum constant mesosphere.marathon.Protos.Constraint.Operator.OPERATOR"
        )
        let app = MarathonApp(id: "/a", version: MarathonAppSample.now)
        let put = try MarathonAppSample.fixture("v0.8.2-put-app-request.json")
        let texts = MarathonAppSample.fault { _ = try codec.update(app, with: put, at: MarathonAppSample.later) }
        #expect(texts?.status == 400)
        #expect(
            texts?.body["message"]?.string?.contains("(/instances,List(ValidationError(error.expected.jsnumber") == true
        )
    }

    @Test func `the examples of 1_11 that are bodies are taken, and the one that mixes old and new is not`() throws {
        let codec = MarathonAppSample.codec(MarathonVersion(1, 11, 24))
        let check = try MarathonAppSample.fixture("v1.11-app-check-http-example.json")
        let app = try codec.readApp(check, at: MarathonAppSample.now)
        try codec.validate(app)
        #expect(codec.json(app)["check"] == check["check"])
        for body in try MarathonAppSample.fixture("v1.11-apps_create.json").array ?? [] {
            try codec.validate(try codec.readApp(body, at: MarathonAppSample.now))
        }
        let mixed = try MarathonAppSample.fixture("v1.11-app.json")
        let fault = MarathonAppSample.fault { _ = try codec.readApp(mixed, at: MarathonAppSample.now) }
        #expect(fault?.status == 422)
        let paths = fault?.body["details"]?.array?.compactMap { $0["path"]?.string }
        #expect(paths == ["/ipAddress", "/"])
    }

    @Test func `apps of a group of old times are taken by 1_11 in their new shape`() throws {
        let codec = MarathonAppSample.codec(MarathonVersion(1, 11, 24))
        let tools = try #require(try MarathonAppSample.fixture("v1.11-group.json")["groups"]?.array?.first)
        let docker = try #require(tools["groups"]?.array?.last?["apps"]?.array?.first)
        for body in (tools["apps"]?.array ?? []) + [docker] {
            var object = body.object ?? [:]
            if object["cmd"] == nil, object["container"] == nil { object["cmd"] = "sleep 1" }
            try codec.validate(try codec.readApp(.object(object), base: "/tools", at: MarathonAppSample.now))
        }
        let registry = codec.json(try codec.readApp(docker, base: "/tools/docker", at: MarathonAppSample.now))
        #expect(registry["networks"] == [["mode": "container/bridge"]])
        #expect(registry["container"]?["portMappings"]?.array?.first?["servicePort"] == 5000)
        #expect(registry["container"]?["docker"]?["network"] == nil)
        #expect(registry["portDefinitions"] == nil)
    }

    @Test(arguments: ["v0.7.6-put-app-409-locked.json", "v0.8.2-put-app-409-locked.json"])
    func `a locked app is refused in the recorded words`(file: String) throws {
        let recorded = try MarathonAppSample.fixture(file)
        let ids = recorded["deployments"]?.array?.compactMap { $0["id"]?.string } ?? []
        #expect(sorted(MarathonFault.locked(by: ids).body) == sorted(recorded))
    }
}
