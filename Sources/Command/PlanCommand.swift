internal import ArgumentParser
internal import Reconciler
internal import Rendering
internal import Specs

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Shows what would be done, why, in which order and at what risk; writes nothing on any node.",
        discussion: """
            Symbols: + create, - remove, ~ change, ! disruptive (restart, stop), > image, ? unknown, x blocked.
            Causes: git (cluster.yaml changed since it was last applied), drift (the node changed since), unattributed (no \
            record of what was applied). With --base: git is this change, drift was there before it.
            With --out the plan is saved; apply FILE then does exactly that, or refuses where anything it relies on moved.
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var nodes: NodeOptions
    @OptionGroup var state: StateOptions
    @OptionGroup var sight: SightOptions

    @Option(help: "text, json, or markdown: one comment for a pull request, the same one each time.")
    var format = PlanFormat.text

    @Flag(help: "Exit with 2 when there are changes.")
    var detailedExitcode = false

    @Option(help: ArgumentHelp("Also saves the plan, to be applied exactly so.", valueName: "path"))
    var out: String?

    func validate() throws {
        guard out == nil || (sight.base == nil && sight.observed == nil) else {
            throw ValidationError("--out saves what was seen now; it does not go with --base or --observed")
        }
        guard sight.observed == nil || !nodes.lab else {
            throw ValidationError("--observed and --lab exclude each other")
        }
    }

    func run() async throws {
        let declared = try await options.readSpec(asJSON: format == .json)
        guard !sight.isOffline(lab: nodes.lab) else { return try show(try await offline(declared)) }
        let base = try await readBase()
        options.note("observing \(declared.spec.nodes.count) nodes")
        var connection = nodes.connection
        connection.journal = try state.journal(of: declared.spec.cluster.value, lab: connection.lab)
        try await Surroundings.current.wiring.connect(declared, connection) { loop in
            let observed = await loop.observe()
            try Task.checkCancellation()
            var plan = loop.difference(observed)
            if let base {
                plan = plan.attributed(against: base.declared.plan(on: observed))
                plan.basis = PlanBasis(.live, base: base)
            }
            try save(plan, loop.desire(observed), observed, of: declared)
            try show(plan)
        }
    }

    // MARK: Without the cluster

    private func offline(_ head: Declared) async throws -> Plan {
        let base = try await readBase()
        guard let file = sight.observed else {
            guard let base else { throw Stop(.usage, "nothing to plan on: name --base or --observed") }
            options.note("applying \(base.name) to a simulated cluster")
            let applied = try await Surroundings.current.wiring.observeApplied(base.declared, head)
            try Task.checkCancellation()
            return Plan(head, base: base, on: applied.observed, PlanBasis(.applied, base: base, unseen: applied.unseen))
        }
        let snapshot = try read(file)
        guard snapshot.cluster == head.spec.cluster.value else {
            throw Stop(.failure, "\(file) is of cluster \(snapshot.cluster), not of \(head.spec.cluster.value)")
        }
        let age = max(0, Surroundings.current.console.seconds() - snapshot.observedAt)
        let basis = PlanBasis(
            .snapshot(file: file, at: snapshot.observedAt, ageSeconds: age),
            base: base,
            unseen: unseen(of: head)
        )
        if basis.isOld {
            Surroundings.current.console.complain(
                "\(file) was seen \(age / 60) min ago; the cluster may have moved since"
            )
        }
        return Plan(head, base: base, on: snapshot.observed, basis)
    }

    private func read(_ file: String) throws -> ClusterSnapshot {
        let text = try readFile(file)
        do { return try ClusterSnapshot.read(text) } catch { throw Stop(error, file) }
    }

    /// A value is compared by whoever knows it; a snapshot knows references.
    private func unseen(of head: Declared) -> [String] {
        head.spec.secretReferences(with: head.apps).isEmpty
            ? [] : ["secrets are compared by name: whether a value changed since the look is not known"]
    }

    private func readBase() async throws -> (name: String, declared: Declared)? {
        guard let name = sight.base else { return nil }
        return (name, try await options.readSpec(at: name))
    }

    // MARK: What comes of it

    private func save(
        _ plan: Plan,
        _ desired: DesiredCluster?,
        _ observed: ObservedCluster,
        of declared: Declared
    ) throws {
        guard let out else { return }
        guard plan.refusals.isEmpty else {
            Surroundings.current.console.complain("\(out) is not written: a plan that is refused cannot be applied")
            return
        }
        let saved = SavedPlan(
            plan,
            desired: desired ?? declared.desired(on: observed),
            observed: observed,
            inputs: declared.inputs,
            tool: reconcilerVersion,
            at: Surroundings.current.console.seconds()
        )
        try writeFile(SavedPlanDocument.text(saved), to: out)
        options.note("saved in \(out); apply exactly this with: reconciler apply \(out)")
    }

    private func show(_ plan: Plan) throws {
        let console = Surroundings.current.console
        switch format {
        case .json: console.write(PlanDocument(plan).json)
        case .text: console.write(PlanView(plan, style: options.style, isVerbose: options.verbose > 0).text)
        case .markdown: console.write(PlanMarkdown(plan).text)
        }
        let status = Verdict(plan, detailed: detailedExitcode).status
        guard status == .success else { throw Stop(status) }
    }
}
