internal import ArgumentParser
internal import Reconciler
internal import Rendering
internal import Specs
internal import Transport

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Past runs from this machine's journal: when, who, what, and how each ended; one of them in detail.",
        discussion: "Ends with 1 where the journal was changed or cut, after telling what is left of it."
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var state: StateOptions

    @Flag(help: "The runs on the embedded simulated cluster.")
    var lab = false

    @OptionGroup var place: LabOptions

    @Option(help: "text or json.")
    var format = TextOrJSON.text

    @Option(name: .short, help: ArgumentHelp("At most so many runs, the newest.", valueName: "n"))
    var number = 20

    @Argument(help: "A run, or the beginning of its name.")
    var run: String?

    func validate() throws {
        guard number > 0 else { throw ValidationError("-n must be at least 1") }
        guard lab || place.labDirectory == nil else { throw ValidationError("--lab-directory needs --lab") }
    }

    func run() async throws {
        let journal = try await journal()
        let reading: JournalReading
        do throws(JournalError) { reading = try journal.read() } catch {
            throw Stop(.failure, error.message)
        }
        let runs = JournalHistory(reading).runs
        if let run { try show(find(run, in: runs), reading) } else { show(Array(runs.prefix(number)), reading) }
        if reading.tornBytes > 0 {
            options.note("a record of \(reading.tornBytes) bytes was cut off; the next run sets it aside")
        }
        guard reading.faults.isEmpty else { throw Stop(.failure, reading.faults.joined(separator: "\n")) }
    }

    /// The declaration is only asked for the cluster's name, so it may well have faults.
    private func journal() async throws -> FileJournal {
        if state.stateDirectory != nil { return try state.journal(of: "", lab: nil) }
        guard let spec = await Surroundings.current.wiring.read(options.file).spec else {
            throw Stop(.failure, "\(options.file) does not say which cluster: say --file or --state-directory")
        }
        return try state.journal(of: spec.cluster.value, lab: lab ? place : nil)
    }

    private func find(_ name: String, in runs: [RunHistory]) throws -> RunHistory {
        let found = runs.filter { $0.run.text == name }
        let matches = found.isEmpty ? runs.filter { $0.run.text.hasPrefix(name) } : found
        guard let first = matches.first else { throw Stop(.failure, "no run \(name) is in the journal") }
        guard matches.count == 1 else {
            let names = matches.map(\.run.text).joined(separator: ", ")
            throw Stop(.failure, "\(matches.count) runs begin with \(name): \(names)")
        }
        return first
    }

    private func show(_ runs: [RunHistory], _ reading: JournalReading) {
        let console = Surroundings.current.console
        switch format {
        case .json: console.write(HistoryDocument(runs, faults: reading.faults, isDetailed: false).json)
        case .text: console.write(HistoryView(runs, style: options.style).text)
        }
    }

    private func show(_ run: RunHistory, _ reading: JournalReading) {
        let console = Surroundings.current.console
        switch format {
        case .json: console.write(HistoryDocument([run], faults: reading.faults, isDetailed: true).json)
        case .text: console.write(RunHistoryView(run, style: options.style, isVerbose: options.verbose > 0).text)
        }
    }
}
