/// How the system's ssh is used; what is not said here is ssh_config's.
public struct OpenSSHOptions: Hashable, Sendable {
    /// Instead of `~/.ssh/config` and `/etc/ssh/ssh_config` (`ssh -F`).
    public var configFile: String?
    /// The client: a name on PATH, or a path.
    public var program: String
    /// Visits under way at once, all nodes together.
    public var visitsAtOnce: Int
    /// Connections being made at once; a jump host's sshd refuses more than a few (`MaxStartups`).
    public var connectionsAtOnce: Int
    /// For connecting and logging in, beyond the node's own `connectTimeout`, which is for the first answer alone.
    public var loginDeadline: Duration
    /// For an observation; a batch of actions has what its actions need beyond that.
    public var visitDeadline: Duration
    /// How long an idle connection stays for the next visit.
    public var persistSeconds: Int

    public init(
        configFile: String? = nil,
        program: String = "ssh",
        visitsAtOnce: Int = 16,
        connectionsAtOnce: Int = 6,
        loginDeadline: Duration = .seconds(30),
        visitDeadline: Duration = .seconds(120),
        persistSeconds: Int = 60
    ) {
        self.configFile = configFile
        self.program = program
        self.visitsAtOnce = visitsAtOnce
        self.connectionsAtOnce = connectionsAtOnce
        self.loginDeadline = loginDeadline
        self.visitDeadline = visitDeadline
        self.persistSeconds = persistSeconds
    }
}
