import Daemons
import Reconciler
import Specs

extension LabWorld {
    /// What one run of the bridge comes to: `outcome` and `message` of its last-run.
    struct BridgeResult {
        var outcome: BridgeRun.Outcome
        var message = ""
        var marathon = ""
        var apps = 0
        var servers = 0
    }

    /// One run of the bridge on a node, by cron or by hand; nil where there is no bridge.
    @discardableResult
    mutating func runBridge(on index: Int) -> BridgeResult? {
        guard let bridge = LabBridge(on: machines[index].node) else { return nil }
        let result = refresh(bridge, on: index)
        let time = machines[index].node.clock(at: now)
        let last = machines[index].node.files.read(BridgeScript.Paths.lastRun).flatMap { BridgeRun($0) }
        let isAsBefore = last.map { $0.outcome.isWell == result.outcome.isWell } ?? false
        let since = isAsBefore ? last?.since ?? time.wholeSeconds : time.wholeSeconds
        let lines = [
            "at=\(time.wholeSeconds)", "outcome=\(result.outcome.rawValue)", "since=\(since)",
            "marathon=\(result.marathon)", "apps=\(result.apps)", "servers=\(result.servers)",
            "message=\(result.message)",
        ]
        machines[index].node.files.makeDirectory("/var/lib/haproxy-marathon-bridge", at: time)
        machines[index].node.files.write(
            BridgeScript.Paths.lastRun,
            lines.map { $0 + "\n" }.joined(),
            mode: 0o644,
            at: time
        )
        settle(index)
        return result
    }

    private mutating func refresh(_ bridge: LabBridge, on index: Int) -> BridgeResult {
        var asked: [String] = []
        for marathon in bridge.marathons {
            guard case .response(let tasks) = askOnce("/v2/tasks", marathon, on: index),
                case .response(let apps) = askOnce("/v2/apps", marathon, on: index),
                let tasks = LabBridge.tasks(tasks), let known = (try? JSON(parsing: apps.body))?["apps"]?.array
            else {
                asked.append("\(marathon) does not answer")
                continue
            }
            // Only apps that are all scaled to 0 are believed to have no task.
            let isEmptied = !known.isEmpty && known.allSatisfy { $0["instances"]?.int == 0 }
            return take(bridge.configuration(of: tasks), isEmptied: isEmptied, from: marathon, on: index)
        }
        return BridgeResult(outcome: .kept, message: asked.joined(separator: "; "))
    }

    private mutating func take(
        _ made: LabBridge.Made,
        isEmptied: Bool,
        from marathon: Endpoint,
        on index: Int
    ) -> BridgeResult {
        let files = machines[index].node.files
        let (path, good) = (BridgeScript.Paths.configuration, BridgeScript.Paths.lastGood)
        var result = BridgeResult(outcome: .unchanged, marathon: marathon.description)
        (result.apps, result.servers) = (made.apps, made.servers)
        result.message = made.leftOut.joined(separator: "; ")
        guard made.servers > 0 || isEmptied || !(files.read(good) ?? "").contains("\n  server ") else {
            result.outcome = .kept
            result.message = "\(marathon) lists not one task that runs; what is served stays until it lists some"
            return result
        }
        let isRunning = machines[index].node.services[.haproxy]?.process != nil
        guard files.read(path) != made.text || files.read(good) != made.text || !isRunning else { return result }
        if let conflict = conflict(of: made.text, on: index) {
            result.outcome = .failed
            result.message = conflict
            return result
        }
        let time = machines[index].node.clock(at: now)
        let mode = files.attributes(BridgeScript.Paths.header)?.mode ?? 0o644
        for target in [path, good] {
            machines[index].node.files.makeDirectory(FileTree.parted(target).parent, at: time)
            machines[index].node.files.write(target, made.text, mode: mode, at: time)
        }
        if isRunning {
            machines[index].node.reloadBalancer(at: now)
        } else {
            machines[index].node.startBalancer(at: now)
            guard machines[index].node.services[.haproxy]?.process != nil else {
                machines[index].node.files.remove(good, at: time)
                result.outcome = .failed
                result.message = "the new file is not in use: haproxy does not start"
                return result
            }
        }
        result.outcome = .updated
        return result
    }

