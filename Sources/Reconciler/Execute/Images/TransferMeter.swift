internal import Specs
internal import Synchronization

/// Makes events of a transfer's progress: at most four a second, with the rate of the last five.
final class TransferMeter: Sendable {
    fileprivate struct Sample {
        var at: Duration
        var done: Int
    }

    fileprivate struct State {
        var samples: [Sample] = []
        var told: Duration?
        var last: TransferProgress?
    }

    fileprivate static let pause = Duration.milliseconds(250)
    fileprivate static let window = Duration.seconds(5)
    /// Of less time than this no rate is told.
    fileprivate static let shortest = Duration.milliseconds(500)

    private let step: Int
    private let node: NodeName?
    private let context: RunContext
    private let state = Mutex(State())

    /// Of `node`; nil for what is read where the image comes from.
    init(step: Int, node: NodeName?, context: RunContext) {
        (self.step, self.node, self.context) = (step, node, context)
    }

    /// What was heard last.
    var last: TransferProgress? { state.withLock { $0.last } }

    var listener: @Sendable (TransferProgress) -> Void { { self.hear($0) } }

    private func hear(_ progress: TransferProgress) {
        let now = context.clock.now()
        let rate = state.withLock { state in state.take(progress, now) }
        guard let rate else { return }
        context.emit(.transfer(id: step, node: node, progress, bytesPerSecond: rate))
    }
}

extension TransferMeter.State {
    /// The rate to tell with it; the outer nil: it is not to be told.
    fileprivate mutating func take(_ progress: TransferProgress, _ now: Duration) -> Double?? {
        let isEnd = progress.done >= progress.total && last != progress
        // Begun again from less: what was measured before says nothing of it.
        if let last, progress.done < last.done { samples = [] }
        last = progress
        samples.append(TransferMeter.Sample(at: now, done: progress.done))
        // One that is older than the window stays, so that the window is covered.
        while samples.count > 2, now - samples[1].at >= TransferMeter.window { samples.removeFirst() }
        if let told, !isEnd, now - told < TransferMeter.pause { return .none }
        told = now
        guard let first = samples.first, now - first.at >= TransferMeter.shortest else { return .some(nil) }
        return .some(Double(progress.done - first.done) / (now - first.at).inSeconds)
    }
}
