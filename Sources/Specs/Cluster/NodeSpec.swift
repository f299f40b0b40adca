/// One entry of `nodes:`.
public struct NodeSpec: Hashable, Sendable {
    public var name: Located<NodeName>
    public var address: Located<String>
    public var roles: [Located<Role>]
    public var ssh: SSHSpec
    /// An OpenSSH public host key line (`ssh-ed25519 AAAA…`) that enrols a bare node.
    public var hostKey: Located<String>?
    /// What Mesos and Marathon announce; the address where nothing is said.
    public var hostname: Located<String>?
    public var attributes: [Setting]
    public var resources: [Setting]
    /// `flags.ROLE`, over the role's and the section's.
    public var flags: [Role: [Setting]]
    public var files: [FileSpec]
    public var services: [ServiceSpec]

    public init(
        name: Located<NodeName>,
        address: Located<String>,
        roles: [Located<Role>] = [],
        ssh: SSHSpec = SSHSpec(),
        hostKey: Located<String>? = nil,
        hostname: Located<String>? = nil,
        attributes: [Setting] = [],
        resources: [Setting] = [],
        flags: [Role: [Setting]] = [:],
        files: [FileSpec] = [],
        services: [ServiceSpec] = []
    ) {
        self.name = name
        self.address = address
        self.roles = roles
        self.ssh = ssh
        self.hostKey = hostKey
        self.hostname = hostname
        self.attributes = attributes
        self.resources = resources
        self.flags = flags
        self.files = files
        self.services = services
    }

    public func has(_ role: Role) -> Bool { roles.contains { $0.value == role } }
}

/// A named value, such as a flag, an attribute or a zoo.cfg key; sorted by the reader as in the file.
public struct Setting: Hashable, Sendable {
    /// Where the name stands.
    public var name: Located<String>
    /// The text as the user wrote it (`no`, `0123` and `5mins` stay what they are).
    public var value: Located<Content>

    public init(name: Located<String>, value: Located<Content>) {
        self.name = name
        self.value = value
    }
}

/// `roles.ROLE`.
public struct RoleSpec: Hashable, Sendable {
    public var flags: [Setting]
    public var files: [FileSpec]
    public var services: [ServiceSpec]

    public init(flags: [Setting] = [], files: [FileSpec] = [], services: [ServiceSpec] = []) {
        self.flags = flags
        self.files = files
        self.services = services
    }
}

/// `files.PATH`: a file of the site's own.
public struct FileSpec: Hashable, Sendable {
    public enum Source: Hashable, Sendable {
        case content(Content)
        /// A file relative to cluster.yaml; taken as it is, nothing in it is expanded.
        case source(String)
    }

    public var path: Located<String>
    public var source: Located<Source>
    public var owner: Located<String>?
    public var group: Located<String>?
    /// Permission bits, such as 0o644.
    public var mode: Located<Int>?
    /// What the file that `source` names holds; nil until it is read.
    public var sourceText: Content?

    public init(
        path: Located<String>,
        source: Located<Source>,
        owner: Located<String>? = nil,
        group: Located<String>? = nil,
        mode: Located<Int>? = nil,
        sourceText: Content? = nil
    ) {
        self.path = path
        self.source = source
        self.owner = owner
        self.group = group
        self.mode = mode
        self.sourceText = sourceText
    }

    /// What the file should hold; nil where its source could not be read.
    public var text: Content? {
        switch source.value {
        case .content(let content): content
        case .source: sourceText
        }
    }
}

/// `services.NAME`: a service of the site's own.
public struct ServiceSpec: Hashable, Sendable {
    public var name: Located<ServiceName>
    public var boot: Located<Bool>?
    public var running: Located<Bool>?

    public init(name: Located<ServiceName>, boot: Located<Bool>? = nil, running: Located<Bool>? = nil) {
        self.name = name
        self.boot = boot
        self.running = running
    }
}
