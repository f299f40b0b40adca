/// A file of variables that a daemon's wrapper (or unit) reads before it starts; some of them become flags.
///
/// Nothing is wanted of it here: a flag that is set in it and in a flag file makes the daemon exit, so both are looked at
/// (mesos-zk-ops.md 1.3, F13).
public struct EnvironmentFile: Hashable, Sendable {
    public var path: String
    public var service: ServiceName
    public var format: KeyedEdit.Format
    /// Variable → the flag it is passed as, such as `LOGS` → `log_dir`.
    public var variables: [String: String]
    /// Variables that start so are flags by themselves (`MESOS_QUORUM`), read by the daemon from its environment.
    public var prefix: String

    public init(
        path: String,
        service: ServiceName,
        format: KeyedEdit.Format = .shell,
        variables: [String: String] = [:],
        prefix: String
    ) {
        self.path = path
        self.service = service
        self.format = format
        self.variables = variables
        self.prefix = prefix
    }
}
