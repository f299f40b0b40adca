import Testing

@testable import Daemons

/// Random definitions of each release, read, written and merged.
@Suite struct MarathonAppPropertyTests {
    @Test(arguments: MarathonAppSample.releases)
    func `what is written is read again as the same app, and merged into itself changes nothing`(
        version: MarathonVersion
    ) throws {
        let codec = MarathonAppSample.codec(version)
        for seed in UInt64(0)..<120 {
            var random = RandomMarathonApp(version: version, seed: seed)
            let body = random.body()
            let app = try MarathonAppSample.create(body.text, version)
            let own = MarathonAppSample.stripped(codec.json(app), version)

            let read = try codec.readApp(own, at: MarathonAppSample.later)
            try codec.validate(read, former: app)
            var apps = [read]
            var pool = ServicePortPool()
            pool.take(codec.heldPorts(of: app))
            let before = pool
            try codec.assignPorts(in: &apps, former: { _ in app }, pool: &pool)
            #expect(withoutVersion(apps[0]) == withoutVersion(app), "seed \(seed): \(body.text)")
            #expect((10_000..<10_010).filter(pool.contains) == (10_000..<10_010).filter(before.contains))

            let merged = try codec.update(app, with: own, at: MarathonAppSample.later)
            #expect(!codec.isUpgrade(from: app, to: merged), "seed \(seed): \(body.text)")
            #expect(!codec.isOnlyScale(from: app, to: merged), "seed \(seed)")
            let stored = codec.versioned(merged, former: app, at: MarathonAppSample.later)
            #expect((stored == app) == version.keepsVersions, "seed \(seed)")
        }
    }

    @Test(arguments: MarathonAppSample.releases)
    func `every answer of one release has the same keys where it writes null for what is unset`(
        version: MarathonVersion
    ) throws {
        guard !version.readsRAML else { return }
        let codec = MarathonAppSample.codec(version)
        var sets: Set<Set<String>> = []
        for seed in UInt64(0)..<100 {
            var random = RandomMarathonApp(version: version, seed: seed)
            let json = codec.json(try MarathonAppSample.create(random.body().text, version))
            sets.insert(Set(json.object?.keys ?? []).subtracting(["acceptedResourceRoles"]))
        }
        #expect(sets.count == 1)
    }

    private func withoutVersion(_ app: MarathonApp) -> MarathonApp {
        var app = app
        (app.version, app.versionInfo) = (MarathonAppSample.now, nil)
        return app
    }
}

/// Bodies that a release takes, with whatever members it knows.
struct RandomMarathonApp {
    let version: MarathonVersion
    private var numbers: SeededNumbers

