import Flags
import Host

/// What an agent must not change while it keeps its id, checkpointed under `work_dir` once it has registered.
///
/// Source: mesos 1.11.0, src/slave/compatibility.cpp (policy `equal`), src/slave/paths.cpp for the layout.
struct AgentInfo: Equatable {
    let text: String

    init(_ flags: LoadedFlags) {
        let fields = [
            "hostname": flags["hostname"] ?? (flags.isOn("hostname_lookup") ? hostName() : flags["ip"]) ?? hostName(),
            "port": flags["port"] ?? "", "resources": flags["resources"] ?? "", "attributes": flags["attributes"] ?? "",
            "default_role": flags["default_role"] ?? "", "domain": flags["domain"] ?? "",
        ]
        text = fields.sorted { $0.key < $1.key }.map { "\($0.key): \"\($0.value)\"\n" }.joined()
    }

    private init(text: String) { self.text = text }

    private static func path(_ flags: LoadedFlags) -> String { metaDirectory(flags) + "/slaves/latest/slave.info" }

    static func metaDirectory(_ flags: LoadedFlags) -> String { (flags["work_dir"] ?? "") + "/meta" }

    /// What the agent was when it last registered.
    static func checkpointed(_ flags: LoadedFlags) -> AgentInfo? {
        contents(of: path(flags)).map(AgentInfo.init(text:))
    }

    /// Why an agent that was `previous` cannot recover as this.
    func incompatibility(with previous: AgentInfo) -> String? {
        guard previous != self else { return nil }
        let rule = "\n------------------------------------------------------------\n"
        return "Incompatible agent info detected. \n\(rule)Old agent info:\n\(previous.text)\n\(rule)"
            + "New agent info:\n\(text)\n\(rule)"
    }

    /// Checkpoints under a new agent id, which `latest` then points to.
    func checkpoint(_ flags: LoadedFlags) throws(HostError) {
        guard Self.checkpointed(flags) == nil else { return }
        let id = (contents(of: "/proc/sys/kernel/random/uuid") ?? "").prefix { $0 != "\n" } + "-S0"
        let slaves = Self.metaDirectory(flags) + "/slaves"
        try makeDirectory("\(slaves)/\(id)")
        try replace("\(slaves)/\(id)/slave.info", with: text)
        try pointLatest(in: slaves, to: String(id))
    }
}
