internal import Lab
internal import Reconciler
internal import Specs

/// A cluster that nobody asked: what it would look like had `base` been applied, from the embedded simulated cluster.
///
/// The machines are those of both declarations, so that a node which is new finds a bare machine. Secrets have no values
/// here: each stands for itself, and what only a value could tell is told as unseen.
struct AppliedBase: Sendable {
    var observed: ObservedCluster
    /// Sentences on what cannot be known this way.
    var unseen: [String]

    /// More rounds than a plan made under way ever asks for.
    private static let rounds = 4

    init(observed: ObservedCluster, unseen: [String] = []) {
        self.observed = observed
        self.unseen = unseen
    }

    init(_ base: Declared, seenBy head: Declared) async throws {
        let lab = try inLab { () throws(LabError) in
            Lab(try LabWorld(spec: base.spec.with(nodesOf: head.spec), seed: 1))
        }
        let references = [base, head].flatMap { $0.spec.secretReferences(with: $0.apps) }
        let secrets = SecretStore(Dictionary(references.map { ($0, Self.stand(for: $0)) }) { first, _ in first })
        let ground = Ground(
            access: lab.access(secrets: secrets),
            transport: lab.transport(),
            courier: lab.courier(beside: DeclaredFile(head.spec.file).directory),
            secrets: secrets,
            clock: lab.clock,
            executor: lab.executor,
            newID: { try inLab { () throws(LabError) in try lab.change { $0.drawID() } } }
        )
        let connection = Connection(parallelism: 10)
        (observed, unseen) = try await lab.run {
            let open = try await Self.apply(base, on: ground, connection)
            let result = Result()
            try await ground.loop(over: head, connection) { loop in await result.set(await loop.observe()) }
            return (await result.observed, open)
        }
        if !references.isEmpty {
            let words = "whether one changed, or is refused by the file it stands in, is not known"
            unseen.append("no secret has a value here: " + words)
        }
        let built = head.spec.desiredImages(for: head.apps)?.images ?? []
        if built.contains(where: { if case .build = $0.origin { true } else { false } }) {
            unseen.append("whether a build context changed is not compared: both are as they are in this work tree")
        }
        unseen.append("hand edits, and nodes that do not answer, are not known without a look at the cluster")
    }

    /// - Returns: what of it could not be applied, as a sentence.
    private static func apply(_ base: Declared, on ground: Ground, _ connection: Connection) async throws -> [String] {
        let left = Result()
        try await ground.loop(over: base, connection) { loop in
            for _ in 1...rounds {
                let plan = await loop.plan()
                await left.set(plan)
                guard plan.refusals.isEmpty, !plan.steps.isEmpty else { return }
                _ = try await loop.apply(plan) { _, _ in true }
            }
            await left.set(await loop.plan())
        }
        guard let plan = await left.plan, !plan.isEmpty else { return [] }
        let titles = Set(plan.blocked.map(\.title) + plan.refusals.map(\.rule) + plan.steps.map(\.title)).sorted()
        let shown = titles.prefix(5).joined(separator: ", ")
        return ["the base itself is not wholly applied in the simulated cluster: \(shown)"]
    }

    /// Text that is nobody's password and stands in any file.
    private static func stand(for reference: SecretReference) -> String {
        "value-of-" + sha256(reference.description).prefix(20)
    }

    private actor Result {
        var observed = ObservedCluster(nodes: [:])
        var plan: Plan?

        func set(_ observed: ObservedCluster) { self.observed = observed }
        func set(_ plan: Plan) { self.plan = plan }
    }
}

extension ClusterSpec {
    /// With the machines of both; of a node in both this one's.
    fileprivate func with(nodesOf other: ClusterSpec) -> ClusterSpec {
        var spec = self
        let own = Set(nodes.map(\.name.value))
        spec.nodes += other.nodes.filter { !own.contains($0.name.value) }
        return spec
    }
}

extension Declared {
    /// What is wanted of `observed`, which was seen by somebody who knew the values of secrets; references compare with
    /// references.
    func desired(on observed: ObservedCluster) -> DesiredCluster {
        var desired = DesiredCluster(spec, observed: observed)
        if spec.managesApps { desired.apps = DesiredApps(spec: spec, apps: apps, forced: []) }
        desired.images = spec.desiredImages(for: apps)
        return desired
    }

    func plan(on observed: ObservedCluster) -> Plan {
        Plan(desired: desired(on: observed), observed: observed.limited(to: spec), source: source)
    }
}

extension ObservedCluster {
    /// With every declared node: of one that nobody looked at nothing is known.
    fileprivate func limited(to spec: ClusterSpec) -> ObservedCluster {
        var cluster = self
        let declared = Set(spec.nodes.map(\.name.value))
        cluster.nodes = nodes.filter { declared.contains($0.key) }
        for name in declared where cluster.nodes[name] == nil {
            let words = "it was not declared when the cluster was looked at, so that nothing is known of it"
            cluster.nodes[name] = .silent(NodeAccessError(.unreachable, words))
        }
        return cluster
    }
}
