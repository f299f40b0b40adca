internal import Synchronization

/// Why no further step begins.
enum StopReason: Hashable, Sendable {
    case interrupted
    case leaseLost(String)
    case assumptionFailed(String)
    /// All is well, and what comes next must be planned.
    case planAgain(String)
    case journalFailed(String)

    /// What a step that was not begun, or not finished, says of it.
    var words: String {
        switch self {
        case .interrupted: "the run was interrupted"
        case .leaseLost(let reason): "the lease on the cluster was lost (\(reason))"
        case .assumptionFailed(let reason): "an assumption did not hold (\(reason)); plan again"
        case .planAgain(let reason): "\(reason): the plan is made again"
        case .journalFailed(let reason): "the journal cannot be written (\(reason))"
        }
    }
}

/// Set once, read by everything that is about to begin something.
final class StopSignal: Sendable {
    private let state = Mutex<StopReason?>(nil)

    /// The first reason stands.
    func stop(_ reason: StopReason) {
        state.withLock { if $0 == nil { $0 = reason } }
    }

    var reason: StopReason? { state.withLock { $0 } }
}

/// Looked at right before anything begins: the interruption and the lease are asked, not only heard of.
struct HaltCheck: Sendable {
    let signal: StopSignal
    let interruption: Interruption
    let lease: Lease

    /// Why nothing further may begin; nil while all is well.
    var reason: StopReason? {
        if let reason = signal.reason { return reason }
        return interruption.level == .none ? fence : .interrupted
    }

    /// Why even a step in hand must not go on changing things: only the loss of the lease.
    var fence: StopReason? { lease.isValid ? nil : .leaseLost("it expired") }
}
