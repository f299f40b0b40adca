import Daemons
import Serving

/// Where a daemon's model lives: inputs go in one after another, and what each brings about is done before the next.
struct DaemonLoop<Model: DaemonModel> {
    private var model: Model
    private var carrier: EffectCarrier
    private var alarm: Alarm

    init(_ model: Model, carrier: EffectCarrier, inbox: Inbox) {
        self.model = model
        self.carrier = carrier
        alarm = Alarm(inbox)
    }

    /// Runs until the model ends the process.
    ///
    /// - Parameters:
    ///   - inputs: What reaches the daemon.
    ///   - first: What the model wanted done when it was made.
    /// - Returns: How to end.
    consuming func run(_ inputs: AsyncStream<Input>, first: [DaemonEffect]) async -> DaemonExit {
        if let end = carrier.carryOut(first) { return end }
        alarm.set(model.wakes)
        for await input in inputs {
            var effects: [DaemonEffect] = []
            if let end = take(input, &effects) ?? carrier.carryOut(effects) { return end }
            if case .event(.container(.exited(let id, _))) = input { carrier.forgetContainer(id) }
            alarm.set(model.wakes)
        }
        return DaemonExit("the daemon's inbox was closed")
    }

    private mutating func take(_ input: Input, _ effects: inout [DaemonEffect]) -> DaemonExit? {
        let now = Moment.now
        switch input {
        case .event(let event):
            if case .streamClosed(let id) = event { carrier.streamEnded(id) }
            model.receive(event, at: now, effects: &effects)
        case .wake:
            alarm.rang()
            if let wakes = model.wakes, wakes <= now { model.receive(.wake, at: now, effects: &effects) }
        case .session(let news, let session):
            if let event = carrier.coordinationEvent(of: news, session: session) {
                model.receive(event, at: now, effects: &effects)
            }
        case .linkEnded(let link):
            for process in carrier.unreachable(by: link) {
                model.receive(.unreachable(process), at: now, effects: &effects)
            }
        case .request(let request, let asker):
            switch model.answer(request, at: now, effects: &effects) {
            case .response(let response): asker.resume(returning: .reply(.whole(response)))
            case .forward(let forward): asker.resume(returning: .forward(forward))
            case .askAgain(let milliseconds): asker.resume(returning: .askAgain(milliseconds: milliseconds))
            case .stream(let id, let status, let headers):
                asker.resume(returning: .reply(carrier.open(id, status: status, headers: headers)))
            }
        }
        return nil
    }
}
