internal import Specs

/// Waits for a Marathon that this run has started: only then can its apps be compared, and the run plans again.
struct ComparableApps {
    let step: Int
    let deadlineSeconds: Int
    let context: RunContext

    private static let words = "a Marathon that leads"
    private static let interval = Duration.seconds(2)

    func wait(_ marathon: MarathonClient) async -> StepResult {
        let began = context.clock.now()
        let deadline = Duration.seconds(deadlineSeconds)
        while true {
            let waited = context.clock.now() - began
            // Also a question that hangs ends with the deadline; the first one always has time to be answered.
            let limit = max(deadline - waited, .seconds(1))
            let found = await context.clock.within(limit) { await ask(marathon) }
            if Task.isCancelled {
                return StepResult(.notReached("the run was interrupted while waiting for \(Self.words)"))
            }
            let missing: String
            switch found {
            case .success(let count)?:
                let apps = count == 1 ? "its 1 app" : "its \(count) apps"
                return StepResult(.applied, nextPlan: "Marathon answers now; \(apps) can be compared")
            case .failure(let fault)?:
                switch fault.kind {
                case .unauthorized, .forbidden: return StepResult(.failed(fault.message))
                case .unreachable, .locked, .exists, .invalid, .missing, .unreadable, .failed, .cancelled: break
                }
                missing = fault.message
            case nil: missing = "no Marathon has answered"
            }
            let now = context.clock.now() - began
            guard now < deadline else {
                return StepResult(.failed("\(Self.words): not within \(deadlineSeconds) s: \(missing)"))
            }
            context.emit(
                .waiting(
                    id: step,
                    words: Self.words,
                    missing: missing,
                    seconds: Int(now.components.seconds),
                    deadline: deadlineSeconds
                )
            )
            try? await context.clock.sleep(min(Self.interval, deadline - now))
        }
    }

    private func ask(_ marathon: MarathonClient) async -> Result<Int, MarathonFault> {
        do throws(MarathonFault) {
            guard try await marathon.info().leader != nil else {
                return .failure(MarathonFault(.unreachable, "no Marathon leads yet"))
            }
            return .success(try await marathon.apps().count)
        } catch {
            return .failure(error)
        }
    }
}
