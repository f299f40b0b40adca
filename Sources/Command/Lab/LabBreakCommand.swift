internal import ArgumentParser
internal import Daemons
internal import Lab
internal import Specs

struct LabBreakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "break",
        abstract: "Breaks something in the simulated cluster, as it happens to real ones, and lets 30 s pass."
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var place: LabOptions

    @Argument(help: "What is to happen.")
    var what: BreakWord

    @Option(
        help: ArgumentHelp(
            "On this node, instead of one that the lab picks; not for killed-leader and scaled-app.",
            valueName: "node"
        )
    )
    var on: String?

    func run() async throws {
        let spec = try await options.readSpec().spec
        let lab = try place.open(for: spec)
        let sentence = try inLab { () throws(LabError) in
            try lab.change { world throws(LabError) in
                try world.breakSomething(what.kind, on: on.map { NodeName($0) })
            }
        }
        _ = try inLab { () throws(LabError) in try lab.pass(seconds: 30) }
        Surroundings.current.console.write(sentence + "\n")
    }
}

/// `LabBreak` as a word of the command line.
struct BreakWord: ExpressibleByArgument {
    var kind: LabBreak

    init?(argument: String) {
        guard let kind = LabBreak(rawValue: argument) else { return nil }
        self.kind = kind
    }

    static var allValueStrings: [String] { LabBreak.allCases.map(\.rawValue) }
}

extension Lab {
    /// Lets time pass; the time it is then.
    func pass(seconds: Int) throws(LabError) -> Moment {
        try change { world throws(LabError) in
            world.advance(to: world.now + seconds * 1000)
            return world.now
        }
    }
}
