/// Ports, networks and containers (marathon-api.md 3.2 and 3.3).
extension AppSchema {
    static let ports: [AppField] = [
        AppField("ports", .list(.integer), source: "marathon-api.md 3.2").assigned.alias(.since(1, 0)),
        AppField(
            "portDefinitions",
            .list(
                .object([
                    AppField("port", .integer, source: "marathon-api.md 3.2").defaulting(to: 0).assigned,
                    AppField("protocol", .text, source: "marathon-api.md 3.1").defaulting(to: "tcp"),
                    AppField("name", .text, source: "marathon-api.md 3.1"),
                    AppField("labels", .map(.text), source: "marathon-api.md 3.1").defaulting(to: [:]),
                ])
            ),
            .since(1, 0),
            source: "marathon-api.md 3.2"
        ),
        AppField("requirePorts", .boolean, source: "marathon-api.md 3.1").defaulting(to: false),
        AppField("container", .object(container), clearing: .onlyByReplacing, source: "marathon-api.md 3.3"),
        AppField(
            "networks",
            .list(
                .object([
                    AppField("mode", .text, source: "RAML types/network.raml, 1.5.15").defaulting(to: "container"),
                    AppField("name", .text, source: "marathon-api.md 3.1"),
                    AppField("labels", .map(.text), source: "marathon-api.md 3.1").defaulting(to: [:]),
                ])
            ),
            .since(1, 5),
            source: "marathon-api.md 3.3"
        ),
        AppField(
            "ipAddress",
            .object(ipAddress),
            .since(0, 14),
            clearing: .onlyByReplacing,
            source: "marathon-api.md 3.1"
        )
        .alias(.since(1, 5)),
    ]

    private static let ipAddress: [AppField] = [
        AppField("groups", .list(.text), source: "marathon-api.md 3.1").defaulting(to: []),
        AppField("labels", .map(.text), source: "marathon-api.md 3.1").defaulting(to: [:]),
        AppField(
            "discovery",
            .object([
                AppField(
                    "ports",
                    .list(
                        .object([
                            AppField("number", .integer, source: "marathon-api.md 3.1"),
                            AppField("name", .text, source: "marathon-api.md 3.1"),
                            AppField("protocol", .text, source: "marathon-api.md 3.1"),
                            AppField("labels", .map(.text), source: "S/api/v2/json/Formats.scala, 1.4.13")
                                .defaulting(to: [:]),
                        ])
                    ),
                    source: "marathon-api.md 3.1"
                )
                .defaulting(to: [])
            ]),
            source: "marathon-api.md 3.1"
        )
        .defaulting(to: ["ports": []]),
        AppField("networkName", .text, .since(1, 1), source: "marathon-api.md 3.1"),
    ]

    private static let container: [AppField] = [
        AppField("type", .text, source: "marathon-api.md 3.3").defaulting(to: "DOCKER"),
        AppField("docker", .object(docker), source: "marathon-api.md 3.3"),
        AppField(
            "appc",
            .object([
                AppField("image", .text, source: "RAML types/container.raml, 1.5.15"),
                AppField("id", .text, source: "RAML types/container.raml, 1.5.15"),
                AppField("labels", .map(.text), source: "RAML types/container.raml, 1.5.15").defaulting(to: [:]),
                AppField("forcePullImage", .boolean, source: "RAML types/container.raml, 1.5.15")
                    .defaulting(to: false),
            ]),
            .from(MarathonRelease(1, 3), until: MarathonRelease(1, 9)),
            source: "S/state/Container.scala, 1.3.13 to 1.8.244"
        ),
        AppField(
            "linuxInfo",
            .object([
                AppField(
                    "seccomp",
                    .object([
                        AppField("profileName", .text, source: "RAML types/linux.raml, 1.8.244"),
                        AppField("unconfined", .boolean, source: "RAML types/linux.raml, 1.8.244")
                            .defaulting(to: false),
                    ]),
                    source: "RAML types/linux.raml, 1.8.244"
                ),
                AppField(
                    "ipcInfo",
                    .object([
                        AppField("mode", .text, source: "RAML types/linux.raml, 1.9.109"),
                        AppField("shmSize", .integer, source: "RAML types/linux.raml, 1.9.109"),
                    ]),
                    .since(1, 9),
                    source: "RAML types/linux.raml, 1.9.109"
                ),
            ]),
            .since(1, 8),
            source: "RAML types/linux.raml, 1.8.244"
        ),
        AppField("volumes", .list(.object(volume)), source: "marathon-api.md 3.3").defaulting(to: []),
        AppField("portMappings", .list(.object(portMapping)), .since(1, 5), source: "marathon-api.md 3.3"),
    ]

