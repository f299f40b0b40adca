public import Daemons
import Glibc

/// What mesos-master and mesos-agent have in common as programs.
public struct MesosProgram {
    /// The release that the installed package is of; what is not installed is the newest.
    public static let version: String = {
        let release = contents(of: "/usr/share/mesos/release")?.split(separator: "\n").first
        return release.map(String.init) ?? "1.11.0"
    }()

    private let arguments = Array(CommandLine.arguments.dropFirst())
    /// The name in the log, and of its file.
    private let logName: String

    public init(logName: String) { self.logName = logName }

    public func isAsked(for option: String) -> Bool { arguments.contains(option) }

    /// The value of a flag that the node's side needs itself; the model loads and judges it.
    public func flag(_ name: String) -> String? {
        let prefix = "--\(name)="
        return arguments.last { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
            ?? environmentOfThisProcess()["MESOS_\(name.uppercased())"]
    }

    /// Runs the daemon to its end.
    ///
    /// - Parameters:
    ///   - model: Of the daemon.
    ///   - docker: The Docker client, for an agent.
    public func run(_ model: (some DaemonModel).Type, docker: String? = nil) async -> Never {
        let journal: Journal
        do throws(NodeError) {
            journal = try Journal(program: logName, form: .glog, directory: flag("log_dir"))
        } catch {
            try? writeAll("Could not create logging file: \(error)\n", to: STDERR_FILENO)
            exit(1)
        }
        let start = await DaemonStart.ofThisProcess(version: Self.version, arguments: arguments, docker: docker)
        let program = DaemonProgram(journal: journal, start: start, docker: docker ?? "docker") { endpoint, reason in
            // mesos 1.11.0, 3rdparty/libprocess/src/process.cpp, `initialize`.
            DaemonExit("EXIT with status 1: Failed to initialize: Failed to bind on \(endpoint): \(reason)")
        }
        await program.run(model)
    }
}
