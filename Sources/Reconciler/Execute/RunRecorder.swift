internal import FoundationEssentials
internal import Specs
internal import Synchronization

/// Writes down what a run is about to do and what came of it; where that cannot be done, no further step begins.
final class RunRecorder: Sendable {
    private let journal: (any RunJournal)?
    private let signal: StopSignal
    private let acts = Mutex(0)

    /// Without a journal nothing is written, and everything may be done.
    init(_ journal: (any RunJournal)?, signal: StopSignal) {
        self.journal = journal
        self.signal = signal
    }

    /// Why it could not be written; nil where it is there.
    @discardableResult
    func write(_ record: JournalRecord) -> String? {
        do throws(JournalError) {
            try journal?.append(record)
            return nil
        } catch {
            signal.stop(.journalFailed(error.message))
            return "the journal cannot be written: \(error.message)"
        }
    }

    struct Unwritten: Error { var words: String }

    /// Writes what is sent next; its number, for what comes of it.
    func begin(step: Int?, at place: String, _ words: [String]) throws(Unwritten) -> Int {
        let number = acts.withLock { acts in
            acts += 1
            return acts
        }
        if let words = write(.act(JournaledAct(number: number, step: step, place: place, words: words))) {
            throw Unwritten(words: words)
        }
        return number
    }

    func end(_ number: Int, _ results: [String]) { write(.acted(number: number, results: results)) }

    /// The first record of a run.
    func begin(_ plan: Plan, by holder: LeaseHolder) {
        guard journal != nil else { return }
        write(
            .began(
                JournaledRun(
                    cluster: plan.cluster,
                    file: plan.source.file,
                    revision: plan.source.revision,
                    command: holder.command,
                    user: holder.user,
                    host: holder.host,
                    pid: holder.pid,
                    steps: plan.steps.count,
                    planDigest: Self.digest(of: plan)
                )
            )
        )
    }

    private static func digest(of plan: Plan) -> String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(plan)).map { sha256(bytes: Array($0)) }
    }
}

extension RunReport {
    /// How many steps came to each outcome.
    var counts: [String: Int] {
        steps.reduce(into: [:]) { $0[$1.outcome.journaled.word, default: 0] += 1 }
    }
}

extension NodeAction {
    /// Whether it changes what is declared; the others ask, or keep this program's own records on the node.
    var isJournaled: Bool {
        switch self {
        case .writeFile, .removeFile, .service, .installPackages, .image: true
        case .renewSources, .holdPackages, .setHostName, .network, .refreshBalancer: true
        case .keepRunningCopies, .collect, .lease, .recordApplied: false
        }
    }

    /// What is written of those that are sent together and came to `results`.
    static func journaled(_ results: [ActionResult], of actions: [NodeAction]) -> [String] {
        actions.enumerated().filter { $1.isJournaled }.map { index, _ in
            index < results.count ? results[index].journaled : "not tried"
        }
    }
}

extension ActionResult {
    fileprivate var journaled: String {
        switch self {
        case .done: "done"
        case .alreadyInPlace: "already in place"
        case .pending: "goes on"
        case .conflict(let found): "not done: found \(found)"
        case .failed(let reason): "failed: \(reason)"
        }
    }
}
