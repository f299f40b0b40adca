public import Reconciler
internal import Specs

/// One event of a run, as a line of `--format json-lines`; fields that an event has not are left out.
public struct RunEventDocument: Hashable, Sendable, Encodable {
    public var formatVersion = documentFormatVersion
    /// `leaseTaken`, `stepStarted`, `progress`, `transfer`, `waiting`, `stepEnded`, `interrupting` or `ended`.
    public var type: String
    /// When it was written, ISO 8601.
    public var time: String?
    public var step: Int?
    public var title: String?
    public var nodes: [String]?
    public var node: String?
    /// What happened, or what is being waited for.
    public var text: String?
    /// What a gate still misses.
    public var missing: String?
    public var outcome: String?
    public var message: String?
    public var seconds: Double?
    public var deadlineSeconds: Int?
    /// Of `interrupting`: whether the step in hand is finished first.
    public var stopsAfterStep: Bool?

    /// Of `transfer`: how many have travelled, of how many, and how fast.
    public var bytes: Int?
    public var totalBytes: Int?
    public var bytesPerSecond: Double?

    public init(_ event: RunEvent, time: String? = nil) {
        self.time = time
        switch event {
        case .leaseTaken(let names):
            type = "leaseTaken"
            nodes = names.map(\.text)
        case .stepStarted(let id, let name, let names):
            type = "stepStarted"
            (step, title, nodes) = (id, name, names.map(\.text))
        case .progress(let id, let name, let words):
            type = "progress"
            (step, node, text) = (id, name?.text, words)
        case .transfer(let id, let name, let progress, let speed):
            type = "transfer"
            (step, node, bytes, totalBytes) = (id, name?.text, progress.done, progress.total)
            bytesPerSecond = speed?.roundedToMilliseconds
        case .waiting(let id, let words, let lacking, let waited, let deadline):
            type = "waiting"
            (step, text, missing, seconds, deadlineSeconds) = (id, words, lacking, Double(waited), deadline)
        case .stepEnded(let id, let name, let names, let result, let took):
            type = "stepEnded"
            (step, title, nodes) = (id, name, names.map(\.text))
            (outcome, message, seconds) = (result.word.machine, result.message, took.roundedToMilliseconds)
        case .interrupting(let stops):
            type = "interrupting"
            stopsAfterStep = stops
        case .ended(let ending):
            type = "ended"
            (outcome, message) = (ending.word, ending.sentence)
        }
    }

    public var jsonLine: String { Rendering.json(self, isOneLine: true) }
}
