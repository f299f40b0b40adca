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
            record of what was applied).
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var nodes: NodeOptions
    @OptionGroup var state: StateOptions

    @Option(help: "text or json.")
    var format = TextOrJSON.text

    @Flag(help: "Exit with 2 when there are changes.")
    var detailedExitcode = false

    func run() async throws {
        let declared = try await options.readSpec(asJSON: format == .json)
        options.note("observing \(declared.spec.nodes.count) nodes")
        var connection = nodes.connection
        connection.journal = try state.journal(of: declared.spec.cluster.value, lab: connection.lab)
        try await Surroundings.current.wiring.connect(declared, connection) { loop in
            let plan = await loop.plan()
            try Task.checkCancellation()
            try show(plan)
        }
    }

    private func show(_ plan: Plan) throws {
        let console = Surroundings.current.console
        switch format {
        case .json: console.write(PlanDocument(plan).json)
        case .text: console.write(PlanView(plan, style: options.style, isVerbose: options.verbose > 0).text)
        }
        let status = Verdict(plan, detailed: detailedExitcode).status
        guard status == .success else { throw Stop(status) }
    }
}
