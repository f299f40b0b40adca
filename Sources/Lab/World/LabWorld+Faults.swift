public import Daemons
internal import Reconciler
public import Specs

extension LabWorld {
    /// Lets a fault happen, now.
    ///
    /// - Throws: There is no such target.
    public mutating func inject(_ fault: LabFault) throws(LabError) {
        switch fault {
        case .powerOff(let node):
            try change(node) { world, index in world.machines[index].node.powerOff(at: world.now) }
        case .powerOn(let node): try change(node) { world, index in world.machines[index].node.powerOn(at: world.now) }
        case .reboot(let node): try change(node) { world, index in world.machines[index].node.reboot(at: world.now) }
        case .unplug(let node): try change(node) { world, _ in world.network.setPlug(node, false) }
        case .plugIn(let node): try change(node) { world, _ in world.network.setPlug(node, true) }
        case .cut(let a, let b):
            _ = try (index(a), index(b))
            network.cut(a, b)
        case .mend(let a, let b):
            _ = try (index(a), index(b))
            network.mend(a, b)
        case .kill(let service, let node): try kill(service, on: node)
        case .stop(let service, let node): try act(service, .stop, on: node)
        case .start(let service, let node): try act(service, .start, on: node)
        case .write(let path, let text, let node):
            try change(node) { world, index in
                world.machines[index].node.files.write(path, text, at: world.machines[index].node.clock(at: world.now))
            }
        case .delete(let path, let node):
            try change(node) { world, index in
                world.machines[index].node.files.remove(path, at: world.machines[index].node.clock(at: world.now))
            }
        case .fillDisk, .emptyDisk, .skewClock, .slowPackages, .breakVisit: try injectIntoSystem(fault)
        case .loseImage, .addImage, .stopEngine, .startEngine: try injectIntoDocker(fault)
        case .cutTransfer(let node): machines[try index(node)].cutsTransfer = true
        case .loseMessages(let percent, let seconds):
            loss = MessageLoss(
                percent: percent,
                until: now + seconds * 1000,
                numbers: SeededNumbers(seed, for: "loss \(now.milliseconds)")
            )
        case .health(let app, let isHealthy): healthByApp[Self.taskPrefix(ofApp: app)] = isHealthy
        case .scale(let app, let instances): try scale(app, to: instances)
        }
    }

    private mutating func injectIntoSystem(_ fault: LabFault) throws(LabError) {
        switch fault {
        case .fillDisk(let node):
            try change(node) { world, index in
                let (free, now) = (world.machines[index].node.freeBytes, world.now)
                world.machines[index].node.files.fill(Self.filler, bytes: free, at: now)
            }
        case .emptyDisk(let node):
            try change(node) { world, index in world.machines[index].node.files.remove(Self.filler, at: world.now) }
        case .skewClock(let seconds, let node):
            try change(node) { world, index in
                world.machines[index].node.clockOffsetMilliseconds += seconds * 1000
                for serial in world.machines[index].serials.values.sorted() { world.schedule(process: serial) }
            }
        case .slowPackages(let seconds, let node):
            try change(node) { world, index in world.machines[index].packageDelayMilliseconds = seconds * 1000 }
        case .breakVisit(let actions, let node):
            try change(node) { world, index in world.machines[index].breaksVisitAfter = actions }
        default: break
        }
    }

    /// What fills a disk.
    static var filler: String { "/var/tmp/filler" }

    private mutating func change(_ node: NodeName, _ body: (inout LabWorld, Int) -> Void) throws(LabError) {
        let index = try index(node)
        body(&self, index)
        settle(index)
    }

    // MARK: Services

    private mutating func kill(_ service: ServiceName, on node: NodeName) throws(LabError) {
        let index = try index(node)
        guard let process = machines[index].node.processes.first(where: { $0.service == service }) else {
            throw LabError(.noTarget, "no process of \(service) runs on \(node)")
        }
        if let serial = machines[index].serials[process.pid] { end(serial) }
        machines[index].node.ended(pid: process.pid, status: 128 + 9, message: "Killed", at: now)
        settle(index)
    }

    private mutating func act(_ service: ServiceName, _ intent: ServiceIntent, on node: NodeName) throws(LabError) {
        let index = try index(node)
        let usesSystemd = machines[index].node.platform.usesSystemd
        for act in intent.lower(service, to: usesSystemd ? .systemd : .upstart) {
            let result = machines[index].node.perform(.service(act), run: RunID("by-hand"), at: now)
            settle(index)
            if case .failed(let reason) = result { throw LabError(.noTarget, "\(node): \(reason)") }
        }
    }

    // MARK: Docker

    private mutating func injectIntoDocker(_ fault: LabFault) throws(LabError) {
        switch fault {
        case .loseImage(let image, let node):
            let answer = try docker(["rmi", "--force", image], on: node)
            guard answer.status == 0 else { throw LabError(.noTarget, "\(node): \(answer.standardError)") }
        case .addImage(let image, let node):
            let index = try index(node)
            machines[index].waitingImages = (machines[index].waitingImages ?? []) + [image]
            findImages(on: index)
        case .stopEngine(let node): try act(.docker, .stop, on: node)
        case .startEngine(let node): try act(.docker, .start, on: node)
        default: break
        }
    }

    /// Whatever waits for an engine is there once there is one.
    mutating func findImages(on index: Int) {
        guard machines[index].node.engine != nil else { return }
        for image in machines[index].waitingImages ?? [] {
            machines[index].node.engine?.add(declared: image)
        }
        machines[index].waitingImages = nil
    }

    /// Carries out `docker ARGUMENTS…` on a node, as root.
    ///
    /// - Throws: There is no Docker there.
    @discardableResult
    public mutating func docker(_ arguments: [String], on node: NodeName) throws(LabError) -> DockerAnswer {
        let index = try index(node)
        guard let answer = machines[index].node.engine?.command(arguments, at: now) else {
            throw LabError(.noTarget, "there is no Docker on \(node)")
        }
        return answer
    }

    // MARK: Apps

    /// How the ids of an app's tasks begin, up to the first dot.
    static func taskPrefix(ofApp app: String) -> String {
        app.split(separator: "/").joined(separator: "_")
    }

    private mutating func scale(_ app: String, to instances: Int) throws(LabError) {
        let path = "/" + app.split(separator: "/").joined(separator: "/")
        let request = HTTPRequest(
            "PUT",
            "/v2/apps" + path,
            headers: [HTTPField("Content-Type", "application/json")],
            body: Array("{\"instances\":\(instances)}".utf8),
            client: Self.operatorAddress
        )
        guard let response = askMarathon(request) else {
            throw LabError(.noTarget, "no Marathon answers, so \(path) cannot be scaled")
        }
        guard 200..<300 ~= response.status else {
            throw LabError(.noTarget, "Marathon does not scale \(path): \(response.status) \(response.text)")
        }
    }

    /// Where people sit.
    static var operatorAddress: String { "10.16.40.250" }

    /// The first Marathon that answers.
    mutating func askMarathon(_ request: HTTPRequest) -> HTTPResponse? {
        for endpoint in rests(of: .marathon) {
            if case .response(let response) = http(request, to: endpoint) { return response }
        }
        return nil
    }

    /// Where the daemons of a program listen, in the order of their machines.
    func rests(of program: LabProgram) -> [Endpoint] {
        processes.values.filter { $0.program == program }.sorted { ($0.machine, $0.serial) < ($1.machine, $1.serial) }
            .compactMap { process in
                process.daemon?.listeners.first.map { Endpoint(machines[process.machine].node.address, $0.port) }
            }
    }
}
