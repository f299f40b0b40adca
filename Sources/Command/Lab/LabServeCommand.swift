internal import ArgumentParser

struct LabServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves the simulated daemons on loopback."
    )
    @OptionGroup var options: CommonOptions
    @OptionGroup var place: LabOptions
    func run() async throws {}
}
