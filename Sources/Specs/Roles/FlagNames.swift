/// Flags have several spellings: `quiet`, `?quiet` and `?no-quiet` as files, `slave_…` and `agent_…` since Mesos 1.0.
public enum FlagNames {
    /// The name under which all spellings of a Mesos flag meet, and whether this spelling means "off".
    ///
    /// `--no-x` is `x` off; names from before 1.0 are those of today (MDOC upgrades 1.0; mesos-zk-ops.md 4.4).
    public static func mesos(_ spelling: String) -> (name: String, isNegated: Bool) {
        let isNegated = spelling.hasPrefix("no-")
        let name = isNegated ? String(spelling.dropFirst(3)) : spelling
        return (renamed[name] ?? name, isNegated)
    }

    /// The same for Marathon, where `--disable_x` is `x` off (marathon-api.md 7.2).
    public static func marathon(_ spelling: String) -> (name: String, isNegated: Bool) {
        let isNegated = spelling.hasPrefix("disable_")
        return (isNegated ? String(spelling.dropFirst("disable_".count)) : spelling, isNegated)
    }

    /// Every name of the Mesos flag called `name`, itself first.
    public static func mesosAliases(of name: String) -> [String] {
        let today = renamed[name] ?? name
        let all = [today] + renamed.filter { $0.value == today }.map(\.key).sorted()
        return [name] + all.filter { $0 != name }
    }

    private static let renamed = [
        "slave_ping_timeout": "agent_ping_timeout",
        "max_slave_ping_timeouts": "max_agent_ping_timeouts",
        "slave_reregister_timeout": "agent_reregister_timeout",
        "slave_removal_rate_limit": "agent_removal_rate_limit",
        "recovery_slave_removal_limit": "recovery_agent_removal_limit",
        "authenticate_slaves": "authenticate_agents",
        "max_executors_per_slave": "max_executors_per_agent",
        "slave_subsystems": "agent_subsystems",
    ]
}
