internal import Reconciler
internal import Specs
internal import Transport

/// Whoever is told what the loop does: the terminal, an endpoint, a webhook.
protocol LoopListener: Sendable {
    /// The state after every change, with the plan of the last look.
    ///
    /// Must not wait for anybody.
    func publish(_ status: LoopStatus, _ plan: Plan?)
    /// What the loop goes by from now on; told again and again.
    ///
    /// Must not wait for anybody.
    func follow(_ declared: Declared)
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
    func follow(_ declared: Declared) {}
    func notify(_ notice: LoopNotice) {}
    func hear(_ event: RunEvent) {}
    func accompany() async throws {}
}

/// All of them; the one place where a listener is plugged in.
struct WatchListeners: Sendable {
    private let all: [any LoopListener]
    private let tally: WebhookTally

    init(_ all: [any LoopListener], tally: WebhookTally = WebhookTally()) {
        self.all = all
        self.tally = tally
    }

    /// Those that `command` asks for, for the cluster that `declared` declares, whose state is in `store`; `endpoint` serves
    /// already.
    init(for command: WatchCommand, _ declared: Declared, _ endpoint: LoopEndpoint?, in store: LoopStore) throws {
        let tally = WebhookTally()
        let webhook = try WebhookListener(
            declared,
            in: store,
            isLab: command.nodes.lab,
            tally: tally,
            complain: Surroundings.current.console.complain
        )
        let printer = WatchPrinter(options: command.options, format: command.format)
        self.init([printer, webhook] + [endpoint].compactMap(\.self), tally: tally)
    }

    func publish(_ status: LoopStatus, _ plan: Plan?) {
        tally.publish(status, plan) { [all] status, plan in for one in all { one.publish(status, plan) } }
    }

    func follow(_ declared: Declared) { for one in all { one.follow(declared) } }

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
