internal import ArgumentParser
internal import Daemons
internal import FoundationEssentials
internal import Lab
internal import Specs

struct LabUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Makes the simulated cluster: the declared nodes as bare machines.",
        discussion: """
            Where it is there already, machines that it has not yet are added, and the others are left alone.
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var place: LabOptions

    @Option(help: ArgumentHelp("The same seed and the same commands give the same cluster.", valueName: "n"))
    var seed: UInt64 = 1

    func run() async throws {
        let console = Surroundings.current.console
        let spec = try await options.readSpec().spec
        let directory = try place.directory(for: spec.cluster.value)
        if let lab = try existing(in: directory) {
            let (added, status) = try inLab { () throws(LabError) in
                try lab.change { world throws(LabError) in (try world.grow(to: spec), world.status) }
            }
            for node in added { console.write("\(node) was added, a bare machine.\n") }
            console.write("The lab is up already, at \(labTime(status.now)), seed \(status.seed): \(directory)\n")
            console.write("`reconciler lab reset` forgets it.\n")
            return
        }
        let world = try inLab { () throws(LabError) in
            let world = try LabWorld(spec: spec, seed: seed)
            guard try Lab.create(world, in: directory) else {
                throw LabError(
                    .storage,
                    "another program has just made a lab in \(directory); run `reconciler lab up` again"
                )
            }
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
        abstract: "Forgets the simulated cluster and what was done to it; the next use makes bare machines again."
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var place: LabOptions

    func run() async throws {
        let spec = try await options.readSpec().spec
        let directory = try place.directory(for: spec.cluster.value)
        try inLab { () throws(LabError) in try Lab.reset(directory) }
        // Runs of a lab are named by its seed: those of the next one would be taken for these.
        let state = StateOptions.ofLab(in: directory)
        if FileManager.default.fileExists(atPath: state) {
            do { try FileManager.default.removeItem(atPath: state) } catch {
                throw Stop(.failure, "\(state): cannot be removed: \(error)")
            }
        }
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

    func validate() throws {
        guard time.seconds <= 366 * 86_400 else { throw ValidationError("the lab waits for a year at most") }
    }

    func run() async throws {
        let spec = try await options.readSpec().spec
        let lab = try place.open(for: spec)
        var now = try inLab { () throws(LabError) in try lab.read { $0.now } }
        let end = now + time.seconds * 1000
        // In pieces, so that Ctrl-C ends it where it is.
        while now < end, !Task.isCancelled {
            now = min(end, now + 600_000)
            try inLab { () throws(LabError) in try lab.pass(to: now) }
        }
        try inLab { () throws(LabError) in try lab.save() }
        Surroundings.current.console.write("It is \(labTime(now)) in the lab.\n")
    }
}
