import Daemons
import Specs

extension LabWorld {
    /// Carries out what a node tells of its processes until it has nothing more to tell.
    mutating func settle(_ machine: Int) {
        while true {
            let events = machines[machine].node.takeEvents()
            guard !events.isEmpty else { break }
            for event in events { happen(event, on: machine) }
        }
        network.setLink(machines[machine].node.name, machines[machine].node.linkReach)
        schedule(machine: machine)
    }

    private mutating func happen(_ event: LabNodeEvent, on machine: Int) {
        switch event {
        case .spawned(let process): spawn(process, on: machine)
        case .signalled(let pid, let signal):
            guard let serial = machines[machine].serials[pid] else { return }
            if signal == .terminate { hand(.terminate, to: serial) }
            end(serial)
        case .wentDown: wentDown(machine)
        case .booted:
            network.setPower(machines[machine].node.name, true)
        case .log: break
        }
    }

    private mutating func spawn(_ process: LabProcess, on machine: Int) {
        let serial = nextSerial
        nextSerial += 1
        machines[machine].serials[process.pid] = serial
        processes[serial] = LabRunning(
            serial: serial,
            machine: machine,
            pid: process.pid,
            program: process.program,
            service: process.service
        )
        if process.program == .docker { prepareDocker(process, on: machine) }
        agenda.add(.begin(serial), at: now + process.program.startMilliseconds)
    }

    /// The process gets to its own work: it listens, or it ends with its last words.
    mutating func begin(_ serial: Int) {
        guard let process = processes[serial], let started = machines[process.machine].node.process(process.pid) else {
            return
        }
        var effects: [DaemonEffect] = []
        do throws(DaemonExit) {
            switch process.program {
            case .zooKeeper: try beginZooKeeper(started, on: process.machine)
            case .docker: beginDocker(started, on: process.machine)
            case .haproxy, .other: break
            case .mesosMaster, .mesosAgent, .marathon:
                try beginDaemon(started, serial: serial, on: process.machine, effects: &effects)
            }
        } catch {
            ended(serial, error)
            return
        }
        carryOut(effects, of: serial)
        schedule(process: serial)
    }

    private mutating func beginDaemon(
        _ process: LabProcess,
        serial: Int,
        on index: Int,
        effects: inout [DaemonEffect]
    ) throws(DaemonExit) {
        let machine = machines[index]
        let clock = machine.node.clock(at: now)
        let start = DaemonStart(
            version: process.version,
            arguments: process.arguments,
            environment: process.environment,
            host: machine.facts(at: now),
            readFile: { [files = machine.node.files] path in files.read(path) },
            seed: SeededNumbers.drawn(seed, for: "\(machine.name)/\(serial)"),
            pid: process.pid,
            freePort: machine.freePort(serial)
        )
        let daemon = try LabDaemon(process.program, start, at: clock, effects: &effects)
        for listener in daemon.listeners
        where machine.listeners[listener.port] != nil || portsOfZooKeeper(on: machine.name).contains(listener.port) {
            throw process.program.bindFailure(listener)
        }
        for listener in daemon.listeners { machines[index].listeners[listener.port] = serial }
        processes[serial]?.daemon = daemon
    }

    /// Ports that ZooKeeper servers of a node hold.
    func portsOfZooKeeper(on node: String) -> Set<Int> {
        Set(zooKeeper.listeners(of: ZooKeeperServerID(node: node)).map(\.port))
    }

    /// Its engine answers only once it has begun.
    private mutating func prepareDocker(_ process: LabProcess, on index: Int) {
        guard machines[index].node.engine == nil else { return }
        var engine = DockerEngine(
            version: DockerVersion(process.version),
            node: machines[index].name,
            seed: seed
        )
        _ = engine.stopEngine(at: now)
        machines[index].node.engine = engine
    }

    private mutating func beginDocker(_ process: LabProcess, on index: Int) {
        prepareDocker(process, on: index)
        machines[index].node.engine?.startEngine(at: now)
        findImages(on: index)
    }

    /// A process ends by its own hand; its supervisor is told.
    mutating func ended(_ serial: Int, _ exit: DaemonExit) {
        guard let process = processes[serial] else { return }
        end(serial)
        machines[process.machine].node.ended(
            pid: process.pid,
            status: exit.status,
            message: exit.message,
            at: now
        )
        settle(process.machine)
    }

    /// A process is gone.
    ///
    /// - Parameters:
    ///   - serial: Its number.
    ///   - isSilent: Its machine is gone with it, so nobody is told.
    mutating func end(_ serial: Int, isSilent: Bool = false) {
        guard let process = processes.removeValue(forKey: serial) else { return }
        let index = process.machine
        machines[index].serials[process.pid] = nil
        if process.daemon != nil {
            for (port, holder) in machines[index].listeners where holder == serial {
                machines[index].listeners[port] = nil
            }
            zooKeeper.clientEnded(client(serial, on: index), at: now)
        }
        switch process.program {
        case .zooKeeper: endZooKeeper(on: index)
        case .docker: endDocker(on: index)
        case .haproxy, .other, .mesosMaster, .mesosAgent, .marathon: break
        }
        for number in process.streams.values.sorted() { streams[number]?.isOpen = false }
        if !isSilent { tellOfTheEnd(of: serial, on: index) }
    }

    /// Whoever has a connection to it sees it close, where packets still get there.
    private mutating func tellOfTheEnd(of serial: Int, on machine: Int) {
        var told: [(Int, [String])] = []
        for (other, process) in processes where !process.links.isEmpty {
            let ids = process.links.filter { $0.value == serial }.keys.sorted()
            if !ids.isEmpty { told.append((other, ids)) }
        }
        for (other, ids) in told.sorted(by: { $0.0 < $1.0 }) {
            guard let process = processes[other],
                network.reaches(from: machines[machine].name, to: machines[process.machine].name)
            else { continue }
            for id in ids {
                processes[other]?.links[id] = nil
                guard let target = ProcessID(id) else { continue }
                agenda.add(.event(.unreachable(target), to: other), at: now + latency(machine, process.machine))
            }
        }
    }

    private mutating func wentDown(_ index: Int) {
        network.setPower(machines[index].node.name, false)
        for serial in machines[index].serials.values.sorted() { end(serial, isSilent: true) }
        machines[index].serials = [:]
        for id in machines[index].containers.keys.sorted() { forget(id, on: index) }
    }

    /// Name of a process as a client of ZooKeeper.
    func client(_ serial: Int, on machine: Int) -> ZooKeeperClientID {
        ZooKeeperClientID(node: machines[machine].name, process: String(serial))
    }
}

extension LabProgram {
    /// From its start until it listens: C++ is there at once, a JVM is not.
    var startMilliseconds: Int {
        switch self {
        case .zooKeeper: 1200
        case .mesosMaster, .mesosAgent: 300
        case .marathon: 6000
        case .docker: 800
        case .haproxy, .other: 50
        }
    }

    /// The last words of a daemon whose port is taken (mesos-zk-ops.md F8, 11: Marathon exits with 111).
    func bindFailure(_ endpoint: Endpoint) -> DaemonExit {
        self == .marathon
            ? DaemonExit(status: 111, "Failed to bind to \(endpoint): Address already in use")
            : DaemonExit(
                status: 1,
                "Failed to initialize: Failed to bind on \(endpoint): Address already in use: Address already in use [98]"
            )
    }
}

extension SeededNumbers {
    /// A seed of its own for `name`.
    static func drawn(_ seed: UInt64, for name: String) -> UInt64 {
        var numbers = SeededNumbers(seed, for: name)
        return numbers.next()
    }
}
