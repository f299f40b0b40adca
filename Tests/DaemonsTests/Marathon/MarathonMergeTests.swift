import Testing

@testable import Daemons

/// The merge of a PUT, release by release (marathon-api.md 2.1).
@Suite struct MarathonMergeTests {
    static let full = """
        {"id":"/x","cmd":"sleep 1","user":"root","env":{"A":"1"},"constraints":[["hostname","UNIQUE"]],\
        "uris":["http://h/a.tgz"],"ports":[8000],"healthChecks":[{"portIndex":0}],"dependencies":["/db"],\
        "instances":3,"cpus":0.5,"upgradeStrategy":{"minimumHealthCapacity":0.5,"maximumOverCapacity":0.25}}
        """

    private func put(_ body: String, _ version: MarathonVersion, on app: MarathonApp) throws -> MarathonApp {
        let codec = MarathonAppSample.codec(version)
        return try codec.update(app, with: try MarathonAppSample.json(body), at: MarathonAppSample.later)
    }

    @Test(arguments: MarathonAppSample.releases)
    func `what a body leaves out or sets to null stays`(version: MarathonVersion) throws {
        let app = try MarathonAppSample.create(Self.full, version)
        let same = try put(
            #"{"cmd":null,"user":null,"env":null,"container":null,"args":null,"tasksRunning":7,"nonsense":1}"#,
            version,
            on: app
        )
        var expected = app
        if !version.isAtLeast(0, 11) { expected.version = MarathonAppSample.later }
        #expect(same == expected)
    }

