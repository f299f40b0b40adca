import Testing

@testable import Specs

@Suite struct AppRevisionTests {
    func write(_ revision: AppRevision?) throws -> AppWrite {
        guard case .write(let write)? = revision?.way else {
            throw Failure()
        }
        return write
    }

    struct Failure: Error {}

    @Test("A change of instances alone is a merge of nothing else", arguments: AppSamples.releases)
    func scale(_ release: String) throws {
        let live = #"{"id":"/a","cmd":"x","instances":1,"version":"v"}"#
        let revision = try AppSamples.revision(release, from: live, to: #"{"id":"/a","cmd":"x","instances":3}"#)
        #expect(revision?.effect == .scale(from: 1, to: 3))
        #expect(try write(revision) == AppWrite(.merge, body: ["instances": 3]))
    }

    @Test("From 1.5 a check without port index is scaled by a whole definition, its default port unsaid")
    func scaleWithBareCheck() throws {
        let live = """
            {"id":"/a","cmd":"xx","instances":1,"version":"v","healthChecks":[{"protocol":"HTTP","path":"/"}],
            "portDefinitions":[{"port":10000,"protocol":"tcp","name":"default"}],"tasksRunning":1}
            """
        let declared = #"{"id":"/a","cmd":"xx","instances":3,"healthChecks":[{"path":"/"}]}"#
        for release in ["1.5.15", "1.11.24"] {
            let revision = try AppSamples.revision(release, from: live, to: declared)
            #expect(revision?.effect == .scale(from: 1, to: 3))
            let write = try write(revision)
            #expect(write.method == .replace)
            #expect(write.body["instances"] == 3)
            for key in ["portDefinitions", "version", "tasksRunning"] { #expect(write.body[key] == nil, "\(key)") }
        }
        #expect(try write(AppSamples.revision("1.4.13", from: live, to: declared)).method == .merge)
    }

    @Test("From 1.10 a merge says again what it would forget")
    func scaleWithLimits() throws {
        let live = #"{"id":"/a","cmd":"xx","instances":1,"resourceLimits":{"cpus":2},"executorResources":{"cpus":1}}"#
        let declared =
            #"{"id":"/a","cmd":"xx","instances":2,"resourceLimits":{"cpus":2},"executorResources":{"cpus":1}}"#
        let body = try write(AppSamples.revision("1.11.24", from: live, to: declared)).body
        #expect(body == ["instances": 2, "resourceLimits": ["cpus": 2], "executorResources": ["cpus": 1]])
    }

    @Test("An executor's resources touch no task")
    func executorResources() throws {
        let live = #"{"id":"/a","cmd":"xx","instances":4,"executorResources":{"cpus":1}}"#
        let revision = try AppSamples.revision("1.11.24", from: live, to: #"{"id":"/a","cmd":"xx"}"#)
        #expect(revision?.differences.map(\.path) == ["executorResources"])
        #expect(revision?.effect == AppEffect.none)
        #expect(try write(revision) == AppWrite(.replace, body: ["id": "/a", "cmd": "xx", "instances": 4]))
    }

    @Test("To no instance nothing is restarted, from 1.1")
    func toNone() throws {
        let live = #"{"id":"/a","cmd":"x","instances":2}"#
        let declared = #"{"id":"/a","cmd":"y","instances":0}"#
        #expect(try AppSamples.revision("1.1.5", from: live, to: declared)?.effect == .scale(from: 2, to: 0))
        #expect(try AppSamples.revision("1.0.0", from: live, to: declared)?.effect == .restart)
        let write = try write(AppSamples.revision("1.11.24", from: live, to: declared))
        #expect(write == AppWrite(.replace, body: ["id": "/a", "cmd": "y", "instances": 0]))
    }

    @Test("From 1.4 the file replaces the app, with the live number where it says none")
    func replace() throws {
        let live = #"{"id":"/a","cmd":"x","args":null,"user":"root","labels":{"a":"b"},"instances":5,"ports":[10001]}"#
        for release in ["1.4.13", "1.5.15", "1.11.24"] {
            let revision = try AppSamples.revision(
                release,
                from: live,
                to: #"{"id":"/a","cmd":"x","labels":null,"version":"v","ports":[0]}"#
            )
            #expect(revision?.effect == .restart)
            #expect(revision?.differences.map(\.path) == ["labels.a", "user"])
            let expected: AppValue = ["id": "/a", "cmd": "x", "instances": 5, "ports": [10001]]
            #expect(try write(revision) == AppWrite(.replace, body: expected))
        }
    }

    @Test("Up to 1.3 what the file no longer says is sent as its default")
    func merge() throws {
        let live = """
            {"id":"/a","cmd":"x","cpus":3,"labels":{"a":"b"},"uris":["u"],"healthChecks":[{"path":"/h"}],"ports":[1,2],
            "constraints":[["a","UNIQUE"]],"upgradeStrategy":{"minimumHealthCapacity":0.5,"maximumOverCapacity":1}}
            """
        let declared = #"{"id":"/a","cmd":"y","mem":64}"#
        let body = try write(AppSamples.revision("0.8.2", from: live, to: declared)).body
        let expected: AppValue = [
            "cmd": "y", "mem": 64, "cpus": 1, "labels": [:], "uris": [], "healthChecks": [], "ports": [0],
            "instances": 1,
            "constraints": [], "upgradeStrategy": ["minimumHealthCapacity": 1, "maximumOverCapacity": 1],
        ]
        #expect(body == expected)
        let later = try write(AppSamples.revision("1.3.13", from: live, to: declared)).body
        #expect(later["fetch"] == [] && later["uris"] == nil)
        #expect(later["portDefinitions"]?.items?.count == 1 && later["ports"] == nil)
    }

    static let cleared: [(release: String, live: String, declared: String, fields: [String])] = [
        ("0.8.2", #"{"id":"/a","cmd":"x"}"#, #"{"id":"/a","args":["x"]}"#, ["cmd"]),
        ("0.8.2", #"{"id":"/a","cmd":"x","user":"u"}"#, #"{"id":"/a","cmd":"x"}"#, ["user"]),
        ("0.8.2", #"{"id":"/a","container":{"docker":{"image":"i"}}}"#, #"{"id":"/a","cmd":"x"}"#, ["container"]),
        (
            "0.8.2", #"{"id":"/a","cmd":"x","container":{"docker":{"image":"i"}}}"#,
            #"{"id":"/a","cmd":"x","container":{}}"#, ["container"]
        ),
        (
            "0.9.2", #"{"id":"/a","cmd":"x","acceptedResourceRoles":["*"]}"#, #"{"id":"/a","cmd":"x"}"#,
            ["acceptedResourceRoles"]
        ),
        (
            "1.1.5", #"{"id":"/a","cmd":"x","taskKillGracePeriodSeconds":3}"#, #"{"id":"/a","cmd":"x"}"#,
            ["taskKillGracePeriodSeconds"]
        ),
        ("1.3.13", #"{"id":"/a","cmd":"x","ipAddress":{}}"#, #"{"id":"/a","args":["x"]}"#, ["cmd", "ipAddress"]),
    ]

    @Test("Up to 1.3 what no merge takes away needs a new app", arguments: cleared)
    func recreate(_ release: String, _ live: String, _ declared: String, _ fields: [String]) throws {
        let revision = try #require(try AppSamples.revision(release, from: live, to: declared))
        guard case .recreate(let write, let clearing) = revision.way else {
            Issue.record("\(revision.way)")
            return
        }
        #expect(clearing == fields)
        #expect(write.body["id"] == "/a" && write.body["instances"] == 1)
        let modern = try AppSamples.revision("1.4.13", from: live, to: declared)
        #expect(try modern.map { try self.write($0).method } ?? .replace == .replace)
    }

    @Test("Ignored fields are not shown, and kept by the write")
    func ignored() throws {
        let live = """
            {"id":"/a","cmd":"x","env":{"A":"live","B":"1"},"labels":{"k":"live","l":"m"},
            "container":{"docker":{"image":"i:live"}},"healthChecks":[{"path":"/live"}],"instances":2}
            """
        let declared = """
            {"id":"/a","cmd":"y","env":{"A":"file","B":"1"},"labels":{"k":"file","n":"o"},
            "container":{"docker":{"image":"i:file"}}}
            """
        for release in AppSamples.releases {
            let revision = try AppSamples.revision(
                release,
                from: live,
                to: declared,
                ignoring: ["env.A", "labels", "container.docker.image", "healthChecks", "nowhere.at.all"]
            )
            #expect(revision?.differences.map(\.path) == ["cmd"], "\(release)")
            let body = try write(revision).body
            #expect(body["env"] == ["A": "live", "B": "1"])
            let isLabelled = try AppSamples.context(release).isAtLeast(0, 8)
            #expect(!isLabelled || body["labels"] == ["k": "live", "l": "m"])
            #expect(body["container"]?["docker"]?["image"] == "i:live")
            #expect(body["healthChecks"] == [["path": "/live"]])
        }
    }

    @Test("An ignored part of a secret in the environment is what a difference calls it")
    func ignoredSecret() throws {
        let live = #"{"id":"/a","cmd":"x","env":{"A.B":{"secret":"s"},"C.D":"live"}}"#
        let declared = #"{"id":"/a","cmd":"x","env":{"A.B":{"secret":"t"},"C.D":"file"}}"#
        let paths = try AppSamples.paths("1.4.13", from: live, to: declared)
        #expect(paths == ["env.A.B.secret", "env.C.D"])
        #expect(try AppSamples.revision("1.4.13", from: live, to: declared, ignoring: paths) == nil)
    }

    @Test("An app bound to an agent with ports of its host says the port that it was given")
    func residentPorts() throws {
        let live = """
            {"id":"/a","cmd":"xx","requirePorts":true,"user":"u","instances":1,
            "portDefinitions":[{"port":10000,"protocol":"tcp","name":"default"}]}
            """
        let declared = #"{"id":"/a","cmd":"xx","requirePorts":true}"#
        let body = try write(AppSamples.revision("1.8.244", from: live, to: declared)).body
        #expect(body["portDefinitions"]?.items?.map { $0["port"] } == [10000])
    }

    @Test("An ignored field that follows from others is not shown, and is Marathon's to fill in")
    func ignoredConsequence() throws {
        let live = #"{"id":"/a","cmd":"x","residency":null,"container":null}"#
        let declared = """
            {"id":"/a","cmd":"x","container":{"type":"MESOS","volumes":[{"containerPath":"d","mode":"RW",
            "persistent":{"size":1}}]}}
            """
        for release in ["1.1.5", "1.3.13", "1.4.13"] {
            let revision = try AppSamples.revision(release, from: live, to: declared, ignoring: ["residency"])
            let paths = revision?.differences.map(\.path) ?? []
            #expect(paths.contains("container") && !paths.contains("residency"), "\(release)")
            let residency = try write(revision).body["residency"]
            #expect((residency != nil) == (release != "1.4.13"), "\(release)")
        }
    }

    @Test("Another engine of a container shows what one of them has")
    func engines() throws {
        let mesos = #"{"id":"/a","container":{"type":"MESOS","docker":{"image":"i","forcePullImage":false}}}"#
        let docker = #"{"id":"/a","container":{"type":"DOCKER","docker":{"image":"i"}}}"#
        for release in ["1.3.13", "1.4.13", "1.5.15", "1.11.24"] {
            #expect(try AppSamples.paths(release, from: mesos, to: docker) == ["container.type"], "\(release)")
            #expect(try AppSamples.paths(release, from: docker, to: mesos) == ["container.type"], "\(release)")
        }
    }

    @Test("Ignored old names are the new ones")
    func ignoredAliases() throws {
        let live = """
            {"id":"/a","networks":[{"mode":"container/bridge"}],"container":{"docker":{"image":"i"},
            "portMappings":[{"containerPort":80,"hostPort":0,"servicePort":9000}]}}
            """
        let declared = """
            {"id":"/a","container":{"docker":{"image":"i","network":"BRIDGE",
            "portMappings":[{"containerPort":80,"servicePort":9001}]}}}
            """
        let path = "container.docker.portMappings[0].servicePort"
        #expect(try AppSamples.revision("1.11.24", from: live, to: declared, ignoring: [path]) == nil)
        #expect(try AppSamples.revision("1.11.24", from: live, to: declared) != nil)
    }

    @Test("A masked text in a write is completed from what is live")
    func unmasked() throws {
        let context = try AppSamples.context("1.4.13")
        let masked: AppValue = ["id": "/a", "cmd": "x", "env": ["P": .text(Content([.redacted]))]]
        let declared: AppValue = ["id": "/a", "cmd": "y", "env": ["P": "z"]]
        let revision = AppRevision(of: declared, from: masked, in: context, ignoring: ["env.P"])
        let write = try write(revision)
        #expect(write.isMasked)
        let whole = try #require(write.unmasked(by: ["env": ["P": "value"]], in: context))
        #expect(whole.body["env"] == ["P": "value"])
        #expect(!whole.isMasked)
        #expect(write.unmasked(by: ["env": [:]], in: context) == nil)
    }

    @Test("A masked text is not completed from another one: what is not masked of it must be there")
    func unmaskedParts() throws {
        let context = try AppSamples.context("1.4.13")
        let masked = Content([.literal("https://"), .redacted, .literal("@files/"), .redacted, .literal(".tgz")])
        let write = AppWrite(.merge, body: ["fetch": [["uri": .text(masked)]]])
        let fitting = "https://ops:pw@files/a.tgz"
        #expect(
            write.unmasked(by: ["fetch": [["uri": .text(Content(fitting))]]], in: context)?.body["fetch"]
                == [["uri": .text(Content(fitting))]]
        )
        // Answered under the old name.
        #expect(
            write.unmasked(by: ["uris": [.text(Content(fitting))]], in: context)?.body["fetch"]?.items?.first?["uri"]
                == .text(Content(fitting))
        )
        for other in ["https://ops:pw@other/a.tgz", "http://ops:pw@files/a.tgz", "https://ops:pw@files/a.zip", ""] {
            #expect(write.unmasked(by: ["fetch": [["uri": .text(Content(other))]]], in: context) == nil, "\(other)")
        }
    }

    @Test("A new app is made with the file's own words")
    func creation() throws {
        let definition = try AppSamples.value(
            #"{"id":"/a","cmd":"x","uris":["u"],"fetch":[],"ports":[1],"portDefinitions":[{"port":1}],"version":"v","user":null,"dependencies":["b"]}"#
        )
        let write = AppWrite(creating: definition, in: try AppSamples.context("1.3.13"))
        let expected: AppValue = [
            "id": "/a", "cmd": "x", "uris": ["u"], "portDefinitions": [["port": 1]], "dependencies": ["/b"],
        ]
        #expect(write == AppWrite(.merge, body: expected))
    }
}
