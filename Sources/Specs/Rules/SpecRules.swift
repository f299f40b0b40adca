/// What the rules judge: the spec as far as it could be read.
struct SpecDraft {
    let spec: ClusterSpec
    let apps: DeclaredApps
    /// The keys at the top of the file.
    let sections: Set<String>
    /// Whether it is uncertain which node has which role, so that nodes cannot be counted.
    let hasFaultyRoles: Bool
    private let faultyPaths: Set<String>
    /// Every path that a faulty one is a part of.
    private let paths: Set<String>

    /// `faultyPaths` are those whose values could not be read, with something else standing in for them.
    init(spec: ClusterSpec, apps: DeclaredApps, sections: Set<String>, faultyPaths: Set<String>) {
        self.spec = spec
        self.apps = apps
        self.sections = sections
        self.faultyPaths = faultyPaths
        paths = Set(faultyPaths.flatMap(\.pathsAbove))
        let names = Set(spec.nodes.map { "nodes.\($0.name.value)" })
        hasFaultyRoles = faultyPaths.contains { path in
            let isOfKnownNode = names.contains(path) || path.pathsAbove.contains(where: names.contains)
            return path == "nodes" || path.contains(".roles") || path.hasPrefix("nodes.") && !isOfKnownNode
        }
    }

    /// As `ClusterSpec.isAppsOnly`; also where the endpoint that says so is none.
    var isAppsOnly: Bool {
        spec.isAppsOnly || spec.nodes.isEmpty && !spec.other.apps.isEmpty && isFaulty("marathon.endpoint")
    }

    /// Whether the value at `path`, a part of it, or what it is part of could not be read; rules leave it alone then.
    func isFaulty(_ path: String) -> Bool {
        faultyPaths.contains(path) || paths.contains(path) || path.pathsAbove.contains(where: faultyPaths.contains)
    }
}

extension String {
    /// `a` and `a.b` for `a.b.c`.
    fileprivate var pathsAbove: [String] {
        indices.filter { self[$0] == "." }.map { String(self[..<$0]) }
    }
}

/// A cross-check between parts of the spec, one a file.
protocol SpecRule {
    /// Everything it finds wrong; in any order.
    static func check(_ draft: SpecDraft) -> [Diagnostic]
}

/// All rules.
enum SpecRules {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        let rules: [any SpecRule.Type] = [
            AddressRule.self, HostnameRule.self, HostKeyRule.self, RoleRule.self, SectionRule.self, EnsembleRule.self,
            ZooKeeperConfigRule.self, ZNodePathRule.self, QuorumRule.self, DerivedFlagRule.self,
            ContradictoryFlagRule.self, SensitiveLiteralRule.self, ContainerizerRule.self, LaunchTimeoutRule.self,
            VersionRule.self, AdminServerRule.self, StatsRule.self, ImageRule.self, ImageOriginRule.self,
            ImageTargetRule.self, DockerDaemonRule.self, WorkDirectoryRule.self, AppIdentityRule.self,
            AppDependencyRule.self, DefinitionRule.self, ServicePortRule.self, AppPolicyRule.self,
            RepositoryRule.self, HoldRule.self,
            ClusterNetworkRule.self,
            SiteFileRule.self, SiteServiceRule.self,
            HAProxyRule.self, BalancedPortRule.self,
        ]
        return rules.flatMap { $0.check(draft) }
    }
}
