/// `docker --version`, `docker version`, `docker info`, `docker ps`.
extension DockerEngine {
    /// What `docker --version` prints.
    public var clientLine: String { "Docker version \(version.text), build \(version.build.commit)" }

    /// What Mesos finds out about Docker on this node (mesos-zk-ops.md 4.3).
    public func probe(hasCPUHierarchy: Bool = true) -> DockerProbe {
        let answer = versionAnswer([])
        return DockerProbe(
            clientLine: clientLine,
            version: answer.standardOutput + answer.standardError,
            engineAnswers: isRunning,
            hasCPUHierarchy: hasCPUHierarchy
        )
    }

    func versionAnswer(_ arguments: [String]) -> DockerAnswer {
        if let format = DockerOptions(arguments, valued: ["-f", "--format"]).value("-f", "--format") {
            guard version.hasSections else { return unknownFormat("version") }
            guard isRunning || !format.contains(".Server") else { return notRunning() }
            let versions: JSON = [
                "Client": ["Version": .string(version.text), "ApiVersion": .string(version.build.api)],
                "Server": ["Version": .string(version.text), "ApiVersion": .string(version.build.api)],
            ]
            guard let text = DockerTemplate.render(format, { DockerTemplate.value($0, in: versions) }) else {
                return failure("Template parsing error: template: :1: \(format)", status: 64)
            }
            return .lines([text])
        }
        var lines = version.hasSections ? section("Client") : oldSection("Client")
        guard isRunning else {
            let refusal = notRunning()
            return DockerAnswer(
                standardOutput: lines.map { $0 + "\n" }.joined(),
                standardError: refusal.standardError,
                status: 1
            )
        }
        lines += version.hasSections ? [""] + section("Server") : oldSection("Server")
        return .lines(lines)
    }

    /// Before 1.8; the line that Mesos 0.21 looks for starts it.
    private func oldSection(_ side: String) -> [String] {
        let build = version.build
        let lines = [
            "\(side) version: \(version.text)", "\(side) API version: \(build.api)",
            "Go version (\(side.lowercased())): \(build.go)", "Git commit (\(side.lowercased())): \(build.commit)",
        ]
        return side == "Client" ? lines + ["OS/Arch (client): linux/amd64"] : lines
    }

    private func section(_ side: String) -> [String] {
        let build = version.build
        let isServer = side == "Server"
        let api = isServer && version.hasManagementCommands ? "\(build.api) (minimum version 1.12)" : build.api
        var pairs = [
            ("Version", version.text), ("API version", api), ("Go version", build.go), ("Git commit", build.commit),
            ("Built", build.built), ("OS/Arch", "linux/amd64"),
        ]
        if version.isRecent, !isServer { pairs.append(("Context", "default")) }
        if version.isRecent || version.hasManagementCommands && isServer {
            pairs.append(("Experimental", version.isRecent && !isServer ? "true" : "false"))
        }
        let isNested = version.isRecent && isServer
        let width = version.isRecent ? isNested ? 18 : 19 : 14
        let lines = pairs.map { key, value in
            (isNested ? "  " : " ") + key + ":" + String(repeating: " ", count: width - key.count - 1) + value
        }
        return ["\(side):"] + (isNested ? [" Engine:"] : []) + lines
    }

