// Marathon of the testbed: the lab's model in the place of the Java program, started by the same wrappers.
import DaemonHost
import Daemons
import Glibc

// What precedes the main class is the virtual machine's.
let words = Array(CommandLine.arguments.dropFirst())
let property = "-Dmarathon.version="
let version = words.first { $0.hasPrefix(property) }.map { String($0.dropFirst(property.count)) } ?? "1.11.24"
let arguments = words.firstIndex(of: "mesosphere.marathon.Main").map { Array(words[($0 + 1)...]) } ?? words

let journal = try Journal(program: "marathon", form: .logback)
let start = await DaemonStart.ofThisProcess(version: version, arguments: arguments)
let program = DaemonProgram(journal: journal, start: start) { endpoint, reason in
    // Exit code 111 from 1.5 on (mesos-zk-ops.md 11).
    DaemonExit(status: 111, "java.net.BindException: \(reason) (\(endpoint))")
}
await program.run(Marathon.self)
