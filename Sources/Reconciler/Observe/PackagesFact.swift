internal import Specs

/// The packages the node's roles need: installed version, and what the node's own sources offer.
enum PackagesFact: Fact {
    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] {
        names(for: node, in: spec).map { .package($0) }
    }

    /// For both package managers, since which one it is is not known yet.
    private static func names(for node: NodeSpec, in spec: ClusterSpec) -> [String] {
        var names: [String] = []
        for manager in [Platform.PackageManager.apt, .yum] {
            let platform = Platform(os: "", initSystem: .systemd, packageManager: manager)
            let context = RoleContext(node: node, spec: spec, platform: platform)
            names += ManagedRoles.all.flatMap { $0.resources(for: context).packages.map(\.name) }
        }
        // The server itself; `zookeeperd` only brings its service, and yum has it under this name too.
        if node.has(.zookeeper) { names.append("zookeeper") }
        return names + spec.other.hold.map(\.value)
    }

    static func read(_ answers: Answers, into observed: inout ObservedNode) {
        for case .package(let name) in answers.requests {
            observed.packages[name] = answers.value(of: .package(name)) { answer in
                if case .package(let package) = answer { package } else { nil }
            }
        }
    }
}
