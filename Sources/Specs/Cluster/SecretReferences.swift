extension ClusterSpec {
    /// Every secret that the sections this version acts on need, sorted, each once.
    ///
    /// Those of sections that it only reads are in `OtherSections.secretReferences`.
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
        ]
        let singles = [
            mesos?.master.credentials, mesos?.master.acls, mesos?.agent.credentials, mesos?.httpCredentials,
            marathon?.httpCredentials, marathon?.token,
        ]
        let values = sections.joined().map(\.value) + singles.compactMap { $0 }
        return (values.flatMap(\.value.references) + siteFileReferences).sortedOnce()
    }

    /// The same, and every secret that the definitions of `apps` need, sorted, each once.
    public func secretReferences(with apps: [AppDefinition]) -> [SecretReference] {
        (secretReferences + apps.flatMap(\.secretReferences)).sortedOnce()
    }

    /// Every secret that declared sections need which this version does not act on, sorted, each once.
    public var unmanagedSecretReferences: [SecretReference] {
        let settings = (other.haproxy?.timeouts ?? []).map(\.value.value)
        let singles = [other.haproxy?.stats.credentials, other.watch.webhook].compactMap { $0?.value }
        return (settings + singles).flatMap(\.references).sortedOnce()
    }
}

extension [SecretReference] {
    func sortedOnce() -> [SecretReference] { Set(self).sorted { $0.description < $1.description } }
}
