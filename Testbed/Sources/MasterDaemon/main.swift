// mesos-master of the testbed: the lab's model on a real node.
import DaemonHost
import Daemons

let program = MesosProgram(logName: "mesos-master")
if program.isAsked(for: "--help") { answer(MesosMaster.help(version: MesosProgram.version)) }
if program.isAsked(for: "--version") { answer(MesosMaster.versionText(version: MesosProgram.version)) }
await program.run(MesosMaster.self)
