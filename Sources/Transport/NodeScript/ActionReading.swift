internal import Reconciler

extension ActionResult {
    init(_ answer: ScriptAnswer) {
        let reason = answer["reason"] ?? "no reason given"
        switch answer.kind {
        case "changed": self = .done(detail: answer["detail"] ?? "")
        case "already": self = .alreadyInPlace
        case "conflict": self = .conflict(found: reason)
        case "pending": self = .pending
        case "failed": self = .failed(reason: reason)
        default:
            self = .failed(
                reason: "the node's shell gave up on it half-way (status \(answer.status)); observe the node again"
            )
        }
    }
}