    private static let docker: [AppField] = [
        AppField("image", .text, source: "marathon-api.md 3.3"),
        AppField("network", .text, source: "marathon-api.md 3.3").alias(.since(1, 5)),
        AppField("portMappings", .list(.object(portMapping)), source: "marathon-api.md 3.3").alias(.since(1, 5)),
        AppField("privileged", .boolean, source: "marathon-api.md 3.3").defaulting(to: false),
        AppField("parameters", .map(.text), .until(0, 8), source: "marathon-api.md 3.3").defaulting(to: [:]),
        AppField(
            "parameters",
            .list(
                .object([
                    AppField("key", .text, source: "marathon-api.md 3.3"),
                    AppField("value", .text, source: "marathon-api.md 3.3"),
                ])
            ),
            .since(0, 8),
            source: "marathon-api.md 3.3"
        )
        .defaulting(to: []),
        AppField("forcePullImage", .boolean, .since(0, 8, 2), source: "marathon-api.md 3.3").defaulting(to: false),
        AppField(
            "credential",
            .object([
                AppField("principal", .text, source: "S/state/Container.scala, 1.3.13"),
                AppField("secret", .text, source: "S/state/Container.scala, 1.3.13"),
            ]),
            .from(MarathonRelease(1, 3), until: MarathonRelease(1, 5)),
            source: "S/state/Container.scala, 1.3.13"
        ),
        AppField(
            "pullConfig",
            .object([AppField("secret", .text, source: "RAML types/container.raml, 1.5.15")]),
            .since(1, 5),
            source: "RAML types/container.raml, 1.5.15"
        ),
    ]

    private static let portMapping: [AppField] = [
        AppField("containerPort", .integer, source: "marathon-api.md 3.2").defaulting(to: 0),
        AppField("hostPort", .integer, source: "marathon-api.md 3.2")
            // Later only on a bridge.
            .defaulting(AppDefault(0, .until(1, 3))),
        AppField("servicePort", .integer, source: "marathon-api.md 3.2").defaulting(to: 0).assigned,
        AppField("protocol", .text, source: "marathon-api.md 3.2").defaulting(to: "tcp"),
        AppField("name", .text, .since(1, 0), source: "marathon-api.md 3.2"),
        AppField("labels", .map(.text), .since(1, 0), source: "marathon-api.md 3.2").defaulting(to: [:]),
        AppField("networkNames", .list(.text), .since(1, 5), source: "marathon-api.md 3.2").defaulting(to: []),
    ]

    private static let volume: [AppField] = [
        AppField("containerPath", .text, source: "marathon-api.md 3.3"),
        AppField("hostPath", .text, source: "marathon-api.md 3.3"),
        AppField("mode", .text, source: "marathon-api.md 3.3"),
        AppField(
            "persistent",
            .object([
                AppField("size", .integer, source: "S/state/Volume.scala, 1.4.13"),
                AppField("maxSize", .integer, source: "S/state/Volume.scala, 1.4.13"),
                AppField("type", .text, source: "S/state/Volume.scala, 1.4.13").defaulting(to: "root"),
                AppField("constraints", .list(.list(.text)), source: "S/state/Volume.scala, 1.4.13")
                    .defaulting(to: []),
                AppField("profileName", .text, .since(1, 8), source: "RAML types/volumes.raml, 1.8"),
            ]),
            .since(1, 0),
            source: "marathon-api.md section 4"
        ),
        AppField(
            "external",
            .object([
                AppField("name", .text, source: "RAML types/volumes.raml, 1.5.15"),
                AppField("provider", .text, source: "RAML types/volumes.raml, 1.5.15"),
                AppField("size", .integer, source: "RAML types/volumes.raml, 1.5.15"),
                AppField("options", .map(.text), source: "RAML types/volumes.raml, 1.5.15").defaulting(to: [:]),
                AppField("shared", .boolean, .since(1, 9), source: "RAML types/volumes.raml, 1.9")
                    .defaulting(to: false),
            ]),
            .since(1, 0),
            source: "marathon-api.md section 4"
        ),
        AppField("secret", .text, .since(1, 5), source: "RAML types/volumes.raml, 1.5.15"),
    ]
}
