import Specs

@testable import Reconciler

/// What is done on the nodes of the world.
extension ExecuteWorld.State {
    mutating func perform(_ action: NodeAction, run: RunID, on name: NodeName, _ now: Duration) -> ActionResult {
        guard var node = nodes[name] else { return .failed(reason: "no such node") }
        switch action {
        case .writeFile(let write):
            if let found = node.mismatch(write.path, write.expected) { return .conflict(found: found) }
            guard let text = write.content.plainText ?? SecretStore.simulated.reveal(write.content) else {
                return .failed(reason: "a secret is missing")
            }
            let file = node.files[write.path]
            if file?.content == text, write.mode ?? file?.mode == file?.mode { return .alreadyInPlace }
            node.write(write.path, text, mode: write.mode, owner: write.owner, group: write.group)
            nodes[name] = node
            return .done(detail: "")
        case .removeFile(let path, let expected, _):
            if node.files[path] == nil { return .alreadyInPlace }
            if let found = node.mismatch(path, expected) { return .conflict(found: found) }
            nodes[name]?.files[path] = nil
            return .done(detail: "")
        case .service(let act): return perform(act, run: run, on: name, now)
        case .keepRunningCopies: return .done(detail: "")
        case .installPackages(let packages, let job):
            let key = "\(run)/\(job)"
            if node.jobs[key] != nil {
                violations.append("\(key) was asked for again on \(name)")
                return .pending
            }
            nodes[name]?.jobs[key] = SimulatedNode.Job(packages: packages, endsAt: now + node.installTime)
            nodes[name]?.jobsStarted += 1
            return .pending
        case .setHostName: return .failed(reason: "not simulated")
        case .network: return .failed(reason: "not simulated")
        case .image(let act): return perform(act, run: run, on: name, now)
        case .collect(let job, _): return collect("\(run)/\(job)", on: name, now)
        case .lease(let act): return nodes[name]?.perform(act, now) ?? .failed(reason: "no such node")
        case .recordApplied(let entries):
            for entry in entries { nodes[name]?.applied[entry.resource] = entry }
            return .done(detail: "")
        }
    }

    private mutating func perform(_ act: ServiceAct, run: RunID, on name: NodeName, _ now: Duration) -> ActionResult {
        switch act {
        case .maskUnit(let service):
            nodes[name]?.services[service, default: SimulatedNode.Daemon()].boot = .masked
        case .unmaskUnit(let service), .disableUnit(let service), .holdJob(let service):
            nodes[name]?.services[service]?.boot = .off
        case .enableUnit(let service), .releaseJob(let service): nodes[name]?.services[service]?.boot = .on
        case .startUnit(let service), .startJob(let service):
            guard nodes[name]?.services[service]?.process == nil else { return .alreadyInPlace }
            return begin(service, on: name, run, now)
        case .stopUnit(let service), .stopJob(let service):
            guard nodes[name]?.services[service]?.process != nil else { return .alreadyInPlace }
            nodes[name]?.services[service]?.process = nil
        case .restartUnit(let service, let pid), .restartJob(let service, let pid):
            let found = nodes[name]?.services[service]?.process?.pid
            if let pid, pid != found { return .conflict(found: found.map { "process \($0)" } ?? "no process") }
            return begin(service, on: name, run, now)
        case .reloadUnit(let service), .reloadJob(let service):
            guard nodes[name]?.services[service]?.process != nil else {
                return .failed(reason: "\(service) is stopped")
            }
        }
        return .done(detail: "")
    }

    private mutating func begin(
        _ service: ServiceName,
        on name: NodeName,
        _ run: RunID?,
        _ now: Duration
    ) -> ActionResult {
        guard nodes[name]?.services[service] != nil else { return .failed(reason: "unit \(service) not found") }
        let others = nodes.keys.filter { $0 != name && nodes[$0]?.services[service]?.boot == .on }.sorted()
        restarts.append(
            ExecuteWorld.Restart(
                service: service,
                node: name,
                at: now,
                led: service == .zooKeeper ? zooKeeperLeader == name : electedMaster == name,
                othersDown: others.filter { nodes[$0]?.isServing(service, now) != true },
                run: run
            )
        )
        nextPID += 1
        leaderMovesAt = leaderMovesAfter.map { now + $0 }
        nodes[name]?.start(service, pid: nextPID, now)
        settleEnsembles(now)
        return .done(detail: "process \(nextPID)")
    }

    private mutating func collect(_ key: String, on name: NodeName, _ now: Duration) -> ActionResult {
        guard let job = nodes[name]?.jobs[key] else { return .failed(reason: "there is no such job") }
        guard job.endsAt <= now else { return .pending }
        if let failure = job.failure { return .failed(reason: failure) }
        guard !job.isDone else { return .done(detail: "it is done") }
        nodes[name]?.jobs[key]?.isDone = true
        if let act = job.image {
            let result = end(act, on: name)
            // Asked again after a broken visit it says the same.
            if case .failed(let reason) = result { nodes[name]?.jobs[key]?.failure = reason }
            return result
        }
        for package in job.packages {
            guard let offered = nodes[name]?.offered[package.name] else {
                return .failed(reason: "no package \(package.name)")
            }
            nodes[name]?.packages[package.name] = offered.version
            for (path, content) in offered.files { nodes[name]?.write(path, content) }
            for service in offered.services {
                let boot = nodes[name]?.services[service, default: SimulatedNode.Daemon()].boot
                nodes[name]?.services[service, default: SimulatedNode.Daemon()].reads = Array(offered.files.keys)
                if boot != .masked { _ = begin(service, on: name, nil, now) }
            }
        }
        return .done(detail: "installed")
    }
}

extension SimulatedNode {
    /// What is there instead of what is expected; nil when it is as expected.
    fileprivate func mismatch(_ path: String, _ expected: FileExpectation) -> String? {
        let file = files[path]
        switch expected {
        case .absent: return file.map { "sha256 \(sha256($0.content))" }
        case .digest(let digest): return file.map { sha256($0.content) } == digest ? nil : "something else"
        case .stamp(let stamp): return file.map { "stamp-\($0.version)" } == stamp ? nil : "something newer"
        }
    }

    fileprivate mutating func perform(_ act: LeaseAct, _ now: Duration) -> ActionResult {
        let now = seconds(now)
        switch act {
        case .acquire(let holder, let seconds):
            if let lease, lease.holder.token != holder.token, lease.until > now {
                return .conflict(found: lease.text)
            }
            let since = lease?.holder.token == holder.token ? lease?.since ?? now : now
            lease = LeaseFile(holder: holder, since: since, until: now + seconds)
        case .renew(let token, let seconds):
            guard lease?.holder.token == token else {
                return .conflict(found: lease.map(\.text) ?? "no lease")
            }
            lease?.until = now + seconds
        case .release(let token):
            guard let held = lease else { return .alreadyInPlace }
            guard held.holder.token == token else { return .conflict(found: held.text) }
            lease = nil
        }
        return .done(detail: "")
    }
}

extension SecretStore {
    /// What the transport of the world knows.
    static let simulated = SecretStore([.environment("PASSWORD"): "s3cret-value"])
}
