extension ClusterSpec {
    /// `HOST:PORT,HOST:PORT,…` of the ensemble in the order of its ids; nil without one.
    var zooKeeperHosts: String? {
        guard let zookeeper else { return nil }
        let hosts = zookeeper.ensemble.compactMap { member in
            node(member.node.value).map { "\($0.address.value):\(zookeeper.ports.client)" }
        }
        return hosts.isEmpty ? nil : hosts.joined(separator: ",")
    }

    /// Where Mesos keeps itself, such as `zk://10.16.40.1:2181,10.16.40.2:2181/mesos`.
    public var mesosZk: String? {
        guard let hosts = zooKeeperHosts, let mesos else { return nil }
        return "zk://\(hosts)\(mesos.zkPath.value)"
    }

    /// Where Marathon keeps itself.
    public var marathonZk: String? {
        guard let hosts = zooKeeperHosts, let marathon else { return nil }
        return "zk://\(hosts)\(marathon.zkPath.value)"
    }

    /// Where the ensemble is declared.
    var ensemblePosition: SourcePosition? { zookeeper?.ensemble.first?.id.position ?? zookeeper?.position }
}
