/// The znodes of Mesos and Marathon are paths of their own below the root.
enum ZNodePathRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        let mesos = draft.isFaulty("mesos.zk") ? nil : draft.spec.mesos?.zkPath
        let marathon = draft.isFaulty("marathon.zk") ? nil : draft.spec.marathon?.zkPath
        var found = [mesos, marathon].compactMap { $0 }.compactMap { path in
            problem(path.value).map { Diagnostic(.error, $0.message, at: path.position, hint: $0.hint) }
        }
        if let mesos, let marathon, mesos.value == marathon.value {
            let message = "Mesos has the znode `\(mesos.value)` too (\(mesos.position))"
            found.append(Diagnostic(.error, message, at: marathon.position, hint: "give each its own"))
        }
        return found
    }

    private static func problem(_ path: String) -> Fault? {
        if path.hasPrefix("zk://") {
            return Fault("`zk` is only the path; the URL follows from the ensemble", hint: "such as /mesos")
        }
        guard path.hasPrefix("/") else {
            return Fault("znode `\(path.abbreviated)` must start with /", hint: "write /\(path)")
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        if parts == [""] { return Fault("the root of ZooKeeper is no znode to use", hint: "such as /mesos") }
        guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && !$0.contains(where: \.isWhitespace) }) else {
            return Fault("`\(path.abbreviated)` is no znode path", hint: "write words with single slashes before them")
        }
        return nil
    }
}
