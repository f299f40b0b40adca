internal import ArgumentParser
internal import Reconciler
internal import Rendering
internal import Specs

struct DriftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "Shows what changed without a commit; it cannot write and takes no lease.",
        discussion: """
            What is committed and not applied yet is told apart and counts as no drift. Resources that watch.ignore names \
            are only counted. Exits with 0 without drift, 2 with it, 3 where a rule forbids the plan, 4 where not everything \
            answered.
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var nodes: NodeOptions

    @Option(help: "text or json.")
    var format = TextOrJSON.text

    func run() async throws {
        let declared = try await options.readSpec(asJSON: format == .json)
        options.note("observing \(declared.spec.nodes.count) nodes")
        try await Surroundings.current.wiring.look(declared, nodes.connection) { look in
            let observed = await look.observe()
            try Task.checkCancellation()
            let ignore = declared.spec.other.watch.ignore.map { ResourcePattern($0.value) }
            try show(DriftReport(look.difference(observed), observed, ignore: ignore))
        }
    }

    private func show(_ report: DriftReport) throws {
        let console = Surroundings.current.console
        switch format {
        case .json: console.write(DriftDocument(report).json)
        case .text: console.write(DriftView(report, style: options.style).text)
        }
        var verdict = Verdict()
        verdict.isRefused = !report.refusals.isEmpty
        verdict.isIncomplete = !report.isComplete
        verdict.hasChanges = report.hasDrift
        guard verdict.status == .success else { throw Stop(verdict.status) }
    }
}
