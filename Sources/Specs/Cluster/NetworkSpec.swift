/// `network:`: declared means checked; written only with `enforce`.
public struct NetworkSpec: Hashable, Sendable {
    public var position: SourcePosition
    public var interface: Located<String>?
    /// Such as `255.255.254.0`.
    public var netmask: Located<String>?
    public var gateway: Located<String>?
    public var nameservers: [Located<String>]
    /// Lines of /etc/hosts beyond the nodes' own: host name and address.
    public var hosts: [Setting]
    public var enforce: Located<Bool>?

    public init(
        position: SourcePosition,
        interface: Located<String>? = nil,
        netmask: Located<String>? = nil,
        gateway: Located<String>? = nil,
        nameservers: [Located<String>] = [],
        hosts: [Setting] = [],
        enforce: Located<Bool>? = nil
    ) {
        self.position = position
        self.interface = interface
        self.netmask = netmask
        self.gateway = gateway
        self.nameservers = nameservers
        self.hosts = hosts
        self.enforce = enforce
    }
}

/// `repositories.NAME`: a source of packages.
public struct RepositorySpec: Hashable, Sendable {
    public var name: Located<String>
    public var uri: Located<String>
    public var suite: Located<String>?
    public var components: [Located<String>]
    /// A file with the signing key, relative to cluster.yaml.
    public var key: Located<String>?
    /// Of every key in that file, as written.
    public var fingerprints: [Located<String>]
    /// What was read from the file at `key`.
    public var keyring: OpenPGPKeyring?

    public init(
        name: Located<String>,
        uri: Located<String>,
        suite: Located<String>? = nil,
        components: [Located<String>] = [],
        key: Located<String>? = nil,
        fingerprints: [Located<String>] = [],
        keyring: OpenPGPKeyring? = nil
    ) {
        self.name = name
        self.uri = uri
        self.suite = suite
        self.components = components
        self.key = key
        self.fingerprints = fingerprints
        self.keyring = keyring
    }
}
