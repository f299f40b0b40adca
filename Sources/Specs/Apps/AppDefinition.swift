/// A Marathon app as the user wrote it: what the cross-checks need, and the whole tree for those who want more.
public struct AppDefinition: Hashable, Sendable {
    public struct Container: Hashable, Sendable {
        public var position: SourcePosition
        /// `DOCKER` or `MESOS`; nil where nothing is said.
        public var type: Located<String>?
        /// `docker.image`.
        public var image: Located<String>?

        public init(position: SourcePosition, type: Located<String>? = nil, image: Located<String>? = nil) {
            self.position = position
            self.type = type
            self.image = image
        }

        /// Whether Docker's engine runs it; a container that names an image and no type does in every version.
        public var usesDocker: Bool { type.map { $0.value == "DOCKER" } ?? (image != nil) }
    }

    /// Absolute, such as `/shop/cart`; the place is that of the id as written.
    public var id: Located<String>
    /// Where the definition starts.
    public var position: SourcePosition
    /// nil means that the live number is kept.
    public var instances: Located<Int>?
    public var command: Located<String>?
    public var arguments: Located<[String]>?
    public var container: Container?
    /// Those that are chosen (not 0), in the order of the file.
    public var servicePorts: [Located<Int>]
    /// Absolute ids.
    public var dependencies: [Located<String>]
    /// The whole of it: variables put in, secrets as references, ids absolute, nulls left out.
    public var definition: AppValue
    /// Where fields are written, by full path: `container.docker.image`, `env.PATH`, `healthChecks[0].path`.
    public var positions: [String: SourcePosition]
    /// Sorted, each once.
    public var secretReferences: [SecretReference]
    /// The definition as written; `${…}` is not put in yet, and ids are as the user has them.
    public var node: YAMLNode

    public init(
        id: Located<String>,
        position: SourcePosition,
        instances: Located<Int>? = nil,
        command: Located<String>? = nil,
        arguments: Located<[String]>? = nil,
        container: Container? = nil,
        servicePorts: [Located<Int>] = [],
        dependencies: [Located<String>] = [],
        definition: AppValue = [:],
        positions: [String: SourcePosition] = [:],
        secretReferences: [SecretReference] = [],
        node: YAMLNode
    ) {
        self.id = id
        self.position = position
        self.instances = instances
        self.command = command
        self.arguments = arguments
        self.container = container
        self.servicePorts = servicePorts
        self.dependencies = dependencies
        self.definition = definition
        self.positions = positions
        self.secretReferences = secretReferences
        self.node = node
    }
}
