internal import Reconciler

extension StepOutcome {
    /// A stable word for machines and the word people read.
    var word: (machine: String, human: String) {
        switch self {
        case .applied: ("applied", "done")
        case .alreadyInPlace: ("alreadyInPlace", "already in place")
        case .failed: ("failed", "failed")
        case .conflict: ("conflict", "conflict")
        case .notReached: ("notReached", "not reached")
        case .unknown: ("unknown", "unknown")
        }
    }

    var message: String? {
        switch self {
        case .applied, .alreadyInPlace: nil
        case .failed(let text), .conflict(let text), .notReached(let text), .unknown(let text): text
        }
    }

    var symbol: String {
        switch self {
        case .applied: "ok"
        case .alreadyInPlace: "="
        case .failed, .conflict: "x"
        case .notReached: "-"
        case .unknown: "?"
        }
    }

    var tone: TextStyle.Tone {
        switch self {
        case .applied: .success
        case .alreadyInPlace, .notReached: .quiet
        case .failed, .conflict: .failure
        case .unknown: .unknown
        }
    }
}

extension RunReport.Ending {
    var word: String {
        switch self {
        case .completed: "completed"
        case .interrupted: "interrupted"
        case .leaseLost: "leaseLost"
        case .assumptionFailed: "assumptionFailed"
        case .planAgain: "planAgain"
        case .journalFailed: "journalFailed"
        }
    }

    /// nil where there is nothing to say beyond the steps.
    var sentence: String? {
        switch self {
        case .completed: nil
        case .interrupted(stepFinished: true): "interrupted: the step in hand was finished, nothing after it was begun"
        case .interrupted(stepFinished: false):
            "interrupted: the step in hand was stopped; what it reached is not known until the next plan"
        case .leaseLost(let why): "stopped, since the lease on the cluster was lost: \(why)"
        case .assumptionFailed(let why): "stopped, since a node is not what was assumed: \(why)"
        case .planAgain(let why): "\(why): planning again"
        case .journalFailed(let why): "stopped, since the journal cannot be written: \(why)"
        }
    }
}

/// `0.4 s`, `12 s`, `3 min 5 s`.
func duration(_ seconds: Double) -> String {
    if seconds < 9.95 {
        let tenths = Int((max(0, seconds) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
    let whole = Int(seconds.rounded())
    return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
}
