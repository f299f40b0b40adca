import Daemons
import Subprocess
import SystemPackage

/// A short program of the node, run to its end.
struct NodeCommand {
    struct Ended: Sendable {
        /// 127 where the program is not there, 124 where its time was up.
        var status: Int
        var output: String
        var errors: String

        /// `exited with status 1`, in Mesos' words.
        var words: String { status > 128 ? "terminated with signal \(status - 128)" : "exited with status \(status)" }
    }

    var words: [String]
    /// nil inherits this process's.
    var environment: [String: String]?
    var directory: String?
    var timeout: Duration = .seconds(60)

    init(
        _ words: [String],
        environment: [String: String]? = nil,
        directory: String? = nil,
        timeout: Duration = .seconds(60)
    ) {
        self.words = words
        self.environment = environment
        self.directory = directory
        self.timeout = timeout
    }

    func run() async -> Ended {
        await withTaskGroup(of: Ended?.self) { group in
            group.addTask { await execute() }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return nil
            }
            let first = await group.next().flatMap(\.self)
            group.cancelAll()
            return first ?? Ended(status: 124, output: "", errors: "timed out after \(timeout)")
        }
    }

    private func execute() async -> Ended {
        var options = PlatformOptions()
        options.teardownSequence = [.send(signal: .kill, allowedDurationToNextStep: .milliseconds(100))]
        do {
            let result = try await Subprocess.run(
                words[0].contains("/") ? .path(FilePath(words[0])) : .name(words[0]),
                arguments: Arguments(Array(words.dropFirst())),
                environment: environment.map { values in
                    .custom(Dictionary(uniqueKeysWithValues: values.map { (Environment.Key(stringLiteral: $0), $1) }))
                } ?? .inherit,
                workingDirectory: directory.map { FilePath($0) },
                platformOptions: options,
                input: .none,
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20)
            )
            let status =
                switch result.terminationStatus {
                case .exited(let code): Int(code)
                case .signaled(let signal): 128 + Int(signal)
                }
            return Ended(status: status, output: result.standardOutput, errors: result.standardError)
        } catch {
            return Ended(status: 127, output: "", errors: "\(error)")
        }
    }
}
