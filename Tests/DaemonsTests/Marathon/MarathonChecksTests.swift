import Testing

@testable import Daemons

/// The rules of definitions with status, place and words, release by release (marathon-api.md 1.0 and section 4).
@Suite struct MarathonChecksTests {
    /// What a POST is answered: nil for 201, else the status and a part of the body.
    struct Row: Sendable, CustomTestStringConvertible {
        var body: String
        /// One for 0.7.6, 0.8.2, 1.4.13 and 1.11.24 each.
        var answers: [(Int, String)?]
        var testDescription: String { body }

        init(_ members: String, id: String = "/x", _ answers: (Int, String)?...) {
            body = "{\"id\":\"\(id)\",\(members)}"
            self.answers = answers
        }
    }

    static let pattern = #""path":"/id","errors":["must fully match regular expression '^(([a-z0-9]|[a-z0-9]"#
    static let characters =
        #"{"errors":[{"attribute":"id","error":"path contains invalid characters (allowed: lowercase letters, digits, hyphens, \".\", \"..\")"}]}"#
    static let command = "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'."
    static let indices = MarathonAppCheck.portIndices

    static let shapes: [Row] = [
        Row(
            #""cmd":1"#,
            (
                500,
                #"{"message":"JsResultException(errors:List((/cmd,List(ValidationError(error.expected.jsstring,WrappedArray())))))"}"#
            ),
            (
                400,
                #"{"message":"Invalid JSON: JsResultException(errors:List((/cmd,List(ValidationError(error.expected.jsstring,WrappedArray())))))"}"#
            ),
            (400, #"{"message":"Invalid JSON","details":[{"path":"/cmd","errors":["error.expected.jsstring"]}]}"#),
            (422, #"{"message":"Invalid JSON","details":[{"path":"/cmd","errors":["error.expected.jsstring"]}]}"#)
        ),
        Row(
            #""cmd":"cc","instances":"2""#,
            (500, "/instances"),
            (400, "/instances"),
            (400, "/instances"),
            (422, "/instances")
        ),
        Row(#""cmd":"cc","env":{"A":1}"#, (500, "/env/A"), (400, "/env/A"), (400, "/env/A"), (422, "/env/A")),
        Row(
            #""cmd":"cc","instances":-1"#,
            (500, "ValidationError(value must not be less than 0,"),
            (400, "ValidationError(value must not be less than 0,"),
            (422, #"{"path":"/instances","errors":["got -1, expected 0 or more"]}"#),
            (422, #"{"path":"/instances","errors":["error.min"]}"#)
        ),
        Row(#""cmd":"cc","cpus":0"#, nil, (400, "value must be greater than 0.0"), nil, (422, "error.min")),
        Row(#""cmd":"cc","mem":-1"#, nil, nil, (422, #""/mem""#), (422, #""/mem""#)),
        Row(
            #""container":{"type":"MESOS","docker":{"image":"i","credential":{"principal":"p"}}}"#,
            nil,
            nil,
            (400, "Mesos Containerizer does not support credential"),
            (422, "/container/docker/credential")
        ),
        Row(
            #""container":{"docker":{"image":"i","credential":{"principal":"p"}}}"#,
            nil,
            nil,
            (400, "Docker Containerizer does not support credential"),
            (422, "/container/docker/credential")
        ),
        Row(
            #""cmd":"cc","ports":[1,1]"#,
            (500, "(/ports,List())"),
            (400, "(/ports,List())"),
            (400, "Ports must be unique."),
            (422, "ports must be unique")
        ),
        Row(#""cmd":"cc","ports":[70000]"#, nil, nil, nil, (422, #"{"path":"/ports(0)","errors":["error.max"]}"#)),
        Row(
            #""cmd":"cc","executor":"a//b""#,
            (500, "error.pattern"),
            (400, "error.pattern"),
            (400, "error.pattern"),
            (422, "error.pattern")
        ),
        Row(#""cmd":"""#, nil, nil, (400, "error.minLength"), (422, "error.minLength")),
        Row(#""cmd":"c""#, nil, nil, nil, (422, #"{"path":"/","errors":["must not be an empty string"]}"#)),
        Row(#""cmd":"cc","upgradeStrategy":{}"#, (500, "error.path.missing"), nil, nil, (422, "error.path.missing")),
        Row(
            #""cmd":"cc","acceptedResourceRoles":[]"#,
            nil,
            nil,
            (400, "set must not be empty"),
            (422, #"{"path":"/acceptedResourceRoles","errors":["must not be empty"]}"#)
        ),
        Row(
            #""cmd":"cc","constraints":[["hostname","NEXT_TO"]]"#,
            (422, #"{"message":"No enum constant mesosphere.marathon.Protos.Constraint.Operator.NEXT_TO"}"#),
            (422, #"{"message":"No enum constant mesosphere.marathon.Protos.Constraint.Operator.NEXT_TO"}"#),
            (400, "Constraint operator must be one of the following: ["),
            (422, "operator must be one of the following UNIQUE")
        ),
        Row(
            #""cmd":"cc","constraints":[["hostname","unique"]]"#,
            (422, "No enum"),
            (422, "No enum"),
            (400, "operator"),
            nil
        ),
        Row(
            #""cmd":"cc","constraints":[["hostname"]]"#,
            (500, #"{"message":"1"}"#),
            (500, #"{"message":"1"}"#),
            (400, "Constraint definition must be an array"),
            (422, "error.minLength")
        ),
        Row(
            #""cmd":"cc","constraints":[["a","GROUP_BY","x"]]"#,
            nil,
            nil,
            (422, "Value was specified but is not a number"),
            (422, "GROUP BY must define an integer value")
        ),
        Row(
            #""cmd":"cc","constraints":[["a","LIKE"]]"#,
            nil,
            nil,
            (422, "A regular expression value must be provided"),
            (422, "LIKE and UNLIKE require")
        ),
        Row(
            #""container":{"docker":{}}"#,
            (500, "(/container/docker/image,List(ValidationError(error.path.missing"),
            (400, "/container/docker/image"),
            (400, "/container/docker/image"),
            (422, "/container/docker/image")
        ),
        Row(
            #""container":{"docker":{"image":"i","network":"OVERLAY"}}"#,
            (500, "OVERLAY is not a valid network type"),
            (400, "OVERLAY is not a valid network type"),
            (400, "OVERLAY is not a valid network type"),
            (422, "error.unknown.enum.literal")
        ),
        Row(
            #""container":{"docker":{"image":"i","network":"BRIDGE","portMappings":[{"containerPort":1,"protocol":"sctp"}]}}"#,
            (422, "requirement failed: protocol can only be 'tcp' or 'udp'"),
            (422, "requirement failed: protocol can only be 'tcp' or 'udp'"),
            (422, "is not one of (tcp,udp)"),
            (422, "error.unknown.enum.literal")
        ),
        Row(
            #""cmd":"cc","healthChecks":[{"protocol":"COMMAND"}]"#,
            (500, indices),
            nil,
            (400, #""/healthChecks(0)/command""#),
            (500, "illegal protocol")
        ),
    ]

    static let rules: [Row] = [
        Row(
            #""cmd":"cc""#,
            id: "/a_b",
            (422, characters),
            (422, characters),
            (422, pattern),
            (422, #"{"path":"/id","errors":["error.pattern"]}"#)
        ),
        Row(#""cmd":"cc""#, id: "/a/-b", (422, characters), (422, characters), (422, pattern), (422, "error.pattern")),
        Row(#""cmd":"cc""#, id: "/a/b.c-1", nil, nil, nil, nil),
        Row(
            #""cmd":"cc""#,
            id: "/a/tasks",
            nil,
            nil,
            nil,
            (422, "must not end with any of the following reserved keywords: restart, tasks, versions, ., ..")
        ),
        Row(
            #""cmd":"cc""#,
            id: "/",
            (422, "must not be root"),
            (400, "(,List())"),
            (400, #"{"path":"","errors":[]}"#),
            (422, "Path must contain at least one path element")
        ),
        Row(
            #""cmd":"cc","dependencies":["/A"]"#,
            (422, #""dependencies[0]""#),
            (422, #""dependencies[0]""#),
            (422, #""/dependencies(0)""#),
            (422, "error.pattern")
        ),
        Row(
            #""mem":1"#,
            (422, #"{"attribute":"","error":"\#(command)"}"#),
            (422, #"{"attribute":"","error":"\#(command)"}"#),
            (422, #"{"path":"/","errors":["\#(command)"]}"#),
            (422, #"{"path":"/","errors":["\#(command)"]}"#)
        ),
        Row(#""cmd":"cc","args":["a"]"#, (422, command), (422, command), (422, command), (422, command)),
        Row(#""cmd":"cc","args":[]"#, (422, command), (422, command), nil, nil),
        Row(#""cmd":"cc","args":["a"],"container":{"docker":{"image":"i"}}"#, nil, nil, (422, command), (422, command)),
        Row(
            #""cmd":"cc","upgradeStrategy":{"minimumHealthCapacity":1.5,"maximumOverCapacity":0}"#,
            (422, #"{"attribute":"upgradeStrategy.minimumHealthCapacity","error":"is greater than 1"}"#),
            (422, #"{"attribute":"upgradeStrategy.minimumHealthCapacity","error":"is greater than 1"}"#),
            (
                422,
                #"{"path":"/upgradeStrategy/minimumHealthCapacity","errors":["got 1.5, expected between 0.0 and 1.0"]}"#
            ),
            (422, #"{"path":"/upgradeStrategy/minimumHealthCapacity","errors":["error.max"]}"#)
        ),
        Row(
            #""cmd":"cc","ports":[0],"healthChecks":[{"portIndex":1}]"#,
            (500, indices),
            (500, indices),
            (422, #"{"path":"/healthChecks(0)","errors":["\#(indices)"]}"#),
            (422, #"{"path":"/healthChecks(0)","errors":["\#(indices)"]}"#)
        ),
        Row(#""cmd":"cc","healthChecks":[{}]"#, (500, indices), nil, nil, nil),
        Row(
            #""cmd":"cc","healthChecks":[{"protocol":"MESOS_TCP"},{"protocol":"MESOS_HTTP"}]"#,
            (500, "MESOS_TCP is not a valid protocol"),
            (400, "MESOS_TCP is not a valid protocol"),
            (422, "at most one Mesos health check"),
            (422, "at most one Mesos health check")
        ),
        Row(
            #""cmd":"cc","portDefinitions":[{"name":"a"},{"name":"a"}]"#,
            nil,
            nil,
            (422, "Port names must be unique."),
            (422, "Port names must be unique.")
        ),
        Row(
            #""cmd":"cc","portDefinitions":[{"name":"A"}]"#,
            nil,
            nil,
            (422, #""/portDefinitions(0)/name""#),
            (422, #"{"path":"/portDefinitions(0)/name","errors":["error.pattern"]}"#)
        ),
        Row(
            #""cmd":"cc","labels":{"MARATHON_SINGLE_INSTANCE_APP":"true"},"instances":2"#,
            nil,
            nil,
            (422, "Single instance app may only have one instance"),
            (422, "Single instance app may only have one instance")
        ),
        Row(
            #""cmd":"cc","secrets":{"a":{"source":"b"}}"#,
            nil,
            nil,
            (422, "Feature secrets is not enabled. Enable with --enable_features secrets)"),
            (422, "Feature secrets is not enabled. Enable with --enable_features secrets)")
        ),
        Row(#""cmd":"cc","gpus":1"#, nil, nil, (422, "gpu_resources"), (422, "gpu_resources")),
        Row(
            #""cmd":"cc","ipAddress":{},"ports":[1]"#,
            nil,
            nil,
            (400, "You cannot specify both an IP address and ports"),
            (422, "cannot specify both an IP address and port")
        ),
        Row(
            #""cmd":"cc","uris":["a"],"fetch":[{"uri":"b"}]"#,
            nil,
            nil,
            (400, "You cannot specify both uris and fetch fields"),
            (422, #"{"path":"/uris","errors":["may not be set in conjunction with fetch"]}"#)
        ),
        Row(
            #""cmd":"cc","unreachableStrategy":{"inactiveAfterSeconds":2,"expungeAfterSeconds":1}"#,
            nil,
            nil,
            (422, "got 2 seconds, expected 1 seconds or less"),
            (422, "got 2 seconds, expected 1 seconds or less")
        ),
        Row(
            #""cmd":"cc","readinessChecks":[{"portName":"web"}]"#,
            nil,
            nil,
            (422, "No port definition reference for portName web"),
            (422, "No port definition reference for portName web")
        ),
        Row(
            #""cmd":"cc","networks":[{"mode":"host"},{"mode":"container","name":"a"}]"#,
            nil,
            nil,
            nil,
            (422, "May specify a single host network")
        ),
        Row(
            #""cmd":"cc","networks":[{"mode":"host"}],"ipAddress":{}"#,
            nil,
            nil,
            nil,
            (422, "must not specify both networks and ipAddress")
        ),
        Row(#""cmd":"cc","role":"other""#, nil, nil, nil, (422, #""/role""#)),
        Row(
            #""cmd":"cc","acceptedResourceRoles":["other"]"#,
            nil,
            nil,
            nil,
            (422, "acceptedResourceRoles can only contain *")
        ),
        Row(#""cmd":"cc","nonsense":{"a":[1]},"tasksRunning":"x""#, nil, nil, nil, nil),
    ]

    @Test(arguments: shapes + rules)
    func `a body is refused by status, place and words of the release, or taken`(row: Row) throws {
        #expect(row.answers.count == MarathonAppSample.releases.count)
        for (version, expected) in zip(MarathonAppSample.releases, row.answers) {
            let fault = MarathonAppSample.fault { _ = try MarathonAppSample.create(row.body, version) }
            #expect(fault?.status == expected?.0, "\(version): \(fault?.body.text ?? "taken")")
            if let expected, let fault {
                let words = fault.body.text
                #expect(
                    words.contains(expected.1) || (fault.body["message"]?.string ?? "").contains(expected.1),
                    "\(version): \(words)"
                )
            }
        }
    }

    @Test func `a violation is told in the shape of its time`() {
        let violations = [
            MarathonFault.Violation(path: "/upgradeStrategy/minimumHealthCapacity", "is greater than 1"),
            MarathonFault.Violation(path: "/id", "a"), MarathonFault.Violation(path: "/id", "b"),
        ]
        let old: JSON = [
            ["attribute": "upgradeStrategy.minimumHealthCapacity", "error": "is greater than 1"],
            ["attribute": "id", "error": "a"], ["attribute": "id", "error": "b"],
        ]
        let paths: JSON = [
            ["path": "/upgradeStrategy/minimumHealthCapacity", "errors": ["is greater than 1"]],
            ["path": "/id", "errors": ["a", "b"]],
        ]
        let bodies: [(MarathonVersion, JSON)] = [
            (MarathonVersion(0, 10, 1), ["errors": old]),
            (MarathonVersion(0, 11, 1), ["message": "Bean is not valid", "errors": old]),
            (MarathonVersion(0, 15, 7), ["message": "Object is not valid", "details": old]),
            (MarathonVersion(1, 1, 5), ["message": "Object is not valid", "details": paths]),
        ]
        for (version, body) in bodies {
            #expect(MarathonFault.validation(version, violations) == MarathonFault(422, body), "\(version)")
        }
    }

    @Test func `what is no JSON and what is missing is told in the words of the release`() {
        let fault = JSONFault(offset: 3, message: "expected a key")
        #expect(MarathonFault.malformed(MarathonVersion(0, 8, 2), fault).body["details"] == nil)
        #expect(MarathonFault.malformed(MarathonVersion(1, 4, 13), fault).body["message"] == "Invalid JSON")
        #expect(MarathonFault.malformed(MarathonVersion(1, 4, 13), fault).status == 400)
        #expect(MarathonFault.empty(MarathonVersion(1, 4, 13)).body["message"] == "Please specify data in JSON format")
        #expect(MarathonFault.duplicate("demo").body == ["message": "An app with id [demo] already exists."])
        let unknown = MarathonFault.unknownApp("/x", version: "2014-08-26T07:37:50.462Z")
        #expect(unknown.body == ["message": "App '/x' does not exist in version 2014-08-26T07:37:50.462Z"])
        #expect(unknown.status == 404)
    }

    @Test(arguments: MarathonAppSample.releases)
    func `a root has no cycles, and no app that is a group`(version: MarathonVersion) throws {
        let codec = MarathonAppSample.codec(version)
        func tree(_ dependencies: [String: [String]], groups: [String: [String]] = ["/": []]) -> MarathonTree {
            var apps: [String: MarathonApp] = [:]
            for (id, needed) in dependencies {
                apps[id] = MarathonApp(id: id, version: MarathonAppSample.now)
                apps[id]?.dependencies = needed
            }
            return MarathonTree(apps: apps, groups: groups)
        }
        try codec.validate(tree(["/a": ["/b", "/nowhere"], "/b": [], "/c": ["/a", "/b"]]))
        try codec.validate(tree(["/a": ["/g"], "/g/b": ["/c"], "/c": []], groups: ["/": [], "/g": []]))
        for broken in [
            tree(["/a": ["/b"], "/b": ["/c"], "/c": ["/a"]]), tree(["/a": ["/a"]]),
            tree(["/a": ["/g"], "/g/b": ["/a"]], groups: ["/": [], "/g": []]),
            tree(["/a": ["/g/b"], "/g/b": []], groups: ["/": [], "/g": ["/a"]]),
        ] {
            let fault = MarathonAppSample.fault { try codec.validate(broken) }
            #expect(fault?.status == 422)
            #expect(fault?.body.text.contains("Dependency graph has cyclic dependencies") == true)
        }
        let clash = MarathonAppSample.fault { try codec.validate(tree(["/a": []], groups: ["/": [], "/a": []])) }
        #expect(clash?.body.text.contains("Groups and Applications may not have the same identifier") == true)
    }

    @Test func `service ports of two bridges conflict from 0_8_1 to 1_1 only`() throws {
        let body: JSON = [
            "id": "/x",
            "container": [
                "docker": [
                    "image": "i", "network": "BRIDGE", "portMappings": [["containerPort": 80, "servicePort": 9000]],
                ]
            ],
        ]
        let expected: [(MarathonVersion, Int?)] = [
            (MarathonVersion(0, 7, 6), nil), (MarathonVersion(0, 8, 2), 409), (MarathonVersion(0, 13, 1), 409),
            (MarathonVersion(1, 1, 5), 422), (MarathonVersion(1, 4, 13), nil), (MarathonVersion(1, 11, 24), nil),
        ]
        for (version, status) in expected {
            let codec = MarathonAppSample.codec(version)
            let app = try codec.readApp(body, at: MarathonAppSample.now)
            var other = app
            other.id = "/other"
            let tree = MarathonTree(apps: ["/x": app, "/other": other])
            let fault = MarathonAppSample.fault { try codec.checkServicePorts(of: app, in: tree) }
            #expect(fault?.status == status, "\(version)")
            let words = "Requested service port 9000 conflicts with a service port in app /other"
            #expect(fault?.body.text.contains(words) ?? true)
        }
    }

    @Test(arguments: MarathonAppSample.releases)
    func `an id outside of its group is refused`(version: MarathonVersion) throws {
        let codec = MarathonAppSample.codec(version)
        try codec.checkChild("web", of: "/prod", path: "/apps(0)/id", attribute: "apps[0].id")
        try codec.checkChild("/prod/web", of: "/prod", path: "/apps(0)/id", attribute: "apps[0].id")
        let fault = MarathonAppSample.fault {
            try codec.checkChild("/dev/web", of: "/prod", path: "/apps(0)/id", attribute: "apps[0].id")
        }
        #expect(fault?.status == 422)
        #expect(fault?.body.text.lowercased().contains("is not child of") == true)
    }

    @Test func `volumes bound to an agent bring residency, and may not change`() throws {
        let body = """
            {"id":"/x","cmd":"cc","container":{"type":"MESOS","volumes":[{"containerPath":"data","mode":"RW",\
            "persistent":{"size":10}}]}}
            """
        for version in MarathonAppSample.releases.suffix(2) {
            let codec = MarathonAppSample.codec(version)
            let app = try MarathonAppSample.create(body, version)
            #expect(app.upgradeStrategy.minimumHealthCapacity == 0.5 && app.upgradeStrategy.maximumOverCapacity == 0)
            let json = codec.json(app)
            #expect(json["unreachableStrategy"] == "disabled")
            #expect(
                json["residency"]?.text
                    == #"{"relaunchEscalationTimeoutSeconds":3600,"taskLostBehavior":"WAIT_FOREVER"}"#
            )
            var bigger = app
            bigger.cpus = 2
            let fault = MarathonAppSample.fault { try codec.validate(bigger, former: app) }
            #expect(fault?.body.text.contains("Resident Tasks may not change resource requirements!") == true)
            try codec.validate(app, former: app)
        }
    }
}
