public import Reconciler
internal import Specs

/// What an `apply` did, for programs; also the last line of `--format json-lines`.
public struct RunReportDocument: Hashable, Sendable, Encodable {
    public struct Step: Hashable, Sendable, Encodable {
        public var id: Int
        public var title: String
        public var nodes: [String]
        /// `applied`, `alreadyInPlace`, `failed`, `conflict`, `notReached` or `unknown`.
        public var outcome: String
        public var message: String?
        public var seconds: Double
    }

    public var formatVersion = documentFormatVersion
    public var type = "report"
    public var run: String
    public var cluster: String
    /// `completed`, `interrupted`, `leaseLost`, `assumptionFailed`, `planAgain` or `journalFailed`.
    public var ending: String
    public var endingMessage: String?
    /// Everything that was planned is there.
    public var done: Bool
    public var steps: [Step]

    public init(_ report: RunReport) {
        run = report.run.text
        cluster = report.cluster
        ending = report.ending.word
        endingMessage = report.ending.sentence
        done = report.ending == .completed && report.steps.allSatisfy { $0.outcome.isDone }
        steps = report.steps.map {
            Step(
                id: $0.id,
                title: $0.title,
                nodes: $0.nodes.map(\.text),
                outcome: $0.outcome.word.machine,
                message: $0.outcome.message,
                seconds: $0.seconds.roundedToMilliseconds
            )
        }
    }

    public var json: String { Rendering.json(self) }
    public var jsonLine: String { Rendering.json(self, isOneLine: true) }
}

extension Double {
    /// Finite, and without digits that mean nothing.
    var roundedToMilliseconds: Double { isFinite ? (self * 1000).rounded() / 1000 : 0 }
}
