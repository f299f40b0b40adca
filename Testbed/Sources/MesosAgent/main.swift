// The mesos-agent of the testbed: flags, log, Docker check, checkpoint and port as the real one's; it runs no tasks.
import Flags
import Glibc
import Host
import Serving

/// Loads the flags, or ends as the real agent does (mesos 1.11.0, src/slave/main.cpp).
func loadFlags() -> LoadedFlags {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.contains("--help") {
        printLine(flagHelp(program: "mesos-agent", table: agentFlags))
        exit(0)
    }
    if arguments.contains("--version") {
        printLine("mesos \(MesosVersion.number)")
        exit(0)
    }
    do {
        return try LoadedFlags(table: agentFlags, arguments: arguments, environment: environmentEntries())
    } catch {
        end("\(error.message)\n\nSee `mesos-agent --help` for a list of supported flags.")
    }
}

/// The words with which an agent gives up (mesos 1.11.0, src/slave/slave.cpp, `__recover`).
func recoveryFailed(_ reason: String, _ flags: LoadedFlags, _ journal: Journal) -> Never {
    journal.fatal(
        """
        Failed to perform recovery: \(reason)
        If recovery failed due to a change in configuration and you want to
        keep the current agent id, you might want to change the
        `--reconfiguration_policy` flag to a more permissive value.

        To restart this agent with a new agent id instead, do as follows:
        rm -f \(AgentInfo.metaDirectory(flags))/slaves/latest
        This ensures that the agent does not recover old live executors.
        """
    )
}

/// Checks the containerizers and the checkpointed state, in the order of the real agent.
func recover(_ flags: LoadedFlags, _ journal: Journal) throws(HostError) {
    let containerizers = (flags["containerizers"] ?? "").split(separator: ",", omittingEmptySubsequences: false)
    for name in containerizers where name != "docker" && name != "mesos" {
        journal.fatal("Failed to create a containerizer: Unknown or unsupported containerizer: \(name)")
    }
    let docker = containerizers.contains("docker") ? DockerProbe(flags) : nil
    if let reason = docker?.creationFailure() { journal.fatal(reason) }
    let info = AgentInfo(flags)
    if let previous = AgentInfo.checkpointed(flags), let reason = info.incompatibility(with: previous) {
        recoveryFailed(reason, flags, journal)
    }
    if let reason = docker?.recoveryFailure() { recoveryFailed(reason, flags, journal) }
    try info.checkpoint(flags)
}

let flags = loadFlags()
do {
    let journal = try Journal(program: "mesos-slave", directory: flags["log_dir"])
    if flags["master"] == nil && flags["master_detector"] == nil {
        journal.fatal("Missing required option `--master` or `--master_detector`")
    }
    var server = try HTTPServer(address: flags["ip"], port: UInt16(flags["port"] ?? "") ?? 5051)
    journal.info("Version: \(MesosVersion.number)")
    try recover(flags, journal)
    journal.info("Agent started on \(flags["ip"] ?? "0.0.0.0"):\(flags["port"] ?? "")")
    let shown = flags.shown
    server.serve { mesosAnswer(to: $0, process: "slave(1)", flags: shown) }
} catch {
    end("EXIT with status 1: \(error)")
}