    @Test(arguments: MarathonAppSample.releases)
    func `collections are cleared by empty ones, a command by nothing`(version: MarathonVersion) throws {
        let app = try MarathonAppSample.create(Self.full, version)
        let body = #"{"env":{},"constraints":[],"uris":[],"healthChecks":[],"dependencies":[],"ports":[],"labels":{}}"#
        let cleared = try put(body, version, on: app)
        #expect(cleared.env.isEmpty && cleared.constraints.isEmpty && cleared.healthChecks.isEmpty)
        #expect(cleared.dependencies.isEmpty && cleared.ports.isEmpty)
        // From 1.5 an empty `uris` says nothing: AppNormalization.Artifacts keeps `fetch`, which is absent.
        #expect(cleared.fetch.isEmpty == !version.readsRAML)
        #expect(cleared.cmd == "sleep 1" && cleared.user == "root")
        let both = try put(#"{"args":["a"]}"#, version, on: app)
        let fault = MarathonAppSample.fault { try MarathonAppSample.codec(version).validate(both) }
        #expect(fault?.status == 422)
        #expect(fault?.body.text.contains("must either contain one of 'cmd' or 'args'") == true)
    }

    @Test(arguments: MarathonAppSample.releases)
    func `an object is replaced as a whole, its missing parts by defaults`(version: MarathonVersion) throws {
        let app = try MarathonAppSample.create(Self.full, version)
        if version.readsRAML {
            let fault = MarathonAppSample.fault {
                _ = try put(#"{"upgradeStrategy":{"minimumHealthCapacity":0}}"#, version, on: app)
            }
            #expect(fault?.status == 422)
            let details: JSON = [["path": "/upgradeStrategy/maximumOverCapacity", "errors": ["error.path.missing"]]]
            #expect(fault?.body == ["message": "Invalid JSON", "details": details])
        } else {
            let changed = try put(#"{"upgradeStrategy":{"minimumHealthCapacity":0}}"#, version, on: app)
            #expect(changed.upgradeStrategy.minimumHealthCapacity == 0)
            #expect(changed.upgradeStrategy.maximumOverCapacity == 1)
        }
        let strategy = #"{"healthChecks":[{"protocol":"TCP"}]}"#
        #expect(try put(strategy, version, on: app).healthChecks.first?.portIndex == 0)
    }

    /// What is thrown for a version beside something else, alone, and not at all.
    static let versions: [(version: MarathonVersion, text: String?, alone: Bool)] = [
        (
            MarathonVersion(0, 7, 6),
            "requirement failed: The 'version' field may not be combined with other fields.", false
        ),
        (
            MarathonVersion(0, 8, 2),
            "requirement failed: The 'version' field may only be combined with the 'id' field.", true
        ),
        (
            MarathonVersion(1, 4, 13),
            "requirement failed: The 'version' field may only be combined with the 'id' field.", true
        ),
        (MarathonVersion(1, 11, 24), "Object is not valid", true),
    ]

    @Test(arguments: versions)
    func `a version is a wish to roll back and goes alone`(
        version: MarathonVersion,
        text: String?,
        alone: Bool
    ) throws {
        let codec = MarathonAppSample.codec(version)
        let mixed = try MarathonAppSample.json(#"{"version":"2014-08-26T07:37:50.462Z","cmd":"cc"}"#)
        let app = MarathonApp(id: "/x", version: MarathonAppSample.now)
        for fault in [
            MarathonAppSample.fault { _ = try codec.rollbackVersion(in: mixed) },
            MarathonAppSample.fault { _ = try codec.update(app, with: mixed, at: MarathonAppSample.later) },
        ] {
            #expect(fault?.status == 422)
            #expect(fault?.body["message"]?.string == text)
        }
        let sole = try MarathonAppSample.json(#"{"version":"2014-08-26T07:37:50.462Z","id":"/x"}"#)
        if alone {
            #expect(try codec.rollbackVersion(in: sole) == MarathonAppSample.now)
        } else {
            #expect(MarathonAppSample.fault { _ = try codec.rollbackVersion(in: sole) }?.status == 422)
        }
        #expect(try codec.rollbackVersion(in: ["cmd": "cc"]) == nil)
    }

    /// Bodies with old and new names together: the status and the words, for 1.4.13 and 1.11.
    static let mixed: [(body: String, play: (Int, String)?, raml: (Int, String)?)] = [
        (
            #"{"uris":["http://h/b"],"fetch":[{"uri":"http://h/c"}]}"#,
            (400, "You cannot specify both uris and fetch fields"), (500, "cannot specify both uris and fetch fields")
        ),
        (#"{"uris":[],"fetch":[]}"#, (400, "You cannot specify both uris and fetch fields"), nil),
        (
            #"{"networks":[{"mode":"host"}],"container":{"docker":{"image":"i","network":"HOST"}}}"#,
            nil, (500, "cannot mix deprecated and canonical network APIs")
        ),
        (
            #"{"container":{"docker":{"image":"i","portMappings":[{"containerPort":1}]},"portMappings":[{"containerPort":1}]}}"#,
            nil, (500, "cannot specify both portMappings and docker.portMappings")
        ),
        (
            #"{"container":{"docker":{"image":"i","network":"NONE"}}}"#,
            nil, (500, "unsupported docker network type NONE")
        ),
        (
            #"{"ports":[1],"portDefinitions":[{"port":2}]}"#,
            (400, "You cannot specify both ports and port definitions"), nil
        ),
        (#"{"ports":[1],"portDefinitions":[{"port":1,"name":"web"}]}"#, nil, nil),
    ]

    @Test(arguments: mixed)
    func `a merge of old and new names fails in the words of its release`(
        body: String,
        play: (Int, String)?,
        raml: (Int, String)?
    ) throws {
        for (version, expected) in [(MarathonVersion(1, 4, 13), play), (MarathonVersion(1, 11, 24), raml)] {
            let app = try MarathonAppSample.create(#"{"id":"/x","cmd":"sleep 1"}"#, version)
            let fault = MarathonAppSample.fault { _ = try put(body, version, on: app) }
            #expect(fault?.status == expected?.0, "\(version)")
            #expect(fault?.body.text.contains(expected?.1 ?? "") ?? true, "\(version)")
        }
    }

    @Test func `1_11 loses what the executor may use and the limits when they are not said again`() throws {
        let version = MarathonVersion(1, 11, 24)
        let body = """
            {"id":"/x","cmd":"sleep 1","resourceLimits":{"cpus":"unlimited"},\
            "executorResources":{"cpus":0.1,"mem":32,"disk":10}}
            """
        let app = try MarathonAppSample.create(body, version)
        #expect(app.resourceLimits != nil && app.executorResources != nil)
        let scaled = try put(#"{"instances":2}"#, version, on: app)
        #expect(scaled.resourceLimits == nil && scaled.executorResources == nil)
        #expect(MarathonAppSample.codec(version).isUpgrade(from: app, to: scaled))
        let kept = try put(#"{"resourceLimits":{"cpus":"unlimited"}}"#, version, on: app)
        #expect(!MarathonAppSample.codec(version).isUpgrade(from: app, to: kept))
    }

    @Test func `1_11 replaces the container when networks are sent without it`() throws {
        let version = MarathonVersion(1, 11, 24)
        let app = try MarathonAppSample.create(
            #"{"id":"/x","container":{"docker":{"image":"i"}},"cmd":"cc","portDefinitions":[{"port":1}]}"#,
            version
        )
        let moved = try put(#"{"networks":[{"mode":"container/bridge"}]}"#, version, on: app)
        #expect(moved.container?.docker == nil && moved.container?.type == "MESOS")
        #expect(moved.ports.isEmpty)
        let back = try put(#"{"networks":[{"mode":"host"}]}"#, version, on: moved)
        #expect(back.ports.map(\.name) == ["default"] && back.container?.portMappings == nil)
    }

    @Test func `an empty container says nothing up to 1_2`() throws {
        let body = #"{"id":"/x","container":{"docker":{"image":"i"}},"ports":[0]}"#
        for version in MarathonAppSample.releases.prefix(2) {
            let app = try MarathonAppSample.create(body, version)
            #expect(try put(#"{"container":{}}"#, version, on: app).container == app.container)
        }
        let app = try MarathonAppSample.create(body, MarathonVersion(1, 4, 13))
        let fault = MarathonAppSample.fault { _ = try put(#"{"container":{}}"#, MarathonVersion(1, 4, 13), on: app) }
        #expect(fault == MarathonFault(500, ["message": "docker must not be empty"]))
    }

    @Test func `the body's id wins up to 0_9, the URL's after`() throws {
        let ids = try MarathonAppSample.releases.map { version in
            try MarathonAppSample.codec(version).id(in: ["id": "b"], url: "/a/c")
        }
        #expect(ids == ["/b", "/b", "/a/c", "/a/c"])
        let nameless = MarathonAppSample.releases.map { version in
            MarathonAppSample.fault { _ = try MarathonAppSample.codec(version).id(in: [:], url: nil) }?.status
        }
        #expect(nameless == [nil, nil, nil, 422])
        let created = try MarathonAppSample.releases.map { version in
            try MarathonAppSample.codec(version)
                .readApp(["id": "/b", "cmd": "cc"], id: "/a/c", at: MarathonAppSample.now, origin: .creatingPut).id
        }
        #expect(created == ["/b", "/b", "/a/c", "/a/c"])
    }

    @Test func `a PUT creates with other ports than a POST where their defaults differ`() throws {
        let body: JSON = ["id": "/x", "cmd": "cc"]
        for (version, counts) in zip(MarathonAppSample.releases, [(0, 1), (1, 1), (1, 1), (1, 1)]) {
            let codec = MarathonAppSample.codec(version)
            #expect(try codec.readApp(body, at: MarathonAppSample.now).ports.count == counts.0, "\(version)")
            let put = try codec.readApp(body, id: "/x", at: MarathonAppSample.now, origin: .creatingPut)
            #expect(put.ports.count == counts.1, "\(version)")
        }
        // MARATHON-7969
        let docker: JSON = ["id": "/x", "container": ["docker": ["image": "i"]]]
        let codec = MarathonAppSample.codec(MarathonVersion(1, 5, 15))
        let put = try codec.readApp(docker, id: "/x", at: MarathonAppSample.now, origin: .creatingPut)
        #expect(put.ports.isEmpty)
        #expect(try codec.readApp(docker, at: MarathonAppSample.now).ports.count == 1)
    }
}
