internal import Reconciler
internal import Specs

/// Whoever is told what the loop does: the terminal, an endpoint, a webhook.
protocol LoopListener: Sendable {
    /// The state after every change, with the plan of the last look.
    ///
    /// Must not wait for anybody.
    func publish(_ status: LoopStatus, _ plan: Plan?)
    /// Must not wait for anybody.
    func notify(_ notice: LoopNotice)
    /// What a run tells while it goes on.
    ///
    /// Must not wait for anybody.
    func hear(_ event: RunEvent)
    /// Goes on beside the loop, in real time, until it is cancelled; ends early only by throwing, which ends the loop.
    func accompany() async throws
}

extension LoopListener {
    func publish(_ status: LoopStatus, _ plan: Plan?) {}
    func notify(_ notice: LoopNotice) {}
    func hear(_ event: RunEvent) {}
    func accompany() async throws {}
}

/// All of them; the one place where a listener is plugged in.
struct WatchListeners: Sendable {
    private let all: [any LoopListener]

    init(_ all: [any LoopListener]) { self.all = all }

    /// Those that `command` asks for, for the cluster that `declared` declares; `endpoint` serves already.
    init(for command: WatchCommand, _ declared: Declared, _ endpoint: LoopEndpoint?) throws {
        self.init([WatchPrinter(options: command.options, format: command.format)] + [endpoint].compactMap(\.self))
    }

    func publish(_ status: LoopStatus, _ plan: Plan?) { for one in all { one.publish(status, plan) } }

    func notify(_ notice: LoopNotice) { for one in all { one.notify(notice) } }

    func hear(_ event: RunEvent) { for one in all { one.hear(event) } }

    /// Runs `body` in their company.
    func accompany(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for one in all {
                group.addTask {
                    try await one.accompany()
                    return false
                }
            }
            group.addTask {
                try await body()
                return true
            }
            defer { group.cancelAll() }
            while let isOver = try await group.next(), !isOver {}
        }
    }
}
