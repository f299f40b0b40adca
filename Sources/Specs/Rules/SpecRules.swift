/// What the rules judge: the spec as far as it could be read.
struct SpecDraft {
    let spec: ClusterSpec
    let apps: DeclaredApps
    /// The keys at the top of the file.
    let sections: Set<String>
    /// Paths whose values are faulty, with something else standing in for them.
    let faultyPaths: Set<String>

    /// Whether the value at `path`, a part of it, or what it is part of could not be read; rules leave it alone then.
    func isFaulty(_ path: String) -> Bool {
        faultyPaths.contains { $0 == path || $0.hasPrefix(path + ".") || path.hasPrefix($0 + ".") }
    }

    /// Whether it is uncertain which node has which role, so that nodes cannot be counted.
    var hasFaultyRoles: Bool {
        let names = Set(spec.nodes.map { "nodes.\($0.name.value)" })
        return faultyPaths.contains { path in
            path == "nodes" || path.contains(".roles")
                || path.hasPrefix("nodes.") && !names.contains { path == $0 || path.hasPrefix($0 + ".") }
        }
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
            VersionRule.self, AdminServerRule.self, StatsRule.self, ImageRule.self, WorkDirectoryRule.self,
            AppIdentityRule.self, AppDependencyRule.self, AppCommandRule.self, ServicePortRule.self,
        ]
        return rules.flatMap { $0.check(draft) }
    }
}
