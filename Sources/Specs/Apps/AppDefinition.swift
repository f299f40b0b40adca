/// A Marathon app as the user wrote it, typed by the table of fields.
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
    /// The whole of it: variables put in, secrets as references, `id` and `dependencies` absolute, nulls left out.
    public var definition: AppValue
    /// Where fields are written, by full path: `container.docker.image`, `env.PATH`, `healthChecks[0].path`.
    public var positions: [String: SourcePosition]

    public init(
        id: Located<String>,
        position: SourcePosition,
        definition: AppValue,
        positions: [String: SourcePosition] = [:]
    ) {
        self.id = id
        self.position = position
        self.definition = definition
        self.positions = positions
    }
}

extension AppDefinition {
    /// Where the field at `path` is written, else where the nearest one around it is, else the app itself.
    public func position(of path: String) -> SourcePosition {
        AppPositions.nearest(to: path, in: positions) ?? id.position
    }

    /// Absolute ids.
    public var dependencies: [Located<String>] {
        (definition["dependencies"]?.items ?? []).enumerated().compactMap { index, item in
            item.plainText.map { Located($0, at: position(of: "dependencies[\(index)]")) }
        }
    }

    /// Sorted, each once.
    public var secretReferences: [SecretReference] { definition.references }

    public var container: Container? {
        guard let container = definition["container"], container.members != nil else { return nil }
        return Container(
            position: position(of: "container"),
            type: container.text("type").map { Located($0, at: position(of: "container.type")) },
            image: container["docker"]?.text("image").flatMap { name in
                name.isEmpty ? nil : Located(name, at: position(of: "container.docker.image"))
            }
        )
    }

    /// Those that are chosen (not 0), in the order of the file: of the port mappings where there are any, else its own.
    public var servicePorts: [Located<Int>] {
        let container = definition["container"]
        let docker = container?["docker"]?.objects("portMappings", in: "container.docker") ?? []
        let mappings = docker + (container?.objects("portMappings", in: "container") ?? [])
        let isMapped = container?["portMappings"] != nil || container?["docker"]?["portMappings"] != nil
        let definitions = definition.objects("portDefinitions", in: "").map { ("\($0).port", $1["port"]) }
        let ports = (definition["ports"]?.items ?? []).enumerated().map { ("ports[\($0)]", AppValue?.some($1)) }
        let own = definition["ports"] == nil ? definitions : ports
        let named = isMapped ? mappings.map { ("\($0).servicePort", $1["servicePort"]) } : own
        return named.compactMap { path, value in
            value?.integer.flatMap { $0 == 0 ? nil : Located($0, at: position(of: path)) }
        }
    }
}
