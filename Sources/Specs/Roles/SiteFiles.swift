/// Files of the site's own (`files:`): the cluster's, a role's and the node's, the nearest of those at one path.
///
/// Whole files, compared to the last byte. Nothing is known of who reads them: no service is restarted for one.
public enum SiteFiles: ManagedRole {
    public static func resources(for context: RoleContext) -> NodeResources {
        var wanted = NodeResources()
        wanted.files = context.spec.siteFiles(on: context.node).compactMap { file, path in
            file.text.map { text in
                DesiredFile(
                    path: file.path.value,
                    body: .whole(text),
                    mode: file.mode?.value ?? (text.isSensitive ? 0o600 : nil),
                    owner: file.owner?.value,
                    group: file.group?.value,
                    reason: Reason(path, at: file.path.position),
                    isSite: true
                )
            }
        }
        return wanted
    }
}

/// Services of the site's own (`services:`): what the nearest scope says of each.
public enum SiteServices: ManagedRole {
    public static func resources(for context: RoleContext) -> NodeResources {
        var wanted = NodeResources()
        wanted.services = context.spec.siteServices(on: context.node).map { service, path in
            Service(
                name: service.name.value,
                layer: .site,
                boot: service.boot?.value ?? false,
                running: service.running?.value ?? false,
                reason: Reason(path, at: service.name.position),
                wish: SiteWish(boot: service.boot?.value, running: service.running?.value)
            )
        }
        return wanted
    }
}
