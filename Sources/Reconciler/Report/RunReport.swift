public import Specs

/// What an `apply` did: a value, complete also when the run was interrupted.
public struct RunReport: Hashable, Sendable, Codable {
    public var run: RunID
    public var cluster: String
    public var steps: [StepReport]
    /// Set when the run ended before its plan did.
    public var ending: Ending

    public enum Ending: Hashable, Sendable, Codable {
        case completed
        /// First Ctrl-C: the step in hand was finished; second: it was stopped.
        case interrupted(stepFinished: Bool)
        /// The lease was lost or could not be renewed; says to whom or why.
        case leaseLost(String)
        /// An assumption did not hold: plan again.
        case assumptionFailed(String)
        /// What had to be there before the rest could be planned is there now; says what.
        case planAgain(String)
        /// What was to be done could not be written down first, so it was not done; says why.
        case journalFailed(String)
    }

    public init(run: RunID, cluster: String, steps: [StepReport], ending: Ending) {
        self.run = run
        self.cluster = cluster
        self.steps = steps
        self.ending = ending
    }
}

public struct StepReport: Hashable, Sendable, Codable {
    public var id: Int
    public var title: String
    public var nodes: [NodeName]
    public var outcome: StepOutcome
    public var seconds: Double

    public init(id: Int, title: String, nodes: [NodeName], outcome: StepOutcome, seconds: Double = 0) {
        self.id = id
        self.title = title
        self.nodes = nodes
        self.outcome = outcome
        self.seconds = seconds
    }
}

public enum StepOutcome: Hashable, Sendable, Codable {
    case applied
    case alreadyInPlace
    /// It was tried and did not succeed; says what and where.
    case failed(String)
    /// A compare-and-swap found something else than was observed: nothing was changed.
    case conflict(String)
    /// Not tried, because of what came before (a failed step, an interruption).
    case notReached(String)
    /// The connection broke in it: whether it happened is not known until the next observation.
    case unknown(String)
}

/// What happens while it happens; the stream behind progress lines and `--format json-lines`.
public enum RunEvent: Hashable, Sendable, Codable {
    case leaseTaken(nodes: [NodeName])
    case stepStarted(id: Int, title: String, nodes: [NodeName])
    /// Something within a step: a member restarted, a package manager's line.
    case progress(id: Int, node: NodeName?, text: String)
    /// Bytes on their way, told at most a few times a second; `bytesPerSecond` of the last seconds, nil at the start.
    case transfer(id: Int, node: NodeName?, TransferProgress, bytesPerSecond: Double?)
    /// A gate is being waited for: its words, what is still missing, seconds waited and allowed.
    case waiting(id: Int, words: String, missing: String, seconds: Int, deadline: Int)
    case stepEnded(id: Int, title: String, nodes: [NodeName], outcome: StepOutcome, seconds: Double)
    case interrupting(stopsAfterStep: Bool)
    case ended(RunReport.Ending)
}
