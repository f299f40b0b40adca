public import Specs

extension NodeTarget {
    /// The way to `node` as cluster.yaml describes it: the node's own `ssh` over the cluster's, field by field.
    public init(_ node: NodeSpec, _ spec: ClusterSpec) {
        self.init(
            name: node.name.value,
            address: node.address.value,
            ssh: node.ssh.over(spec.ssh),
            hostKey: node.hostKey?.value
        )
    }
}

extension SSHSpec {
    fileprivate func over(_ base: SSHSpec) -> SSHSpec {
        SSHSpec(
            alias: alias,
            user: user ?? base.user,
            port: port ?? base.port,
            become: become ?? base.become,
            identityFile: identityFile ?? base.identityFile,
            connectTimeout: connectTimeout ?? base.connectTimeout
        )
    }
}
