import FoundationEssentials
import Specs
import Testing

@testable import Transport

/// What the bridge makes of an answer: `apps` prints it and touches nothing.
@Suite struct BridgeAnswerTests {
    static let cluster = """
        {"apps":[
          {"id":"/shop/web","instances":2,"ports":[10000],"tasks":[
            {"host":"b.example","ports":[31000],"startedAt":"2015-01-01T00:00:00.000Z"},
            {"host":"a.example","ports":[31010],"startedAt":"2015-01-01T00:00:00.000Z"},
            {"host":"a.example","ports":[4000],"startedAt":"2015-01-01T00:00:00.000Z"}]},
          {"id":"/nginx","instances":1,"container":{"type":"DOCKER","docker":{"image":"feuyeux/nginx","network":"BRIDGE",
            "portMappings":[{"containerPort":80,"hostPort":0,"servicePort":80,"protocol":"tcp"}]}},"ports":[0],"tasks":[
            {"host":"10.16.40.12","ports":[31000],"startedAt":"2015-01-01T00:00:00.000Z"}]},
          {"id":"/batch","instances":1,"ports":[],"tasks":[{"host":"h","ports":[],"startedAt":"2015-01-01T00:00:00.000Z"}]},
          {"id":"/none","instances":0,"ports":[10001],"tasks":[]}
        ]}
        """

    static let clusterAsText =
        "shop_web\t10000\tb.example:31000\ta.example:31010\ta.example:4000\t\n"
        + "nginx\t80\t10.16.40.12:31000\t\nbatch\t \th \nnone\t10001\t\n"

    static let clusterAsTasks = """
        {"tasks":[
          {"appId":"/nginx","host":"10.16.40.12","ports":[31000],"servicePorts":[80],"startedAt":"2015-01-01T00:00:00.000Z"},
          {"appId":"/shop/web","host":"a.example","ports":[31010],"servicePorts":[10000],"state":"TASK_RUNNING"},
          {"appId":"/shop/web","host":"b.example","ports":[31000],"servicePorts":[10000],"state":"TASK_RUNNING"},
          {"appId":"/batch","host":"h","ports":[],"startedAt":"2015-01-01T00:00:00.000Z"},
          {"appId":"/shop/web","host":"a.example","ports":[4000],"servicePorts":[10000],"state":"TASK_RUNNING"}
        ]}
        """

    static let golden = """
        # made by haproxy-marathon-bridge from Marathon's tasks; edits are overwritten
        global
          daemon
          log 127.0.0.1 local0
          log 127.0.0.1 local1 notice
          maxconn 4096

        defaults
          log            global
          retries             3
          maxconn          2000
          timeout connect  5000
          timeout client  50000
          timeout server  50000

        listen nginx-80
          bind 0.0.0.0:80
          mode tcp
          option tcplog
          balance leastconn
          server nginx-1 10.16.40.12:31000 check

        listen shop_web-10000
          bind 0.0.0.0:10000
          mode tcp
          option tcplog
          balance leastconn
          server shop_web-1 a.example:4000 check
          server shop_web-2 a.example:31010 check
          server shop_web-3 b.example:31000 check

        """

    @Test("the whole file, sorted, whatever the format", arguments: ["apps", "tasks", "text"], BridgeShell.allCases)
    func wholeFile(_ format: String, _ shell: BridgeShell) async throws {
        let node = try BridgeNode(shell)
        if format != "apps" { try node.answer("", status: 404, to: "apps") }
        switch format {
        case "apps": try node.answer(Self.cluster, type: "application/json;charset=utf-8")
        case "tasks": try node.answer(Self.clusterAsTasks, to: "tasks")
        default: try node.answer(Self.clusterAsText, type: "text/plain", to: "tasks")
        }
        let ended = try await node.run("config", "m:8080")
        #expect(ended.output == Self.golden)
        #expect(ended.errors == "")
        #expect(!node.exists("/etc/haproxy/haproxy.cfg"))
        let apps = try await node.run("apps", "m:8080")
        #expect(Self.golden.hasSuffix("timeout server  50000\n" + apps.output))
        let header = try await node.run("header")
        #expect(Self.golden == BridgeScript.firstLine + "\n" + header.output + apps.output)
    }

    @Test(
        "HAProxy itself takes the file, IPv6 included",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/sbin/haproxy"))
    )
    func real() async throws {
        let node = try BridgeNode()
        try node.put("bind=::\n", at: "/etc/haproxy-marathon-bridge/settings")
        try node.answer(marathonApps([("/web", 1, 10000, ["10.0.0.1:1"])]).replacing("10.0.0.1", with: "fe80::1"))
        let config = try await node.run("config", "m:8080")
        try node.put(config.output, at: "/checked.cfg")
        let child = ChildProcess(
            program: "/usr/sbin/haproxy",
            arguments: ["-c", "-f", node.root + "/checked.cfg"],
            deadline: .seconds(90)
        )
        let ended = try await child.run(in: node.root)
        #expect(ended.exitCode == 0, "\(ended.errors)")
    }

