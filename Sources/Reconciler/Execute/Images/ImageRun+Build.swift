internal import Specs

/// Building an image where it comes from.
extension ImageRun {
    /// From the very context whose digest the plan saw.
    func build(_ context: String) async -> StepResult {
        let (desired, courier) = (tools.desired(act), tools.courier)
        let looked = await self.context.watch(until: deadline, yields: true) { await courier.look(for: [desired]) }
        guard case .ended(let looks) = looked, let look = looks[act.reference] else {
            return StepResult(.notReached("\(act.reference): stopped before anything was built"))
        }
        guard look.context == context else {
            let words = "what \(act.reference) is built from was changed since the plan"
            return StepResult(.failed("\(words); nothing was built"), failedAssumption: words)
        }
        switch look.image {
        case .found(let image):
            tools.remember(image, as: act.reference)
            return StepResult(.alreadyInPlace)
        case .unknown(let reason):
            return StepResult(.failed("\(act.reference): \(reason); nothing was built"))
        case .absent: return await build(desired)
        }
    }

    private func build(_ desired: DesiredImage) async -> StepResult {
        let (courier, emit, id) = (tools.courier, context.emit, step.id)
        let number: Int
        do throws(RunRecorder.Unwritten) {
            number = try context.recorder.begin(step: id, at: place(of: desired), ["build \(act.reference)"])
        } catch {
            return StepResult(.failed("\(act.reference): \(error.words); nothing was built"))
        }
        let built = await watchBuild {
            await Self.built(desired, courier) { emit(.progress(id: id, node: nil, text: $0)) }
        }
        context.recorder.end(number, [result(of: built)])
        switch built {
        case .ended(.success(let image)):
            tools.remember(image, as: act.reference)
            return StepResult(.applied)
        case .ended(.failure(let error)):
            if error.kind == .unreachable || error.kind == .cancelled {
                return StepResult(.unknown("\(act.reference): its build was cut off: \(error.message)"))
            }
            return error.result("\(act.reference) was not built")
        case .stopped(let end): return StepResult(.unknown(words(for: end)))
        }
    }

    /// With a word for whoever interrupts: a build is waited for.
    private func watchBuild(
        _ body: @escaping @Sendable () async -> Result<SourceImage, CourierError>
    ) async -> Watched<Result<SourceImage, CourierError>> {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                guard await context.halt.interruption.next(after: .none) == .finishStep, !Task.isCancelled else {
                    return
                }
                progress("interrupted: stays for the build, which may take long; a second interrupt stops it", on: nil)
            }
            defer { group.cancelAll() }
            return await context.watch(until: deadline, yields: false, body)
        }
    }

    private func place(of desired: DesiredImage) -> String {
        if case .build(_, let host) = desired.origin { host.description } else { ImageHost.thisMachine.description }
    }

    private func result(of built: Watched<Result<SourceImage, CourierError>>) -> String {
        switch built {
        case .ended(.success): "done"
        case .ended(.failure(let error)): "broke off: \(error.message)"
        case .stopped: "stopped"
        }
    }

    private static func built(
        _ desired: DesiredImage,
        _ courier: any ImageCourier,
        _ progress: @escaping @Sendable (String) -> Void
    ) async -> Result<SourceImage, CourierError> {
        do throws(CourierError) {
            return .success(try await courier.build(desired, progress: progress))
        } catch {
            return .failure(error)
        }
    }

    private func words(for end: WatchEnd) -> String {
        switch end {
        case .interrupted, .cancelled: "\(act.reference): its build was stopped by an interrupt"
        case .fenced(let reason): "\(act.reference): its build was stopped: \(reason.words)"
        case .late: "\(act.reference): its build has not ended within \(act.deadlineSeconds) s"
        }
    }
}
