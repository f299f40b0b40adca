internal import Reconciler

/// One turnstile a name: what happens under one name happens one after the other.
actor Turnstiles {
    private var turnstiles: [String: Turnstile] = [:]

    /// Runs `body` when nobody else is in under `name`.
    ///
    /// - Throws: Also where the task was cancelled while it waited.
    nonisolated func alone<Value: Sendable>(
        in name: String,
        _ body: @Sendable () async throws(CourierError) -> Value
    ) async throws(CourierError) -> Value {
        let outcome = await turnstile(name).pass { () -> Result<Value, CourierError> in
            do throws(CourierError) { return .success(try await body()) } catch { return .failure(error) }
        }
        guard let outcome else { throw CourierError(.cancelled, "\(name): cancelled before its turn") }
        return try outcome.get()
    }

    private func turnstile(_ name: String) -> Turnstile {
        if let turnstile = turnstiles[name] { return turnstile }
        let turnstile = Turnstile(limit: 1)
        turnstiles[name] = turnstile
        return turnstile
    }
}
