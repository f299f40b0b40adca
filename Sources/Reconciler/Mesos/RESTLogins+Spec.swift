public import Specs

extension RESTLogins {
    /// The logins that `spec` declares.
    public init(_ spec: ClusterSpec) {
        self.init(
            mesos: spec.mesos?.httpCredentials?.value,
            marathon: spec.marathon?.httpCredentials?.value,
            marathonToken: spec.marathon?.token?.value
        )
    }
}
