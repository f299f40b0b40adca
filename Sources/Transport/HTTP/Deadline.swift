internal import Reconciler

/// Ends `body` by cancelling it once the time is over.
func limited(
    to limit: Duration,
    _ body: @escaping @Sendable () async -> Result<RESTAnswer, Fault>
) async -> Result<RESTAnswer, Fault> {
    await withTaskGroup(of: Result<RESTAnswer, Fault>?.self) { group in
        group.addTask { await body() }
        group.addTask {
            try? await Task.sleep(for: limit)
            return nil
        }
        var isLate = false
        while let ended = await group.next() {
            guard let outcome = ended else {
                isLate = !Task.isCancelled
                group.cancelAll()
                continue
            }
            group.cancelAll()
            guard isLate, case .failure(let fault) = outcome, fault.kind == .cancelled else { return outcome }
            return .failure(fault.late(after: limit))
        }
        return .failure(Fault(.cancelled, "cancelled"))
    }
}
