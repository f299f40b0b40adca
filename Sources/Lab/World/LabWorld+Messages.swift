import Daemons

/// Messages between daemons with the semantics of libprocess over TCP: in order, refused where nobody listens, and lost
/// without a word where the machine is gone (mesos-zk-ops.md 5.3).
extension LabWorld {
    /// A new connection to a host of the same network that does not answer ARP fails after that long (`EHOSTUNREACH`).
    private static let noRouteMilliseconds = 3000

    /// One way, in milliseconds.
    func latency(_ a: Int, _ b: Int) -> Int { a == b ? 0 : 1 }

    mutating func send(_ message: DaemonMessage, from serial: Int, on index: Int) {
        guard !isLost(), processes[serial] != nil else { return }
        let name = machines[index].name
        guard let target = machine(at: message.to.endpoint.host, askedOn: name) else {
            agenda.add(.event(.unreachable(message.to), to: serial), at: now)
            return
        }
        guard network.reaches(from: name, to: machines[target].name) else {
            // Over a connection that stands it is sent again and again; a quarter of an hour later both have given up.
            guard processes[serial]?.links[message.to.description] == nil else { return }
            agenda.add(.event(.unreachable(message.to), to: serial), at: now + Self.noRouteMilliseconds)
            return
        }
        agenda.add(.deliver(message, from: serial), at: now + latency(index, target))
    }

    mutating func deliver(_ message: DaemonMessage, from sender: Int) {
        let to = message.to
        // A sender that has ended meanwhile has sent it all the same.
        let origin = processes[sender]?.machine ?? machine(at: message.from.endpoint.host, askedOn: nil)
        guard let origin, let target = machine(at: to.endpoint.host, askedOn: machines[origin].name),
            network.reaches(from: machines[origin].name, to: machines[target].name)
        else { return }
        let receiver = machines[target].listeners[to.endpoint.port]
        let linked = processes[sender]?.links[to.description]
        guard let receiver, linked == nil || linked == receiver else {
            // Refused, or reset by the successor of who was there.
            processes[sender]?.links[to.description] = nil
            agenda.add(.event(.unreachable(to), to: sender), at: now + latency(origin, target))
            return
        }
        if linked == nil { processes[sender]?.links[to.description] = receiver }
        hand(.message(message), to: receiver)
    }

    func machine(at host: String, askedOn node: String?) -> Int? {
        let address = node.flatMap { network.resolve(host, on: $0) } ?? network.lookUp(host) ?? host
        return network.owner(of: address, askedOn: node).flatMap { indices[$0] }
    }

    private mutating func isLost() -> Bool {
        guard let until = loss?.until else { return false }
        guard now < until else {
            loss = nil
            return false
        }
        return Int((loss?.numbers.next() ?? 0) % 100) < loss?.percent ?? 0
    }
}
