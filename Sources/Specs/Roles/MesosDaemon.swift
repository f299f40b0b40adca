/// What masters and agents have in common: a flag directory, `/etc/default` files, one service.
struct MesosDaemon {
    var service: ServiceName
    var layer: Layer
    /// Such as `/etc/mesos-master`.
    var directory: String
    /// The daemon's own file of variables, sourced after `/etc/default/mesos`.
    var defaults: String
    /// Variable → flag, as the wrapper maps them (mesos-zk-ops.md 1.3).
    var variables: [String: String]
    /// Files the package ships in `directory`.
    var shipped: [String]

    static let master = MesosDaemon(
        service: .mesosMaster,
        layer: .masters,
        directory: "/etc/mesos-master",
        defaults: "/etc/default/mesos-master",
        variables: ["ZK": "zk", "IP": "ip", "PORT": "port", "CLUSTER": "cluster", "LOGS": "log_dir"],
        shipped: ["quorum", "work_dir"]
    )

    /// The directory is the one the installed wrapper names; its file of variables is called alike.
    static func agent(on platform: Platform) -> MesosDaemon {
        let directory = platform.agentFlagDirectory
        return MesosDaemon(
            service: .mesosAgent,
            layer: .agents,
            directory: directory,
            defaults: "/etc/default/" + (directory.split(separator: "/").last ?? "mesos-slave"),
            variables: ["MASTER": "master", "IP": "ip", "LOGS": "log_dir", "ISOLATION": "isolation"],
            shipped: ["work_dir", "launcher"]
        )
    }

    /// Package, flag files, flag directory and service of the daemon.
    ///
    /// `flags` go into files of the directory, or into variables the package sets already. Those `fromElsewhere` reach the
    /// daemon without a file of their own (`zk`, `attributes`) and are compared with what runs only.
    func resources(
        flags: [DeclaredFlag],
        fromElsewhere: [DeclaredFlag],
        extraVariables: [KeyedEdit.Entry] = [],
        context: RoleContext,
        role: Role
    ) -> NodeResources {
        let reason = Reason("role \(role.rawValue)", at: context.position(of: role))
        let (inDefaults, inFiles) = split(flags)
        var wanted = NodeResources()
        wanted.packages = [MesosPackage.desired(context.spec, reason: reason)]
        wanted.files = flagFiles(context).files(for: inFiles)
        if let file = defaultsFile(inDefaults, extraVariables, reason: reason) { wanted.files.append(file) }
        wanted.flagDirectories = [
            FlagDirectory(
                path: directory,
                service: service,
                shipped: shipped,
                prunes: context.spec.policy.pruneFlagFiles == .always,
                reason: reason
            )
        ]
        wanted.services = [
            Service(
                name: service,
                layer: layer,
                boot: true,
                running: true,
                configuration: .mesosFlags((flags + fromElsewhere).flagValues(.mesos)),
                reason: reason
            )
        ]
        wanted.environmentFiles = environmentFiles
        return wanted
    }

    func flagFiles(_ context: RoleContext) -> FlagFiles {
        FlagFiles(
            directory: directory,
            dialect: .mesos,
            service: service,
            shippedBy: MesosPackage.name,
            existing: context.flagFiles
        )
    }

    var environmentFiles: [EnvironmentFile] {
        ["/etc/default/mesos", defaults].map {
            EnvironmentFile(path: $0, service: service, variables: variables, prefix: "MESOS_")
        }
    }

    /// Flags that the package's own `/etc/default` files pass already: there a second one in a file would be fatal.
    private func split(
        _ flags: [DeclaredFlag]
    ) -> (inDefaults: [(variable: String, flag: DeclaredFlag)], inFiles: [DeclaredFlag]) {
        let packaged = ["port": "PORT", "log_dir": "LOGS"].filter { variables[$0.value] == $0.key }
        return (
            flags.compactMap { flag in packaged[flag.name].map { ($0, flag) } },
            flags.filter { packaged[$0.name] == nil }
        )
    }

    private func defaultsFile(
        _ flags: [(variable: String, flag: DeclaredFlag)],
        _ extra: [KeyedEdit.Entry],
        reason: Reason
    ) -> DesiredFile? {
        guard !flags.isEmpty || !extra.isEmpty else { return nil }
        return DesiredFile(
            path: defaults,
            body: .keyed(
                KeyedEdit(format: .shell, set: flags.map { KeyedEdit.Entry($0.variable, $0.flag.value) } + extra)
            ),
            readBy: [service],
            shippedBy: MesosPackage.name,
            reason: flags.first?.flag.reason ?? reason
        )
    }
}

extension MesosDaemon {
    /// Where both daemons work unless told otherwise; the package ships a file that says so.
    static let workDirectory = "/var/lib/mesos"

    /// Flags that each daemon gets from the node itself.
    static func nodeFlags(_ context: RoleContext, workDirectory: Located<String>?) -> [DeclaredFlag] {
        let (address, hostname) = (context.node.address, context.announcedHostname)
        let isNamed = context.node.hostname != nil
        return [
            // Without it the daemon binds what its host name resolves to, 127.0.1.1 for one (mesos-zk-ops.md 3.1, F7).
            DeclaredFlag("ip", Content(address.value), Reason("the node's address", at: address.position)),
            DeclaredFlag(
                "hostname",
                Content(hostname.value),
                Reason(isNamed ? "the node's hostname" : "the node's address", at: hostname.position)
            ),
            DeclaredFlag(
                "work_dir",
                Content(workDirectory?.value ?? Self.workDirectory),
                Reason(workDirectory == nil ? "the packages' work_dir" : "workDir", at: workDirectory?.position)
            ),
        ]
    }

    /// A flag that takes a path, for content that may be a path or the thing itself.
    ///
    /// Mesos' `--credentials` and `--credential` take only a path, so content goes into a file outside the flag directory,
    /// where it would be read as a flag, and the flag names it.
    func pathFlag(
        _ name: String,
        _ declared: Located<Content>,
        storedAt path: String,
        reason: String
    ) -> (flag: DeclaredFlag, file: DesiredFile?) {
        let why = Reason(reason, at: declared.position)
        if SensitiveNames.isPlace(declared.value) { return (DeclaredFlag(name, declared.value, why), nil) }
        let file = DesiredFile(
            path: path,
            body: .whole(declared.value.withoutTrailingNewlines + "\n"),
            comparison: .trailingNewlines,
            mode: 0o600,
            readBy: [service],
            reason: why
        )
        return (DeclaredFlag(name, Content(path), why), file)
    }
}
