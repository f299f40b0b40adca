internal import ArgumentParser
internal import Daemons
internal import Lab
internal import Specs

struct LabServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves the simulated Mesos and Marathon on loopback, for curl, a browser and other clients.",
        discussion: """
            A node's address is found at the same one with 127 for its first number: 10.16.40.1 at 127.16.40.1, ports as \
            they are. Time flows while it serves, with real seconds; Ctrl-C ends it and the lab stays. plan and apply may \
            work on the lab at the same time.
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var place: LabOptions

    @Option(help: ArgumentHelp("Simulated seconds in a real one, up to 60.", valueName: "n"))
    var speed = 1.0

    func validate() throws {
        guard speed > 0, speed <= 60 else { throw ValidationError("--speed is a number above 0, up to 60") }
    }

    func run() async throws {
        let spec = try await options.readSpec().spec
        let lab = try place.openMatching(spec)
        let gateway = try LabGateway(
            lab,
            nodes: spec.nodes.map { (address: $0.address.value, names: [$0.name.value.text]) },
            speed: speed,
            tell: { [options] in options.note($0) }
        )
        Surroundings.current.console.write(
            """
            Serving the lab of \(spec.cluster.value); Ctrl-C ends it.
            Daemons are listened for as they start; now there are \(try gateway.doors().count).

            """
        )
        try await gateway.run()
    }
}
