internal import Specs

/// What a journal tells, run by run; pure.
public struct JournalHistory: Hashable, Sendable {
    /// The newest first.
    public var runs: [RunHistory]

    public init(_ reading: JournalReading) {
        var order: [RunID] = []
        var runs: [RunID: RunHistory] = [:]
        for entry in reading.entries {
            if case .reobserved(let found) = entry.record {
                runs[found.run]?.note(found, at: entry.at)
                continue
            }
            if runs[entry.run] == nil { order.append(entry.run) }
            runs[entry.run, default: RunHistory(entry.run, at: entry.at)].take(entry)
        }
        if let run = reading.underWay { runs[run]?.isUnderWay = true }
        self.runs = order.reversed().compactMap { runs[$0] }
    }

    /// The oldest first.
    var open: [(run: RunHistory, step: RunHistory.StepHistory)] {
        runs.reversed().flatMap { run in run.open.map { (run, $0) } }
    }
}

public struct RunHistory: Hashable, Sendable {
    public struct StepHistory: Hashable, Sendable {
        public var intent: JournaledIntent
        public var at: Int
        /// nil where nothing says how it ended.
        public var outcome: StepOutcome?
        public var endedAt: Int?
        /// What later looks have found, the oldest first.
        public var reobserved: [Finding] = []

        public struct Finding: Hashable, Sendable {
            public var at: Int
            public var found: Reobserved
        }

        /// Whether it is still to be found out what it has come to.
        public var isOpen: Bool {
            switch outcome {
            case nil, .unknown?: reobserved.last?.found.finding.isFinal != true
            case .applied?, .alreadyInPlace?, .failed?, .conflict?, .notReached?: false
            }
        }
    }

    public struct ActHistory: Hashable, Sendable {
        public var act: JournaledAct
        public var at: Int
        /// nil where nothing says what came of it.
        public var results: [String]?
    }

    public var run: RunID
    /// Of its first record that is still there.
    public var at: Int
    /// nil where that record is no longer there.
    public var began: JournaledRun?
    /// Those that were begun, in the order in which they were.
    public var steps: [StepHistory] = []
    public var acts: [ActHistory] = []
    /// nil for one that goes on, and for one that was killed.
    public var ending: RunReport.Ending?
    public var endedAt: Int?
    /// How many of its steps came to which outcome, those that were not begun included.
    public var counts: [String: Int] = [:]
    public var isUnderWay = false

    init(_ run: RunID, at: Int) {
        self.run = run
        self.at = at
    }

    /// Steps of which nobody knows yet what they have come to.
    public var open: [StepHistory] { isUnderWay ? [] : steps.filter(\.isOpen) }

    mutating func take(_ entry: JournalEntry) {
        switch entry.record {
        case .began(let run): began = run
        case .intent(let intent): steps.append(StepHistory(intent: intent, at: entry.at))
        case .act(let act): acts.append(ActHistory(act: act, at: entry.at))
        case .acted(let number, let results):
            guard let index = acts.lastIndex(where: { $0.act.number == number }) else { return }
            acts[index].results = results
        case .outcome(let step, let outcome):
            guard let index = steps.lastIndex(where: { $0.intent.step == step }) else { return }
            (steps[index].outcome, steps[index].endedAt) = (outcome, entry.at)
        case .ended(let ending, let counts):
            (self.ending, self.counts, endedAt) = (ending, counts, entry.at)
        case .reobserved, .other: break
        }
    }

    mutating func note(_ found: Reobserved, at seconds: Int) {
        guard let index = steps.lastIndex(where: { $0.intent.step == found.step }) else { return }
        steps[index].reobserved.append(StepHistory.Finding(at: seconds, found: found))
    }
}
