/// ZooKeeper's AdminServer and Marathon do not share a port on a node (mesos-zk-ops.md 2.3).
enum AdminServerRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        guard let zookeeper = draft.spec.zookeeper else { return [] }
        let keys = ["admin.enableServer", "admin.serverPort"]
        let (enabled, port) = (
            zookeeper.config.first { $0.name.value == keys[0] }, zookeeper.config.first { $0.name.value == keys[1] }
        )
        // Undeclared, it is kept off on new members; what a living member has is not known here.
        guard enabled != nil || port != nil, enabled?.value.value.plainText != "false" else { return [] }
        let number = port?.value.value.plainText ?? "8080"
        guard let place = port?.value.position ?? enabled?.value.position else { return [] }
        let common = draft.spec.flagLayers(of: .marathon, on: nil).joined().last { $0.name.value == "http_port" }
        let usual = self.port(common) ?? "8080"
        let shared = draft.spec.nodes.filter { node in
            node.has(.zookeeper) && node.has(.marathon)
                && (self.port(node.flag("http_port", of: .marathon)) ?? usual) == number
        }
        guard !shared.isEmpty else { return [] }
        let names = shared.map(\.name.value.text).joined(separator: ", ")
        let message = "ZooKeeper's AdminServer and Marathon both want port \(number) on \(names)"
        let hint = "set `admin.enableServer` to false or `admin.serverPort` to another port"
        return [Diagnostic(.error, message, at: place, hint: hint)]
    }

    private static func port(_ flag: Setting?) -> String? { flag?.value.value.plainText }
}
