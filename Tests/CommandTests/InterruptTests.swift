import Reconciler
import Specs
import Testing

@testable import Command

@Suite struct InterruptTests {
    @Test(arguments: [(InterruptSignal.interrupt, 130), (.terminate, 143)] as [(InterruptSignal, Int32)])
    func aRunIsToldOnceASignalAndTheStatusNamesTheFirst(signal: InterruptSignal, code: Int32) async {
        var run = CommandRun()
        run.report = { [interrupts = run.interrupts] plan, connection in
            interrupts.receive(signal)
            interrupts.receive(.interrupt)
            var heard: [InterruptSignal] = []
            for await one in connection.interrupts {
                heard.append(one)
                if heard.count == 2 { break }
            }
            return CommandRun.report(
                plan,
                [.failed("stopped after \(heard.map(\.rawValue))")],
                ending: .interrupted(stepFinished: false)
            )
        }
        let result = await run.run("apply", "--yes")
        #expect(result.status.code == code)
        #expect(result.output.contains("stopped after [\(signal.rawValue), 2]"))
        #expect(result.output.contains("not known until the next plan"))
    }

    @Test func aSignalBeforeTheRunEndsTheCommandAndNothingIsDone() async {
        let run = CommandRun()
        run.interrupts.receive(.interrupt)
        let result = await run.run("apply", "--yes")
        #expect(result.status.code == 130 && result.runs == 0)
    }

    @Test func signalsGoBackToWhomTheyWentBefore() async {
        let interrupts = Interrupts()
        let (outer, outside) = AsyncStream.makeStream(of: Int.self)
        let (inner, inside) = AsyncStream.makeStream(of: Int.self)
        interrupts.handle { _, count in outside.yield(count) }
        await interrupts.handled(by: { _, count in inside.yield(count) }) { interrupts.receive(.interrupt) }
        interrupts.receive(.terminate)
        outside.finish()
        inside.finish()
        #expect(await inner.reduce(into: []) { $0.append($1) } == [1])
        #expect(await outer.reduce(into: []) { $0.append($1) } == [2])
        #expect(interrupts.first == .interrupt)
    }
}