    /// What keeps HAProxy from listening where `text` says; nil for nothing.
    func conflict(of text: String, on index: Int) -> String? {
        let taken = LabBridge.listeners(text).first { place in
            machines[index].listeners[place.port] != nil
                || portsOfZooKeeper(on: machines[index].name).contains(place.port)
        }
        return taken.map { "cannot bind socket (Address already in use) for [\($0)]" }
    }

    /// As curl on the node asks; time does not pass, so whoever wants to be asked again has not answered.
    private mutating func askOnce(_ path: String, _ endpoint: Endpoint, on index: Int, hops: Int = 4) -> HTTPOutcome {
        let name = machines[index].name
        let node = machines[index].node
        var headers = [HTTPField("Host", endpoint.description), HTTPField("Accept", "application/json")]
        if let login = node.curlLogin { headers.append(HTTPField("Authorization", login)) }
        let request = HTTPRequest("GET", path, headers: headers, client: node.address)
        return askOnce(request, endpoint, from: name, hops: hops)
    }

    private mutating func askOnce(
        _ request: HTTPRequest,
        _ endpoint: Endpoint,
        from name: String,
        hops: Int
    ) -> HTTPOutcome {
        guard hops > 0, let target = machine(at: endpoint.host, askedOn: name),
            network.reaches(from: name, to: machines[target].name)
        else { return .unreachable }
        guard let serial = machines[target].listeners[endpoint.port], let answer = answer(request, serial, on: target)
        else { return .refused }
        switch answer {
        case .response(let response): return .response(response)
        case .forward(let forward):
            return askOnce(forward.request, forward.to, from: machines[target].name, hops: hops - 1)
        case .stream(let number, _, _):
            closeStream(LabStreamID(number: number))
            return .unreachable
        case .askAgain: return .unreachable
        }
    }

    // MARK: Who listens

    /// listening.sh: every socket, with the process that holds it.
    func listeningSockets(on index: Int, ports: [Int]) -> [ListeningSocket] {
        let machine = machines[index]
        var sockets = [
            ListeningSocket(address: "0.0.0.0", port: 22, pid: 300, program: "sshd", started: machine.node.bootSeconds)
        ]
        for (port, serial) in machine.listeners {
            let pid = processes[serial]?.pid
            sockets.append(ListeningSocket("0.0.0.0", port, pid.flatMap { machine.node.process($0) }))
        }
        let zooKeeper = machine.node.processes.first { $0.program == .zooKeeper }
        for port in portsOfZooKeeper(on: machine.name) { sockets.append(ListeningSocket("::", port, zooKeeper)) }
        for process in machine.node.processes where process.program == .haproxy {
            for place in LabBridge.listeners(process.readFiles[BridgeScript.Paths.configuration] ?? "") {
                sockets.append(ListeningSocket(place.host, place.port, process))
            }
        }
        return sockets.filter { ports.isEmpty || ports.contains($0.port) }
            .sorted { ($0.port, $0.address) < ($1.port, $1.address) }
    }
}

extension ListeningSocket {
    /// A worker of HAProxy begins at a reload.
    fileprivate init(_ address: String, _ port: Int, _ process: LabProcess?) {
        let path = process?.commandLine.first ?? ""
        self.init(
            address: address,
            port: port,
            pid: process?.pid,
            program: process.map { _ in String(path.split(separator: "/").last ?? "").prefix(15) }.map(String.init),
            started: process.map { ($0.reloaded ?? $0.started).wholeSeconds }
        )
    }
}

extension LabWorld {
    /// bridge.sh, `act_refresh_balancer`.
    mutating func refreshBalancer(on index: Int, run: RunID) -> ActionResult {
        if let refused = LabNode.refusal(of: [.refreshBalancer], run: run) { return refused }
        let kept: String
        do throws(Concluded) {
            kept = try machines[index].node.backUpForeignBalancer(run, now)
        } catch {
            return error.result
        }
        guard let result = runBridge(on: index) else {
            return .failed(reason: "\(BridgeScript.Paths.script): is not there, or cannot be run")
        }
        let why = result.message.isEmpty ? "without saying why" : result.message
        switch result.outcome {
        case .unchanged: return .alreadyInPlace
        case .updated:
            let more = result.message.isEmpty ? "" : "; \(result.message)"
            return .done(detail: "haproxy.cfg was made anew\(kept)\(more)")
        case .kept: return .failed(reason: "the bridge kept what was there: \(why)")
        case .failed: return .failed(reason: "the bridge failed: \(why)")
        }
    }
}
