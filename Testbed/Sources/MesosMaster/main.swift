// The mesos-master of the testbed: flags, log, work directory and port as the real one's; no election and no cluster.
import Flags
import Glibc
import Host
import Serving

/// Loads the flags, or ends as the real master does (mesos 1.11.0, src/master/main.cpp).
func loadFlags() -> LoadedFlags {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.contains("--help") {
        printLine(flagHelp(program: "mesos-master", table: masterFlags))
        exit(0)
    }
    if arguments.contains("--version") {
        printLine("mesos \(MesosVersion.number)")
        exit(0)
    }
    do {
        return try LoadedFlags(table: masterFlags, arguments: arguments, environment: environmentEntries())
    } catch {
        end("\(error.message)\n\nSee `mesos-master --help` for a list of supported flags.")
    }
}

/// Makes what a master leaves on disk: with a replicated log, its directory.
func prepareRegistry(_ flags: LoadedFlags, _ journal: Journal) throws(HostError) {
    switch flags["registry"] {
    case "in_memory": return
    case "replicated_log", "log_storage": break
    case let other: journal.fatal("'\(other ?? "")' is not a supported option for registry persistence")
    }
    guard let workDirectory = flags["work_dir"] else {
        journal.fatal("--work_dir needed for replicated log based registry")
    }
    if flags["zk"] != nil && flags["quorum"] == nil {
        journal.fatal("Need to specify --quorum for replicated log based registry when using ZooKeeper")
    }
    try makeDirectory(workDirectory + "/replicated_log")
    try replace(workDirectory + "/replicated_log/CURRENT", with: "MANIFEST-000001\n")
}

let flags = loadFlags()
do {
    let journal = try Journal(program: "mesos-master", directory: flags["log_dir"])
    if let zk = flags["zk"], !zk.hasPrefix("zk://"), !zk.hasPrefix("file://") {
        journal.fatal("Error parsing ZooKeeper URL: Expecting 'zk://' at the beginning of the URL")
    }
    try prepareRegistry(flags, journal)
    var server = try HTTPServer(address: flags["ip"], port: UInt16(flags["port"] ?? "") ?? 5050)
    journal.info("Version: \(MesosVersion.number)")
    journal.info("Master started on \(flags["ip"] ?? "0.0.0.0"):\(flags["port"] ?? "")")
    let shown = flags.shown
    server.serve { mesosAnswer(to: $0, process: "master", flags: shown) }
} catch {
    end("EXIT with status 1: \(error)")
}
