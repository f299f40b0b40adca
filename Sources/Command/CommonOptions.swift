internal import ArgumentParser
internal import Reconciler
internal import Rendering
internal import Specs

/// Options of every command.
struct CommonOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("The file that declares the cluster.", valueName: "path"))
    var file = "cluster.yaml"

    @Option(help: "Colour: auto (on a terminal; NO_COLOR, CLICOLOR_FORCE and TERM=dumb are heard), always, never.")
    var color = ColourChoice.auto

    @Flag(name: .shortAndLong, help: "Say more: whole contents, every action, every file.")
    var verbose: Int

    @Flag(help: "No progress and no log; errors are still told.")
    var quiet = false

    private var console: Console { Surroundings.current.console }

    /// For standard output.
    var style: TextStyle {
        TextStyle(hasColour: color.isOn(console.outputIsTerminal, environment: console.environment))
    }

    /// For standard error.
    var logStyle: TextStyle {
        TextStyle(hasColour: color.isOn(console.logIsTerminal, environment: console.environment))
    }

    func note(_ text: String) {
        if !quiet { console.log(text + "\n") }
    }

    /// The declaration, or the end of the command with every fault told; warnings are told and go on.
    ///
    /// Faults go to standard error; as JSON they are the product.
    func readSpec(asJSON: Bool = false) async throws -> Declared {
        let declaration = await Surroundings.current.wiring.read(file)
        try Task.checkCancellation()
        return try accept(declaration, asJSON: asJSON)
    }

    /// The same of the file as another git revision has it; its warnings are those of another day, and not told.
    func readSpec(at revision: String) async throws -> Declared {
        let declaration = try await Surroundings.current.wiring.readRevision(file, revision)
        try Task.checkCancellation()
        var told = declaration
        told.diagnostics.removeAll { $0.severity != .error }
        do { return try accept(told, asJSON: false) } catch {
            throw Stop(
                .failure,
                "--base \(revision): \(file) has errors there, so that nothing can be compared with it"
            )
        }
    }

    private func accept(_ declaration: Declaration, asJSON: Bool) throws -> Declared {
        let hasErrors = declaration.diagnostics.contains { $0.severity == .error }
        let text = DiagnosticView(declaration.diagnostics, texts: declaration.texts, style: logStyle).text
        guard let spec = declaration.spec, !hasErrors else {
            if asJSON {
                console.write(DiagnosticDocument(declaration.diagnostics).json)
            } else {
                console.log(text)
            }
            throw Stop(.failure)
        }
        if !quiet { console.log(text) }
        return Declared(
            spec: spec,
            apps: declaration.apps,
            source: Plan.Source(file: spec.file, revision: declaration.revision),
            inputs: declaration.inputs
        )
    }
}

/// Options of every command that reaches nodes.
struct NodeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Nodes to work on at once.", valueName: "n"))
    var parallelism = 10

    @Option(help: ArgumentHelp("An ssh_config to use instead of the user's own.", valueName: "path"))
    var sshConfig: String?

    @Flag(help: "Work on the embedded simulated cluster instead of the real nodes.")
    var lab = false

    @OptionGroup var place: LabOptions

    func validate() throws {
        guard !lab || sshConfig == nil else { throw ValidationError("--ssh-config has no meaning with --lab") }
        guard lab || place.labDirectory == nil else { throw ValidationError("--lab-directory needs --lab") }
        guard parallelism > 0 else { throw ValidationError("--parallelism must be at least 1") }
    }

    var connection: Connection {
        Connection(parallelism: parallelism, sshConfig: sshConfig, lab: lab ? place : nil)
    }
}

enum TextOrJSON: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

enum PlanFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json, markdown
}

enum TextOrJSONLines: String, ExpressibleByArgument, CaseIterable {
    case text
    case jsonLines = "json-lines"
}
