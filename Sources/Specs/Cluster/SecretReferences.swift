extension ClusterSpec {
    /// Every secret that the cluster needs, sorted, each once.
    ///
    /// Those of the webhook, which no node ever sees, are `WebhookSpec.secretReferences`.
    public var secretReferences: [SecretReference] {
        let nodeSettings = nodes.flatMap { $0.attributes + $0.resources + $0.flags.values.joined() }
        let sections: [[Setting]] = [
            nodeSettings,
            roles.values.flatMap(\.flags),
            zookeeper?.config ?? [],
            mesos?.master.flags ?? [],
            mesos?.agent.flags ?? [],
            mesos?.agent.attributes ?? [],
            mesos?.agent.resources ?? [],
            marathon?.flags ?? [],
            docker.daemon,
            other.haproxy?.timeouts ?? [],
        ]
        let singles = [
            mesos?.master.credentials, mesos?.master.acls, mesos?.agent.credentials, mesos?.httpCredentials,
            marathon?.httpCredentials, marathon?.token,
            other.haproxy?.stats.credentials,
        ]
        let values = sections.joined().map(\.value) + singles.compactMap { $0 }
        let balanced = nodes(with: .haproxy).isEmpty || marathon?.https?.value != true ? nil : marathon?.authority
        let files = [balanced].compactMap { $0.map { SecretReference.file($0.value) } }
        return (values.flatMap(\.value.references) + siteFileReferences + files).sortedOnce()
    }

    /// The same, and every secret that the definitions of `apps` need, sorted, each once.
    public func secretReferences(with apps: [AppDefinition]) -> [SecretReference] {
        (secretReferences + apps.flatMap(\.secretReferences)).sortedOnce()
    }
}

extension [SecretReference] {
    func sortedOnce() -> [SecretReference] { Set(self).sorted { $0.description < $1.description } }
}
