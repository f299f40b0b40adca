import Synchronization

@testable import Command

/// A command run in this process with the real wiring, and all that it said.
struct HeardCommand {
    /// The whole environment; the test's own is not seen.
    var environment: [String: String] = [:]
    var interrupts = Interrupts()
    var wiring = Wiring.live
    /// What is typed where the command asks; nil for no terminal.
    var answer: (@Sendable () async throws -> String?)?
    /// Hears all of standard output so far, each time something is added.
    var hear: @Sendable (String) -> Void = { _ in }

    struct Result: Sendable {
        var status: Int32
        var output: String
        var log: String
    }

    func run(_ arguments: [String]) async -> Result {
        let said = Mutex<(output: String, log: String)>(("", ""))
        let console = Console(
            write: { [hear] text in
                let output = said.withLock { said in
                    said.output += text
                    return said.output
                }
                hear(output)
            },
            log: { text in said.withLock { $0.log += text } },
            readLine: { [answer] _ in try await answer?() },
            canAsk: answer != nil,
            outputIsTerminal: false,
            logIsTerminal: false,
            logWidth: { 80 },
            environment: { [environment] in environment[$0] },
            time: { "2024-05-01T12:00:00Z" }
        )
        let surroundings = Surroundings(console: console, interrupts: interrupts, wiring: wiring)
        let status = await Surroundings.$current.withValue(surroundings) { await ReconcilerCommand.run(arguments) }
        return said.withLock { Result(status: status.code, output: $0.output, log: $0.log) }
    }
}
