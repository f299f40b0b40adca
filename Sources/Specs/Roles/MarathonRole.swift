/// Marathon: its flags as files up to 1.4, as variables from 1.5; its service.
public enum MarathonRole: ManagedRole {
    static let package = "marathon"
    static let directory = "/etc/marathon/conf"

    public static func resources(for context: RoleContext) -> NodeResources {
        guard context.has(.marathon), let marathon = context.spec.marathon else { return NodeResources() }
        let reason = Reason("role marathon", at: context.position(of: .marathon))
        let flags = flags(marathon, context)
        var wanted = NodeResources()
        wanted.packages = [
            DesiredPackage(
                name: package,
                pin: context.spec.versions.marathon?.value,
                pinnedAt: context.spec.versions.marathon?.position,
                brings: [.marathon],
                reason: reason
            )
        ]
        switch MarathonGeneration(on: context.platform) {
        case .flagFiles: addFiles(for: flags, to: &wanted, context, reason)
        case .environment: wanted.files.append(variablesFile(for: flags, context, reason))
        }
        wanted.environmentFiles = [environmentFile(on: context.platform)]
        wanted.services = [
            Service(
                name: .marathon,
                layer: .marathon,
                boot: true,
                running: true,
                configuration: .marathonFlags(flags.flagValues(.marathon)),
                reason: reason
            )
        ]
        wanted.advice = declared(context).filter { ["master", "zk"].contains($0.name) }.map {
            "\(context.node.name.value): the flag \($0.name) of marathon is derived and not taken from flags"
        }
        return wanted
    }

    // MARK: Flags

    /// `master` and `zk` are always written: 0.8's wrapper leaves its default out as soon as any flag begins with `--zk`
    /// (mesos-zk-ops.md 1.4), and from 1.5 there is none.
    private static func flags(_ marathon: MarathonSpec, _ context: RoleContext) -> [DeclaredFlag] {
        let hostname = context.announcedHostname
        let isNamed = context.node.hostname != nil
        var derived = [
            DeclaredFlag(
                "hostname",
                Content(hostname.value),
                Reason(isNamed ? "the node's hostname" : "the node's address", at: hostname.position)
            )
        ]
        if let master = context.spec.mesosZk {
            derived.append(
                DeclaredFlag("master", Content(master), Reason("mesos.zk", at: context.spec.mesos?.zkPath.position))
            )
        }
        if let zk = context.spec.marathonZk {
            derived.append(DeclaredFlag("zk", Content(zk), Reason("marathon.zk", at: marathon.zkPath.position)))
        }
        if let credentials = marathon.httpCredentials {
            let reason = Reason("marathon.httpCredentials", at: credentials.position)
            derived.append(DeclaredFlag("http_credentials", credentials.value, reason))
        }
        return .combined(derived: derived, declared: declared(context), fixed: ["master", "zk"])
    }

    private static func declared(_ context: RoleContext) -> [DeclaredFlag] {
        context.flags(.marathon, section: context.spec.marathon?.flags ?? [])
            .map { DeclaredFlag($0, section: "marathon.flags") }
    }

    // MARK: Up to 1.4

    private static func addFiles(
        for flags: [DeclaredFlag],
        to wanted: inout NodeResources,
        _ context: RoleContext,
        _ reason: Reason
    ) {
        let writer = FlagFiles(
            directory: directory,
            dialect: .marathon,
            service: .marathon,
            shippedBy: package,
            existing: context.flagFiles
        )
        wanted.files += writer.files(for: flags)
        wanted.flagDirectories = [
            FlagDirectory(
                path: directory,
                service: .marathon,
                prunes: context.spec.policy.pruneFlagFiles == .always,
                isRecursive: true,
                reason: reason
            )
        ]
    }

    // MARK: From 1.5

    static func environmentFile(on platform: Platform) -> EnvironmentFile {
        let isLegacy = MarathonGeneration(on: platform) == .flagFiles
        let path = platform.packageManager == .yum ? "/etc/sysconfig/marathon" : "/etc/default/marathon"
        let isUnitFile = platform.initSystem == .systemd && (!isLegacy || platform.packageManager == .yum)
        return EnvironmentFile(
            path: path,
            service: .marathon,
            format: isUnitFile ? .environmentFile : .shell,
            prefix: "MARATHON_"
        )
    }

    /// The unit runs Marathon as `marathon`; with secrets in it the file is that user's group's to read and nobody else's.
    private static func variablesFile(
        for flags: [DeclaredFlag],
        _ context: RoleContext,
        _ reason: Reason
    ) -> DesiredFile {
        let file = environmentFile(on: context.platform)
        let isSensitive = flags.contains(where: \.isSensitive)
        let switches = flags.filter(\.isSwitch).map(SwitchVariable.init)
        let edit = KeyedEdit(
            format: file.format,
            set: flags.compactMap { flag in
                guard flag.isSwitch else { return KeyedEdit.Entry(variable(flag.name), flag.value) }
                return SwitchVariable(flag).set.map { KeyedEdit.Entry($0, "") }
            },
            remove: switches.flatMap(\.remove)
        )
        return DesiredFile(
            path: file.path,
            body: .keyed(edit),
            mode: isSensitive ? 0o640 : nil,
            group: isSensitive ? "marathon" : nil,
            readBy: [.marathon],
            shippedBy: package,
            reason: reason
        )
    }

    static func variable(_ flag: String) -> String { "MARATHON_" + flag.uppercased() }

    /// A switch is a variable with an empty value, `MARATHON_X=` or `MARATHON_DISABLE_X=`; never both.
    private struct SwitchVariable {
        /// nil where the flag is off by being left out (`disable_http: false`).
        var set: String?
        var remove: [String]

        init(_ flag: DeclaredFlag) {
            let on = variable(flag.name)
            let isNegative = flag.name.hasPrefix("disable_")
            let off = isNegative ? nil : variable("disable_" + flag.name)
            set = flag.value == "true" ? on : off
            remove = [on, off].compactMap { $0 }.filter { [set] in $0 != set }
        }
    }
}
