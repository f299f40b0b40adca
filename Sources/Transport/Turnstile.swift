/// Lets at most `limit` tasks through at once, in the order in which they came.
actor Turnstile {
    private var free: Int
    private var waiting: [(id: Int, resume: CheckedContinuation<Bool, Never>)] = []
    private var nextID = 0

    init(limit: Int) {
        precondition(limit > 0, "limit must be positive")
        free = limit
    }

    /// Runs `body` once there is room; nil where the task was cancelled while it waited.
    nonisolated func pass<Value: Sendable>(
        _ body: @Sendable () async -> Value
    ) async -> Value? {
        guard await enter() else { return nil }
        let value = await body()
        await leave()
        return value
    }

    private func enter() async -> Bool {
        guard !Task.isCancelled else { return false }
        guard free == 0 else {
            free -= 1
            return true
        }
        let id = nextID
        nextID += 1
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled {
                    continuation.resume(returning: false)
                } else {
                    waiting.append((id, continuation))
                }
            }
        } onCancel: {
            Task { await self.abandon(id) }
        }
    }

    private func abandon(_ id: Int) {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting.remove(at: index).resume.resume(returning: false)
    }

    private func leave() {
        // A place is handed on, not freed and taken: nobody slips in between.
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume.resume(returning: true) }
    }
}
