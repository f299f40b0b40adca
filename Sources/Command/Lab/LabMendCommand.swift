internal import ArgumentParser
internal import Lab
internal import Specs

struct LabMendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mend",
        abstract: "Brings dead hosts back, plugs cables in, makes room on full disks, and lets 90 s pass.",
        discussion: "What was done to files, services and images is for apply to heal."
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var place: LabOptions

    @Option(help: ArgumentHelp("Only this node.", valueName: "node"))
    var on: String?

    func run() async throws {
        let spec = try await options.readSpec().spec
        let lab = try place.open(for: spec)
        let done = try inLab { () throws(LabError) in
            try lab.change { world throws(LabError) in try world.mend(on.map { NodeName($0) }) }
        }
        if !done.isEmpty { _ = try inLab { () throws(LabError) in try lab.pass(seconds: 90) } }
        Surroundings.current.console.write(
            done.isEmpty ? "There is nothing to mend.\n" : done.map { $0 + "\n" }.joined()
        )
    }
}
