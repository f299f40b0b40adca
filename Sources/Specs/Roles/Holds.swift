/// What `hold:` names, on every node: held where it is installed.
public enum Holds: ManagedRole {
    public static func resources(for context: RoleContext) -> NodeResources {
        var wanted = NodeResources()
        var seen: Set<String> = []
        wanted.holds = context.spec.other.hold.filter { seen.insert($0.value).inserted }.map { name in
            DesiredHold(name: name.value, reason: Reason("hold", at: name.position))
        }
        return wanted
    }
}

extension NodeResources {
    /// The packages, with those held that `hold` names.
    var heldPackages: [DesiredPackage] {
        let names = Set(holds.map(\.name))
        return packages.map { package in
            var package = package
            package.holds = package.holds || names.contains(package.name)
            return package
        }
    }
}
