/// A Mesos agent: its flags as files of the directory its wrapper reads, attributes and resources as directories of files.
public enum MesosAgentRole: ManagedRole {
    public static let credentialsFile = "/etc/mesos/agent-credential"

    public static func resources(for context: RoleContext) -> NodeResources {
        guard context.has(.mesosAgent), let agent = context.spec.mesos?.agent else { return NodeResources() }
        let daemon = MesosDaemon.agent(on: context.platform)
        let credential = agent.credentials.map {
            daemon.pathFlag("credential", $0, storedAt: credentialsFile, reason: "mesos.agent.credentials")
        }
        let families = [
            family("attributes", agent.attributes, context.node.attributes),
            family("resources", agent.resources, context.node.resources),
        ]
        let derived =
            MesosDaemon.nodeFlags(context, workDirectory: agent.workDirectory)
            + containers(agent) + [credential?.flag].compactMap { $0 }
        let joined = families.compactMap(joined)
        let flags = [DeclaredFlag].combined(
            derived: derived,
            declared: declared(context),
            fixed: Set(["master"] + joined.map(\.name))
        )
        var wanted = daemon.resources(
            flags: flags,
            fromElsewhere: master(context) + joined,
            extraVariables: masterVariable(context),
            context: context,
            role: .mesosAgent
        )
        wanted.files += families.flatMap { files($0, in: daemon) } + [credential?.file].compactMap { $0 }
        wanted.advice = declared(context).filter { flag in
            flag.name == "master" || joined.contains { $0.name == flag.name }
        }
        .map { "\(context.node.name.value): the flag \($0.name) of mesos-agent is derived and not taken from flags" }
        return wanted
    }

    /// The port agents listen on.
    public static func port(_ spec: ClusterSpec, node: NodeSpec) -> Int {
        let context = RoleContext(node: node, spec: spec, platform: .fallback)
        let declared = context.flags(.mesosAgent, section: spec.mesos?.agent.flags ?? []).last {
            $0.name.value == "port"
        }
        return declared?.value.value.plainText.flatMap { Int($0) } ?? 5051
    }

    // MARK: Flags

    private static func containers(_ agent: MesosSpec.Agent) -> [DeclaredFlag] {
        let containerizers = agent.containerizers.map {
            DeclaredFlag(
                "containerizers",
                Content($0.value.joined(separator: ",")),
                Reason("mesos.agent.containerizers", at: $0.position)
            )
        }
        let timeout = agent.executorRegistrationTimeout.map {
            DeclaredFlag(
                "executor_registration_timeout",
                Content($0.value),
                Reason("mesos.agent.executor_registration_timeout", at: $0.position)
            )
        }
        return [containerizers, timeout].compactMap { $0 }
    }

    private static func declared(_ context: RoleContext) -> [DeclaredFlag] {
        context.flags(.mesosAgent, section: context.spec.mesos?.agent.flags ?? [])
            .map { DeclaredFlag($0, section: "mesos.agent.flags") }
    }

    private static func master(_ context: RoleContext) -> [DeclaredFlag] {
        context.spec.mesosZk.map { [DeclaredFlag("master", Content($0), Reason("mesos.zk"))] } ?? []
    }

    /// `MASTER` where nobody else sets it.
    ///
    /// Apache's RPM reads `/etc/default/mesos-agent` and ships none; Mesosphere's `/etc/default/mesos-slave` reads
    /// /etc/mesos/zk (mesos-zk-ops.md 1.1).
    private static func masterVariable(_ context: RoleContext) -> [KeyedEdit.Entry] {
        guard context.platform.agentFlagDirectory == "/etc/mesos-agent", let zk = context.spec.mesosZk else {
            return []
        }
        return [KeyedEdit.Entry("MASTER", Content(zk))]
    }

    // MARK: Attributes and resources

    /// A directory of files, one a name, that the wrapper joins into one flag.
    private struct Family {
        var name: String
        var settings: [Setting]
    }

    private static func family(_ name: String, _ cluster: [Setting], _ node: [Setting]) -> Family {
        Family(name: name, settings: Setting.merged([cluster, node]))
    }

    private static func files(_ family: Family, in daemon: MesosDaemon) -> [DesiredFile] {
        family.settings.map { setting in
            DesiredFile(
                path: "\(daemon.directory)/\(family.name)/\(setting.name.value)",
                body: .whole(setting.value.value + "\n"),
                comparison: .trailingNewlines,
                readBy: [daemon.service],
                reason: Reason("\(family.name).\(setting.name.value)", at: setting.name.position)
            )
        }
    }

    /// In the order of names, as the wrapper's glob gives them.
    private static func joined(_ family: Family) -> DeclaredFlag? {
        let sorted = family.settings.sorted { $0.name.value < $1.name.value }
        guard let first = sorted.first else { return nil }
        let pairs = sorted.map { Content($0.name.value + ":") + $0.value.value.withoutTrailingNewlines }
        let value = pairs.dropFirst().reduce(pairs[0]) { $0 + ";" + $1 }
        return DeclaredFlag(family.name, value, Reason(family.name, at: first.name.position))
    }
}
