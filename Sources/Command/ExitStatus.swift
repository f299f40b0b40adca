internal import Reconciler

/// How the process ends, as documented in README.
struct ExitStatus: Hashable {
    var code: Int32

    static let success = ExitStatus(code: 0)
    static let failure = ExitStatus(code: 1)
    static let changesPending = ExitStatus(code: 2)
    static let refused = ExitStatus(code: 3)
    static let incomplete = ExitStatus(code: 4)
    static let usage = ExitStatus(code: 64)
}

extension ExitStatus {
    /// Of a run that did nothing at all.
    init(_ refusal: RunRefusal) {
        switch refusal {
        case .planRefused, .leaseHeld: self = .refused
        case .leaseUnavailable: self = .incomplete
        }
    }
}

/// Ends a command with a status, and a message where the output has not said it yet.
struct Stop: Error {
    var status: ExitStatus
    var message: String?
    /// Somebody else holds the cluster.
    var isLeaseHeld = false

    init(_ status: ExitStatus, _ message: String? = nil) {
        self.status = status
        self.message = message
    }

    /// Of a run that did nothing at all.
    init(_ refusal: RunRefusal) {
        self.init(ExitStatus(refusal), refusal.description)
        if case .leaseHeld = refusal { isLeaseHeld = true }
    }
}

/// Everything that may hold at once about a plan or a run; `status` is what the process says of it.
struct Verdict: Hashable {
    /// An invalid file, a failed step, something that was not done.
    var hasFailed = false
    var isRefused = false
    /// A node did not answer, and what was found out is fine.
    var isIncomplete = false
    var hasChanges = false

    /// Where several hold, the first of 1, 3, 4, 2 wins.
    var status: ExitStatus {
        if hasFailed { return .failure }
        if isRefused { return .refused }
        if isIncomplete { return .incomplete }
        return hasChanges ? .changesPending : .success
    }

    init() {}

    /// Of a plan that is only looked at; changes count where `detailed` asks for them.
    ///
    /// A rule that forbids one app lets the rest be done, and is a refusal all the same.
    init(_ plan: Plan, detailed: Bool) {
        isRefused = !plan.refusals.isEmpty || plan.blocked.contains { $0.rule != nil }
        isIncomplete = !plan.isComplete || plan.blocked.contains(where: \.isByUnknown)
        hasChanges = detailed && (!plan.steps.isEmpty || !plan.blocked.isEmpty)
    }

    /// Of a plan that was, or would have been, carried out.
    init(_ outcome: ApplyOutcome) {
        self.init(outcome.plan, detailed: false)
        hasFailed = outcome.plan.blocked.contains { !$0.isByUnknown && $0.rule == nil }
        switch outcome.ending {
        case .refused, .declined: isRefused = true
        case .nothingLeft: break
        case .ran: if let report = outcome.reports.last { add(report) }
        }
    }

    private mutating func add(_ report: RunReport) {
        var wasTried = false
        var hasConflict = false
        for step in report.steps {
            switch step.outcome {
            case .applied, .alreadyInPlace: wasTried = true
            case .failed:
                hasFailed = true
                wasTried = true
            case .conflict:
                hasConflict = true
                wasTried = true
            case .unknown:
                isIncomplete = true
                wasTried = true
            case .notReached: break
            }
        }
        isRefused = isRefused || hasConflict
        let isPartial = report.steps.contains { if case .notReached = $0.outcome { true } else { false } }
        switch report.ending {
        case .completed:
            // A conflict is a refusal of its own and takes the steps behind it along; anything else left undone is a failure.
            if isPartial, !hasConflict { hasFailed = true }
        case .leaseLost where !wasTried: isRefused = true
        // One that is to be planned again and was not, as it ended so too often.
        case .leaseLost, .interrupted, .assumptionFailed, .planAgain, .journalFailed: hasFailed = true
        }
    }
}
