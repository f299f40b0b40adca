internal import ArgumentParser
internal import FoundationEssentials
internal import Transport

/// Where this side keeps what must outlive a command, as options say it.
struct StateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the journal is kept; else a directory of its own for each cluster below XDG_STATE_HOME.",
            valueName: "path"
        )
    )
    var stateDirectory: String?

    func validate() throws {
        guard stateDirectory != "" else { throw ValidationError("--state-directory is empty") }
    }

    /// Of a simulated cluster it is beside that cluster.
    func directory(for cluster: String, lab: LabOptions?) throws -> StateDirectory {
        let environment = Surroundings.current.console.environment
        let beside = try stateDirectory == nil ? lab.map { "\(try $0.directory(for: cluster))/state" } : nil
        let names = ["XDG_STATE_HOME", "HOME"]
        return StateDirectory(
            cluster: cluster,
            override: stateDirectory ?? beside,
            environment: Dictionary(
                uniqueKeysWithValues: names.compactMap { name in environment(name).map { (name, $0) } }
            )
        )
    }

    func journal(for cluster: String, lab: LabOptions?) throws -> FileJournal {
        FileJournal(try directory(for: cluster, lab: lab)) { Int(Date().timeIntervalSince1970) }
    }
}