    func info(_ options: DockerOptions) -> DockerAnswer {
        let running = containers.count(where: \.isRunning)
        if let format = options.value("-f", "--format") {
            guard version.hasManagementCommands else { return unknownFormat("info") }
            let values: JSON = [
                "ServerVersion": .string(version.text), "DockerRootDir": "/var/lib/docker", "Driver": .string(driver),
                "DriverStatus": usesContainerdStore
                    ? [["driver-type", "io.containerd.snapshotter.v1"]] : [["Backing Filesystem", "extfs"]],
                "OSType": "linux", "Architecture": "x86_64",
                "Images": .integer(images.count), "Containers": .integer(containers.count),
                "ContainersRunning": .integer(running), "LiveRestoreEnabled": .bool(isLiveRestoring),
                "Name": .string(node),
            ]
            guard let text = DockerTemplate.render(format, { DockerTemplate.value($0, in: values) }) else {
                return failure("Template parsing error: template: :1: \(format)", status: 64)
            }
            return .lines([text])
        }
        guard version.isContentAddressed else {
            return .lines([
                "Containers: \(containers.count)", "Images: \(images.count)", "Storage Driver: aufs",
                " Root Dir: /var/lib/docker/aufs", "Execution Driver: native-0.2", "Name: \(node)",
            ])
        }
        let server = [
            "Containers: \(containers.count)", " Running: \(running)", " Paused: 0",
            " Stopped: \(containers.count - running)",
            "Images: \(images.count)", "Server Version: \(version.text)", "Storage Driver: \(driver)",
            usesContainerdStore ? " driver-type: io.containerd.snapshotter.v1" : " Backing Filesystem: extfs",
            "OSType: linux", "Architecture: x86_64", "Name: \(node)", "Docker Root Dir: /var/lib/docker",
            "Live Restore Enabled: \(isLiveRestoring)",
        ]
        guard version.isRecent else { return .lines(server) }
        return .lines(
            ["Client:", " Context:    default", " Debug Mode: false", "", "Server:"] + server.map { " " + $0 }
        )
    }

    private var driver: String { usesContainerdStore ? "overlayfs" : "overlay2" }

    /// Clients knew `--format` of `version` from 1.8 on, of `info` from 1.13 on.
    private func unknownFormat(_ command: String) -> DockerAnswer {
        DockerAnswer(
            standardError: "flag provided but not defined: --format\nSee 'docker \(command) --help'.\n",
            status: version.isContentAddressed ? 125 : 2
        )
    }

    func listContainers(_ options: DockerOptions, at now: Moment) -> DockerAnswer {
        let filter = options.value("-f", "--filter").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        if let filter, filter.count != 2 || !["name", "status"].contains(filter[0]) {
            return failure("Error response from daemon: Invalid filter '\(filter.first ?? "")'")
        }
        let shown = containers.reversed().filter { container in
            switch filter?[0] {
            case "name": if !container.name.contains(filter?[1] ?? "") { return false }
            case "status": return container.stateName == filter?[1]
            default: break
            }
            return options.has("-a", "--all") || container.isRunning
        }
        let isWhole = options.has("--no-trunc")
        func id(_ container: DockerContainer) -> String { isWhole ? container.id : Self.short(container.id) }
        if options.has("-q", "--quiet") { return .lines(shown.map(id)) }
        func cells(_ container: DockerContainer) -> [(String, String)] {
            [
                (".ID", id(container)), (".Image", container.image), (".Command", "\"/bin/sh\""),
                (".RunningFor", DockerText.age(now - container.created) + " ago"),
                (".Status", status(container, at: now)), (".Ports", ports(container)), (".Names", container.name),
            ]
        }
        if let format = options.value("--format") {
            return .lines(
                shown.map { container in
                    let cells = cells(container)
                    return DockerTemplate.render(format) { field in cells.first { $0.0 == field }?.1 } ?? ""
                }
            )
        }
        let head = ["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"]
        return .lines(DockerText.table([head] + shown.map { cells($0).map(\.1) }, version))
    }

    private func status(_ container: DockerContainer, at now: Moment) -> String {
        switch container.state {
        case .created: "Created"
        case .running(let since): "Up \(DockerText.age(now - since))"
        case .exited(let status, let moment): "Exited (\(status)) \(DockerText.age(now - moment)) ago"
        }
    }

    private func ports(_ container: DockerContainer) -> String {
        guard container.isRunning, container.run.network == "BRIDGE" else { return "" }
        return container.run.portMappings
            .map { "0.0.0.0:\($0.hostPort)->\($0.containerPort)/\($0.protocol)" }.joined(separator: ", ")
    }
}
