/// The Docker engine: its package, started and enabled, and the declared keys of its daemon.json.
public enum DockerRole: ManagedRole {
    /// Read by engines from 1.12 on, at their start and at SIGHUP (docs.docker.com, dockerd).
    public static let daemonFile = "/etc/docker/daemon.json"

    public static func resources(for context: RoleContext) -> NodeResources {
        guard context.has(.docker) else { return NodeResources() }
        let reason = Reason("role docker", at: context.position(of: .docker))
        let declared = context.spec.docker.package
        var wanted = NodeResources()
        wanted.packages = [
            DesiredPackage(
                name: packageName(context.spec.docker, on: context.platform),
                pin: context.spec.versions.docker?.value,
                brings: [.docker],
                reason: declared.map { Reason("docker.package", at: $0.position) } ?? reason
            )
        ]
        wanted.files = daemonFile(context.spec.docker.daemon).map { [$0] } ?? []
        wanted.services = [Service(name: .docker, layer: .engine, boot: true, running: true, reason: reason)]
        return wanted
    }

    /// Keys that are not declared stay as they are.
    private static func daemonFile(_ settings: [Setting]) -> DesiredFile? {
        guard let first = settings.first else { return nil }
        let entries = settings.map { KeyedEdit.Entry($0.name.value, $0.value.value) }
        return DesiredFile(
            path: daemonFile,
            body: .keyed(KeyedEdit(format: .json, set: entries)),
            readBy: [.docker],
            reason: Reason("docker.daemon", at: first.name.position)
        )
    }

    static func packageName(_ docker: DockerSpec, on platform: Platform) -> String {
        if let declared = docker.package?.value { return declared }
        return switch platform.packageManager {
        case .apt: "docker.io"
        case .yum: "docker"
        }
    }
}
