internal import Specs

/// The gates after starts and restarts of Mesos and Marathon: a process that stays, and what REST tells of it.
extension Planning {
    /// How long one and the same process must have run.
    private static let stableSeconds = 5
    /// The first Marathon of a release migrates the whole state before it leads.
    private static let migrationSeconds = 900

    /// For masters.
    ///
    /// Agents find a new leader within one or two minutes (mesos-zk-ops.md 3.2); five leave room, and are well before the ten
    /// after which the master gives them up. Before the first start there are none to wait for.
    func mastersGate(
        _ started: [NodeDifference],
        of members: [NodeDifference],
        _ masters: DesiredMasters,
        isFresh: Bool
    ) -> Gate {
        let well = members.filter { member in
            member.isUp(.mesosMaster) || started.contains { $0.name == member.name }
        }
        let all = places(of: .mesosMaster)
        let gate = MasterGate(
            masters: all.filter { place in well.contains { $0.name == place.node } },
            others: all.filter { place in !well.contains { $0.name == place.node } },
            quorum: masters.quorum,
            zk: masters.zk,
            agents: places(of: .mesosAgent)
        )
        return Gate(
            .all(stable(.mesosMaster, started, path: "/health") + [.mesosMasters(gate)]),
            deadlineSeconds: isFresh ? 120 : 300,
            words: "\(ServiceName.mesosMaster) up for \(Self.stableSeconds) s, one of \(gate.masters.count) elected, "
                + "quorum \(masters.quorum), log recovered" + (isFresh ? "" : ", agents registered again")
        )
    }

    func marathonGate(_ started: [NodeDifference], version: String? = nil, isMigrating: Bool = false) -> Gate {
        let names = Set(started.map(\.name))
        let gate = MarathonGate(
            marathons: places(of: .marathon).filter { names.contains($0.node) },
            masters: places(of: .mesosMaster),
            version: version
        )
        let release = version.map { "as \($0), " } ?? ""
        return Gate(
            .all(stable(.marathon, started, path: nil) + [.marathon(gate)]),
            deadlineSeconds: isMigrating ? Self.migrationSeconds : 180,
            words: "\(ServiceName.marathon) up for \(Self.stableSeconds) s, \(release)with a leader and the framework "
                + "it had"
        )
    }

    /// 75 s: so long the master waits for an agent before it gives its tasks up (mesos-zk-ops.md 4.2).
    func agentGate(_ started: [NodeDifference]) -> Gate {
        let agents = started.compactMap { member in
            place(of: .mesosAgent, on: member.desired).map {
                AgentGate.Agent($0, hostname: member.desired.service(.mesosAgent)?.flag("hostname"))
            }
        }
        return Gate(
            .all(
                stable(.mesosAgent, started, path: "/health")
                    + [.mesosAgents(AgentGate(agents: agents, masters: places(of: .mesosMaster)))]
            ),
            deadlineSeconds: 75,
            words:
                "\(ServiceName.mesosAgent) up for \(Self.stableSeconds) s, registered and listed by the elected master"
        )
    }

    /// Where the service's API is on each node that should run it.
    private func places(of service: ServiceName) -> [ServicePlace] {
        desired.nodes.compactMap { place(of: service, on: $0) }
    }

    private func place(of name: ServiceName, on node: DesiredNode) -> ServicePlace? {
        guard let service = node.service(name), service.running else { return nil }
        let tls = desired.tls[name]
        let flag: String
        let usual: Int
        switch name {
        case .mesosMaster: (flag, usual) = ("port", 5050)
        case .mesosAgent: (flag, usual) = ("port", 5051)
        default: (flag, usual) = tls == nil ? ("http_port", 8080) : ("https_port", 8443)
        }
        let port = service.flag(flag).flatMap { Int($0) } ?? usual
        return ServicePlace(node.name, address: node.address, port: port, tls: tls)
    }

    private func stable(_ service: ServiceName, _ members: [NodeDifference], path: String?) -> [GateCondition] {
        members.map { member in
            let plain = desired.tls[service] == nil ? place(of: service, on: member.desired)?.endpoint : nil
            return .serviceStable(
                service,
                node: member.name,
                seconds: Self.stableSeconds,
                // Over TLS there is nothing to be had from the node itself; the API's own condition shows that it listens.
                listening: plain.map { [.init(address: $0.host, port: $0.port, path: path)] } ?? []
            )
        }
    }
}
