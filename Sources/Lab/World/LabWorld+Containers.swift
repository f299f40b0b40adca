import Daemons

extension LabWorld {
    mutating func carryOut(_ request: ContainerRequest, of serial: Int, on index: Int) {
        switch request {
        case .launch(let launch):
            machines[index].containers[launch.id] = LabContainer(launch: launch)
            tasks[launch.taskID] = TaskPlace(machine: index, container: launch.id)
            var numbers = SeededNumbers(seed, for: launch.id)
            let delay = launch.docker == nil ? 150 + numbers.next() % 300 : 500 + numbers.next() % 1000
            agenda.add(.container(machine: index, id: launch.id, .start), at: now + Int(delay))
        case .kill(let id, _):
            // Everything the lab runs obeys SIGTERM.
            end(container: id, on: index, status: 128 + 15, after: 20)
        case .recover:
            let ids = machines[index].containers.filter { $0.value.startedAt != nil }.keys.sorted()
            agenda.add(.event(.container(.recovered(ids: ids)), to: serial), at: now + 10)
        }
    }

    mutating func happen(_ step: ContainerStep, to id: String, on index: Int) {
        switch step {
        case .start: start(container: id, on: index)
        case .end(let status):
            guard machines[index].containers[id] != nil else { return }
            if machines[index].containers[id]?.launch.docker != nil {
                machines[index].node.engine?.containerEnded(id, status: status, at: now)
            }
            forget(id, on: index)
            tell(.exited(id: id, status: status), on: index)
        }
    }

    private mutating func start(container id: String, on index: Int) {
        guard let container = machines[index].containers[id], !container.isEnding, container.startedAt == nil else {
            return
        }
        if let docker = container.launch.docker, let reason = run(docker, name: id, on: index) {
            forget(id, on: index)
            tell(.failed(id: id, reason: reason), on: index)
            return
        }
        machines[index].containers[id]?.startedAt = now
        tell(.started(id: id), on: index)
        let launch = container.launch
        let command = launch.command ?? (launch.arguments.isEmpty ? nil : launch.arguments.joined(separator: " "))
        let behaviour = TaskBehaviour(command: command)
        if let after = behaviour.runsMilliseconds {
            end(container: id, on: index, status: behaviour.status, after: after)
        }
    }

    /// `docker pull` where the image is not there or is wanted anew, then `docker run`: why it could not be, or nil.
    private mutating func run(_ docker: DockerRun, name: String, on index: Int) -> String? {
        guard machines[index].node.engine != nil else {
            return "Failed to 'docker pull \(docker.image)': no such program"
        }
        if docker.forcesPull || machines[index].node.engine?.imageID(docker.image) == nil {
            let pull = machines[index].node.engine?.command(["pull", docker.image], at: now) ?? DockerAnswer()
            if pull.status != 0 { return "Failed to 'docker pull \(docker.image)': \(pull.failure)" }
        }
        let ports = Set(machines[index].listeners.keys)
        let answer = machines[index].node.engine?.run(docker, name: name, portsInUse: ports, at: now) ?? DockerAnswer()
        return answer.status == 0 ? nil : "Failed to 'docker run \(docker.image)': \(answer.failure)"
    }

    /// Its process ends that many milliseconds from now, unless it ends before.
    private mutating func end(container id: String, on index: Int, status: Int, after milliseconds: Int) {
        guard let container = machines[index].containers[id] else { return }
        let isSignalled = status > 128
        guard !container.isEnding else { return }
        if isSignalled { machines[index].containers[id]?.isEnding = true }
        agenda.add(.container(machine: index, id: id, .end(status: status)), at: now + milliseconds)
    }

    /// It is gone, and nobody is told.
    mutating func forget(_ id: String, on index: Int) {
        guard let container = machines[index].containers.removeValue(forKey: id) else { return }
        if tasks[container.launch.taskID]?.container == id { tasks[container.launch.taskID] = nil }
    }

    /// The engine's daemon ends, and the containers that end with it.
    mutating func endDocker(on index: Int) {
        for id in machines[index].node.engine?.stopEngine(at: now) ?? [] {
            end(container: id, on: index, status: 128 + 9, after: 0)
        }
    }

    /// Tells the agent that runs there now, if any does.
    private mutating func tell(_ event: ContainerEvent, on index: Int) {
        let agent = machines[index].serials.values.filter { processes[$0]?.program == .mesosAgent }.min()
        if let agent { hand(.container(event), to: agent) }
    }
}

extension DockerAnswer {
    /// As Mesos' Docker containerizer passes it on.
    fileprivate var failure: String {
        let words = standardError.split(separator: "\n").joined(separator: "\n")
        return "exit status = exited with status \(status) stderr = \(words)"
    }
}
