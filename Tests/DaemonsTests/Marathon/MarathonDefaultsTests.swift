import Testing

@testable import Daemons

/// What each release fills in and how it writes it (marathon-api.md 3.1 to 3.4).
@Suite struct MarathonDefaultsTests {
    /// The exact answer to `{"id":"/x","cmd":"sleep 1"}`, in the order of the writer.
    static let minimal: [(version: MarathonVersion, text: String)] = [
        (
            MarathonVersion(0, 7, 6),
            """
            {"id":"/x","cmd":"sleep 1","args":null,"user":null,"env":{},"instances":1,"cpus":1.0,"mem":128.0,"disk":0.0,\
            "executor":"","constraints":[],"uris":[],"storeUrls":[],"ports":[],"requirePorts":false,"backoffSeconds":1,\
            "backoffFactor":1.15,"container":null,"healthChecks":[],"dependencies":[],\
            "upgradeStrategy":{"minimumHealthCapacity":1.0},"version":"2014-08-26T07:37:50.462Z",\
            "tasksStaged":0,"tasksRunning":0,"deployments":[]}
            """
        ),
        (
            MarathonVersion(0, 8, 2),
            """
            {"id":"/x","cmd":"sleep 1","args":null,"user":null,"env":{},"instances":1,"cpus":1.0,"mem":128.0,"disk":0.0,\
            "executor":"","constraints":[],"uris":[],"storeUrls":[],"ports":[10000],"requirePorts":false,\
            "backoffSeconds":1,"backoffFactor":1.15,"maxLaunchDelaySeconds":3600,"container":null,"healthChecks":[],\
            "dependencies":[],"upgradeStrategy":{"minimumHealthCapacity":1.0,"maximumOverCapacity":1.0},"labels":{},\
            "version":"2014-08-26T07:37:50.462Z",\
            "tasksStaged":0,"tasksRunning":0,"tasksHealthy":0,"tasksUnhealthy":0,"deployments":[]}
            """
        ),
        (
            MarathonVersion(1, 4, 13),
            """
            {"id":"/x","cmd":"sleep 1","args":null,"user":null,"env":{},"instances":1,"cpus":1,"mem":128,"disk":0,\
            "gpus":0,"executor":"","constraints":[],"uris":[],"fetch":[],"storeUrls":[],"backoffSeconds":1,\
            "backoffFactor":1.15,"maxLaunchDelaySeconds":3600,"container":null,"healthChecks":[],"readinessChecks":[],\
            "dependencies":[],"upgradeStrategy":{"minimumHealthCapacity":1,"maximumOverCapacity":1},"labels":{},\
            "ipAddress":null,"version":"2014-08-26T07:37:50.462Z","residency":null,"secrets":{},\
            "taskKillGracePeriodSeconds":null,\
            "unreachableStrategy":{"inactiveAfterSeconds":0,"expungeAfterSeconds":0},"killSelection":"YOUNGEST_FIRST",\
            "ports":[10000],"portDefinitions":[{"port":10000,"protocol":"tcp","name":"default","labels":{}}],\
            "requirePorts":false,"versionInfo":{"lastScalingAt":"2014-08-26T07:37:50.462Z",\
            "lastConfigChangeAt":"2014-08-26T07:37:50.462Z"},\
            "tasksStaged":0,"tasksRunning":0,"tasksHealthy":0,"tasksUnhealthy":0,"deployments":[]}
            """
        ),
        (
            MarathonVersion(1, 11, 24),
            """
            {"id":"/x","backoffFactor":1.15,"backoffSeconds":1,"cmd":"sleep 1","cpus":1,"disk":0,"executor":"",\
            "instances":1,"labels":{},"maxLaunchDelaySeconds":300,"mem":128,"gpus":0,"networks":[{"mode":"host"}],\
            "portDefinitions":[{"port":10000,"name":"default","protocol":"tcp"}],"requirePorts":false,\
            "upgradeStrategy":{"maximumOverCapacity":1,"minimumHealthCapacity":1},"version":"2014-08-26T07:37:50.462Z",\
            "versionInfo":{"lastScalingAt":"2014-08-26T07:37:50.462Z","lastConfigChangeAt":"2014-08-26T07:37:50.462Z"},\
            "killSelection":"YOUNGEST_FIRST","unreachableStrategy":{"inactiveAfterSeconds":0,"expungeAfterSeconds":0},\
            "role":"*","tasksStaged":0,"tasksRunning":0,"tasksHealthy":0,"tasksUnhealthy":0,"deployments":[]}
            """
        ),
    ]

