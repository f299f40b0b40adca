/// What a task of an app is to Mesos.
///
/// Source: marathon 0.8.2, tasks/TaskBuilder.scala.
struct TaskBuilder {
    let release: MarathonVersion
    let app: MarathonApp
    /// `--env_vars_prefix`, before the names of ports and host.
    let prefix: String

    func info(_ task: MarathonTask, _ match: OfferMatcher.Match) -> Mesos.TaskInfo {
        Mesos.TaskInfo(
            taskID: task.id,
            name: app.id.split(separator: "/").reversed().joined(separator: "."),
            agentID: task.agent,
            command: Mesos.CommandInfo(
                value: app.cmd,
                arguments: app.args ?? [],
                environment: environment(task),
                user: app.user,
                uris: app.fetch.map(\.uri)
            ),
            docker: docker(task),
            resources: match.resources,
            labels: release < .init(0, 9) ? [] : app.labels.map { HTTPField($0.name, $0.value) },
            killGraceMilliseconds: app.taskKillGracePeriodSeconds.map { Int($0 * 1000) }
        )
    }

    // MARK: Environment

    private func environment(_ task: MarathonTask) -> [String: String] {
        var environment: [String: String] = [
            "MARATHON_APP_ID": app.id,
            "MARATHON_APP_VERSION": app.version.iso8601,
            "MESOS_TASK_ID": task.id,
        ]
        if let image = app.container?.docker?.image, release >= .init(0, 8) {
            environment["MARATHON_APP_DOCKER_IMAGE"] = image
        }
        if release >= .init(0, 11) { addResources(&environment) }
        for (name, value) in ports(task.ports) { environment[prefix + name] = value }
        environment[prefix + "HOST"] = task.host
        for entry in app.env { if let value = entry.value.string { environment[entry.name] = value } }
        return environment
    }

    private func addResources(_ environment: inout [String: String]) {
        environment["MARATHON_APP_RESOURCE_CPUS"] = String(describing: app.cpus)
        environment["MARATHON_APP_RESOURCE_MEM"] = String(describing: app.mem)
        environment["MARATHON_APP_RESOURCE_DISK"] = String(describing: app.disk)
        if release >= .init(1, 3) { environment["MARATHON_APP_RESOURCE_GPUS"] = String(app.gpus) }
        let names = app.labels.map { Self.variable($0.name) }
        environment["MARATHON_APP_LABELS"] = names.joined(separator: " ")
        for (name, label) in zip(names, app.labels) { environment["MARATHON_APP_LABEL_\(name)"] = label.value }
    }

    /// Upper case, with everything else an underscore.
    private static func variable(_ name: String) -> String {
        String(name.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    /// `PORT`, `PORTS`, `PORT0`…, and `PORT_8080` by the port that the definition names.
    private func ports(_ ports: [Int]) -> [(String, String)] {
        guard let first = ports.first else { return [] }
        var variables = [("PORT", "\(first)"), ("PORTS", ports.map(String.init).joined(separator: ","))]
        for (index, port) in ports.enumerated() { variables.append(("PORT\(index)", "\(port)")) }
        if release >= .init(0, 8) {
            for (declared, port) in zip(declaredPorts, ports) where declared != 0 {
                variables.append(("PORT_\(declared)", "\(port)"))
            }
        }
        return variables
    }

    private var declaredPorts: [Int] {
        if app.networks.first?.mode != .host, let mappings = app.container?.portMappings {
            return mappings.filter { $0.hostPort != nil }.map(\.containerPort)
        }
        return app.ports.map(\.port)
    }

    // MARK: Container

    private func docker(_ task: MarathonTask) -> DockerRun? {
        guard let container = app.container, container.type == "DOCKER", let docker = container.docker else {
            return nil
        }
        return DockerRun(
            image: docker.image,
            network: network(docker),
            portMappings: portMappings(task),
            isPrivileged: docker.isPrivileged,
            forcesPull: docker.forcePullImage,
            parameters: docker.parameters.map { HTTPField($0.name, $0.value) },
            volumes: container.volumes.compactMap(Self.volume)
        )
    }

    private func network(_ docker: MarathonApp.Docker) -> String {
        if let network = docker.network { return network }
        switch app.networks.first?.mode {
        case .bridge: return "BRIDGE"
        case .container: return "USER"
        case .host, nil: return "HOST"
        }
    }

    private func portMappings(_ task: MarathonTask) -> [DockerRun.PortMapping] {
        guard app.networks.first?.mode != .host, let mappings = app.container?.portMappings else { return [] }
        return zip(mappings.filter { $0.hostPort != nil }, task.ports).map { mapping, port in
            // 0 as a container port means the port of the host.
            let inside = mapping.containerPort == 0 ? port : mapping.containerPort
            return DockerRun.PortMapping(hostPort: port, containerPort: inside, protocol: mapping.protocol)
        }
    }

    private static func volume(_ volume: JSON) -> String? {
        guard let inside = volume["containerPath"]?.string, let outside = volume["hostPath"]?.string else { return nil }
        return "\(outside):\(inside):\((volume["mode"]?.string ?? "RW").lowercased())"
    }
}
