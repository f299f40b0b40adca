import Daemons
import Specs
import Testing

/// The rules about apps against the simulated Marathons, which share no code with them: both take a definition, or neither.
///
/// `SEED=n` replays one definition in every release; see `appSeeds`.
@Suite struct AppRuleAgreementTests {
    static let releases = wanted([
        MarathonRelease(0, 7, 6), MarathonRelease(0, 8, 2), MarathonRelease(0, 9, 2), MarathonRelease(0, 11, 1),
        MarathonRelease(0, 13, 1), MarathonRelease(0, 14, 1), MarathonRelease(0, 15, 7), MarathonRelease(1, 0, 0),
        MarathonRelease(1, 1, 5), MarathonRelease(1, 3, 13), MarathonRelease(1, 4, 0), MarathonRelease(1, 4, 13),
        MarathonRelease(1, 5, 0), MarathonRelease(1, 5, 15), MarathonRelease(1, 6, 590), MarathonRelease(1, 8, 244),
        MarathonRelease(1, 9, 109), MarathonRelease(1, 10, 26), MarathonRelease(1, 11, 24),
    ])

    @Test("a definition is a fault exactly where its Marathon refuses it", arguments: releases)
    func agree(_ release: MarathonRelease) {
        let version = MarathonVersion(release)
        let seeds = appSeeds(1500)
        var (taken, refused) = (0, 0)
        for seed in seeds {
            var numbers = SeededNumbers(seed)
            let features: [String] = numbers.below(2) == 0 ? [] : ["secrets", "gpu_resources", "external_volumes"]
            let network = numbers.below(2) == 0 ? nil : "dcos"
            var definition = RandomDefinition.make(&numbers)
            definition = KnownFields.of(definition, .object(AppSchema.fields(in: release)), release)
            if isStricter(definition, release) { continue }
            let app = DesiredApp(
                id: "/a",
                definition: definition,
                position: SourcePosition(file: "apps/a.json", line: 1, column: 1)
            )
            let context = AppContext(release: release, defaultNetworkName: network, features: Set(features))
            let found = faults(of: app, in: context)
            let answer = Self.answer(definition, version, features, network)
            if answer == nil { taken += 1 } else { refused += 1 }
            let isAgreed = found.isEmpty == (answer == nil)
            #expect(
                isAgreed,
                "SEED=\(seed) \(release): \(definition.serverJSON.text) \(found.map(\.message)) \(answer ?? "taken")"
            )
            if !isAgreed { return }
        }
        // A seed alone takes one way; many take both.
        if seeds.count > 500 { #expect(taken > 20 && refused > 20, "\(taken) taken, \(refused) refused") }
    }

    /// What is refused here on purpose: up to 1.2 a container of Docker's without an image, which is read and then fails
    /// on the agent; up to 1.4 `storeUrls`, which would be different for ever (`StoreRule`).
    private func isStricter(_ definition: AppValue, _ release: MarathonRelease) -> Bool {
        let container = definition["container"]
        if definition["storeUrls"]?.items?.isEmpty == false { return true }
        return release < MarathonRelease(1, 3) && container?["type"] == "DOCKER" && container?["docker"] == nil
    }

    /// Why the Marathon refuses it; nil where it takes it.
    private static func answer(
        _ definition: AppValue,
        _ version: MarathonVersion,
        _ features: [String],
        _ network: String?
    ) -> String? {
        var context = MarathonContext()
        context.features = features
        context.defaultNetworkName = network
        let codec = MarathonAppCodec(version: version, context: context)
        do {
            // 0.7's POST has another default for `ports` than its PUT, which is how apps are made here.
            let origin: MarathonAppOrigin = version < MarathonVersion(0, 8) ? .creatingPut : .definition
            let app = try codec.readApp(definition.serverJSON, id: "/a", at: Moment(milliseconds: 0), origin: origin)
            try codec.validate(app)
            return nil
        } catch {
            return "\(error)"
        }
    }
}

/// A definition without what a release does not read: what it ignores is a fault for us and none for it.
private enum KnownFields {
    static func of(_ value: AppValue, _ shape: AppShape, _ release: MarathonRelease) -> AppValue {
        switch (shape, value) {
        case (.object(let fields), .object(let members)):
            var kept: [String: AppValue] = [:]
            for field in fields where field.releases.contains(release) {
                if let member = members[field.name] { kept[field.name] = of(member, field.shape, release) }
            }
            return .object(kept)
        case (.list(let item), .list(let items)), (.set(let item), .list(let items)):
            return .list(items.map { of($0, item, release) })
        case (.map(let item), .object(let members)): return .object(members.mapValues { of($0, item, release) })
        case (.either(let shapes), .object):
            let inner = shapes.first { if case .object = $0 { true } else { false } }
            return inner.map { of(value, $0, release) } ?? value
        default: return value
        }
    }
}

