internal import ArgumentParser
internal import Reconciler
internal import Rendering
internal import Specs

struct ObserveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "observe",
        abstract: "Shows what is on the nodes now; writes nothing on any of them."
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var nodes: NodeOptions

    @Option(help: "text or json.")
    var format = TextOrJSON.text

    @Option(help: ArgumentHelp("Also saves what was seen as JSON, secrets left out.", valueName: "path"))
    var out: String?

    @Option(
        help: ArgumentHelp("Also saves what was seen for plan --observed, secrets left out.", valueName: "path")
    )
    var snapshot: String?

    func run() async throws {
        let declared = try await options.readSpec(asJSON: format == .json)
        options.note("observing \(declared.spec.nodes.count) nodes")
        try await Surroundings.current.wiring.connect(declared, nodes.connection) { loop in
            let observed = await loop.observe()
            try Task.checkCancellation()
            try show(observed, of: declared.spec)
        }
    }

    private func show(_ observed: ObservedCluster, of spec: ClusterSpec) throws {
        let console = Surroundings.current.console
        let cluster = spec.cluster.value
        let flags = FlagColumns.differing(DesiredCluster(spec, observed: observed), observed)
        let document = ObservedDocument(observed, cluster: cluster, flags: flags)
        if let snapshot {
            let saved = ClusterSnapshot(
                tool: reconcilerVersion,
                cluster: cluster,
                observedAt: console.seconds(),
                observed: observed
            )
            try writeFile(saved.text, to: snapshot)
        }
        if let out { try writeFile(document.json, to: out) }
        switch format {
        case .json: console.write(document.json)
        case .text:
            let view = ObservedView(
                observed,
                cluster: cluster,
                style: options.style,
                isVerbose: options.verbose > 0,
                flags: flags
            )
            console.write(view.text)
        }
        guard !document.incomplete else { throw Stop(.incomplete) }
    }
}
