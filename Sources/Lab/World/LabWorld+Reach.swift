import Daemons
import Reconciler

extension LabWorld {
    /// Whether a connection from a machine comes about, as net.sh finds it out.
    func knock(_ endpoint: Endpoint, from index: Int) -> ReachOutcome {
        let name = machines[index].name
        guard let target = machine(at: endpoint.host, askedOn: name) else { return .silent("No route to host") }
        guard network.reaches(from: name, to: machines[target].name) else { return .silent("no answer within 3 s") }
        return hears(endpoint.port, on: target) ? .connected : .refused
    }

    /// sshd, a daemon's REST, or one of the ports of the ZooKeeper server there.
    private func hears(_ port: Int, on index: Int) -> Bool {
        if port == 22 || machines[index].listeners[port] != nil { return true }
        let server = ZooKeeperServerID(node: machines[index].name)
        return zooKeeper.listeners(of: server).contains { listener in
            let isOpen = ["*", "0.0.0.0", "::", machines[index].node.address].contains(listener.host)
            return listener.port == port && isOpen
        }
    }
}