/// Definitions of fields that are right and wrong by turns.
private enum RandomDefinition {
    static func make(_ numbers: inout SeededNumbers) -> AppValue {
        var members: [String: AppValue] = ["id": "/a"]
        if numbers.below(4) > 0 { members["cmd"] = "run it" }
        for (key, values) in choices where numbers.below(9) == 0 { members[key] = pick(values, &numbers) }
        if numbers.below(2) == 0 { members["container"] = container(&numbers) }
        if numbers.below(3) == 0 {
            members["healthChecks"] = .list((0...numbers.below(2)).map { _ in check(&numbers) })
        }
        if numbers.below(6) == 0 { members["networks"] = .list((0...numbers.below(2)).map { _ in network(&numbers) }) }
        return .object(members)
    }

    private static let choices: [(String, [AppValue])] = [
        ("args", [[], ["x"]]), ("cmd", ["x", "echo"]), ("cpus", [0, 0.0005, 0.1]), ("instances", [0, 1, 3]),
        ("ports", [[], [0], [80], [80, 80], [0, 0], [80, 81]]), ("backoffFactor", [0.5, 1, 2]),
        ("backoffSeconds", [-1, 0, 5]), ("uris", [[], ["http://h/a"]]),
        ("storeUrls", [[], [], ["http://h/s"]]),
        ("fetch", [[], [["uri": "http://h/b"]], [[:]]]),
        (
            "portDefinitions",
            [
                [], [["port": 80]], [["port": 80], ["port": 80]], [["name": "web"], ["name": "web"]],
                [["name": "web"], [:]],
                [["name": "Web"]], [["protocol": "udp,tcp"]], [["protocol": "icmp"]], [["port": 80], ["port": 81]],
            ]
        ),
        (
            "ipAddress",
            [[:], ["networkName": "n"], ["discovery": ["ports": [["number": 1, "name": "a", "protocol": "tcp"]]]]]
        ),
        (
            "constraints",
            [
                [["hostname", "UNIQUE"]], [["hostname", "UNIQUE", ""]], [["hostname", "UNIQUE", "x"]],
                [["a", "unique"]],
                [["a", "MAX_PER", "2"]], [["a", "MAX_PER"]], [["a", "LIKE"]], [["a", "LIKE", "x"]], [["a", "IS", "b"]],
                [["a", "IS", "{}"]], [["a", "GROUP_BY", "x"]], [["a", "GROUP_BY"]], [["a"]], [["a", "NEAR"]],
                [["", "CLUSTER"]],
            ]
        ),
        (
            "upgradeStrategy",
            [
                [:], ["minimumHealthCapacity": 0.5], ["minimumHealthCapacity": 1.5, "maximumOverCapacity": 1],
                ["minimumHealthCapacity": 0, "maximumOverCapacity": 0], ["maximumOverCapacity": 0.5],
            ]
        ),
        (
            "unreachableStrategy",
            [
                "disabled", "off", [:], ["inactiveAfterSeconds": 5], ["expungeAfterSeconds": 5],
                ["inactiveAfterSeconds": 9, "expungeAfterSeconds": 5],
            ]
        ),
        ("labels", [[:], ["MARATHON_SINGLE_INSTANCE_APP": "true"]]), ("killSelection", ["OLDEST_FIRST", "NEWEST"]),
        (
            "readinessChecks",
            [
                [], [["portName": "web"]], [[:]], [["portName": "web", "timeoutSeconds": 40]],
                [["portName": "web"], ["portName": "web"]],
            ]
        ),
        ("acceptedResourceRoles", [[], ["*"], ["*", "x"]]), ("secrets", [[:], ["s": ["source": "/s"]], ["s": [:]]]),
        ("env", [["A": "x"], ["A": ["secret": "s"]], ["A": ["secret": "t"]]]), ("gpus", [0, 1]),
        ("executor", ["//cmd", "/a/b", "a//b", ""]), ("residency", [[:], ["taskLostBehavior": "NEVER"]]),
        ("check", [[:], ["tcp": ["portIndex": 0]], ["tcp": [:], "http": ["scheme": "FTP"]]]),
        ("resourceLimits", [["cpus": 4], ["cpus": 0.01], ["mem": "unlimited"], ["mem": "lots"]]),
        ("executorResources", [["cpus": 0.01], ["mem": 64]]), ("taskKillGracePeriodSeconds", [-1, 5]),
    ]

    private static func container(_ numbers: inout SeededNumbers) -> AppValue {
        var members: [String: AppValue] = [:]
        if numbers.below(2) == 0 { members["type"] = pick(["DOCKER", "MESOS", "DOCKER", "RKT"], &numbers) }
        if numbers.below(4) > 0 { members["docker"] = docker(&numbers) }
        if numbers.below(3) == 0 {
            members["volumes"] = pick(volumes, &numbers)
        }
        if numbers.below(4) == 0 { members["portMappings"] = mappings(&numbers) }
        if numbers.below(12) == 0 { members["appc"] = pick(appc, &numbers) }
        if numbers.below(12) == 0 { members["linuxInfo"] = pick(linuxInfo, &numbers) }
        return .object(members)
    }

