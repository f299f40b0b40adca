internal import Specs

/// Brings the parts of a pack to a node: from here or from a node that has them, over as many cuts as it takes.
struct DeliveryRun {
    let ship: ShipRun
    let pack: ImagePack

    /// Tries in a row that bring nothing.
    private static let idleTries = 4
    /// In all, whatever they bring.
    private static let tries = 50
    private static let feederPause = Duration.milliseconds(500)

    private var run: ImageRun { ship.run }
    private var context: RunContext { ship.context }

    /// nil once every part is there.
    func carryOut() async -> StepResult? {
        let meter = TransferMeter(step: run.step.id, node: ship.node, context: context)
        var idle = 0
        for _ in 1...Self.tries {
            let feeder: NodeName?
            switch await choose() {
            case .failure(let end): return ship.stopped(end.reason, meter.last)
            case .success(let chosen): feeder = chosen.feeder
            }
            let sent = await send(from: feeder, meter)
            switch sent {
            case .stopped(let end):
                await conclude(.broke)
                return ship.stopped(end, meter.last)
            case .ended(.success):
                await conclude(.arrived)
                return nil
            case .ended(.failure(let error)):
                await conclude(error.kind == .feeder ? .feederFailed : .broke)
                if let end = context.reasonToStop(at: run.deadline, yields: true) {
                    return ship.stopped(end, meter.last)
                }
                guard error.kind == .feeder || error.kind == .unreachable else { return failure(error) }
                idle = error.sent > 0 || error.kind == .feeder ? 0 : idle + 1
                guard idle < Self.idleTries else { return failure(error) }
                await pause(after: error, idle)
            }
        }
        return StepResult(.failed("\(ship.node): \(ship.reference) did not arrive in \(Self.tries) tries"))
    }

    private func failure(_ error: CourierError) -> StepResult {
        error.result("\(ship.node): could not bring \(ship.reference)")
    }

    private func pause(after error: CourierError, _ idle: Int) async {
        run.progress("\(error.message); tries again", on: ship.node)
        guard error.kind != .feeder else { return }
        let pause = Duration.seconds(2 << min(idle, 4))
        _ = await context.watch(until: min(context.clock.now() + pause, run.deadline), yields: true) {
            try? await context.clock.sleep(pause)
        }
    }

    private struct Chosen { var feeder: NodeName? }
    private struct NoChoice: Error { var reason: WatchEnd }

    /// Waits until somebody may send.
    private func choose() async -> Result<Chosen, NoChoice> {
        guard run.act.transfer.isTree else { return .success(Chosen(feeder: nil)) }
        let want = Feeding.Want(node: ship.node, image: pack.id, parts: Set(pack.parts.map(\.digest)))
        var told: String?
        while true {
            if let end = context.reasonToStop(at: run.deadline, yields: true) { return .failure(NoChoice(reason: end)) }
            switch await ship.tools.fanOut.choose(want, now: context.clock.now()) {
            case .source: return .success(Chosen(feeder: nil))
            case .feeder(let feeder): return .success(Chosen(feeder: feeder))
            case .wait(let words):
                if told != words { run.tellWait("\(ship.node) to be handed \(ship.reference)", words) }
                told = words
                try? await context.clock.sleep(Self.feederPause)
            }
        }
    }

    private func conclude(_ end: Feeding.End) async {
        if run.act.transfer.isTree { await ship.tools.fanOut.end(ship.node, end, now: context.clock.now()) }
    }

    private func send(
        from feeder: NodeName?,
        _ meter: TransferMeter
    ) async -> Watched<Result<Delivery, CourierError>> {
        guard let target = context.visits.target(ship.node) else {
            return .ended(.failure(CourierError(.other, "no node named \(ship.node) is known to this run; plan again")))
        }
        let from = feeder.flatMap { context.visits.target($0) }
        let number: Int
        do throws(RunRecorder.Unwritten) {
            number = try context.recorder.begin(step: run.step.id, at: ship.node.text, [words(from: feeder)])
        } catch {
            return .ended(.failure(CourierError(.other, error.words)))
        }
        let (pack, courier, bandwidth) = (pack, ship.tools.courier, run.act.transfer.bandwidth)
        let sent = await context.watch(until: run.deadline, yields: true) {
            await Self.delivered(pack, courier, target, from, bandwidth, meter)
        }
        context.recorder.end(number, [result(of: sent)])
        return sent
    }

    private func words(from feeder: NodeName?) -> String {
        "receive parts of \(ship.reference)" + (feeder.map { " from \($0)" } ?? "")
    }

    private func result(of sent: Watched<Result<Delivery, CourierError>>) -> String {
        switch sent {
        case .ended(.success): "done"
        case .ended(.failure(let error)): "broke off: \(error.message)"
        case .stopped: "stopped"
        }
    }

    private static func delivered(
        _ pack: ImagePack,
        _ courier: any ImageCourier,
        _ target: NodeTarget,
        _ feeder: NodeTarget?,
        _ bandwidth: Int?,
        _ meter: TransferMeter
    ) async -> Result<Delivery, CourierError> {
        do throws(CourierError) {
            return .success(
                try await courier.deliver(
                    pack,
                    to: target,
                    from: feeder,
                    bandwidth: bandwidth,
                    progress: meter.listener
                )
            )
        } catch {
            return .failure(error)
        }
    }
}
