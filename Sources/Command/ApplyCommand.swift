internal import ArgumentParser
internal import Reconciler
internal import Rendering
internal import Specs

struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Plans, asks, and does it, step by step, each behind its gate.",
        discussion: """
            Ctrl-C finishes the step in hand and stops; a second one stops that step too. Running it again continues. \
            Needs --yes where standard input is no terminal.
            With FILE, a plan that plan --out saved, it does exactly that, or refuses and names what moved since.
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var nodes: NodeOptions
    @OptionGroup var state: StateOptions

    @Argument(help: ArgumentHelp("A saved plan.", valueName: "file"))
    var saved: String?

    @Flag(help: "Do not ask.")
    var yes = false

    @Option(help: "text, or json-lines: the plan, every event and the report, a document a line.")
    var format = TextOrJSONLines.text

    @Option(
        help: ArgumentHelp("How long to wait for a lease that someone else holds, such as 30s or 2m.", valueName: "t")
    )
    var lockTimeout = WaitingTime(seconds: 30)

    @Option(
        name: .customLong("force-app"),
        help: ArgumentHelp("Override a deployment that holds this app, and only it; may be repeated.", valueName: "id")
    )
    var forcedApps: [String] = []

    func validate() throws {
        guard saved == nil || forcedApps.isEmpty else {
            throw ValidationError("--force-app changes what is planned; it does not go with a saved plan")
        }
        guard let id = forcedApps.first(where: { !$0.hasPrefix("/") }) else { return }
        throw ValidationError("`\(id)` is no absolute id of an app; write /\(id)")
    }

    func run() async throws {
        guard yes || Surroundings.current.console.canAsk else {
            throw Stop(.usage, "apply needs --yes where standard input is no terminal: nobody can be asked")
        }
        let declared = try await options.readSpec(asJSON: format == .jsonLines)
        if let id = forcedApps.first(where: { id in !declared.apps.contains { $0.id.value == id } }) {
            throw Stop(.failure, "--force-app \(id): no app of that id is declared; nothing was done")
        }
        let saved = try readSaved(for: declared)
        let printer = RunPrinter(options: options, format: format)
        let (interrupts, trip) = AsyncStream.makeStream(of: InterruptSignal.self)
        var connection = nodes.connection
        connection.lockTimeoutSeconds = lockTimeout.seconds
        connection.takesLease = true
        connection.journal = try state.journal(of: declared.spec.cluster.value, lab: connection.lab)
        connection.forcedApps = Set(forcedApps)
        connection.mayAsk = !yes
        connection.events = { printer.tell($0) }
        connection.interrupts = interrupts
        let asked = saved.map { Set($0.objects.compactMap(\.node)).count } ?? declared.spec.nodes.count
        options.note(saved == nil ? "observing \(asked) nodes" : "comparing \(asked) nodes with the saved plan")
        try await Surroundings.current.wiring.connect(declared, connection) { loop in
            try await apply(saved, loop, printer) { trip.yield($0) }
        }
    }

    private func apply(
        _ saved: SavedPlan?,
        _ loop: Reconciliation,
        _ printer: RunPrinter,
        trip: @escaping @Sendable (InterruptSignal) -> Void
    ) async throws {
        let plan = if let saved { try await standing(of: saved, loop) } else { await loop.plan() }
        try Task.checkCancellation()
        printer.show(plan)
        guard plan.refusals.isEmpty else { throw Stop(.refused) }
        guard !plan.steps.isEmpty else { return try end(ApplyOutcome(plan: plan, reports: [], ending: .nothingLeft)) }
        guard try await agrees(to: plan.steps.count, of: plan.cluster) else {
            throw Stop(.failure, "nothing was done: the answer was not \"yes\"")
        }
        let outcome = try await Surroundings.current.interrupts.handled(by: { signal, _ in trip(signal) }) {
            try await loop.apply(plan, isBinding: saved != nil) { replanned, new in
                try await agrees(to: new, in: replanned, printer: printer)
            }
        }
        printer.show(outcome)
        try end(outcome)
    }

    private func end(_ outcome: ApplyOutcome) throws {
        let status = Verdict(outcome).status
        guard status == .success else { throw Stop(status) }
    }

    private func agrees(to steps: Int, of cluster: String) async throws -> Bool {
        guard !yes else { return true }
        let console = Surroundings.current.console
        console.log("Apply \(steps == 1 ? "this step" : "these \(steps) steps") to \(cluster)? [yes/no] ")
        let interrupts = Surroundings.current.interrupts
        return try await console.readLine { interrupts.first != nil } == "yes"
    }

    /// `--yes` agreed to a plan without these disruptions; nobody agreed to them.
    private func agrees(to new: [Step], in plan: Plan, printer: RunPrinter) async throws -> Bool {
        printer.show(plan)
        let titles = new.map { step in
            step.nodes.isEmpty ? step.title : "\(step.title) on \(step.nodes.map(\.text).joined(separator: ", "))"
        }
        let news =
            (saved == nil
                ? "the cluster is not what the plan could know, and the new plan disturbs more: "
                : "the saved plan is carried out as far as it goes, and what comes next is another plan: ")
            + titles.joined(separator: "; ")
        guard !yes else {
            Surroundings.current.console.complain("\(news). Stopped; read it with plan and apply again")
            return false
        }
        Surroundings.current.console.complain(news)
        return try await agrees(to: plan.steps.count, of: plan.cluster)
    }

    // MARK: A saved plan

    /// nil where none is named; one of another tool, of other files, or edited, is not applied.
    private func readSaved(for declared: Declared) throws -> SavedPlan? {
        guard let path = saved else { return nil }
        let text = try readFile(path)
        let plan: SavedPlan
        do { plan = try SavedPlanDocument.read(text) } catch { throw Stop(error, path) }
        let mismatches = plan.mismatches(
            tool: reconcilerVersion,
            cluster: declared.spec.cluster.value,
            inputs: declared.inputs
        )
        guard mismatches.isEmpty else { throw refusal(of: path, mismatches) }
        return plan
    }

    /// What of the plan is left to do; nothing moved that it relies on.
    private func standing(of saved: SavedPlan, _ loop: Reconciliation) async throws -> Plan {
        let standing = await loop.standing(of: saved)
        try Task.checkCancellation()
        switch standing {
        case .moved(let moved): throw refusal(of: self.saved ?? "the plan", moved.map(\.words))
        case .stands(let plan, let alreadySo):
            if !alreadySo.isEmpty {
                let ids = alreadySo.map { "\($0)" }.joined(separator: ", ")
                options.note(
                    "\(alreadySo.count) of \(plan.steps.count) steps are so already and are only checked: \(ids)"
                )
            }
            return plan
        }
    }

    private func refusal(of path: String, _ moved: [String]) -> Stop {
        let lines = moved.prefix(20).map { "\n  \($0)" }.joined()
        let more = moved.count > 20 ? "\n  and \(moved.count - 20) more" : ""
        return Stop(
            .refused,
            "\(path) is not applied; it relies on what moved since:\(lines)\(more)\nmake it again: plan --out"
        )
    }
}
