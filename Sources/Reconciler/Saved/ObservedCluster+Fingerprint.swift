internal import Specs

extension ObservedCluster {
    /// What `object` is like; nil where that could not be found out, so that nothing can rely on it.
    public func fingerprint(of object: ReliedObject) -> Fingerprint? {
        parts(of: object).map { Fingerprint(object, $0) }
    }

    private func parts(of object: ReliedObject) -> [String: String]? {
        if case .node(let name) = object { return nodeParts(name) }
        if let name = object.node { return self[name].flatMap { $0.parts(of: object) } }
        switch object {
        case .origin(let reference): return originParts(reference)
        case .marathon: return marathon.value.map { ["version": "\($0.context.release)", "role": $0.context.role] }
        case .app(let id):
            guard let marathon = marathon.value, marathon.hidden[id] == nil else { return nil }
            return marathon.apps[id].map { ["version": $0.version] } ?? Self.absent
        default: return nil
        }
    }

    private func nodeParts(_ name: NodeName) -> [String: String]? {
        switch nodes[name] {
        case .silent(let error)?: ["answers": "no (\(error.kind.rawValue))"]
        case .answered(let node)?:
            node.platform.value.map {
                [
                    "answers": "yes", "system": $0.os, "init": $0.initSystem.rawValue,
                    "packages": $0.packageManager.rawValue, "agent flags": $0.agentFlagDirectory,
                ]
            }
        case nil: nil
        }
    }

    private func originParts(_ reference: String) -> [String: String]? {
        guard let look = images[reference] else { return nil }
        var parts = look.context.map { ["build context": $0] } ?? [:]
        switch look.image {
        case .found(let image): parts["id"] = image.id
        case .absent: parts["id"] = "(none)"
        case .unknown: return nil
        }
        return parts
    }

    fileprivate static let absent = ["there": "no"]
}

extension ObservedNode {
    fileprivate func parts(of object: ReliedObject) -> [String: String]? {
        switch object {
        case .file(_, let path): parts(of: file(at: path)) { $0.parts(askedAt: path) }
        case .directory(_, let path, _):
            parts(of: directories[path] ?? .unknown("")) { entries in
                Dictionary(entries.map { ($0.path, $0.inOneLine) }) { first, _ in first }
            }
        case .service(_, let name):
            parts(of: services[name] ?? .unknown("")) { service in
                let pid = service.pid.map { "\($0)" } ?? "(none)"
                return ["boot": service.boot.rawValue, "run": service.run.rawValue, "process": pid]
            }
        case .package(_, let name):
            parts(of: packages[name] ?? .unknown("")) { package in
                var parts = ["installed": package.installed ?? "no", "held": package.isHeld ? "yes" : "no"]
                parts["trouble"] = package.trouble
                return parts
            }
        case .link(_, let name): parts(of: network) { $0.parts(ofLink: name) }
        case .hostName: parts(of: network) { ["name": $0.hostname] }
        case .zooKeeper: parts(of: zooKeeper, \.membership)
        case .master: parts(of: services[.mesosMaster] ?? .unknown(""), \.asMaster)
        case .image(_, let reference):
            parts(of: engine) { ["id": $0.image(reference)?.id ?? "(none)"] }
        case .node, .origin, .marathon, .app: nil
        }
    }

    private func parts<Value>(
        of observation: Observation<Value>,
        _ found: (Value) -> [String: String]
    ) -> [String: String]? {
        switch observation {
        case .found(let value): found(value)
        case .absent: ObservedCluster.absent
        case .unknown: nil
        }
    }
}

extension NetworkAnswer {
    fileprivate func parts(ofLink name: String) -> [String: String] {
        guard let link = links.first(where: { $0.name == name }) else { return ObservedCluster.absent }
        let routes = gateways.filter { $0.interface == name }.map(\.address)
        return [
            "up": link.isUp ? "yes" : "no", "addresses": link.addresses.sorted().joined(separator: " "),
            "by lease": link.dynamicAddresses.sorted().joined(separator: " "), "owner": link.owner.rawValue,
            "file": link.file, "gateways": routes.joined(separator: " "),
        ]
    }
}

extension ObservedFile {
    fileprivate func parts(askedAt path: String) -> [String: String] {
        var parts = [
            "kind": kind.rawValue, "mode": octal(mode), "owner": "\(owner):\(group)",
            version.part.name: version.part.state,
        ]
        if resolvedPath != path { parts["leads to"] = resolvedPath }
        return parts
    }

    /// As an entry of its directory.
    fileprivate var inOneLine: String {
        "\(version.part.name) \(version.part.state), \(octal(mode)), \(owner):\(group)"
    }

    private func octal(_ mode: Int) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

extension FileExpectation {
    fileprivate var part: (name: String, state: String) {
        switch self {
        case .absent: ("content", "(none)")
        case .digest(let digest): ("content", "sha256:\(digest)")
        case .stamp(let stamp): ("stamp", stamp)
        }
    }
}

extension ZooKeeperServer {
    /// Leader and follower are one: who leads moves by itself and changes nothing of what a plan relies on.
    fileprivate var membership: [String: String] {
        let place =
            switch mode {
            case .leader, .follower: "in an ensemble"
            case .observer: "as an observer"
            case .standalone: "alone"
            case .notServing: "no"
            }
        var parts = ["serves": place]
        parts["id"] = serverID.map { "\($0)" }
        parts["members"] = members.map { members in
            members.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        }
        return parts
    }
}

extension ObservedService {
    fileprivate var asMaster: [String: String] {
        var parts = ["run": run.rawValue]
        let flags = startFlags(self)
        for name in ["quorum", "zk", "work_dir"] { parts["--\(name)"] = flags[name]?.shown }
        return parts
    }
}
