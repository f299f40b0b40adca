/// Containers: `docker run -d`, `stop`, `kill`, `rm`.
extension DockerEngine {
    /// `docker run -d`.
    /// - Parameters:
    ///   - run: As Mesos asks for it.
    ///   - name: Of the container.
    ///   - portsInUse: TCP ports that other processes of the node hold.
    ///   - now: The node's clock.
    /// - Returns: The container's id on standard output, or the client's words why it does not run.
    public mutating func run(
        _ run: DockerRun,
        name: String,
        portsInUse: Set<Int> = [],
        at now: Moment
    ) -> DockerAnswer {
        guard isRunning else { return notRunning() }
        var said = ""
        if run.forcesPull || imageID(run.image) == nil {
            guard imageID(run.image) == nil else { return failure(pullFailure(run.image)) }
            said =
                "Unable to find image '\(version.isContentAddressed ? DockerReference.tagged(run.image) : run.image)' locally"
            return runFailure(said: said, pullFailure(run.image), status: version.isContentAddressed ? 125 : 1)
        }
        guard let imageID = imageID(run.image) else { return failure(pullFailure(run.image)) }
        if let other = containers.first(where: { $0.name == name }) {
            let advice = "You have to remove (or rename) that container to be able to reuse that name."
            let quoted = version.isContentAddressed ? "\"/\(name)\"" : name
            let id = version.isContentAddressed ? "\"\(other.id)\"" : Self.short(other.id)
            return runFailure(
                said: said,
                "Error response from daemon: Conflict. The container name \(quoted) is already in use by container \(id). "
                    + advice,
                status: 125
            )
        }
        var container = DockerContainer(
            id: randomID(),
            name: name,
            image: run.image,
            imageID: imageID,
            created: now,
            state: .running(since: now),
            run: run
        )
        let conflict = portConflict(run, container, portsInUse)
        if conflict != nil { container.state = .created }
        containers.append(container)
        guard let conflict else { return .lines([container.id]) }
        var answer = runFailure(said: said, "Error response from daemon: " + conflict, status: 125)
        answer.standardOutput = container.id + "\n"
        return answer
    }

    private func portConflict(_ run: DockerRun, _ container: DockerContainer, _ inUse: Set<Int>) -> String? {
        let others = containers.filter { $0.isRunning && $0.run.network == "BRIDGE" }
        for mapping in run.portMappings where run.network == "BRIDGE" {
            let port = mapping.hostPort
            let start =
                "driver failed programming external connectivity on endpoint \(container.name) (\(container.id))"
            if others.contains(where: {
                $0.run.portMappings.contains { $0.hostPort == port && $0.protocol == mapping.protocol }
            }) {
                return "\(start): Bind for 0.0.0.0:\(port) failed: port is already allocated."
            }
            if inUse.contains(port), mapping.protocol == "tcp" {
                return
                    "\(start): Error starting userland proxy: listen tcp4 0.0.0.0:\(port): bind: address already in use."
            }
        }
        return nil
    }

    /// There is no registry, and no name service that knew one.
    func pullFailure(_ image: String) -> String {
        let lookup = "dial tcp: lookup registry-1.docker.io: no such host"
        if version.isRecent { return "Error response from daemon: Get \"https://registry-1.docker.io/v2/\": \(lookup)" }
        if version.isContentAddressed {
            return "Error response from daemon: Get https://registry-1.docker.io/v2/: \(lookup)"
        }
        let name = DockerReference.parts(image).name
        return "Error response from daemon: Get https://index.docker.io/v1/repositories/\(name)/images: "
            + "dial tcp: lookup index.docker.io: no such host"
    }

    private func runFailure(said: String, _ message: String, status: Int) -> DockerAnswer {
        var lines = said.isEmpty ? [] : [said]
        lines.append(
            version.hasPlainErrors ? "docker: \(message)\(message.hasSuffix(".") ? "" : ".")" : "FATA[0000] \(message)"
        )
        if version.isContentAddressed { lines.append("See 'docker run --help'.") }
        return DockerAnswer(
            standardError: lines.map { $0 + "\n" }.joined(),
            status: version.hasPlainErrors ? status : 1
        )
    }

    /// `docker stop` (143 for what heeds SIGTERM) and `docker kill` (137).
    mutating func end(_ names: [String], status: Int, at now: Moment) -> DockerAnswer {
        var answer = DockerAnswer()
        for name in names {
            guard let index = index(of: name) else {
                answer.add(failure("Error response from daemon: No such container: \(name)"))
                continue
            }
            if containers[index].isRunning {
                containers[index].state = .exited(status: status, at: now)
                answer.ended.append(containers[index].name)
            } else if status == 137 {
                let why = "Cannot kill container: \(name): Container \(containers[index].id) is not running"
                answer.add(failure("Error response from daemon: \(why)"))
                continue
            }
            answer.standardOutput += name + "\n"
        }
        return answer
    }

    mutating func removeContainers(_ names: [String], force: Bool) -> DockerAnswer {
        var answer = DockerAnswer()
        for name in names {
            guard let index = index(of: name) else {
                answer.add(failure("Error: No such container: \(name)"))
                continue
            }
            let container = containers[index]
            if container.isRunning, !force {
                let advice = "Stop the container before attempting removal or force remove"
                answer.add(
                    failure(
                        "Error response from daemon: You cannot remove a running container \(container.id). \(advice)"
                    )
                )
                continue
            }
            if container.isRunning { answer.ended.append(container.name) }
            containers.remove(at: index)
            answer.standardOutput += name + "\n"
        }
        return answer
    }
}

extension DockerAnswer {
    mutating func add(_ other: DockerAnswer) {
        standardOutput += other.standardOutput
        standardError += other.standardError
        ended += other.ended
        status = max(status, other.status)
    }
}
