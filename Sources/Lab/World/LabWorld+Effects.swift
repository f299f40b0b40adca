import Daemons

extension LabWorld {
    /// Hands an event to a daemon and carries out what it does about it.
    mutating func hand(_ event: DaemonEvent, to serial: Int) {
        guard let process = processes[serial], process.daemon != nil else { return }
        let clock = machines[process.machine].node.clock(at: now)
        // The model must have one owner while it changes, or it is copied as a whole.
        guard var daemon = processes[serial].takeDaemon() else { return }
        var effects: [DaemonEffect] = []
        daemon.receive(event, at: clock, effects: &effects)
        processes[serial]?.daemon = daemon
        schedule(process: serial, hasWoken: event == .wake)
        carryOut(effects, of: serial)
    }

    /// In their order; the rest is void once the process has ended.
    mutating func carryOut(_ effects: [DaemonEffect], of serial: Int) {
        for effect in effects {
            guard let machine = processes[serial]?.machine else { return }
            carryOut(effect, of: serial, on: machine)
        }
    }

    private mutating func carryOut(_ effect: DaemonEffect, of serial: Int, on index: Int) {
        let clock = machines[index].node.clock(at: now)
        switch effect {
        case .send(let message): send(message, from: serial, on: index)
        case .coordinate(let request):
            zooKeeper.request(request, from: client(serial, on: index), at: now)
        case .container(let request): carryOut(request, of: serial, on: index)
        case .write(let path, let text): machines[index].node.files.write(path, text, at: clock)
        case .remove(let path): machines[index].node.files.remove(path, at: clock)
        case .link(let path, let target): machines[index].node.files.link(path, to: target, at: clock)
        case .check(let id, let probe):
            agenda.add(.probe(id: id, probe, by: serial), at: now + 2)
        case .stream(let id, let bytes): feed(processes[serial]?.streams[id], bytes)
        case .closeStream(let id):
            if let number = processes[serial]?.streams.removeValue(forKey: id) { streams[number]?.isOpen = false }
        case .log: break
        case .exit(let exit): ended(serial, exit)
        }
    }
}

extension LabRunning? {
    /// Takes the model out, to be put back.
    fileprivate mutating func takeDaemon() -> LabDaemon? {
        let daemon = self?.daemon
        self?.daemon = nil
        return daemon
    }
}
