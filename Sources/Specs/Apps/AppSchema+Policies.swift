/// How tasks are replaced and checked (marathon-api.md 3.1 and 3.4).
extension AppSchema {
    static let policies: [AppField] = [
        AppField("backoffSeconds", .integer, source: "marathon-api.md 3.1").defaulting(to: 1),
        AppField("backoffFactor", .number, source: "marathon-api.md 3.1").defaulting(to: 1.15),
        AppField("maxLaunchDelaySeconds", .integer, .since(0, 8), source: "marathon-api.md 3.1")
            .defaulting(AppDefault(3600, .until(1, 8)), AppDefault(300, .since(1, 8))),
        // Apps with volumes that stay on an agent have another default: `AppForm+Policies`.
        AppField(
            "upgradeStrategy",
            .object([
                AppField("minimumHealthCapacity", .number, source: "marathon-api.md 3.1").defaulting(to: 1),
                AppField("maximumOverCapacity", .number, .since(0, 8), source: "marathon-api.md 3.1")
                    .defaulting(to: 1),
            ]),
            source: "marathon-api.md 3.1"
        )
        .defaulting(to: [:]),
        AppField("killSelection", .text, .since(1, 4), source: "marathon-api.md 3.1")
            .defaulting(to: "YOUNGEST_FIRST"),
        AppField(
            "unreachableStrategy",
            .either([.text, .object(unreachableTimes)]),
            .since(1, 4),
            source: "marathon-api.md 3.1"
        )
        .defaulting(to: [:]),
        AppField(
            "residency",
            .object([
                AppField("relaunchEscalationTimeoutSeconds", .integer, source: "marathon-api.md 3.1")
                    .defaulting(to: 3600),
                AppField("taskLostBehavior", .text, source: "marathon-api.md 3.1").defaulting(to: "WAIT_FOREVER"),
            ]),
            .since(1, 0),
            clearing: .onlyByReplacing,
            source: "marathon-api.md 3.1"
        )
        // It is made up from the volumes and the unreachable strategy there.
        .forgotten(.since(1, 5)),
        AppField(
            "taskKillGracePeriodSeconds",
            .integer,
            .since(1, 1),
            clearing: .onlyByReplacing,
            source: "marathon-api.md 3.1"
        ),
    ]

    private static let unreachableTimes: [AppField] = ["inactiveAfterSeconds", "expungeAfterSeconds"].map { name in
        let patient: AppValue = name == "inactiveAfterSeconds" ? 300 : 600
        return AppField(name, .integer, source: "marathon-api.md 3.1")
            .defaulting(
                AppDefault(patient, .until(1, 4, 9)),
                AppDefault(patient, .from(MarathonRelease(1, 5), until: MarathonRelease(1, 5, 1))),
                AppDefault(0)
            )
    }

    static let checks: [AppField] = [
        // A set, told by index all the same: `HealthCheckPairs`.
        AppField("healthChecks", .set(.object(healthCheck)), source: "marathon-api.md 3.4").defaulting(to: []),
        AppField("readinessChecks", .list(.object(readinessCheck)), .since(1, 1), source: "marathon-api.md 3.1")
            .defaulting(to: []),
        AppField("check", .object(check), .since(1, 7), clearing: .onlyByReplacing, source: "marathon-api.md 3.1"),
    ]

    private static let healthCheck: [AppField] = [
        AppField("protocol", .text, source: "marathon-api.md 3.4").defaulting(to: "HTTP"),
        AppField("path", .text, source: "marathon-api.md 3.4").defaulting(AppDefault("/", .until(0, 13))),
        AppField("portIndex", .integer, source: "marathon-api.md 3.4").defaulting(AppDefault(0, .until(0, 15))),
        AppField("port", .integer, .since(0, 15), source: "marathon-api.md 3.4"),
        AppField(
            "command",
            .object([AppField("value", .text, source: "marathon-api.md 3.4")]),
            source: "marathon-api.md 3.4"
        ),
        AppField("gracePeriodSeconds", .integer, source: "marathon-api.md 3.4")
            .defaulting(AppDefault(15, .until(0, 8)), AppDefault(300)),
        AppField("intervalSeconds", .integer, source: "marathon-api.md 3.4")
            .defaulting(AppDefault(10, .until(0, 8)), AppDefault(60)),
        AppField("timeoutSeconds", .integer, source: "marathon-api.md 3.4").defaulting(to: 20),
        AppField("maxConsecutiveFailures", .integer, source: "marathon-api.md 3.4").defaulting(to: 3),
        AppField("ignoreHttp1xx", .boolean, .since(0, 8, 1), source: "marathon-api.md 3.4")
            .defaulting(to: false)
            // Stored as false whatever is sent: S/raml/HealthCheckConversion.scala, 1.5.15 and 1.11.
            .forgotten(.since(1, 5)),
        AppField("delaySeconds", .integer, .since(1, 4), source: "marathon-api.md 3.4").defaulting(to: 15),
        AppField("ipProtocol", .text, .since(1, 6), source: "marathon-api.md 3.4").defaulting(to: "IPv4"),
    ]

    private static let readinessCheck: [AppField] = [
        AppField("name", .text, source: "marathon-api.md 3.1").defaulting(to: "readinessCheck"),
        AppField("protocol", .text, source: "marathon-api.md 3.1").defaulting(to: "HTTP"),
        AppField("path", .text, source: "marathon-api.md 3.1").defaulting(to: "/"),
        AppField("portName", .text, source: "marathon-api.md 3.1").defaulting(to: "http-api"),
        AppField("intervalSeconds", .integer, source: "marathon-api.md 3.1").defaulting(to: 30),
        AppField("timeoutSeconds", .integer, source: "marathon-api.md 3.1").defaulting(to: 10),
        AppField("httpStatusCodesForReady", .set(.integer), source: "marathon-api.md 3.1").defaulting(to: [200]),
        AppField("preserveLastResponse", .boolean, source: "marathon-api.md 3.1").defaulting(to: false),
    ]

    private static let check: [AppField] = [
        AppField("http", .object(portCheck + httpCheck), source: "RAML types/appCheck.raml, 1.7"),
        AppField("tcp", .object(portCheck), source: "RAML types/appCheck.raml, 1.7"),
        AppField(
            "exec",
            .object([
                AppField(
                    "command",
                    .object([
                        AppField("shell", .text, source: "RAML types/appCheck.raml, 1.7"),
                        AppField("argv", .list(.text), source: "RAML types/appCheck.raml, 1.7"),
                    ]),
                    source: "RAML types/appCheck.raml, 1.7"
                )
            ]),
            source: "RAML types/appCheck.raml, 1.7"
        ),
        AppField("intervalSeconds", .integer, source: "RAML types/appCheck.raml, 1.7").defaulting(to: 60),
        AppField("timeoutSeconds", .integer, source: "RAML types/appCheck.raml, 1.7").defaulting(to: 20),
        AppField("delaySeconds", .integer, source: "RAML types/appCheck.raml, 1.7").defaulting(to: 15),
    ]

    private static let portCheck = [
        AppField("portIndex", .integer, source: "RAML types/appCheck.raml, 1.7"),
        AppField("port", .integer, source: "RAML types/appCheck.raml, 1.7"),
    ]

    private static let httpCheck = [
        AppField("path", .text, source: "RAML types/appCheck.raml, 1.7"),
        AppField("scheme", .text, source: "RAML types/appCheck.raml, 1.7").defaulting(to: "HTTP"),
    ]
}
