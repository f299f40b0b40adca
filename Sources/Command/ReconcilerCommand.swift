internal import ArgumentParser

@main
struct ReconcilerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconciler",
        abstract: "Makes a Mesos and Marathon cluster what cluster.yaml says it is.",
        discussion: """
            Exit codes: 0 in sync or done, 1 error or not everything done, 2 changes pending (plan --detailed-exitcode, drift), \
            3 refused by a rule or by the lease, 4 some nodes did not answer, 64 usage, 130 and 143 interrupted.
            """,
        version: reconcilerVersion,
        subcommands: [
            ValidateCommand.self, ObserveCommand.self, PlanCommand.self, ApplyCommand.self,
            DriftCommand.self, WatchCommand.self, PauseCommand.self, ResumeCommand.self,
            HistoryCommand.self, LockCommand.self, LabCommand.self,
        ]
    )

    static func main() async {
        ignoreBrokenPipes()
        let interrupts = Interrupts()
        let sources = SignalSources(interrupts)
        let status = await Surroundings.$current.withValue(.live(interrupts)) { await run(nil) }
        extendLifetime(sources)
        leave(status)
    }

    /// Parses and runs; nil stands for the process's own arguments.
    static func run(_ arguments: [String]?) async -> ExitStatus {
        let surroundings = Surroundings.current
        let body = Task {
            do {
                var command = try parseAsRoot(arguments)
                if var command = command as? any AsyncParsableCommand {
                    try await command.run()
                } else {
                    try command.run()
                }
                return ExitStatus.success
            } catch let stop as Stop {
                if let message = stop.message { surroundings.console.complain(message) }
                return stop.status
            } catch {
                return report(error, to: surroundings.console)
            }
        }
        surroundings.interrupts.handle { signal, count in
            if count > 1 { leave(signal.status) }
            body.cancel()
        }
        let status = await body.value
        return surroundings.interrupts.first?.status ?? status
    }

    private static func report(_ error: any Error, to console: Console) -> ExitStatus {
        let status = ExitStatus(code: exitCode(for: error).rawValue)
        if error is CancellationError { return status }
        let message = fullMessage(for: error)
        if status == .success {
            console.write(message + "\n")
        } else if !message.isEmpty {
            console.log(message + "\n")
        }
        return status
    }
}

/// As `--version` prints it and every release tags it.
let reconcilerVersion = "0.1.0-dev"
