internal import FoundationEssentials
internal import Lab
internal import Reconciler
internal import Specs
internal import Transport

/// How commands reach files and nodes: the one place where rooms are joined.
struct Wiring: Sendable {
    /// Reads cluster.yaml and everything it names; faults are values, also where the file itself cannot be read.
    var read: @Sendable (_ file: String) async -> Declaration
    /// Gives the loop over the declared cluster to `body` and lets go of the nodes in every ending.
    ///
    /// Opens nothing until it is asked to observe.
    /// - Throws: What `body` throws, and `Stop` where there is no loop to be had, such as for a secret without a value.
    var connect: @Sendable (Declared, Connection, _ body: Body) async throws -> Void

    /// Gives the nodes that keep the lease to `body`, with a name for what it does; needs no secret.
    var keepers: @Sendable (Declared, Connection, _ body: KeeperBody) async throws -> Void = {
        declared,
        connection,
        body in
        try await ground(under: declared, connection, SecretStore()) { ground in
            let keepers = LeaseKeepers(
                nodes: DesiredCluster(declared.spec, platforms: [:]).leaseHolders,
                access: ground.access,
                targets: declared.spec.targets
            )
            try await body(keepers, RunID(try ground.newID()))
        }
    }
    /// Gives a look at the declared cluster to `body` through which nothing can be changed; else as `connect`.
    var look: @Sendable (Declared, Connection, _ body: LookBody) async throws -> Void = { declared, connection, body in
        try await ground(under: declared, connection) { ground in
            let look = ground.looking.look(over: declared, connection)
            do { try await body(look) } catch {
                await ground.uncancelled { await ground.courier.close() }
                throw error
            }
            await ground.uncancelled { await ground.courier.close() }
        }
    }
    /// Gives `body` a place to stay at for days, from which it connects again and again.
    var reside: @Sendable (Declared, LabOptions?, _ body: ResidenceBody) async throws -> Void = {
        (declared, place, body) in
        guard let place else { return try await body(Residence()) }
        let lab = try place.openMatching(declared.spec, pace: labPace)
        try await Residence.inside(lab, body)
    }

    typealias KeeperBody = @Sendable (LeaseKeepers, RunID) async throws -> Void
    /// Reads the same as a git revision has it.
    /// - Throws: `Stop` where git knows no such revision.
    var readRevision: @Sendable (_ file: String, _ revision: String) async throws -> Declaration = { file, revision in
        try await Declaration(file: file, at: revision)
    }
    /// What a cluster on which `base` was applied looks like to somebody who asks what `head` needs to know.
    var observeApplied: @Sendable (_ base: Declared, _ head: Declared) async throws -> AppliedBase = { base, head in
        try await AppliedBase(base, seenBy: head)
    }

    typealias Body = @Sendable (Reconciliation) async throws -> Void
    typealias LookBody = @Sendable (ClusterLook) async throws -> Void
    typealias ResidenceBody = @Sendable (Residence) async throws -> Void

    /// Files of this machine; nodes by ssh, or those of the lab.
    static let live = Wiring(
        read: { await Declaration(file: $0) },
        connect: { declared, connection, body in
            try await ground(under: declared, connection) { ground in
                try await ground.loop(over: declared, connection, body)
            }
        }
    )

    /// Simulated seconds in a real one: a run is over in a breath, and still seen.
    private static let labPace = 60.0

    /// Lets go of the nodes in every ending; `secrets` nil: those that are declared.
    private static func ground(
        under declared: Declared,
        _ connection: Connection,
        _ secrets: SecretStore? = nil,
        _ body: @Sendable (Ground) async throws -> Void
    ) async throws {
        if let place = connection.lab {
            try await simulated(place, declared, secrets, body)
        } else {
            try await overSSH(declared, connection, secrets, body)
        }
    }

    private static func simulated(
        _ place: LabOptions,
        _ declared: Declared,
        _ secrets: SecretStore?,
        _ body: @Sendable (Ground) async throws -> Void
    ) async throws {
        let lab = try place.openMatching(declared.spec, pace: labPace)
        let ground = try Ground(of: lab, under: declared, secrets)
        var surroundings = Surroundings.current
        surroundings.console.readLine = { [readLine = surroundings.console.readLine] isOver in
            try await lab.inRealTime { try await readLine(isOver) }
        }
        do {
            try await Surroundings.$current.withValue(surroundings) {
                try await lab.run { try await body(ground) }
            }
        } catch let error as LabError {
            throw Stop(error)
        }
    }

    static func overSSH(
        _ declared: Declared,
        _ connection: Connection,
        _ secrets: SecretStore? = nil,
        _ body: @Sendable (Ground) async throws -> Void
    ) async throws {
        let secrets = try secrets ?? SecretStore(declaredIn: declared)
        var options = OpenSSHOptions(configFile: connection.sshConfig)
        options.visitsAtOnce = max(options.visitsAtOnce, connection.parallelism)
        let access: OpenSSHNodeAccess
        do throws(NodeAccessError) {
            access = try OpenSSHNodeAccess(options: options, secrets: secrets)
        } catch {
            throw Stop(.failure, error.message)
        }
        let transport = NetworkTransport(
            targets: declared.spec.targets,
            forwarding: access,
            directory: declared.directory
        )
        let ground = Ground(
            access: access,
            transport: transport,
            courier: DockerImageCourier(declared, access: access, registry: transport, secrets: secrets),
            secrets: secrets,
            clock: ContinuousClock(),
            newID: { UUID().uuidString.lowercased() }
        )
        // Also in a cancelled task: its own would be cancelled too, and the shared connections would stay.
        let close = {
            await Task {
                await transport.close()
                await access.close()
            }.value
        }
        do {
            try await body(ground)
        } catch {
            await close()
            throw error
        }
        await close()
    }
}

