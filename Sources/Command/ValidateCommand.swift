internal import ArgumentParser
internal import Rendering
internal import Specs

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Checks cluster.yaml and the files it names, offline; every fault in one run."
    )

    @OptionGroup var options: CommonOptions

    @Option(help: "text or json.")
    var format = TextOrJSON.text

    func run() async throws {
        let console = Surroundings.current.console
        let declaration = await Surroundings.current.wiring.read(options.file)
        try Task.checkCancellation()
        let document = DiagnosticDocument(declaration.diagnostics)
        switch format {
        case .json: console.write(document.json)
        case .text:
            let view = DiagnosticView(declaration.diagnostics, texts: declaration.texts, style: options.style)
            console.write(view.text)
            if document.isValid, let spec = declaration.spec { console.write(summary(of: spec)) }
        }
        guard document.isValid, declaration.spec != nil else { throw Stop(.failure) }
    }

    private func summary(of spec: ClusterSpec) -> String {
        let nodes = "\(spec.nodes.count) node\(spec.nodes.count == 1 ? "" : "s")"
        // No warning: a chat system's webhook can check no signature.
        let isUnsigned = spec.other.watch.webhook.map { $0.secret == nil } ?? false
        return "\(spec.file) is valid: \(spec.cluster.value), \(nodes)."
            + (isUnsigned ? "   Notices to watch.webhook are not signed: it has no `secret`." : "") + "\n"
    }
}