    init(version: MarathonVersion, seed: UInt64) {
        self.version = version
        numbers = SeededNumbers(seed, for: version.description)
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &numbers) }
    private mutating func chance() -> Bool { Bool.random(using: &numbers) }
    private mutating func one<Value>(_ values: [Value]) -> Value { values[number(0...values.count - 1)] }

    mutating func body() -> JSON {
        var object: JSONObject = ["id": .string("/" + one(["x", "prod/web", "a.b/c-1"]))]
        let ports = network(&object)
        if object["container"] == nil || chance() {
            if chance() { object["cmd"] = "sleep 1" } else { object["args"] = ["sleep", "1"] }
        }
        if chance() { object["cpus"] = one([0.1, 1, 2.5]) }
        if chance() { object["mem"] = .integer(number(16...512)) }
        if chance() { object["disk"] = .integer(number(0...100)) }
        if chance() { object["instances"] = .integer(number(0...9)) }
        if chance() { object["user"] = "nobody" }
        if chance() { object["env"] = ["B": "2", "A": .string("\(number(0...9))")] }
        if chance() { object["constraints"] = [["hostname", "UNIQUE"], ["rack", "CLUSTER", "r1"]] }
        if chance() { object["uris"] = ["http://h/a.tgz", "http://h/b?c=d"] }
        if chance() { object["dependencies"] = ["/db", "/cache"] }
        if chance() { object["backoffSeconds"] = .integer(number(1...9)) }
        if chance() { object["backoffFactor"] = one([1.5, 2]) }
        if chance() { object["requirePorts"] = .bool(chance()) }
        if chance() { object["upgradeStrategy"] = strategy() }
        if ports > 0, chance() { object["healthChecks"] = .array(checks(ports)) }
        newer(&object)
        return .object(object)
    }

    /// Ports and container; returns how many ports there are.
    private mutating func network(_ object: inout JSONObject) -> Int {
        var docker: JSONObject = ["image": "busybox"]
        if chance() { docker["privileged"] = .bool(chance()) }
        var container: JSONObject = [:]
        if chance() {
            container["volumes"] = [["containerPath": "/a", "hostPath": "/b", "mode": .string(one(["RO", "RW"]))]]
        }
        switch number(0...3) {
        case 0:
            let count = number(0...3)
            object["ports"] = .array((0..<count).map { .integer($0 == 1 ? 9000 : 0) })
            return count
        case 1:
            container["docker"] = .object(docker)
            object["container"] = .object(container)
            object["ports"] = [0]
            return 1
        case 2:
            docker["network"] = "HOST"
            container["docker"] = .object(docker)
            object["container"] = .object(container)
            object["ports"] = [8080, 0]
            return 2
        default:
            let count = number(1...3)
            docker["network"] = "BRIDGE"
            var mappings: [JSON] = []
            for index in 0..<count { mappings.append(mapping(index)) }
            docker["portMappings"] = .array(mappings)
            container["docker"] = .object(docker)
            object["container"] = .object(container)
            return count
        }
    }

    private mutating func mapping(_ index: Int) -> JSON {
        var mapping: JSONObject = ["containerPort": .integer(80 + index)]
        if chance() { mapping["servicePort"] = .integer(9000 + index) }
        if chance() { mapping["protocol"] = "udp" }
        if version.isAtLeast(1, 0), chance() { mapping["name"] = .string("p\(index)") }
        return .object(mapping)
    }

    private mutating func strategy() -> JSON {
        var strategy: JSONObject = ["minimumHealthCapacity": one([0, 0.5, 1])]
        if version.isAtLeast(0, 8) { strategy["maximumOverCapacity"] = one([0, 0.25, 1]) }
        return .object(strategy)
    }

    /// With an index each: from 1.5 a merge adds one where none is, which restarts the app.
    private mutating func checks(_ ports: Int) -> [JSON] {
        var names = ["HTTP", "TCP"]
        if version.isAtLeast(0, 8, 1) { names.append("HTTPS") }
        if version.isAtLeast(1, 4) { names.append("MESOS_HTTP") }
        var check: JSONObject = ["protocol": .string(one(names)), "portIndex": .integer(number(0...ports - 1))]
        if chance() { check["path"] = "/health" }
        if chance() { check["gracePeriodSeconds"] = .integer(number(1...60)) }
        if chance() { check["maxConsecutiveFailures"] = .integer(number(0...5)) }
        let command: JSON = ["protocol": "COMMAND", "command": ["value": "true"]]
        return chance() ? [.object(check)] : [.object(check), command]
    }

    private mutating func newer(_ object: inout JSONObject) {
        if version.isAtLeast(0, 8) {
            if chance() { object["labels"] = ["z": "1", "a": "2"] }
            if chance() { object["maxLaunchDelaySeconds"] = .integer(number(60...600)) }
        }
        guard version.isAtLeast(1, 4) else { return }
        if chance() { object["killSelection"] = "OLDEST_FIRST" }
        if chance() { object["unreachableStrategy"] = "disabled" }
        if chance() { object["taskKillGracePeriodSeconds"] = .integer(number(1...9)) }
        if chance() { object["acceptedResourceRoles"] = ["*"] }
        guard version.isAtLeast(1, 11) else { return }
        if chance() { object["tty"] = true }
        if chance() { object["resourceLimits"] = ["cpus": "unlimited", "mem": 4096] }
        if chance() { object["executorResources"] = ["cpus": 0.1, "mem": 32, "disk": 10] }
    }
}