extension Ground {
    /// The nodes of the lab.
    init(of lab: Lab, under declared: Declared, _ secrets: SecretStore? = nil) throws {
        let secrets = try secrets ?? SecretStore(declaredIn: declared)
        self.init(
            access: lab.access(secrets: secrets),
            transport: lab.transport(),
            courier: lab.courier(beside: declared.directory),
            secrets: secrets,
            clock: lab.clock,
            executor: lab.executor,
            newID: { try inLab { () throws(LabError) in try lab.change { $0.drawID() } } }
        )
    }
}

extension DockerImageCourier {
    /// Of the images that are declared.
    fileprivate convenience init(
        _ declared: Declared,
        access: OpenSSHNodeAccess,
        registry: any HTTPTransport,
        secrets: SecretStore
    ) {
        let hosts = declared.imageHosts
        let question = EngineQuestion(access: access, hosts: hosts)
        self.init(
            access: access,
            hosts: hosts,
            directory: declared.directory,
            engine: { host in
                switch await question.answer(of: host) {
                case .absent: return .absent
                case .unknown(let reason): return .unknown(reason)
                case .found(let answer):
                    do throws(UnreadableEngine) {
                        return .found(try ObservedEngine(answer))
                    } catch {
                        return .unknown("\(host): \(error.reason)")
                    }
                }
            },
            registry: registry,
            options: CourierOptions(insecureRegistries: declared.spec.docker.insecureRegistries),
            secrets: secrets
        )
    }
}

extension DockerSpec {
    /// The registries that the declared engines trust without TLS.
    fileprivate var insecureRegistries: Set<String> {
        let declared = daemon.first { $0.name.value == "insecure-registries" }?.value.value.plainText
        let list = declared.flatMap { try? AppValue(json: Array($0.utf8)) }?.items
        return Set(list?.compactMap(\.plainText) ?? [])
    }
}

extension Declared {
    /// How hosts with engines that images come from are reached: as the node of that name, else by that name as the nodes are.
    fileprivate var imageHosts: [ImageHost: NodeTarget] {
        let targets = spec.targets
        var hosts: [ImageHost: NodeTarget] = [:]
        for image in spec.desiredImages(for: apps)?.images ?? [] {
            switch image.origin {
            case .engine(.ssh(let name)), .build(_, on: .ssh(let name)):
                hosts[.ssh(name)] = targets[name] ?? NodeTarget(name: name, address: name.text, ssh: spec.ssh)
            case .engine(.thisMachine), .build(_, on: .thisMachine), .tar, .registry: break
            }
        }
        return hosts
    }
}

/// How nodes are to be reached and who is told.
struct Connection: Sendable {
    /// Nodes at once.
    var parallelism: Int
    /// An ssh_config instead of the user's.
    var sshConfig: String?
    /// The simulated cluster instead of nodes by ssh.
    var lab: LabOptions?
    /// How long to wait for a lease that someone else holds.
    var lockTimeoutSeconds = 0
    /// Whether anybody can be asked before apps are removed.
    var mayAsk = true
    /// Ids of apps whose locks are overridden.
    var forcedApps: Set<String> = []
    /// Whether the cluster is to be held from before it is observed until the end.
    var takesLease = false
    /// What was asked for, as others see it in the lease and in the journal.
    var command = "reconciler apply"
    /// Where runs are written down; nil: nowhere.
    var journal: FileJournal?
    /// Hears, with every plan, what became of the steps that earlier runs have left open; a sentence each.
    var aftermath: @Sendable (_ sentences: [String]) -> Void = { _ in }
    var events: @Sendable (RunEvent) -> Void = { _ in }
    /// One element a signal during the run: the first finishes the step in hand, the second stops it.
    var interrupts = AsyncStream<InterruptSignal> { $0.finish() }
    /// Stops runs; each of `interrupts` trips it too.
    var interruption = Interruption()
}

extension SecretStore {
    /// The values of every secret that is declared, from this machine's environment and files.
    /// - Throws: `Stop` naming each that has no value, or one that its place cannot hold.
    init(declaredIn declared: Declared) throws {
        let spec = declared.spec
        let references = spec.secretReferences(with: declared.apps)
        let reader = SecretReader(
            source: DirectorySpecSource(declared.secretDirectory),
            environment: Surroundings.current.console.variables(of: references)
        )
        do throws(MissingSecrets) {
            self = try reader.store(for: references)
        } catch {
            throw Stop(.failure, error.description)
        }
        let unwritable = DesiredCluster(spec, platforms: [:]).unwritableSecrets(self)
        guard unwritable.isEmpty else { throw Stop(.failure, unwritable.joined(separator: "\n")) }
    }
}

extension Console {
    /// The variables that `references` name.
    fileprivate func variables(of references: [SecretReference]) -> [String: String] {
        let names = references.compactMap { if case .environment(let name) = $0 { name } else { nil } }
        return Dictionary(names.compactMap { name in environment(name).map { (name, $0) } }) { first, _ in first }
    }
}
