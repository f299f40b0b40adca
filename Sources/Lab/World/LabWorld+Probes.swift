import Daemons

extension LabWorld {
    /// What a check finds, told after the time that takes.
    mutating func answer(_ probe: HealthProbe, id: Int, of serial: Int) {
        guard let asking = processes[serial]?.machine else { return }
        let name = machines[asking].name
        if let target = machine(at: probe.endpoint.host, askedOn: name),
            !network.reaches(from: name, to: machines[target].name)
        {
            let words = "timed out after \(probe.timeoutMilliseconds) ms"
            agenda.add(.event(.checked(id: id, failure: words), to: serial), at: now + probe.timeoutMilliseconds)
            return
        }
        agenda.add(.event(.checked(id: id, failure: failure(of: probe)), to: serial), at: now + 3)
    }

    /// What is wrong with the task; nil for nothing.
    private func failure(of probe: HealthProbe) -> String? {
        guard let place = tasks[probe.task],
            machines[place.machine].containers[place.container]?.startedAt != nil
        else {
            return switch probe.kind {
            case .http, .tcp: "Connection refused: \(probe.endpoint)"
            case .command: "no such task"
            }
        }
        let forced = probe.task.split(separator: ".").first.flatMap { healthByApp[String($0)] }
        switch probe.kind {
        case .http: return forced ?? true ? nil : "503 Service Unavailable"
        case .tcp: return forced ?? true ? nil : "Connection refused: \(probe.endpoint)"
        case .command(let command):
            let status = TaskBehaviour(command: command).status
            return forced ?? (status == 0) ? nil : "Command exited with status \(max(status, 1))"
        }
    }
}
