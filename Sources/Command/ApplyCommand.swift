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
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var nodes: NodeOptions
    @OptionGroup var state: StateOptions

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
        options.note("observing \(declared.spec.nodes.count) nodes")
        try await Surroundings.current.wiring.connect(declared, connection) { loop in
            try await apply(loop, printer) { trip.yield($0) }
        }
    }

    private func apply(
        _ loop: Reconciliation,
        _ printer: RunPrinter,
        trip: @escaping @Sendable (InterruptSignal) -> Void
    ) async throws {
        let plan = await loop.plan()
        try Task.checkCancellation()
        printer.show(plan)
        guard plan.refusals.isEmpty else { throw Stop(.refused) }
        guard !plan.steps.isEmpty else { return try end(ApplyOutcome(plan: plan, reports: [], ending: .nothingLeft)) }
        guard try await agrees(to: plan.steps.count, of: plan.cluster) else {
            throw Stop(.failure, "nothing was done: the answer was not \"yes\"")
        }
        let outcome = try await Surroundings.current.interrupts.handled(by: { signal, _ in trip(signal) }) {
            try await loop.apply(plan) { replanned, new in try await agrees(to: new, in: replanned, printer: printer) }
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
            "the cluster is not what the plan could know, and the new plan disturbs more: "
            + titles.joined(separator: "; ")
        guard !yes else {
            Surroundings.current.console.complain("\(news). Stopped; read it with plan and apply again")
            return false
        }
        Surroundings.current.console.complain(news)
        return try await agrees(to: plan.steps.count, of: plan.cluster)
    }
}
