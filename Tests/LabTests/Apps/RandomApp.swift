import Daemons
import Specs

/// App definitions over every field that a release knows (marathon-api.md 3), most of them such that it takes them.
///
/// Explicit defaults, nulls, empties, odd orders and ports of 0 come often: they are where false differences are from.
struct RandomApp {
    let context: AppContext
    var numbers: SeededNumbers
    /// Names of ports, for checks to point at, as far as the app has ports; nil for one without a name.
    var ports: [String?] = []
    var isDocker = false
    var hasPersistentVolume = false

    init(seed: UInt64, context: AppContext, salt: String = "") {
        self.context = context
        numbers = SeededNumbers(seed, for: "app \(context.release) \(salt)")
    }

    /// What the simulated Marathons of one seed are started with.
    static func context(_ release: MarathonRelease, seed: UInt64) -> AppContext {
        var numbers = SeededNumbers(seed, for: "context")
        var context = AppContext(release: release)
        if release >= MarathonRelease(0, 12) { context.features = ["secrets", "gpu_resources", "external_volumes"] }
        if numbers.chance(30) { context.role = "web" }
        if release >= MarathonRelease(1, 3), numbers.chance(50) { context.defaultNetworkName = "overlay" }
        return context
    }

    func knows(_ major: Int, _ minor: Int, _ patch: Int = 0) -> Bool {
        context.release >= MarathonRelease(major, minor, patch)
    }

    /// One definition with this id.
    mutating func definition(id: String = "/prod/web") -> AppValue {
        var app: [String: AppValue] = ["id": .text(Content(id))]
        network(&app)
        process(&app)
        resources(&app)
        placement(&app)
        policies(&app)
        newer(&app)
        checks(&app)
        return .object(app)
    }

    /// Puts a value in sometimes, and now and then null, which counts as nothing said.
    mutating func maybe(
        _ object: inout [String: AppValue],
        _ key: String,
        _ percent: Int = 40,
        _ value: AppValue
    ) {
        let draw = numbers.number(0...99)
        if draw < percent { object[key] = value } else if draw >= 94 { object[key] = .null }
    }

    mutating func choose(_ values: AppValue...) -> AppValue { numbers.one(values) }

    private mutating func process(_ app: inout [String: AppValue]) {
        let cmd = choose("sleep 1000", "exec ./run --port $PORT0", "ls")
        let args: AppValue = choose(["sleep", "1"], ["/bin/app"], ["-v", "", "-v"])
        switch numbers.number(0...9) {
        case 0...5: app["cmd"] = cmd
        case 6, 7: app["args"] = args
        case 8 where isDocker && !knows(1, 0): (app["cmd"], app["args"]) = (cmd, args)
        default: if !isDocker { app["cmd"] = cmd }
        }
        if app["args"] == nil, numbers.chance(8) { app["args"] = knows(1, 4) ? choose(.null, []) : .null }
        if app["cmd"] == nil, numbers.chance(8) { app["cmd"] = .null }
        maybe(&app, "user", 30, choose("nobody", "root"))
        var names = ["PATH", "B", "a.b-c", "EMPTY"]
        names.shuffle(using: &numbers)
        var env: [String: AppValue] = [:]
        for name in names.prefix(numbers.number(0...3)) { env[name] = choose("1", "2", "", "x=y $Z") }
        if knows(1, 3), numbers.chance(25) {
            env["SECRET"] = ["secret": "db"]
            app["secrets"] = choose(["db": ["source": "/db/password"]], ["db": ["source": "x"], "e": ["source": "y"]])
        }
        if let name = app["container"]?["docker"]?["pullConfig"]?["secret"]?.plainText {
            var secrets = app["secrets"]?.members ?? [:]
            secrets[name] = ["source": "/pull"]
            app["secrets"] = .object(secrets)
        }
        if numbers.chance(60) || !env.isEmpty { app["env"] = .object(env) }
        maybe(&app, "executor", 20, choose("", "//cmd", "/opt/executor"))
    }

    private mutating func resources(_ app: inout [String: AppValue]) {
        maybe(&app, "instances", 60, choose(0, 1, 1, 2, 5))
        maybe(&app, "cpus", 50, choose(1, 0.1, 0.25, 2))
        maybe(&app, "mem", 50, choose(128, 64, 33.5, 512))
        maybe(&app, "disk", 30, choose(0, 10, 1.5))
        if knows(1, 3), !isDocker { maybe(&app, "gpus", 20, choose(0, 1)) }
        maybe(&app, "backoffSeconds", 30, choose(1, 2, 30))
        maybe(&app, "backoffFactor", 30, choose(1.15, 2, 1.5))
        if knows(0, 8) { maybe(&app, "maxLaunchDelaySeconds", 30, choose(300, 3600, 60)) }
    }

