extension ClusterSpec {
    /// Every place of cluster.yaml that declares files and services of the site's own, the widest first.
    struct SiteScope {
        /// Such as `roles.marathon`; empty for the whole cluster.
        var name: String
        var files: [FileSpec]
        var services: [ServiceSpec]
        /// The nodes it holds for, in the order of the file.
        var nodes: [NodeSpec]

        /// Such as `roles.marathon.files`.
        func path(of key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }
    }

    /// All of them, cluster, roles, nodes.
    var siteScopes: [SiteScope] {
        [clusterScope] + roles.keys.sorted().map { scope(of: $0, nodes: nodes(with: $0)) } + nodes.map(scope)
    }

    /// The scopes that hold for `node`, the widest first.
    func siteScopes(of node: NodeSpec) -> [SiteScope] {
        [clusterScope] + Set(node.roles.map(\.value)).sorted().map { scope(of: $0, nodes: [node]) } + [scope(node)]
    }

    private var clusterScope: SiteScope { SiteScope(name: "", files: files, services: services, nodes: nodes) }

    private func scope(of role: Role, nodes: [NodeSpec]) -> SiteScope {
        let spec = roles[role] ?? RoleSpec()
        return SiteScope(name: "roles.\(role.rawValue)", files: spec.files, services: spec.services, nodes: nodes)
    }

    private func scope(_ node: NodeSpec) -> SiteScope {
        SiteScope(name: "nodes.\(node.name.value)", files: node.files, services: node.services, nodes: [node])
    }

    /// The files declared for `node`, the nearest of those at one path, each with where it is declared; sorted by path.
    func siteFiles(on node: NodeSpec) -> [(file: FileSpec, path: String)] {
        var nearest: [String: (file: FileSpec, path: String)] = [:]
        for scope in siteScopes(of: node) {
            for file in scope.files {
                nearest[file.path.value] = (file, "\(scope.path(of: "files")).\(file.path.value)")
            }
        }
        return nearest.values.sorted { $0.file.path.value < $1.file.path.value }
    }

    /// The services declared for `node`, what the nearest scope says of each; sorted by name.
    func siteServices(on node: NodeSpec) -> [(service: ServiceSpec, path: String)] {
        var merged: [ServiceName: (service: ServiceSpec, path: String)] = [:]
        for scope in siteScopes(of: node) {
            for service in scope.services {
                var nearest = service
                let wider = merged[service.name.value]?.service
                nearest.boot = service.boot ?? wider?.boot
                nearest.running = service.running ?? wider?.running
                merged[service.name.value] = (nearest, "\(scope.path(of: "services")).\(service.name.value)")
            }
        }
        return merged.values.sorted { $0.service.name.value < $1.service.name.value }
    }

    /// Secrets that files of the site's own hold; in any order.
    var siteFileReferences: [SecretReference] { siteScopes.flatMap(\.files).compactMap(\.text).flatMap(\.references) }
}

extension ClusterSpec {
    /// What files of the site's own should hold, by path; several texts where nodes differ.
    public var siteTexts: [String: Set<Content>] {
        siteScopes.flatMap(\.files).reduce(into: [:]) { texts, file in
            if let text = file.text { texts[file.path.value, default: []].insert(text) }
        }
    }
}