    private static let appc: [AppValue] = [
        ["image": "i"], ["image": "i", "id": "sha512-0a"], ["image": "i", "id": "sha512-"],
        ["image": "i", "id": "md5-0a0a"],
        ["image": ""], [:],
    ]

    private static let linuxInfo: [AppValue] = [
        [:], ["seccomp": ["unconfined": true]], ["ipcInfo": ["mode": "PRIVATE", "shmSize": 4]], ["ipcInfo": [:]],
        ["ipcInfo": ["mode": "SHARED"]],
    ]

    private static let volumes: [AppValue] = [
        [], [["containerPath": "/a", "hostPath": "/b", "mode": "RO"]], [["containerPath": "/a", "mode": "RO"]],
        [["containerPath": "/a", "hostPath": "/b", "mode": "XX"]],
        [["containerPath": "a", "mode": "RW", "persistent": ["size": 10]]],
        [["containerPath": "/a", "mode": "RW", "persistent": ["size": 10]]],
        [["containerPath": "a", "mode": "RO", "persistent": ["size": 0]]],
        [["containerPath": "a", "mode": "RW", "external": ["name": "n", "provider": "dvdi"]]],
    ]

    private static func docker(_ numbers: inout SeededNumbers) -> AppValue {
        var members: [String: AppValue] = [:]
        if numbers.below(20) > 0 { members["image"] = "web" }
        if numbers.below(2) == 0 {
            members["network"] = pick(["BRIDGE", "BRIDGE", "HOST", "USER", "NONE", "NAT"], &numbers)
        }
        if numbers.below(3) == 0 { members["portMappings"] = mappings(&numbers) }
        if numbers.below(8) == 0 {
            members["parameters"] = pick(
                [[], [["key": "a", "value": "b"]], [["key": "a"]], [:], ["a": "b"]],
                &numbers
            )
        }
        if numbers.below(12) == 0 {
            members["credential"] = pick([["principal": "p"], [:], ["principal": "p", "secret": "s"]], &numbers)
        }
        if numbers.below(12) == 0 { members["pullConfig"] = pick([["secret": "s"], ["secret": "s"], [:]], &numbers) }
        return .object(members)
    }

    private static func mappings(_ numbers: inout SeededNumbers) -> AppValue {
        pick(
            [
                [], [["containerPort": 80]], [["containerPort": 80, "hostPort": 0, "protocol": "tcp"]],
                [["hostPort": 0]],
                [["containerPort": 80, "name": "web"], ["containerPort": 81, "name": "web"]],
                [["containerPort": 80, "name": "web"], ["containerPort": 81]],
                [["containerPort": 80, "protocol": "tcp,udp"]], [["containerPort": 80, "protocol": "udp,tcp"]],
                [["containerPort": 80, "networkNames": ["n"]]], [["containerPort": 80, "protocol": "icmp"]],
            ],
            &numbers
        )
    }

    private static func check(_ numbers: inout SeededNumbers) -> AppValue {
        var members: [String: AppValue] = [:]
        if numbers.below(3) > 0 {
            members["protocol"] = pick(
                ["HTTP", "HTTPS", "TCP", "COMMAND", "COMMAND", "MESOS_HTTP", "MESOS_TCP", "UDP"],
                &numbers
            )
        }
        if numbers.below(2) == 0 { members["portIndex"] = pick([0, 0, 1, 2], &numbers) }
        if numbers.below(5) == 0 { members["port"] = 8080 }
        if numbers.below(3) == 0 { members["command"] = pick([["value": "x"], ["value": "x"], [:]], &numbers) }
        if numbers.below(6) == 0 { members["ipProtocol"] = pick(["IPv4", "IPv6", "IPv5"], &numbers) }
        if numbers.below(8) == 0 { members["timeoutSeconds"] = pick([-1, 5], &numbers) }
        return .object(members)
    }

    private static func network(_ numbers: inout SeededNumbers) -> AppValue {
        pick(
            [
                ["mode": "host"], ["mode": "container/bridge"], ["mode": "container", "name": "n"], ["name": "m"], [:],
                ["mode": "host", "name": "n"], ["mode": "bridge"], ["mode": "host", "labels": ["a": "b"]],
            ],
            &numbers
        )
    }

    private static func pick(_ values: [AppValue], _ numbers: inout SeededNumbers) -> AppValue {
        values[numbers.below(values.count)]
    }
}

extension AppValue {
    /// For the simulated server, which has a JSON of its own.
    fileprivate var serverJSON: JSON {
        switch self {
        case .null: .null
        case .boolean(let value): .bool(value)
        case .number(let number): Int(exactly: number).map { .integer($0) } ?? .number(number)
        case .text(let content): .string(content.shown)
        case .list(let items): .array(items.map(\.serverJSON))
        case .object(let members): object(members)
        }
    }

    private func object(_ members: [String: AppValue]) -> JSON {
        var object: JSONObject = [:]
        for (key, value) in members.sorted(by: { $0.key < $1.key }) { object[key] = value.serverJSON }
        return .object(object)
    }
}

extension SeededNumbers {
    fileprivate mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }
}
