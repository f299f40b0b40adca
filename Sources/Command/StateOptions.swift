internal import ArgumentParser
internal import FoundationEssentials
internal import Transport

/// Where the operator's side of a cluster is kept, as options say it.
struct StateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where what must outlive a command is kept; else below XDG_STATE_HOME or ~/.local/state, by cluster.",
            valueName: "path"
        )
    )
    var stateDirectory: String?

    func validate() throws {
        guard stateDirectory != "" else { throw ValidationError("--state-directory is empty") }
    }

    /// Of `cluster`; of its lab where `lab` is given, so that what is tried out there never meets the real one.
    func directory(of cluster: String, lab: LabOptions? = nil) throws -> StateDirectory {
        var said = stateDirectory
        if said == nil, let lab { said = Self.ofLab(in: try lab.directory(for: cluster)) }
        return StateDirectory(cluster: cluster, override: said, environment: Self.environment)
    }

    /// Where it is kept for the lab in `directory`.
    static func ofLab(in directory: String) -> String { directory + "/state" }

    func journal(of cluster: String, lab: LabOptions?) throws -> FileJournal {
        journal(in: try directory(of: cluster, lab: lab))
    }

    /// Dated by this machine's clock, also for a lab.
    func journal(in directory: StateDirectory) -> FileJournal {
        FileJournal(directory) { Int(Date().timeIntervalSince1970) }
    }

    static var environment: [String: String] {
        let ask = Surroundings.current.console.environment
        return Dictionary(["HOME", "XDG_STATE_HOME"].compactMap { name in ask(name).map { (name, $0) } }) { $1 }
    }
}

/// Whoever runs a command: `user@host`.
func thisPerson() -> String { "\(ProcessInfo.processInfo.userName)@\(ProcessInfo.processInfo.hostName)" }
