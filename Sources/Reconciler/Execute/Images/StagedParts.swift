internal import Specs

/// Removing parts from nodes as soon as nobody needs them.
extension ImageTools {
    /// For nodes that do not answer; their janitors do it then.
    private static let sweepLimit = Duration.seconds(60)

    /// Makes room on `node` and says what is begun there, so that nobody clears it meanwhile.
    func stage(_ pack: ImagePack, on node: NodeName, step: Int, _ context: RunContext) async -> StepOutcome {
        await stagingDoors.enter(node)
        // Before it is tried: a visit that broke may have made it.
        stage(pack.reference, on: node)
        let act = NodeAction.image(.stage(bytes: pack.bytes, unpacked: pack.unpackedBytes))
        let outcome = await BatchRun(step: step, node: node, context: context).carryOut([act]).outcome
        await stagingDoors.leave(node)
        return outcome
    }

    /// After a step: clears its node, and those that fed others and need not any more.
    func clearUnneeded(after step: Int, _ context: RunContext) async {
        end(step)
        // In a cancelled task nothing would arrive; the end of the run does it.
        for node in unneededNodes where !Task.isCancelled { await clear(node, step: step, context) }
    }

    /// At the end of the run, whatever the ending was.
    func close(_ context: RunContext) async {
        _ = await context.clock.within(Self.sweepLimit) {
            await withTaskGroup(of: Void.self) { group in
                for node in self.stagedNodes { group.addTask { await self.clear(node, step: nil, context) } }
            }
        }
        await courier.close()
    }

    /// After a step, or nil at the end of the run.
    private func clear(_ node: NodeName, step: Int?, _ context: RunContext) async {
        await stagingDoors.enter(node)
        // Another step may have begun to work there since.
        if step == nil || unneededNodes.contains(node) {
            let batch = BatchRun(step: step ?? 0, node: node, context: context)
            let outcome = await batch.carryOut([.image(.clear)]).outcome
            if outcome.isSuccess {
                await cleared(node)
            } else if let step {
                let text = "could not remove the parts; they go by themselves after a quarter of an hour"
                context.emit(.progress(id: step, node: node, text: text))
            }
        }
        await stagingDoors.leave(node)
    }
}