    private mutating func placement(_ app: inout [String: AppValue]) {
        var all: [AppValue] = [
            ["hostname", "UNIQUE"], ["rack", "CLUSTER", "r1"], ["rack", "GROUP_BY", "3"], ["rack", "GROUP_BY"],
            ["hostname", "LIKE", "node-[0-9]+"], ["os", "UNLIKE", "win.*"],
        ]
        if !knows(1, 5) { all.append(["zone", "UNIQUE", ""]) }
        if knows(1, 3) { all.append(["rack", "MAX_PER", "2"]) }
        if knows(1, 6) { all.append(["@zone", "IS", "eu-1"]) }
        all.shuffle(using: &numbers)
        maybe(&app, "constraints", 45, .list(Array(all.prefix(numbers.number(0...3)))))
        fetch(&app)
        var dependencies: [AppValue] = ["/db", "/prod/cache", "/a.b/c-1"]
        dependencies.shuffle(using: &numbers)
        maybe(&app, "dependencies", 35, .list(Array(dependencies.prefix(numbers.number(0...3)))))
        if knows(0, 9) {
            let mine = AppValue.text(Content(context.role))
            let sets: [AppValue] = context.role == "*" ? [["*"]] : [["*", mine], [mine, "*"], [mine]]
            maybe(&app, "acceptedResourceRoles", 25, numbers.one(sets))
        }
        if knows(1, 9) { maybe(&app, "role", 15, .text(Content(numbers.one([context.role, "prod"])))) }
    }

    private mutating func fetch(_ app: inout [String: AppValue]) {
        var uris: [AppValue] = [
            "http://h/a.tgz", "http://h/b.tar.gz?v=1", "http://h/c.sh", "http://h/d.zip", "http://h/e.gz",
            "hdfs://h/f.tar",
        ]
        uris.shuffle(using: &numbers)
        uris = Array(uris.prefix(numbers.number(0...3)))
        if knows(0, 15), numbers.chance(55) {
            var items: [AppValue] = []
            for uri in uris {
                var item: [String: AppValue] = ["uri": uri]
                maybe(&item, "extract", 40, .boolean(numbers.chance(50)))
                maybe(&item, "executable", 30, .boolean(numbers.chance(50)))
                maybe(&item, "cache", 30, .boolean(numbers.chance(50)))
                if knows(1, 4) { maybe(&item, "destPath", 20, "bin/x") }
                items.append(.object(item))
            }
            maybe(&app, "fetch", 60, .list(items))
        } else {
            maybe(&app, "uris", 50, .list(uris))
        }
        if !knows(1, 5) { maybe(&app, "storeUrls", 8, []) }
    }

    private mutating func policies(_ app: inout [String: AppValue]) {
        if numbers.chance(35) {
            var strategy: [String: AppValue] = ["minimumHealthCapacity": choose(1, 0.5, 0)]
            let over = hasPersistentVolume ? 0 : choose(1, 0, 0.25)
            if knows(1, 5) || knows(0, 8) && (numbers.chance(60) || hasPersistentVolume) {
                strategy["maximumOverCapacity"] = over
            }
            app["upgradeStrategy"] = .object(strategy)
        }
        if knows(0, 8) {
            var labels: [String: AppValue] = [:]
            for name in ["z", "HAPROXY_GROUP", "a/b"].prefix(numbers.number(0...3)) {
                labels[name] = choose("external", "", "1")
            }
            maybe(&app, "labels", 45, .object(labels))
        }
        maybe(&app, "requirePorts", 25, .boolean(numbers.chance(40)))
    }

    /// What came from 1.0 on.
    private mutating func newer(_ app: inout [String: AppValue]) {
        if knows(1, 1) { maybe(&app, "taskKillGracePeriodSeconds", 20, choose(1, 30)) }
        if knows(1, 3), app["secrets"] == nil {
            maybe(&app, "secrets", 15, choose([:], ["unused": ["source": "s"]]))
        }
        if knows(1, 4) {
            maybe(&app, "killSelection", 25, choose("YOUNGEST_FIRST", "OLDEST_FIRST"))
            let strategies: [AppValue] =
                hasPersistentVolume
                ? ["disabled"]
                : [
                    "disabled", ["inactiveAfterSeconds": 300, "expungeAfterSeconds": 600], [:],
                    ["inactiveAfterSeconds": 0, "expungeAfterSeconds": 0], ["expungeAfterSeconds": 900],
                ]
            maybe(&app, "unreachableStrategy", 35, numbers.one(strategies))
        }
        if knows(1, 5) { maybe(&app, "tty", 15, .boolean(numbers.chance(50))) }
        if knows(1, 10) {
            maybe(&app, "executorResources", 30, choose(["cpus": 0.5], ["cpus": 0.1, "mem": 64, "disk": 10], [:]))
            let both: AppValue = ["cpus": "unlimited", "mem": "unlimited"]
            maybe(
                &app,
                "resourceLimits",
                30,
                choose(["cpus": "unlimited"], ["cpus": 8, "mem": 4096], [:], both, ["mem": 512])
            )
        }
    }
}
