internal import ArgumentParser
internal import Lab
internal import Specs

struct LabLoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Puts Docker images on simulated nodes, as `docker load` by hand does on real ones.",
        discussion: "A node whose engine is not installed yet keeps them for its first one."
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var place: LabOptions

    @Argument(help: ArgumentHelp("Names such as feuyeux/nginx; else those under `images`.", valueName: "image"))
    var images: [String] = []

    @Option(help: ArgumentHelp("Only on this node; else on every one with the role mesos-agent.", valueName: "node"))
    var on: String?

    func run() async throws {
        let spec = try await options.readSpec().spec
        let images = images.isEmpty ? spec.other.images.map(\.name.value) : images
        let nodes = on.map { [NodeName($0)] } ?? spec.nodes(with: .mesosAgent).map(\.name.value)
        guard !images.isEmpty else { throw Stop(.failure, "cluster.yaml declares no images; name one") }
        guard !nodes.isEmpty else { throw Stop(.failure, "no node has the role mesos-agent; say --on NODE") }
        let lab = try place.open(for: spec)
        try inLab { () throws(LabError) in
            try lab.change { world throws(LabError) in
                for node in nodes {
                    for image in images { try world.inject(.addImage(image, on: node)) }
                }
            }
        }
        for image in images {
            Surroundings.current.console.write("\(image) is on \(nodes.map(\.text).joined(separator: ", ")).\n")
        }
    }
}