    @Test(arguments: minimal)
    func `a minimal app is answered with exactly the keys of its release`(version: MarathonVersion, text: String) throws
    {
        let app = try MarathonAppSample.create(#"{"id":"x","cmd":"sleep 1"}"#, version)
        let codec = MarathonAppSample.codec(version)
        #expect(codec.json(app, counts: MarathonTaskCounts(), deployments: []).text == text)
        let bare = try #require(codec.json(app).object)
        #expect(text.contains(bare.keys.map { "\"\($0)\":" }.first ?? "?"))
        #expect(bare["tasksStaged"] == nil && bare["deployments"] == nil)
    }

    /// A body, and what one place of the answer is then, release by release of `MarathonAppSample.releases`.
    struct Row: Sendable, CustomTestStringConvertible {
        var body: String
        var place: [String]
        /// nil: the key is not there. One for 0.7.6, 0.8.2, 1.4.13 and 1.11.24 each.
        var values: [String?]
        var testDescription: String { "\(place.joined(separator: ".")) of \(body)" }

        init(_ body: String, _ place: String, _ values: String?...) {
            self.body = "{\"id\":\"/x\",\"ports\":[0],\(body)}"
            self.place = place.split(separator: ".").map(String.init)
            self.values = values
        }
    }

    static let rows: [Row] = [
        Row(
            #""cmd":"cc","uris":["http://h/a.tgz","http://h/b"]"#,
            "uris",
            #"["http://h/a.tgz","http://h/b"]"#,
            #"["http://h/a.tgz","http://h/b"]"#,
            #"["http://h/a.tgz","http://h/b"]"#,
            nil
        ),
        Row(
            #""cmd":"cc","uris":["http://h/a.tgz","http://h/b.tar"]"#,
            "fetch",
            nil,
            nil,
            #"[{"uri":"http://h/a.tgz","extract":true,"executable":false,"cache":false},{"uri":"http://h/b.tar","extract":false,"executable":false,"cache":false}]"#,
            #"[{"uri":"http://h/a.tgz","extract":true,"executable":false,"cache":false},{"uri":"http://h/b.tar","extract":true,"executable":false,"cache":false}]"#
        ),
        Row(#""args":["a","b"]"#, "args", #"["a","b"]"#, #"["a","b"]"#, #"["a","b"]"#, #"["a","b"]"#),
        Row(#""cmd":"cc","args":null"#, "args", "null", "null", "null", nil),
        Row(#""cmd":"cc","cpus":0.5"#, "cpus", "0.5", "0.5", "0.5", "0.5"),
        Row(#""cmd":"cc","mem":64"#, "mem", "64.0", "64.0", "64", "64"),
        Row(#""cmd":"cc","maxLaunchDelaySeconds":7"#, "maxLaunchDelaySeconds", nil, "7", "7", "7"),
        Row(#""cmd":"cc","labels":{"a":"b"}"#, "labels", nil, #"{"a":"b"}"#, #"{"a":"b"}"#, #"{"a":"b"}"#),
        Row(#""cmd":"cc","env":{"A":"b"}"#, "env", #"{"A":"b"}"#, #"{"A":"b"}"#, #"{"A":"b"}"#, #"{"A":"b"}"#),
        Row(#""cmd":"cc","acceptedResourceRoles":["*"]"#, "acceptedResourceRoles", nil, nil, #"["*"]"#, #"["*"]"#),
        Row(
            #""cmd":"cc","constraints":[["hostname","UNIQUE",""]]"#,
            "constraints",
            #"[["hostname","UNIQUE",""]]"#,
            #"[["hostname","UNIQUE",""]]"#,
            #"[["hostname","UNIQUE",""]]"#,
            "!"
        ),
        Row(
            #""cmd":"cc","constraints":[["hostname","UNIQUE"],["hostname","UNIQUE"]]"#,
            "constraints",
            #"[["hostname","UNIQUE"]]"#,
            #"[["hostname","UNIQUE"]]"#,
            #"[["hostname","UNIQUE"]]"#,
            #"[["hostname","UNIQUE"]]"#
        ),
        Row(
            #""cmd":"cc","dependencies":["db","/a/./b/../c"]"#,
            "dependencies",
            #"["/x/db","/a/c"]"#,
            #"["/x/db","/a/c"]"#,
            #"["/x/db","/a/c"]"#,
            "!"
        ),
        Row(
            #""cmd":"cc","dependencies":["db","../c"]"#,
            "dependencies",
            #"["/x/db","/c"]"#,
            #"["/x/db","/c"]"#,
            #"["/x/db","/c"]"#,
            #"["/db","/c"]"#
        ),
        Row(
            #""cmd":"cc","upgradeStrategy":{"minimumHealthCapacity":0.5}"#,
            "upgradeStrategy",
            #"{"minimumHealthCapacity":0.5}"#,
            #"{"minimumHealthCapacity":0.5,"maximumOverCapacity":1.0}"#,
            #"{"minimumHealthCapacity":0.5,"maximumOverCapacity":1}"#,
            "!"
        ),
        Row(
            #""cmd":"cc","healthChecks":[{}]"#,
            "healthChecks",
            #"[{"path":"/","protocol":"HTTP","portIndex":0,"gracePeriodSeconds":15,"intervalSeconds":10,"timeoutSeconds":20,"maxConsecutiveFailures":3}]"#,
            #"[{"path":"/","protocol":"HTTP","portIndex":0,"gracePeriodSeconds":300,"intervalSeconds":60,"timeoutSeconds":20,"maxConsecutiveFailures":3,"ignoreHttp1xx":false}]"#,
            #"[{"gracePeriodSeconds":300,"intervalSeconds":60,"timeoutSeconds":20,"maxConsecutiveFailures":3,"portIndex":0,"protocol":"HTTP","ignoreHttp1xx":false}]"#,
            #"[{"gracePeriodSeconds":300,"ignoreHttp1xx":false,"intervalSeconds":60,"maxConsecutiveFailures":3,"protocol":"HTTP","ipProtocol":"IPv4","timeoutSeconds":20,"delaySeconds":15}]"#
        ),
        Row(
            #""cmd":"cc","healthChecks":[{"protocol":"COMMAND","command":{"value":"true"}}]"#,
            "healthChecks",
            #"[{"path":"/","protocol":"COMMAND","portIndex":0,"command":{"value":"true"},"gracePeriodSeconds":15,"intervalSeconds":10,"timeoutSeconds":20,"maxConsecutiveFailures":3}]"#,
            #"[{"path":"/","protocol":"COMMAND","portIndex":0,"command":{"value":"true"},"gracePeriodSeconds":300,"intervalSeconds":60,"timeoutSeconds":20,"maxConsecutiveFailures":3,"ignoreHttp1xx":false}]"#,
            #"[{"gracePeriodSeconds":300,"intervalSeconds":60,"timeoutSeconds":20,"maxConsecutiveFailures":3,"delaySeconds":15,"command":{"value":"true"},"protocol":"COMMAND"}]"#,
            #"[{"command":{"value":"true"},"gracePeriodSeconds":300,"intervalSeconds":60,"maxConsecutiveFailures":3,"protocol":"COMMAND","ipProtocol":"IPv4","timeoutSeconds":20,"delaySeconds":15}]"#
        ),
        Row(
            #""container":{"docker":{"image":"i"}}"#,
            "container",
            #"{"type":"DOCKER","volumes":[],"docker":{"image":"i","privileged":false,"parameters":{}}}"#,
            #"{"type":"DOCKER","volumes":[],"docker":{"image":"i","privileged":false,"parameters":[],"forcePullImage":false}}"#,
            #"{"type":"DOCKER","volumes":[],"docker":{"image":"i","network":null,"portMappings":[],"privileged":false,"parameters":[],"forcePullImage":false}}"#,
            #"{"type":"DOCKER","docker":{"forcePullImage":false,"image":"i","parameters":[],"privileged":false},"volumes":[]}"#
        ),
        Row(
            #""container":{"docker":{"image":"i","network":"BRIDGE","portMappings":[{"containerPort":80}]}}"#,
            "container.docker",
            #"{"image":"i","network":"BRIDGE","portMappings":[{"containerPort":80,"hostPort":0,"servicePort":10000,"protocol":"tcp"}],"privileged":false,"parameters":{}}"#,
            #"{"image":"i","network":"BRIDGE","portMappings":[{"containerPort":80,"hostPort":0,"servicePort":10000,"protocol":"tcp"}],"privileged":false,"parameters":[],"forcePullImage":false}"#,
            #"{"image":"i","network":"BRIDGE","portMappings":[{"containerPort":80,"hostPort":0,"servicePort":10000,"protocol":"tcp","labels":{}}],"privileged":false,"parameters":[],"forcePullImage":false}"#,
            #"{"forcePullImage":false,"image":"i","parameters":[],"privileged":false}"#
        ),
        Row(
            #""container":{"docker":{"image":"i","network":"BRIDGE","portMappings":[{"containerPort":80,"servicePort":9000}]}}"#,
            "ports",
            "[0]",
            "[0]",
            "[9000]",
            nil
        ),
        Row(
            #""container":{"volumes":[{"containerPath":"/a","hostPath":"/b","mode":"RO"}],"docker":{"image":"i"}}"#,
            "container.volumes",
            #"[{"containerPath":"/a","hostPath":"/b","mode":"RO"}]"#,
            #"[{"containerPath":"/a","hostPath":"/b","mode":"RO"}]"#,
            #"[{"containerPath":"/a","hostPath":"/b","mode":"RO"}]"#,
            #"[{"containerPath":"/a","hostPath":"/b","mode":"RO"}]"#
        ),
    ]

    @Test(arguments: rows)
    func `each release writes what it makes of a body`(row: Row) throws {
        for (version, expected) in zip(MarathonAppSample.releases, row.values) {
            let codec = MarathonAppSample.codec(version)
            if expected == "!" {
                let fault = MarathonAppSample.fault { _ = try MarathonAppSample.create(row.body, version) }
                #expect(fault?.status == 422, "\(version)")
                continue
            }
            let json = codec.json(try MarathonAppSample.create(row.body, version))
            let value = row.place.reduce(Optional(json)) { $0?[$1] }
            #expect(value?.text == expected, "\(version)")
        }
    }

    /// Bodies of 1.11 beside what becomes of their networks and ports (marathon-api.md 3.3).
    static let networks: [(body: String, networks: String, ports: String?, mappings: String?)] = [
        (#""cmd":"cc""#, #"[{"mode":"host"}]"#, #"[{"port":0,"name":"default","protocol":"tcp"}]"#, nil),
        (
            #""cmd":"cc","ports":[1,0]"#, #"[{"mode":"host"}]"#,
            #"[{"port":1,"protocol":"tcp"},{"port":0,"protocol":"tcp"}]"#, nil
        ),
        (#""cmd":"cc","ports":[]"#, #"[{"mode":"host"}]"#, "[]", nil),
        (
            #""container":{"docker":{"image":"i","network":"HOST","portMappings":[{"containerPort":1}]}}"#,
            #"[{"mode":"host"}]"#, #"[{"port":0,"name":"default","protocol":"tcp"}]"#, nil
        ),
        (
            #""container":{"docker":{"image":"i","network":"BRIDGE"}}"#, #"[{"mode":"container/bridge"}]"#, nil,
            #"[{"containerPort":0,"hostPort":0,"labels":{},"name":"default","protocol":"tcp","servicePort":0}]"#
        ),
        (
            #""container":{"docker":{"image":"i","network":"BRIDGE","portMappings":[{"containerPort":1}]},"type":"DOCKER"},"ports":[7,8]"#,
            #"[{"mode":"container/bridge"}]"#, nil,
            #"[{"containerPort":1,"hostPort":0,"labels":{},"protocol":"tcp","servicePort":0},{"containerPort":0,"hostPort":0,"labels":{},"protocol":"tcp","servicePort":0}]"#
        ),
        (
            #""container":{"docker":{"image":"i","network":"USER"}},"ipAddress":{"networkName":"net"}"#,
            #"[{"name":"net","mode":"container"}]"#, nil,
            #"[{"containerPort":0,"labels":{},"name":"default","protocol":"tcp","servicePort":0}]"#
        ),
        (
            #""cmd":"cc","ipAddress":{"networkName":"mesos-bridge"}"#, #"[{"mode":"container/bridge"}]"#, nil,
            #"[{"containerPort":0,"hostPort":0,"labels":{},"name":"default","protocol":"tcp","servicePort":0}]"#
        ),
        (
            #""cmd":"cc","ipAddress":{"networkName":"n","discovery":{"ports":[{"number":80,"name":"web","protocol":"tcp"}]}}"#,
            #"[{"name":"n","mode":"container"}]"#, nil,
            #"[{"containerPort":80,"labels":{},"name":"web","protocol":"tcp","servicePort":0}]"#
        ),
        (
            #""cmd":"cc","networks":[{"name":"n"}],"requirePorts":true"#, #"[{"name":"n","mode":"container"}]"#, nil,
            #"[{"containerPort":0,"labels":{},"name":"default","protocol":"tcp","servicePort":0}]"#
        ),
    ]

    @Test(arguments: networks)
    func `networks and ports of 1_11 come in their canonical form`(
        body: String,
        networks: String,
        ports: String?,
        mappings: String?
    ) throws {
        let codec = MarathonAppSample.codec(MarathonVersion(1, 11, 24))
        let app = try codec.readApp(try MarathonAppSample.json("{\"id\":\"/x\",\(body)}"), at: MarathonAppSample.now)
        try codec.validate(app)
        let json = codec.json(app)
        #expect(json["networks"]?.text == networks)
        #expect(json["portDefinitions"]?.text == ports)
        #expect(json["container"]?["portMappings"]?.text == mappings)
        #expect(json["requirePorts"] == false)
    }

    @Test func `a network without name takes the default one or is refused`() throws {
        let body = #"{"id":"/x","cmd":"cc","networks":[{"mode":"container"}]}"#
        let version = MarathonVersion(1, 11, 24)
        let fault = MarathonAppSample.fault { _ = try MarathonAppSample.create(body, version) }
        #expect(fault?.body["details"]?.array?.first?["path"] == "/networks")
        var context = MarathonContext()
        context.defaultNetworkName = "dcos"
        let app = try MarathonAppSample.create(body, version, context: context)
        #expect(app.networks == [MarathonApp.Network(mode: .container, name: "dcos")])
        #expect(app.container?.portMappings?.first?.servicePort == 10_000)
    }

    @Test func `a POST's answer has null for unset nested options up to 0_9 only`() throws {
        let body = #"{"id":"/x","ports":[0],"container":{"docker":{"image":"i"}},"healthChecks":[{}]}"#
        let docker = try MarathonAppSample.releases.map { version in
            let codec = MarathonAppSample.codec(version)
            let app = try codec.readApp(try MarathonAppSample.json(body), at: MarathonAppSample.now)
            return codec.createdJSON(app, deployment: "d")
        }
        #expect(docker.map { $0["container"]?["docker"]?["network"] == .some(.null) } == [true, true, true, false])
        #expect(
            docker.map { $0["healthChecks"]?.array?.first?["command"] == .some(.null) } == [true, true, false, false]
        )
        #expect(docker.map { $0["tasks"]?.text } == [nil, "[]", "[]", nil])
        #expect(docker.map { $0["deployments"]?.text } == [nil] + Array(repeating: #"[{"id":"d"}]"#, count: 3))
        #expect(docker.allSatisfy { $0["versionInfo"] == nil })
    }
}
