internal import ArgumentParser
internal import Daemons
internal import FoundationEssentials
internal import Lab
internal import Specs

struct LabStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows what goes on in the simulated cluster, read from the simulation itself."
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var place: LabOptions

    @Option(help: "text or json.")
    var format = TextOrJSON.text

    func run() async throws {
        let spec = try await options.readSpec(asJSON: format == .json).spec
        let lab = try place.open(for: spec)
        let status = try inLab { () throws(LabError) in try lab.read { $0.status } }
        let console = Surroundings.current.console
        switch format {
        case .json: console.write(try LabStatusDocument(status).json)
        case .text: console.write(LabStatusText(status, cluster: spec.cluster.value, style: options.style).text)
        }
    }
}

/// `lab status --format json`.
private struct LabStatusDocument: Encodable {
    var formatVersion = 1
    var kind = "labStatus"
    var status: LabStatus

    init(_ status: LabStatus) { self.status = status }

    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
        }
    }
}
