public import Reconciler
internal import Specs

/// Past runs for programs, the newest first; one run has its steps and acts too.
public struct HistoryDocument: Hashable, Sendable, Encodable {
    public struct Run: Hashable, Sendable, Encodable {
        public var run: String
        /// Seconds since 1970.
        public var at: Int
        /// Absent where the journal no longer has it, as the fields after it.
        public var cluster: String?
        public var file: String?
        public var revision: String?
        public var command: String?
        public var user: String?
        public var host: String?
        public var pid: Int?
        public var plannedSteps: Int?
        public var planDigest: String?
        /// A word of `RunReportDocument.ending`; absent where nothing tells how it ended.
        public var ending: String?
        public var endingMessage: String?
        public var endedAt: Int?
        public var isUnderWay: Bool
        /// By the words of `RunReportDocument.Step.outcome`, steps that were not begun included.
        public var counts: [String: Int]
        /// Ids of steps of which it is not known what they came to.
        public var open: [Int]
        public var steps: [Step]?
        public var acts: [Act]?
    }

    public struct Step: Hashable, Sendable, Encodable {
        public var id: Int
        public var title: String
        public var nodes: [String]
        public var at: Int
        /// Absent where nothing tells.
        public var outcome: String?
        public var message: String?
        public var endedAt: Int?
        public var reobserved: [Finding]
    }

    public struct Finding: Hashable, Sendable, Encodable {
        public var at: Int
        /// `done`, `notDone`, `undeclared` or `unknown`.
        public var finding: String
        public var message: String
    }

    public struct Act: Hashable, Sendable, Encodable {
        public var step: Int?
        public var at: Int
        public var place: String
        public var words: [String]
        /// One for each of `words`; absent where nothing tells what came of them.
        public var results: [String]?
    }

    public var formatVersion = documentFormatVersion
    public var type = "history"
    public var runs: [Run]
    /// Where the journal was changed or cut.
    public var faults: [String]

    public init(_ runs: [RunHistory], faults: [String], isDetailed: Bool) {
        self.runs = runs.map { Run($0, isDetailed: isDetailed) }
        self.faults = faults
    }

    public var json: String { Rendering.json(self) }
}

extension HistoryDocument.Run {
    fileprivate init(_ run: RunHistory, isDetailed: Bool) {
        self.init(
            run: run.run.text,
            at: run.at,
            cluster: run.began?.cluster,
            file: run.began?.file,
            revision: run.began?.revision,
            command: run.began?.command,
            user: run.began?.user,
            host: run.began?.host,
            pid: run.began?.pid,
            plannedSteps: run.began?.steps,
            planDigest: run.began?.planDigest,
            ending: run.ending?.word,
            endingMessage: run.ending?.sentence,
            endedAt: run.endedAt,
            isUnderWay: run.isUnderWay,
            counts: run.counts,
            open: run.open.map(\.intent.step),
            steps: isDetailed ? run.steps.map(HistoryDocument.Step.init) : nil,
            acts: isDetailed ? run.acts.map(HistoryDocument.Act.init) : nil
        )
    }
}

extension HistoryDocument.Step {
    fileprivate init(_ step: RunHistory.StepHistory) {
        self.init(
            id: step.intent.step,
            title: step.intent.title,
            nodes: step.intent.nodes.map(\.text),
            at: step.at,
            outcome: step.outcome?.word.machine,
            message: step.outcome?.message,
            endedAt: step.endedAt,
            reobserved: step.reobserved.map {
                HistoryDocument.Finding(at: $0.at, finding: $0.found.finding.rawValue, message: $0.found.words)
            }
        )
    }
}

extension HistoryDocument.Act {
    fileprivate init(_ act: RunHistory.ActHistory) {
        self.init(step: act.act.step, at: act.at, place: act.act.place, words: act.act.words, results: act.results)
    }
}
