// mesos-agent of the testbed, also called mesos-slave: the lab's model on a real node.
import DaemonHost
import Daemons

let program = MesosProgram(logName: "mesos-slave")
if program.isAsked(for: "--help") { answer(MesosAgent.help(version: MesosProgram.version)) }
if program.isAsked(for: "--version") { answer(MesosAgent.versionText(version: MesosProgram.version)) }
await program.run(MesosAgent.self, docker: program.flag("docker") ?? "docker")
