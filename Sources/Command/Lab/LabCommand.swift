internal import ArgumentParser

struct LabCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lab",
        abstract:
            "The embedded simulated cluster: machines, ZooKeeper, Mesos, Marathon and Docker engines to rehearse on.",
        discussion: """
            It stands for the nodes that cluster.yaml declares, bare at first. plan, apply and observe work on it with --lab. \
            Its time passes only while somebody waits: during apply, with lab wait, and in lab serve.
            """,
        subcommands: [
            LabUpCommand.self, LabStatusCommand.self, LabLoadCommand.self, LabBreakCommand.self, LabMendCommand.self,
            LabWaitCommand.self,
            LabServeCommand.self, LabResetCommand.self,
        ]
    )
}
