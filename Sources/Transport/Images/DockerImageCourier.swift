public import Reconciler
public import Specs

/// Images of real engines, tars and build contexts, brought to real nodes through OpenSSH (docs/adr/0012).
public final class DockerImageCourier: ImageCourier {
    /// What the engine of a host holds; absent where the host has none.
    public typealias Engines = @Sendable (ImageHost) async -> Observation<ObservedEngine>

    let hosts: [ImageHost: NodeTarget]
    /// That of cluster.yaml.
    let directory: String
    let engine: Engines
    let registry: (any HTTPTransport)?
    let options: CourierOptions
    let secrets: SecretStore
    let shell: HostShell
    let cache: PartCache
    let turnstiles = Turnstiles()
    let bandwidth = Bandwidth()
    let origins = OpenOrigins()
    let feeders = FeederKeys()
    /// Names this run in what it leaves elsewhere for a while.
    let run = String(NodeScript.randomNonce().prefix(16))

    /// - Parameters:
    ///   - access: Whose ssh connections are used; closed by its owner, after `close()` here.
    ///   - hosts: How origins' hosts are reached; this machine needs none.
    ///   - directory: That of cluster.yaml, to which paths of tars and build contexts are relative.
    ///   - engine: What the engine of a host holds.
    ///   - registry: The way to registries; without one, what only a registry has is unknown.
    ///   - options: Where things are kept, and how patient it is.
    ///   - secrets: Whose values are taken out of messages.
    public init(
        access: OpenSSHNodeAccess,
        hosts: [ImageHost: NodeTarget] = [:],
        directory: String,
        engine: @escaping Engines,
        registry: (any HTTPTransport)? = nil,
        options: CourierOptions = CourierOptions(),
        secrets: SecretStore = SecretStore()
    ) {
        self.hosts = hosts
        self.directory = directory.isEmpty ? "." : directory
        self.engine = engine
        self.registry = registry
        self.options = options
        self.secrets = secrets
        shell = HostShell(access: access, stall: options.stall)
        cache = PartCache(options.cache, limit: options.cacheLimit)
    }

    public func look(for images: [DesiredImage]) async -> [String: SourceLook] {
        let asked = Set(images.compactMap(\.origin.host))
        let engines = await withTaskGroup(of: (ImageHost, Observation<ObservedEngine>).self) { group in
            for host in asked { group.addTask { (host, await self.engine(host)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        return await withTaskGroup(of: (String, SourceLook).self) { group in
            for image in images { group.addTask { (image.reference, await self.look(for: image, in: engines)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    public func close() async {
        await feeders.close(shell: shell)
        await origins.close(shell: shell)
    }

    /// Where the scripts for an origin's host run.
    func place(of host: ImageHost) throws(CourierError) -> ShellPlace {
        switch host {
        case .thisMachine: return .here
        case .ssh(let name):
            guard let target = hosts[host] else {
                throw CourierError(
                    .unreachable,
                    "\(name): it is not known how to reach it; check `from` in cluster.yaml"
                )
            }
            return .node(target)
        }
    }

    /// A path of cluster.yaml on this machine.
    func local(_ path: String) -> String { path.hasPrefix("/") ? path : "\(directory)/\(path)" }

    func masked(_ error: CourierError) -> CourierError {
        CourierError(error.kind, secrets.words(error.message), sent: error.sent)
    }
}

extension ImageOrigin {
    /// Whose engine has it.
    var host: ImageHost? {
        switch self {
        case .engine(let host), .build(_, let host): host
        case .tar, .registry: nil
        }
    }
}

extension CourierError {
    /// A session that broke or was never begun.
    init(_ error: NodeAccessError, sent: Int = 0) {
        let kind: Kind =
            switch error.kind {
            case .unreachable, .refused, .timedOut, .interrupted, .nameNotFound: .unreachable
            case .hostKeyUnknown, .hostKeyChanged, .authentication, .privilege: .permission
            case .diskFull: .diskFull
            case .protocolViolation, .unrecorded: .other
            }
        self.init(Task.isCancelled ? .cancelled : kind, error.message, sent: sent)
    }
}