    /// An app with one running task, in the words of one version after another.
    struct Shape: CustomTestStringConvertible {
        var testDescription: String
        var app: String
        var task: String
        var expected: [String]
    }

    static let shapes = [
        Shape(
            testDescription: "several ports",
            app: #""ports":[10000,10001]"#,
            task: #""ports":[31000,31001]"#,
            expected: ["x-10000: h:31000", "x-10001: h:31001"]
        ),
        Shape(
            testDescription: "portDefinitions beside ports (1.0 to 1.4)",
            app: #""ports":[10000],"portDefinitions":[{"port":10000,"protocol":"tcp","labels":{"a":"b"}}]"#,
            task: #""ports":[31000]"#,
            expected: ["x-10000: h:31000"]
        ),
        Shape(
            testDescription: "host networking of 1.5",
            app: ##"""
                "networks":[{"mode":"host"}],"portDefinitions":[{"port":10000,"name":"a"},{"port":10001,
                "protocol":"udp"},{"port":10002,"protocol":"udp,tcp"}]
                """##,
            task: #""ports":[31000,31001,31002],"ipAddresses":[{"ipAddress":"10.9.9.9"}]"#,
            expected: ["x-10000: h:31000", "x-10002: h:31002"]
        ),
        Shape(
            testDescription: "Docker's bridge up to 1.4, tasks before the app's own fields",
            app: #"""
                "container":{"docker":{"network":"BRIDGE","portMappings":[{"containerPort":80,
                "hostPort":0,"servicePort":9000,"protocol":"tcp"},{"containerPort":53,
                "servicePort":9001,"protocol":"udp"}]}},"ports":[0]
                """#,
            task: #""ports":[31000,31001]"#,
            expected: ["x-9000: h:31000"]
        ),
        Shape(
            testDescription: "Docker's bridge from 1.5",
            app: #"""
                "networks":[{"mode":"container/bridge"}],"container":{"type":"DOCKER",
                "portMappings":[{"containerPort":80,"hostPort":0,"servicePort":9000}]}
                """#,
            task: #""ports":[31000],"ipAddresses":[{"ipAddress":"172.17.0.2"}]"#,
            expected: ["x-9000: h:31000"]
        ),
        Shape(
            testDescription: "a user network of 1.3: mapped and unmapped",
            app: #"""
                "ipAddress":{"networkName":"n"},"container":{"docker":{"network":"USER",
                "portMappings":[{"containerPort":80,"hostPort":null,"servicePort":9000},
                {"containerPort":81,"hostPort":0,"servicePort":9001}]}}
                """#,
            task: #""ports":[31001],"ipAddresses":[{"ipAddress":"10.9.9.9","protocol":"IPv4"}]"#,
            expected: ["x-9000: 10.9.9.9:80", "x-9001: h:31001"]
        ),
        Shape(
            testDescription: "a container network of 1.5",
            app: #"""
                "networks":[{"mode":"container","name":"n"}],
                "container":{"portMappings":[{"containerPort":8080,"servicePort":10000}]}
                """#,
            task: #""ports":[],"ipAddresses":[{"ipAddress":"10.9.9.9","protocol":"IPv4"},{"ipAddress":"10.8.8.8"}]"#,
            expected: ["x-10000: 10.9.9.9:8080"]
        ),
        Shape(
            testDescription: "an address of its own with declared ports",
            app: #"""
                "ipAddress":{"discovery":{"ports":[{"number":8080,"name":"http","protocol":"tcp"}]}},
                "ports":[10000]
                """#,
            task: #""ports":[],"ipAddresses":[{"ipAddress":"10.9.9.9"}]"#,
            expected: ["x-10000: 10.9.9.9:8080"]
        ),
        Shape(
            testDescription: "an address of its own without service ports",
            app: #""ipAddress":{"discovery":{"ports":[{"number":8080}]}},"ports":[]"#,
            task: #""ipAddresses":[{"ipAddress":"10.9.9.9"}]"#,
            expected: []
        ),
        Shape(
            testDescription: "no address yet",
            app: #"""
                "networks":[{"mode":"container"}],"container":{"portMappings":[{"containerPort":80,
                "servicePort":10000}]}
                """#,
            task: #""ports":[]"#,
            expected: []
        ),
        Shape(
            testDescription: "service port 0",
            app: #""ports":[0,10001]"#,
            task: #""ports":[31000,31001]"#,
            expected: ["x-10001: h:31001"]
        ),
        Shape(
            testDescription: "a task of an older definition with fewer ports",
            app: #""ports":[10000,10001]"#,
            task: #""ports":[31000]"#,
            expected: ["x-10000: h:31000"]
        ),
        Shape(
            testDescription: "ports out of range",
            app: #""ports":[70000,10001,-5,1.5]"#,
            task: #""ports":[31000,99999,3,4]"#,
            expected: []
        ),
        Shape(testDescription: "no ports", app: #""ports":[]"#, task: #""ports":[]"#, expected: []),
        Shape(
            testDescription: "names with dots and brackets are no paths",
            app: #"""
                "ports":[10000],"labels":{"apps[].tasks[].host":"evil","x":{"apps":[{"id":"/no"}]}}
                """#,
            task: #""ports":[31000]"#,
            expected: ["x-10000: h:31000"]
        ),
    ]

    @Test("ports and addresses of every version", arguments: shapes)
    func shape(_ shape: Shape) async throws {
        let body = #"""
            {"apps":[{"tasks":[{"host":"h","state":"TASK_RUNNING",\#(shape.task)}],"id":"/x",
            "instances":1,\#(shape.app)}]}
            """#
        let made = try await BridgeNode.sections(of: body)
        #expect(made.ended.status == 0, "\(made.ended.errors)")
        #expect(made.sections == shape.expected)
    }

    /// A task's own fields, and whether it is served beside one that runs.
    static let tasks: [(String, Bool)] = [
        (#""state":"TASK_RUNNING""#, true), (#""state":"TASK_STAGING""#, false), (#""state":"TASK_LOST""#, false),
        (#""state":"TASK_UNREACHABLE","startedAt":"2015""#, false),
        (#""state":"TASK_KILLING","startedAt":"2015""#, false),
        (#""startedAt":"2015""#, true), (#""startedAt":null"#, false), (#""stagedAt":"2015""#, false),
        (#""state":"TASK_RUNNING","healthCheckResults":[{"alive":true},{"alive":false}]"#, false),
        (#""state":"TASK_RUNNING","healthCheckResults":[{"alive":true,"lastFailure":null}]"#, true),
        (#""state":"TASK_RUNNING","healthCheckResults":[null]"#, true),
        (#""state":"TASK_RUNNING","healthCheckResults":[]"#, true),
    ]

    @Test("tasks that do not run, or that Marathon calls ill, are left out", arguments: tasks.indices)
    func task(_ index: Int) async throws {
        let (fields, isServed) = Self.tasks[index]
        let body = #"""
            {"apps":[{"id":"/x","ports":[10000],"tasks":[{"host":"a","ports":[1],\#(fields)},
            {"host":"b","ports":[2],"state":"TASK_RUNNING"}]}]}
            """#
        #expect(try await BridgeNode.sections(of: body).sections == ["x-10000:" + (isServed ? " a:1" : "") + " b:2"])
    }

    @Test("an app all of whose tasks are ill keeps them all")
    func allIll() async throws {
        let ill = #""state":"TASK_RUNNING","healthCheckResults":[{"alive":false}]"#
        let body = #"""
            {"apps":[{"id":"/x","ports":[10000],"tasks":[{"host":"a","ports":[1],\#(ill)},
            {"host":"b","ports":[2],\#(ill)}]}]}
            """#
        let made = try await BridgeNode.sections(of: body)
        #expect(made.sections == ["x-10000: a:1 b:2"])
        #expect(made.ended.errors.contains("all tasks of x are unhealthy; they stay"))
    }

    @Test("of two apps with one service port the first by id has it; reserved ports and the header's are never bound")
    func collisions() async throws {
        let body = marathonApps([
            ("/zeta", 1, 10000, ["a:1"]), ("/alpha", 1, 10000, ["b:2"]), ("/adm", 1, 8080, ["c:3"]),
            ("/st", 1, 9090, ["d:4"]),
            ("/old", 1, 9091, ["e:5"]), ("/range", 1, 9105, ["f:6"]), ("/fine", 1, 9999, ["g:7"]),
        ])
        let made = try await BridgeNode.sections(
            of: body,
            settings: "reserved=8080,2181\n",
            header:
                "listen stats\n  bind 127.0.0.1:9090,:9099\nlisten old :9091\nfrontend f\n  bind *:9100-9110\nlisten fine-9999\n"
        )
        #expect(made.sections == ["alpha-10000: b:2"])
        for words in [
            "zeta left out at 10000: alpha has this service port", "adm left out: port 8080 is reserved",
            "st left out: port 9090 is the header's", "old left out: port 9091 is the header's",
            "range left out: port 9105 is the header's", "fine left out: the header has a section fine-9999",
        ] { #expect(made.ended.errors.contains(words)) }
    }

    @Test(
        "the address of the listeners is a setting",
        arguments: [("10.1.2.3", "10.1.2.3:"), ("*", "*:"), ("::", "ipv6@:::")]
    )
    func bind(_ setting: String, _ expected: String) async throws {
        let made = try await BridgeNode.sections(of: Self.cluster, settings: "# a comment\n\nbind=\(setting)")
        #expect(made.ended.output.contains("  bind \(expected)80\n"))
    }
}
