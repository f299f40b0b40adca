import Specs

@testable import Reconciler

/// What the nodes of the world answer.
extension ExecuteWorld.State {
    func answer(_ request: FactRequest, on name: NodeName, _ now: Duration) -> FactAnswer {
        guard let node = nodes[name] else { return .unknown(reason: "no such node") }
        switch request {
        case .platform: return .platform(node.platform)
        case .file(let path): return node.files[path].map { .file($0.answer(path)) } ?? .absent
        case .service(let service): return node.services[service].map { .service($0.answer(service, now)) } ?? .absent
        case .package(let package):
            let offered = node.offered[package].map { [$0.version] } ?? []
            return .package(PackageAnswer(name: package, installed: node.packages[package], offered: offered))
        case .fourLetterWord(let word, _, _): return zooKeeper(word, on: name, now)
        case .http(_, let port, let path): return http(port, path, on: name, now)
        case .clock: return .clock(seconds: Double(node.seconds(now)))
        case .lease:
            guard let lease = node.lease else { return .absent }
            return .lease(text: lease.text, nodeSeconds: node.seconds(now))
        case .applied: return .applied(text: node.appliedText)
        case .dockerEngine: return node.engine.map { .dockerEngine(version: $0.version) } ?? .absent
        case .images: return node.imagesAnswer
        case .network, .reach: return .unknown(reason: "not simulated")
        case .flagNames where node.knownFlags != nil: return .flagNames(node.knownFlags ?? [])
        case .directory, .flagNames, .resolve, .disk, .controlGroups: return .unknown(reason: "not simulated")
        case .listening: return .unknown(reason: "not simulated")
        }
    }

    private func zooKeeper(_ word: String, on name: NodeName, _ now: Duration) -> FactAnswer {
        guard let id = ring[name], nodes[name]?.isServing(.zooKeeper, now) == true else {
            return .unknown(reason: "connection refused")
        }
        guard let leader = zooKeeperLeader else {
            return .text("This ZooKeeper instance is not currently serving requests\n")
        }
        let mode = leader == name ? "leader" : "follower"
        let synced = ring.keys.filter { $0 != leader && nodes[$0]?.isServing(.zooKeeper, now) == true }.count
        switch word {
        case "srvr":
            return .text("Zookeeper version: 3.8.0-1, built on 2024-12-29\nZxid: 0x0\nMode: \(mode)\nNode count: 5\n")
        case "conf": return .text("clientPort=2181\nserverId=\(id)\ninitLimit=10\n")
        case "mntr":
            return .text("zk_server_state\t\(mode)\n\(leader == name ? "zk_synced_followers\t\(synced).0\n" : "")")
        default: return .text("\(word) is not executed because it is not in the whitelist.\n")
        }
    }

    private func http(_ port: Int, _ path: String, on name: NodeName, _ now: Duration) -> FactAnswer {
        guard let node = nodes[name],
            let service = node.services.first(where: { $0.value.port == port })?.key, node.isServing(service, now)
        else { return .unknown(reason: "connection refused") }
        guard service == .mesosMaster, path == "/metrics/snapshot" else { return .http(status: 200, body: "") }
        return .http(status: 200, body: #"{"master\/elected":\#(electedMaster == name ? "1.0" : "0.0"),"x":3}"#)
    }

    /// Lets the ring and the masters elect, as far as they can by now.
    mutating func settleEnsembles(_ now: Duration) {
        let serving = ring.keys.filter { nodes[$0]?.isServing(.zooKeeper, now) == true }.sorted()
        let hasMajority = serving.count * 2 > ring.count
        if let leader = zooKeeperLeader, !serving.contains(leader) || !hasMajority { zooKeeperLeader = nil }
        if let due = leaderMovesAt, due <= now, hasMajority {
            leaderMovesAt = nil
            zooKeeperLeader = serving.randomElement(using: &numbers)
        }
        if zooKeeperLeader == nil, hasMajority {
            let since = leaderless ?? now
            leaderless = since
            if now - since >= .milliseconds(400) {
                (zooKeeperLeader, leaderless) = (serving.randomElement(using: &numbers), nil)
            }
        }
        let masters = nodes.keys.filter { nodes[$0]?.isServing(.mesosMaster, now) == true }.sorted()
        if electedMaster.map({ !masters.contains($0) }) ?? true {
            electedMaster = masters.randomElement(using: &numbers)
        }
    }
}

extension SimulatedNode {
    fileprivate var appliedText: String {
        applied.values.sorted { $0.resource < $1.resource }
            .map { "\($0.resource)\t\($0.digest)\t\($0.revision)\n" }.joined()
    }
}

extension SimulatedNode.File {
    fileprivate func answer(_ path: String) -> FileAnswer {
        FileAnswer(
            path: path,
            resolvedPath: path,
            kind: .regular,
            mode: mode,
            owner: owner,
            group: group,
            size: content.utf8.count,
            modified: version,
            digest: sha256(content),
            stamp: "stamp-\(version)",
            content: content
        )
    }
}

extension SimulatedNode.Daemon {
    fileprivate func answer(_ name: ServiceName, _ now: Duration) -> ServiceAnswer {
        guard let process else { return ServiceAnswer(name: name, boot: boot, run: .stopped, restarts: restarts) }
        if isBroken {
            return ServiceAnswer(
                name: name,
                boot: boot,
                run: .failed,
                restarts: restarts,
                detail: "failed (Result: exit-code)"
            )
        }
        return ServiceAnswer(name: name, boot: boot, run: .running, pid: process.pid, restarts: restarts)
    }
}

extension SimulatedNode.LeaseFile {
    var text: String {
        """
        token=\(holder.token)
        user=\(holder.user)
        host=\(holder.host)
        pid=\(holder.pid)
        command=\(holder.command)
        since=\(since)
        expires=\(until)

        """
    }
}
