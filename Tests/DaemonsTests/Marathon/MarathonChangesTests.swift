import Testing

@testable import Daemons

/// Service ports, versions and what restarts tasks (marathon-api.md 2.2, 3.2 and 5.1).
@Suite struct MarathonChangesTests {
    @Test(arguments: MarathonAppSample.releases)
    func `an app keeps its service ports when it asks for any again`(version: MarathonVersion) throws {
        let codec = MarathonAppSample.codec(version)
        let body: JSON = ["id": "/x", "cmd": "cc", "ports": [0, 0]]
        let old = try MarathonAppSample.create(body.text, version)
        #expect(old.servicePorts == [10_000, 10_001])
        var pool = ServicePortPool()
        pool.take(codec.heldPorts(of: old))
        pool.take([10_002])
        var three: JSON = ["id": "/x", "cmd": "cc", "ports": [0, 0, 0]]
        for expected in [[10_000, 10_001, 10_003], [10_000]] {
            var apps = [try codec.readApp(three, at: MarathonAppSample.later)]
            try codec.assignPorts(in: &apps, former: { _ in old }, pool: &pool)
            #expect(apps[0].servicePorts == expected)
            if expected.count == 1 { #expect(!pool.contains(10_001)) }
            // Back to what is stored, for the next round.
            pool.release(codec.heldPorts(of: apps[0]))
            pool.take(codec.heldPorts(of: old))
            three = ["id": "/x", "cmd": "cc", "ports": [0]]
        }
    }

    @Test func `up to 0_14 a port that is named beside one to choose may come twice`() throws {
        let body: JSON = ["id": "/x", "cmd": "cc", "ports": [0, 10_000]]
        let ports = try MarathonAppSample.releases.map { try MarathonAppSample.create(body.text, $0).servicePorts }
        #expect(ports == [[10_000, 10_000], [10_000, 10_000], [10_001, 10_000], [10_001, 10_000]])
    }

    @Test(arguments: MarathonAppSample.releases)
    func `with no port left the change fails`(version: MarathonVersion) throws {
        var context = MarathonContext()
        context.localPorts = 10_000..<10_001
        let fault = MarathonAppSample.fault {
            _ = try MarathonAppSample.create(#"{"id":"/x","cmd":"cc","ports":[0,0]}"#, version, context: context)
        }
        #expect(fault == MarathonFault(500, ["message": "All ports in the range [10000-10001) are already in use"]))
    }

    @Test func `service ports of a bridge are the ports that are written, except of fixed ones up to 0_8`() throws {
        let body = """
            {"id":"/x","container":{"docker":{"image":"i","network":"BRIDGE","portMappings":\
            [{"containerPort":80},{"containerPort":81,"servicePort":9001}]}}}
            """
        for version in MarathonAppSample.releases {
            let app = try MarathonAppSample.create(body, version)
            #expect(app.servicePorts == [10_000, 9001], "\(version)")
            let ports = MarathonAppSample.codec(version).json(app)["ports"]?.text
            #expect(ports == (version.readsRAML ? nil : "[10000,9001]"), "\(version)")
        }
        let four = MarathonAppSample.codec(MarathonVersion(1, 4, 13))
        let json = four.json(try MarathonAppSample.create(body, four.version))
        #expect(json["portDefinitions"]?.array?.map { $0["port"]?.int } == [10_000, 9001])
    }

    @Test(arguments: MarathonAppSample.releases)
    func `instances scale, anything else restarts`(version: MarathonVersion) throws {
        let codec = MarathonAppSample.codec(version)
        let app = try MarathonAppSample.create(MarathonMergeTests.full, version)
        func change(_ body: JSON) throws -> MarathonApp {
            let new = try codec.update(app, with: body, at: MarathonAppSample.later)
            return codec.versioned(new, former: app, at: MarathonAppSample.later)
        }
        let same = try change([:])
        #expect(!codec.isUpgrade(from: app, to: same) && !codec.isOnlyScale(from: app, to: same))
        // 0.7.6 restarts for nothing: the version is another one.
        #expect(codec.restarts(from: app, to: same) == (version == MarathonVersion(0, 7, 6)))
        let scaled = try change(["instances": 5])
        #expect(codec.isOnlyScale(from: app, to: scaled) && !codec.restarts(from: app, to: scaled))
        for body in [
            ["env": ["A": "2"]], ["cmd": "sleep 2"], ["instances": 5, "cpus": 2], ["backoffSeconds": 9],
            ["healthChecks": []], ["dependencies": []],
        ] as [JSON] {
            let changed = try change(body)
            #expect(codec.isUpgrade(from: app, to: changed), "\(body.text)")
            #expect(!codec.isOnlyScale(from: app, to: changed) && codec.restarts(from: app, to: changed))
        }
    }

    @Test func `the order of sets and maps makes no difference, that of sequences does`() throws {
        let codec = MarathonAppSample.codec(MarathonVersion(1, 11, 24))
        func app(_ body: String) throws -> MarathonApp {
            try codec.readApp(try MarathonAppSample.json("{\"id\":\"/x\",\(body)}"), at: MarathonAppSample.now)
        }
        let one = try app(#""args":["a","b"],"env":{"A":"1","B":"2"},"dependencies":["/a","/b"]"#)
        let two = try app(#""args":["a","b"],"env":{"B":"2","A":"1"},"dependencies":["/b","/a"]"#)
        let three = try app(#""args":["b","a"],"env":{"A":"1","B":"2"},"dependencies":["/a","/b"]"#)
        #expect(!codec.isUpgrade(from: one, to: two))
        #expect(codec.isUpgrade(from: one, to: three))
    }

    @Test(arguments: MarathonAppSample.releases)
    func `versions move as the release moves them`(version: MarathonVersion) throws {
        let codec = MarathonAppSample.codec(version)
        let app = try MarathonAppSample.create(#"{"id":"/x","cmd":"sleep 1"}"#, version)
        let (now, later) = (MarathonAppSample.now, MarathonAppSample.later)
        func times(_ body: JSON, isRestart: Bool = false) throws -> [Moment?] {
            let new = try codec.update(app, with: body, at: later)
            let stored = codec.versioned(new, former: app, at: later, isRestart: isRestart)
            return [stored.version, stored.versionInfo?.lastScalingAt, stored.versionInfo?.lastConfigChangeAt]
        }
        guard version.keepsVersions else {
            #expect(try times([:]) == [later, nil, nil])
            return
        }
        #expect(try times([:]) == [now, now, now])
        #expect(try times(["instances": 7]) == [later, later, now])
        #expect(try times(["cmd": "sleep 2"]) == [later, later, later])
        #expect(try times([:], isRestart: true) == (version.readsRAML ? [later, now, later] : [later, later, now]))
    }

    @Test func `ten thousand apps get their ports and are read in no time`() throws {
        let codec = MarathonAppSample.codec(MarathonVersion(1, 11, 24))
        var apps: [MarathonApp] = []
        for index in 0..<10_000 {
            let body: JSON = ["id": .string("/g/a\(index)"), "cmd": "sleep 1", "env": ["A": "1"], "labels": ["b": "c"]]
            apps.append(try codec.readApp(body, at: MarathonAppSample.now))
        }
        var pool = ServicePortPool()
        try codec.assignPorts(in: &apps, former: { _ in nil }, pool: &pool)
        #expect(Set(apps.flatMap(\.servicePorts)) == Set(10_000..<20_000))
        var tree = MarathonTree(apps: [:], groups: ["/": [], "/g": []])
        for (index, app) in apps.enumerated() {
            var app = app
            app.dependencies = index == 0 ? [] : ["/g/a\(index - 1)"]
            tree.apps[app.id] = app
        }
        try codec.validate(tree)
        tree.apps["/g/a0"]?.dependencies = ["/g/a9999"]
        #expect(throws: MarathonFault.self) { try codec.validate(tree, changed: ["/g/a0"]) }
    }
}
