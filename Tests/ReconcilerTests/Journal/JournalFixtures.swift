import Specs
import Synchronization

@testable import Reconciler

/// A journal in memory: the lines as they would stand in the file.
///
/// At the record of a number it can be full, or its process can be gone: before that record is there, or right after.
final class MemoryJournal: RunJournal {
    enum Trouble: Sendable {
        case full
        /// From then on nothing of the run happens, and nothing is written.
        case killedBefore
        case killedAfter
    }

    private struct State {
        var chain = JournalChain()
        var bytes: [UInt8] = []
        var count = 0
        var isDead = false
    }

    let run: RunID
    private let state: Mutex<State>
    private let trouble: (at: Int, kind: Trouble)?
    private let kill: @Sendable () -> Void

    init(
        _ run: String,
        after text: MemoryJournal? = nil,
        trouble: (at: Int, kind: Trouble)? = nil,
        kill: @escaping @Sendable () -> Void = {}
    ) {
        self.run = RunID(run)
        self.trouble = trouble
        self.kill = kill
        var state = State()
        if let text { (state.chain, state.bytes) = text.state.withLock { ($0.chain, $0.bytes) } }
        self.state = Mutex(state)
    }

    func append(_ record: JournalRecord) throws(JournalError) {
        let isKilled = try state.withLock { state throws(JournalError) -> Bool in
            guard !state.isDead else { throw JournalError("the process is gone") }
            state.count += 1
            let kind = trouble.flatMap { state.count >= $0.at ? $0.kind : nil }
            switch kind {
            case .full?: throw JournalError("No space left on device")
            case .killedBefore?: state.isDead = true
            case .killedAfter?:
                state.isDead = true
                state.bytes += try state.chain.line(record, of: run, at: state.count)
            case nil: state.bytes += try state.chain.line(record, of: run, at: state.count)
            }
            return state.isDead
        }
        guard isKilled else { return }
        kill()
        if case .killedBefore? = trouble?.kind { throw JournalError("the process is gone") }
    }

    /// How many records were to be written.
    var count: Int { state.withLock { $0.count } }

    /// As whoever reads the file sees it.
    func read() throws -> JournalReading {
        var (chain, reading) = (JournalChain(), JournalReading())
        for line in state.withLock({ $0.bytes }).split(separator: UInt8(ascii: "\n")) {
            let found = try chain.read(line)
            reading.entries += found.entry.map { [$0] } ?? []
            reading.faults += found.fault.map { [$0] } ?? []
        }
        return reading
    }

    func history() throws -> JournalHistory { JournalHistory(try read()) }
}

extension JournalRecord {
    var isIntent: Bool { if case .intent = self { true } else { false } }
    var act: JournaledAct? { if case .act(let act) = self { act } else { nil } }
}
