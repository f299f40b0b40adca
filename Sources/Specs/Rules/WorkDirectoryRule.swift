/// Work directories of Mesos lie where a reboot leaves them (mesos-zk-ops.md 3.1, 4.1).
enum WorkDirectoryRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        let directories = [draft.spec.mesos?.master.workDirectory, draft.spec.mesos?.agent.workDirectory]
        return directories.compactMap { $0 }.compactMap { directory in
            guard directory.value == "/tmp" || directory.value.hasPrefix("/tmp/") else { return nil }
            let hint = "a reboot empties it: registry and checkpoints are lost; use /var/lib/mesos"
            return Diagnostic(.error, "`\(directory.value)` does not keep data", at: directory.position, hint: hint)
        }
    }
}
