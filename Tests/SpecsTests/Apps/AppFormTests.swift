import Testing

@testable import Specs

/// Golden cases from the tables of marathon-api.md section 3: what is declared, and what a Marathon answers for it.
@Suite struct AppFormTests {
    struct Pair: CustomTestStringConvertible, Sendable {
        var releases: [String]
        var declared: String
        var live: String

        init(_ releases: String..., declared: String, live: String) {
            (self.releases, self.declared, self.live) = (releases, declared, live)
        }

        var testDescription: String { "\(declared) in \(releases.joined(separator: ", "))" }
    }

    @Test("What Marathon writes for a definition is equal to it", arguments: equal)
    func equalPairs(_ pair: Pair) throws {
        for release in pair.releases {
            let found = try AppSamples.paths(release, from: pair.live, to: pair.declared)
            #expect(found == [], "\(release)")
        }
    }

    static let equal: [Pair] = [
        // Defaults, nulls, numbers (3.1).
        Pair(
            "0.7.6",
            declared: #"{"id":"/a","cmd":"x"}"#,
            live: """
                {"id":"/a","cmd":"x","args":null,"user":null,"env":{},"instances":1,"cpus":1.0,"mem":128.0,"disk":0.0,
                "executor":"","constraints":[],"uris":[],"storeUrls":[],"ports":[10000],"requirePorts":false,
                "backoffSeconds":1,"backoffFactor":1.15,"container":null,"healthChecks":[],"dependencies":[],
                "upgradeStrategy":{"minimumHealthCapacity":1.0},"version":"2014-09-25T02:26:59.256Z","tasksStaged":0,
                "tasksRunning":1}
                """
        ),
        Pair("0.7.6", declared: #"{"id":"a","cmd":"x"}"#, live: #"{"id":"/a","cmd":"x","ports":[]}"#),
        Pair(
            "0.8.2",
            declared: #"{"id":"a","cmd":"x","instances":3,"cpus":1,"mem":128,"labels":null}"#,
            live: """
                {"id":"/a","cmd":"x","args":null,"user":null,"env":{},"instances":3,"cpus":1.0,"mem":128.0,"disk":0.0,
                "executor":"","constraints":[],"uris":[],"storeUrls":[],"ports":[10000],"requirePorts":false,
                "backoffSeconds":1,"backoffFactor":1.15,"maxLaunchDelaySeconds":3600,"container":null,"healthChecks":[],
                "dependencies":[],"upgradeStrategy":{"minimumHealthCapacity":1.0,"maximumOverCapacity":1.0},"labels":{},
                "version":"2014-09-25T02:26:59.256Z","tasksStaged":0,"tasksRunning":3,"tasksHealthy":0,
                "tasksUnhealthy":0,"deployments":[]}
                """
        ),
        Pair(
            "1.3.13",
            declared: #"{"id":"/a","cmd":"x"}"#,
            live: """
                {"id":"/a","cmd":"x","args":null,"user":null,"env":{},"instances":1,"cpus":1,"mem":128,"disk":0,"gpus":0,
                "executor":"","constraints":[],"uris":[],"fetch":[],"storeUrls":[],"backoffSeconds":1,
                "backoffFactor":1.15,"maxLaunchDelaySeconds":3600,"container":null,"healthChecks":[],
                "readinessChecks":[],"dependencies":[],"labels":{},"acceptedResourceRoles":null,"ipAddress":null,
                "upgradeStrategy":{"minimumHealthCapacity":1,"maximumOverCapacity":1},"residency":null,"secrets":{},
                "taskKillGracePeriodSeconds":null,"ports":[10003],"requirePorts":false,
                "portDefinitions":[{"port":10003,"protocol":"tcp","labels":{}}],"version":"2017-09-25T02:26:59.256Z"}
                """
        ),
        Pair(
            "1.4.13",
            declared: #"{"id":"/a","cmd":"x","args":[]}"#,
            live: """
                {"id":"/a","cmd":"x","args":null,"killSelection":"YOUNGEST_FIRST","ports":[10003],
                "portDefinitions":[{"port":10003,"protocol":"tcp","name":"default","labels":{}}],
                "unreachableStrategy":{"inactiveAfterSeconds":0,"expungeAfterSeconds":0}}
                """
        ),
        Pair(
            "1.4.8",
            "1.5.0",
            declared: #"{"id":"/a","cmd":"x","unreachableStrategy":{"inactiveAfterSeconds":300}}"#,
            live: #"{"id":"/a","cmd":"x","unreachableStrategy":{"inactiveAfterSeconds":300,"expungeAfterSeconds":600}}"#
        ),
        Pair(
            "1.5.15",
            "1.7.236",
            declared: #"{"id":"/x","cmd":"sleep 1"}"#,
            live: """
                {"id":"/x","backoffFactor":1.15,"backoffSeconds":1,"cmd":"sleep 1","cpus":1,"disk":0,"executor":"",
                "instances":1,"labels":{},"maxLaunchDelaySeconds":3600,"mem":128,"gpus":0,"networks":[{"mode":"host"}],
                "portDefinitions":[{"port":10000,"name":"default","protocol":"tcp"}],"requirePorts":false,
                "upgradeStrategy":{"maximumOverCapacity":1,"minimumHealthCapacity":1},
                "version":"2018-01-11T06:25:26.501Z","versionInfo":{"lastScalingAt":"2018-01-11T06:25:26.501Z",
                "lastConfigChangeAt":"2018-01-11T06:25:26.501Z"},"killSelection":"YOUNGEST_FIRST",
                "unreachableStrategy":{"inactiveAfterSeconds":0,"expungeAfterSeconds":0},"tasksStaged":0,
                "tasksRunning":1,"tasksHealthy":0,"tasksUnhealthy":0,"deployments":[]}
                """
        ),
        Pair(
            "1.9.136",
            "1.11.24",
            declared: #"{"id":"/x","cmd":"sleep 1"}"#,
            live: #"{"id":"/x","cmd":"sleep 1","maxLaunchDelaySeconds":300,"role":"*"}"#
        ),
        // Sets and constraints (3.1).
        Pair(
            "0.8.2",
            "1.4.13",
            "1.11.24",
            declared:
                #"{"id":"/a","constraints":[["rack","GROUP_BY","3"],["hostname","UNIQUE",""]],"dependencies":["/b","c"]}"#,
            live:
                #"{"id":"/a","constraints":[["hostname","UNIQUE"],["rack","GROUP_BY","3"]],"dependencies":["/c","/b","/b"]}"#
        ),
        Pair(
            "1.5.15",
            "1.11.24",
            declared: #"{"id":"/a","constraints":[["hostname","unique"]]}"#,
            live: #"{"id":"/a","constraints":[["hostname","UNIQUE"]]}"#
        ),
        // Artifacts (3.1).
        Pair(
            "0.15.7",
            "1.1.5",
            "1.4.13",
            declared: #"{"id":"/a","uris":["http://x/a.tgz","http://x/b.jar"]}"#,
            live: """
                {"id":"/a","uris":["http://x/a.tgz","http://x/b.jar"],"fetch":[
                {"uri":"http://x/a.tgz","extract":true,"executable":false,"cache":false},
                {"uri":"http://x/b.jar","extract":true,"executable":false,"cache":false}]}
                """
        ),
        Pair(
            "0.15.7",
            "1.4.13",
            "1.5.15",
            "1.11.24",
            declared: #"{"id":"/a","uris":["http://x/b.jar"],"fetch":[]}"#,
            live: #"{"id":"/a","fetch":[{"uri":"http://x/b.jar","extract":false,"executable":false,"cache":false}]}"#
        ),
        Pair(
            "1.6.590",
            declared: #"{"id":"/a","uris":["http://x/b.gz?v=1"]}"#,
            live: #"{"id":"/a","fetch":[{"uri":"http://x/b.gz?v=1","extract":true,"executable":false,"cache":false}]}"#
        ),
        // Ports (3.2).
        Pair("0.8.2", declared: #"{"id":"/a","ports":[0,8080]}"#, live: #"{"id":"/a","ports":[10007,8080]}"#),
        Pair(
            "1.1.5",
            "1.4.13",
            "1.11.24",
            declared: #"{"id":"/a","ports":[0,8080]}"#,
            live: #"{"id":"/a","portDefinitions":[{"port":10001,"protocol":"tcp"},{"port":8080,"protocol":"tcp"}]}"#
        ),
        Pair(
            "0.8.2",
            declared:
                #"{"id":"/a","container":{"docker":{"image":"i","network":"BRIDGE","portMappings":[{"containerPort":80}]}}}"#,
            live: """
                {"id":"/a","ports":[10001],"container":{"type":"DOCKER","volumes":[],"docker":{"image":"i",
                "network":"BRIDGE","portMappings":[{"containerPort":80,"hostPort":0,"servicePort":10001,"protocol":"tcp"}],
                "privileged":false,"parameters":[],"forcePullImage":false}}}
                """
        ),
        Pair(
            "1.4.13",
            declared:
                #"{"id":"/a","container":{"docker":{"image":"i","network":"BRIDGE","portMappings":[{"containerPort":80}]}}}"#,
            live: """
                {"id":"/a","ports":[10001],"portDefinitions":[{"port":10001,"protocol":"tcp","labels":{}}],
                "container":{"type":"DOCKER","volumes":[],"docker":{"image":"i","network":"BRIDGE","portMappings":[
                {"containerPort":80,"hostPort":0,"servicePort":10001,"protocol":"tcp","labels":{}}],
                "privileged":false,"parameters":[],"forcePullImage":false}}}
                """
        ),
        Pair(
            "1.3.13",
            "1.4.13",
            declared:
                #"{"id":"/a","container":{"docker":{"image":"i","network":"HOST","portMappings":[{"containerPort":80}]}}}"#,
            live:
                #"{"id":"/a","container":{"type":"DOCKER","volumes":[],"docker":{"image":"i","network":"HOST","portMappings":[]}}}"#
        ),
        Pair(
            "1.5.15",
            "1.6.590",
            declared: #"{"id":"/a","container":{"docker":{"image":"i"}}}"#,
            live: #"{"id":"/a","container":{"docker":{"image":"i"}},"networks":[{"mode":"host"}],"portDefinitions":[]}"#
        ),
        // Networks (3.3).
        Pair(
            "1.5.15",
            "1.8.244",
            "1.11.24",
            declared: """
                {"id":"/a","ports":[0],"requirePorts":true,"container":{"type":"DOCKER","docker":{"image":"i",
                "network":"BRIDGE","portMappings":[{"containerPort":80,"servicePort":0}]}}}
                """,
            live: """
                {"id":"/a","networks":[{"mode":"container/bridge"}],"requirePorts":false,"container":{"type":"DOCKER",
                "volumes":[],"docker":{"image":"i","parameters":[],"privileged":false,"forcePullImage":false},
                "portMappings":[{"containerPort":80,"hostPort":0,"servicePort":10004,"protocol":"tcp","labels":{}}]}}
                """
        ),
        Pair(
            "1.5.15",
            "1.11.24",
            declared: """
                {"id":"/a","cmd":"xx","ipAddress":{"networkName":"dcos","labels":{"a":"b"},"discovery":{"ports":[
                {"number":80,"name":"http","protocol":"tcp"}]}}}
                """,
            live: """
                {"id":"/a","cmd":"xx","networks":[{"mode":"container","name":"dcos","labels":{"a":"b"}}],"container":{
                "type":"MESOS","volumes":[],"portMappings":[{"containerPort":80,"name":"http","servicePort":10000,
                "protocol":"tcp","labels":{}}]}}
                """
        ),
        Pair(
            "1.5.15",
            "1.11.24",
            declared: #"{"id":"/a","networks":[{"name":"n"}],"ports":[0,0],"container":{"docker":{"image":"i"}}}"#,
            live: """
                {"id":"/a","networks":[{"mode":"container","name":"n"}],"container":{"type":"DOCKER","volumes":[],
                "docker":{"image":"i"},"portMappings":[{"containerPort":0,"servicePort":10000,"name":"default",
                "protocol":"tcp","labels":{}},{"containerPort":0,"servicePort":10001,"protocol":"tcp","labels":{}}]}}
                """
        ),
        // Health checks (3.4).
        Pair(
            "0.8.2",
            declared: #"{"id":"/a","healthChecks":[{"protocol":"TCP"},{"path":"/h"}]}"#,
            live: """
                {"id":"/a","healthChecks":[{"path":"/h","protocol":"HTTP","portIndex":0,"gracePeriodSeconds":300,
                "intervalSeconds":60,"timeoutSeconds":20,"maxConsecutiveFailures":3,"ignoreHttp1xx":false},
                {"path":"/","protocol":"TCP","portIndex":0,"gracePeriodSeconds":300,"intervalSeconds":60,
                "timeoutSeconds":20,"maxConsecutiveFailures":3,"ignoreHttp1xx":false}]}
                """
        ),
        Pair(
            "1.4.13",
            "1.5.15",
            "1.11.24",
            declared: #"{"id":"/a","healthChecks":[{"protocol":"MESOS_HTTP","path":"/h"}]}"#,
            live: """
                {"id":"/a","healthChecks":[{"path":"/h","protocol":"MESOS_HTTP","portIndex":0,"gracePeriodSeconds":300,
                "intervalSeconds":60,"timeoutSeconds":20,"maxConsecutiveFailures":3,"delaySeconds":15}]}
                """
        ),
        Pair(
            "1.5.15",
            "1.11.24",
            declared: #"{"id":"/a","healthChecks":[{"ignoreHttp1xx":true}]}"#,
            live: #"{"id":"/a","healthChecks":[{"protocol":"HTTP","ignoreHttp1xx":false,"portIndex":0}]}"#
        ),
        // Volumes that bind an app to an agent (3.1).
        Pair(
            "1.4.13",
            declared: """
                {"id":"/a","container":{"type":"MESOS","volumes":[{"containerPath":"d","mode":"RW",
                "persistent":{"size":10}}]}}
                """,
            live: """
                {"id":"/a","container":{"type":"MESOS","volumes":[{"containerPath":"d","mode":"RW",
                "persistent":{"size":10,"type":"root","constraints":[]}}]},"unreachableStrategy":"disabled",
                "upgradeStrategy":{"minimumHealthCapacity":0.5,"maximumOverCapacity":0},
                "residency":{"relaunchEscalationTimeoutSeconds":3600,"taskLostBehavior":"WAIT_FOREVER"}}
                """
        ),
    ]
}
