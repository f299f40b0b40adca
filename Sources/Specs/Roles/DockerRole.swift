/// The Docker engine: its package, started and enabled.
///
/// Its daemon.json is not managed yet.
public enum DockerRole: ManagedRole {
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
        wanted.services = [Service(name: .docker, layer: .engine, boot: true, running: true, reason: reason)]
        return wanted
    }

    static func packageName(_ docker: DockerSpec, on platform: Platform) -> String {
        if let declared = docker.package?.value { return declared }
        return switch platform.packageManager {
        case .apt: "docker.io"
        case .yum: "docker"
        }
    }
}
