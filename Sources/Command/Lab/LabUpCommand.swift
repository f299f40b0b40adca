internal import ArgumentParser
internal import Lab
internal import Specs

struct LabUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Makes the simulated cluster: the declared nodes as bare machines. One that is there is left alone."
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var place: LabOptions

    @Option(help: ArgumentHelp("The same seed and the same commands give the same cluster.", valueName: "n"))
    var seed: UInt64 = 1

    func run() async throws {
        let console = Surroundings.current.console
        let (spec, _) = try await options.readSpec()
        let directory = try place.directory(for: spec.cluster.value)
        if let lab = try existing(in: directory) {
            let status = try inLab { () throws(LabError) in try lab.read { $0.status } }
            console.write("The lab is up already, at \(labTime(status.now)), seed \(status.seed): \(directory)\n")
            console.write("`reconciler lab reset` forgets it.\n")
            return
        }
        let world = try inLab { () throws(LabError) in
            let world = try LabWorld(spec: spec, seed: seed)
            try Lab.create(world, in: directory)
            return world
        }
        let count = world.status.nodes.count
        console.write("\(count) bare \(count == 1 ? "machine" : "machines"), seed \(seed), kept in \(directory)\n\n")
        console.write(LabStatusText(world.status, cluster: spec.cluster.value, style: options.style).machines)
        console.write("\nNext: reconciler plan --lab\n")
    }

    private func existing(in directory: String) throws -> Lab? {
        do throws(LabError) {
            return try Lab(directory: directory)
        } catch  where error.kind == .missing {
            return nil
        } catch {
            throw Stop(error)
        }
    }
}

struct LabResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Forgets the simulated cluster; the next use makes bare machines again."
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var place: LabOptions

    func run() async throws {
        let (spec, _) = try await options.readSpec()
        let directory = try place.directory(for: spec.cluster.value)
        try inLab { () throws(LabError) in try Lab.reset(directory) }
        Surroundings.current.console.write("The lab in \(directory) is forgotten.\n")
    }
}

struct LabWaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Lets simulated time pass."
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var place: LabOptions

    @Argument(help: ArgumentHelp("How long, such as 30s, 5m or 2h.", valueName: "time"))
    var time: WaitingTime

    func run() async throws {
        let (spec, _) = try await options.readSpec()
        let lab = try place.open(for: spec)
        let now = try inLab { () throws(LabError) in try lab.pass(seconds: time.seconds) }
        Surroundings.current.console.write("It is \(labTime(now)) in the lab.\n")
    }
}
