internal import Synchronization

/// `events` called by one task at a time, so that a line is never cut by another.
func inOrder(_ events: @escaping @Sendable (RunEvent) -> Void) -> @Sendable (RunEvent) -> Void {
    let gate = EventGate()
    return { event in gate.pass { events(event) } }
}

private final class EventGate: Sendable {
    private let lock = Mutex(())

    func pass(_ body: () -> Void) { lock.withLock { _ in body() } }
}
