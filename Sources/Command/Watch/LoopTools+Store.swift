internal import Reconciler
internal import Specs
internal import Synchronization
internal import Transport

extension LoopTools {
    /// Those of this machine, with what outlives the loop in `store`.
    init(
        _ store: LoopStore,
        _ residence: Residence,
        _ listeners: WatchListeners,
        complain: @escaping @Sendable (String) -> Void
    ) {
        let keeper = MemoryKeeper(store: store, now: residence.now, complain: complain)
        self.init(
            clock: residence.clock,
            now: residence.now,
            local: residence.local,
            jitter: { Double.random(in: 0..<1) },
            pause: { store.pause },
            resumed: { keeper.resumed() },
            load: { keeper.load() },
            save: { keeper.save($0) },
            publish: { status, plan in
                keeper.note(status)
                listeners.publish(status, plan)
            },
            notify: { listeners.notify($0) }
        )
    }
}

/// Keeps the loop's memory, and tells once what is in its way.
private final class MemoryKeeper: Sendable {
    private struct State {
        var memory = LoopMemory()
        var intervalSeconds = 0
        var lastRound: Int?
        var trouble: String?
    }

    private let store: LoopStore
    private let now: @Sendable () -> Int
    private let complain: @Sendable (String) -> Void
    private let state = Mutex(State())

    init(store: LoopStore, now: @escaping @Sendable () -> Int, complain: @escaping @Sendable (String) -> Void) {
        self.store = store
        self.now = now
        self.complain = complain
    }

    func load() -> LoopMemory {
        var memory = LoopMemory()
        attempt { () throws(StateError) in memory = try store.kept()?.memory ?? LoopMemory() }
        state.withLock { $0.memory = memory }
        return memory
    }

    func save(_ memory: LoopMemory) {
        state.withLock { $0.memory = memory }
        write()
    }

    /// A loop that runs can be told from one that does not by the time of its last round.
    func note(_ status: LoopStatus) {
        let isNews = state.withLock { state in
            defer {
                state.intervalSeconds = status.intervalSeconds
                state.lastRound = status.lastRound?.ended
            }
            return state.lastRound != status.lastRound?.ended || state.intervalSeconds != status.intervalSeconds
        }
        if isNews { write() }
    }

    func resumed() -> [LoopItem?] {
        var items: [LoopItem?] = []
        attempt { () throws(StateError) in items = try store.takeResumed() }
        return items
    }

    private func write() {
        let (memory, interval) = state.withLock { ($0.memory, $0.intervalSeconds) }
        attempt { () throws(StateError) in
            try store.keep(LoopStore.Kept(at: now(), intervalSeconds: interval, memory: memory))
        }
    }

    private func attempt(_ body: () throws(StateError) -> Void) {
        var trouble: String?
        do throws(StateError) { try body() } catch { trouble = error.description }
        let isNews = state.withLock { state in
            defer { state.trouble = trouble ?? state.trouble }
            return trouble != nil && trouble != state.trouble
        }
        if isNews, let trouble { complain("\(trouble); the loop goes on and may forget what it fought") }
    }
}
