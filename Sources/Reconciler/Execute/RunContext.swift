public import Specs

/// Applies a keyed edit to a file's text, nil where there is none yet; `KeyedEdit`'s values have been revealed before.
///
/// - Throws: What the file or the edit is at fault with.
public typealias EditText = @Sendable (_ edit: KeyedEdit, _ text: String?) throws -> String

/// What every part of a run works with.
struct RunContext: Sendable {
    var visits: NodeVisits
    var clock: RunClock
    var secrets: SecretStore
    var editText: EditText
    var emit: @Sendable (RunEvent) -> Void
    var halt: HaltCheck
    var recorder: RunRecorder
    /// nil where no Marathon is declared.
    var apps: AppTools?
    /// nil where no images are declared.
    var images: ImageTools?
}

/// How a step ended for the run as a whole.
struct StepResult: Sendable {
    var outcome: StepOutcome
    /// An assumption that did not hold: the whole run ends.
    var failedAssumption: String?
    /// Why the run is to end here, all being well, and to plan again.
    var nextPlan: String?

    init(_ outcome: StepOutcome, failedAssumption: String? = nil, nextPlan: String? = nil) {
        self.outcome = outcome
        self.failedAssumption = failedAssumption
        self.nextPlan = nextPlan
    }
}

extension RunContext {
    /// Asks a node, a few times where asking again may help; asking changes nothing.
    func observe(_ requests: [FactRequest], on node: NodeName) async -> Result<[FactAnswer], NodeAccessError> {
        var attemptsLeft = 3
        while true {
            do throws(NodeAccessError) {
                return .success(try await visits.observe(requests, on: node))
            } catch {
                attemptsLeft -= 1
                guard error.isRetryable, attemptsLeft > 0, !Task.isCancelled else { return .failure(error) }
                try? await clock.sleep(.seconds(1))
            }
        }
    }
}
