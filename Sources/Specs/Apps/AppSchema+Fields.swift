/// The fields of an app definition over all releases, with what each release fills in (marathon-api.md section 3).
public enum AppSchema {
    /// The fields of a definition.
    public static let fields: [AppField] =
        process + resources + artifacts + ports + placement + policies + checks + readOnly

    /// The fields that `release` knows, Marathon's own among them.
    public static func fields(in release: MarathonRelease) -> [AppField] {
        fields.filter { $0.releases.contains(release) }
    }

    private static let process: [AppField] = [
        AppField("id", .text, source: "marathon-api.md 3.1"),
        AppField("cmd", .text, clearing: .onlyByReplacing, source: "marathon-api.md 3.1"),
        AppField("args", .list(.text), clearing: .onlyByReplacing, source: "marathon-api.md 3.1")
            // `AppDefinition.args` is a sequence there, and absent the empty one.
            .defaulting(AppDefault([], .since(1, 4), source: "S/api/v2/json/Formats.scala, 1.4.13")),
        AppField("user", .text, clearing: .onlyByReplacing, source: "marathon-api.md 3.1"),
        AppField("env", .map(.text), .until(1, 3), source: "marathon-api.md 3.1").defaulting(to: [:]),
        AppField("env", .map(.either([.text, .object(secretName)])), .since(1, 3), source: "marathon-api.md 3.1")
            .defaulting(to: [:]),
        AppField("executor", .text, source: "marathon-api.md 3.1").defaulting(to: ""),
        AppField("labels", .map(.text), .since(0, 8), source: "marathon-api.md 3.1").defaulting(to: [:]),
        AppField("secrets", .map(.object(secretSource)), .since(1, 3), source: "marathon-api.md 3.1")
            .defaulting(to: [:]),
        AppField("tty", .boolean, .since(1, 5), clearing: .onlyByReplacing, source: "marathon-api.md 3.1"),
    ]

    private static let secretName = [AppField("secret", .text, source: "marathon-api.md 3.1")]
    private static let secretSource = [AppField("source", .text, source: "marathon-api.md 3.1")]

    private static let resources: [AppField] = [
        AppField("instances", .integer, source: "marathon-api.md 3.1").defaulting(to: 1),
        AppField("cpus", .number, source: "marathon-api.md 3.1").defaulting(to: 1),
        AppField("mem", .number, source: "marathon-api.md 3.1").defaulting(to: 128),
        AppField("disk", .number, source: "marathon-api.md 3.1").defaulting(to: 0),
        AppField("gpus", .integer, .since(1, 3), source: "marathon-api.md 3.1").defaulting(to: 0),
        AppField(
            "resourceLimits",
            .object([
                AppField("cpus", .either([.number, .text]), source: "marathon-api.md 3.1"),
                AppField("mem", .either([.number, .text]), source: "marathon-api.md 3.1"),
            ]),
            .since(1, 10),
            clearing: .onlyByReplacing,
            source: "marathon-api.md 3.1"
        ),
        AppField(
            "executorResources",
            .object([
                AppField("cpus", .number, source: "RAML types/resources.raml, 1.11").defaulting(to: 0.1),
                AppField("mem", .number, source: "RAML types/resources.raml, 1.11").defaulting(to: 32),
                AppField("disk", .number, source: "RAML types/resources.raml, 1.11").defaulting(to: 10),
            ]),
            .since(1, 10),
            clearing: .onlyByReplacing,
            source: "marathon-api.md 3.1"
        ),
    ]

    private static let artifacts: [AppField] = [
        AppField("uris", .list(.text), source: "marathon-api.md 3.1")
            .defaulting(AppDefault([], .until(0, 15)))
            .alias(.since(0, 15)),
        AppField(
            "fetch",
            .list(
                .object([
                    AppField("uri", .text, source: "marathon-api.md 3.1"),
                    AppField("extract", .boolean, source: "marathon-api.md 3.1").defaulting(to: true),
                    AppField("executable", .boolean, source: "marathon-api.md 3.1").defaulting(to: false),
                    AppField("cache", .boolean, source: "marathon-api.md 3.1").defaulting(to: false),
                    AppField("destPath", .text, .since(1, 4), source: "marathon-api.md 3.1"),
                ])
            ),
            .since(0, 15),
            source: "marathon-api.md 3.1"
        )
        .defaulting(to: []),
        // Never told again where it is not empty: `StoreRule`.
        AppField("storeUrls", .list(.text), .until(1, 5), source: "marathon-api.md 3.1").defaulting(to: []),
    ]

    private static let placement: [AppField] = [
        AppField("constraints", .set(.list(.text)), source: "marathon-api.md 3.1").defaulting(to: []),
        AppField("dependencies", .set(.text), source: "marathon-api.md 3.1").defaulting(to: []),
        AppField(
            "acceptedResourceRoles",
            .set(.text),
            .since(0, 9),
            clearing: .onlyByReplacing,
            source: "marathon-api.md 3.1"
        )
        .defaulting(AppDefault([], .since(1, 4))),
        // Its default is the context's.
        AppField("role", .text, .since(1, 9), source: "marathon-api.md 3.1"),
    ]

    private static let readOnly: [AppField] = [
        own("version", .text, .all),
        own("versionInfo", .object([own("lastScalingAt", .text), own("lastConfigChangeAt", .text)]), .since(0, 11)),
        own("tasksStaged", .integer), own("tasksRunning", .integer),
        own("tasksHealthy", .integer, .since(0, 8, 1)), own("tasksUnhealthy", .integer, .since(0, 8, 1)),
        own("deployments", .list(.object([own("id", .text)]))),
        own("tasks", .list(.map(.text))), own("lastTaskFailure", .map(.text)),
        own("readinessCheckResults", .list(.map(.text)), .since(1, 1)),
        own("taskStats", .map(.text), .from(MarathonRelease(0, 11), until: MarathonRelease(1, 9))),
        own("tasksStats", .map(.text), .since(1, 9)),
    ]

    private static func own(_ name: String, _ shape: AppShape, _ releases: ReleaseSpan = .all) -> AppField {
        AppField(name, shape, releases, isReadOnly: true, source: "marathon-api.md 3.1")
    }
}
