public import Daemons
internal import Specs

extension LabNode {
    /// Starts a service's process by way of its wrapper; by hand its supervisor's counts begin anew.
    mutating func start(_ name: ServiceName, byHand: Bool, _ now: Moment) {
        guard var service = services[name], service.process == nil else { return }
        if byHand {
            service.restarts = 0
            service.recentStarts = []
            service.respawns = 0
            service.respawnsSince = nil
        }
        if case .systemd(_, let burst, let interval) = service.definition.supervisor {
            service.recentStarts.removeAll { now - $0 >= interval }
            guard service.recentStarts.count < burst else {
                service.phase = .failed
                services[name] = service
                events.append(.log(name, "\(unit(name)): Start request repeated too quickly."))
                return
            }
            service.recentStarts.append(now)
        }
        services[name] = service
        let pid = newPID()
        switch launch(service.definition) {
        case .success(let launched):
            let process = LabProcess(
                pid: pid,
                service: name,
                program: service.definition.program,
                version: service.definition.version,
                commandLine: launched.commandLine,
                arguments: launched.arguments,
                environment: launched.environment,
                started: clock(at: now),
                readFiles: launched.readFiles
            )
            services[name]?.process = process
            services[name]?.phase = .running
            events.append(.spawned(process))
        case .failure(let failure):
            events.append(.log(name, failure.message))
            gone(name, status: failure.status, now)
        }
    }

    /// SIGTERM, and no more starts.
    mutating func stop(_ name: ServiceName, _ now: Moment) {
        if let process = services[name]?.process { events.append(.signalled(pid: process.pid, .terminate)) }
        services[name]?.process = nil
        services[name]?.phase = .stopped
    }

    /// A process ended by itself; its supervisor acts.
    ///
    /// A process that is gone already (`LabNodeEvent.signalled`) is no news.
    public mutating func ended(pid: Int, status: Int, message: String, at now: Moment) {
        guard let name = services.all.first(where: { $0.process?.pid == pid })?.definition.name else { return }
        if !message.isEmpty { events.append(.log(name, message)) }
        gone(name, status: status, now)
    }

    private mutating func gone(_ name: ServiceName, status: Int, _ now: Moment) {
        guard var service = services[name] else { return }
        service.process = nil
        switch service.definition.supervisor {
        case .systemV: service.phase = .exited
        case .systemd(let restart?, _, _): service.phase = .restarting(at: now + restart)
        case .systemd(nil, _, _): service.phase = status == 0 ? .stopped : .failed
        case .upstart: service.phase = .stopped
        }
        services[name] = service
        if service.definition.supervisor == .upstart { respawn(name, now) }
    }

    /// upstart's default `respawn limit 10 5` (mesos-zk-ops.md 1.1).
    private mutating func respawn(_ name: ServiceName, _ now: Moment) {
        guard var service = services[name] else { return }
        if let since = service.respawnsSince, now - since < 5000 {
            service.respawns += 1
        } else {
            service.respawns = 1
            service.respawnsSince = now
        }
        let isRunaway = service.respawns > 10
        services[name] = service
        if isRunaway {
            events.append(.log(name, "init: \(name) respawning too fast, stopped"))
        } else {
            start(name, byHand: false, now)
        }
    }

    /// Restarts that are due.
    mutating func restartServices(_ now: Moment) {
        for name in services.names {
            guard case .restarting(let due)? = services[name]?.phase, due <= now else { continue }
            services[name]?.restarts += 1
            start(name, byHand: false, due)
        }
    }

    mutating func newPID() -> Int {
        nextPID += 1 + Int(numbers.next() % 7)
        if nextPID > 32_000 { nextPID = 1000 }
        return nextPID
    }
}
