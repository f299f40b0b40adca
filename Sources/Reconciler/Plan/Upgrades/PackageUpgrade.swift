internal import Specs

/// A package whose version is not the declared one, with what would make it so.
struct PackageUpgrade: Hashable {
    var product: UpgradeProduct
    var package: DesiredPackage
    /// As the package manager says it.
    var installed: String
    /// The full version that would be installed; nil: the node's sources offer none that is declared.
    var version: String?
    /// The declared repositories' lists are renewed first and must have it then; the node chooses the full version.
    var isAwaited = false
    /// What else the node's sources offer, for words.
    var offered: [String]
    /// With packages that must have the same version.
    var installs: [PackageInstall] = []

    /// What is gone to: as offered, else as declared.
    var target: String { version ?? package.pin ?? "" }
    /// The same without the distribution's own part.
    var targetVersion: String { target.upstream }
    var job: String { product.upgradeJob }
    var title: String { "upgrade \(package.name) to \(targetVersion)" }
}

/// What becomes of one service whose program is to be another than the one its process runs.
struct ProgramChange: Hashable {
    var product: UpgradeProduct
    /// The version of the process; that of the package where the process tells none.
    var from: String
    var to: String
    /// The package is installed in this service's turn; nil: an earlier turn on the node does it, or it is there already.
    var upgrade: PackageUpgrade?
    /// The service of an earlier layer in whose turn the package is installed.
    var carrier: ServiceName?

    var words: String { "version \(from) → \(to)" }
}

extension String {
    /// `1.11.0` of `1.11.0-2.0.1`; the text itself where it is no version.
    var upstream: String { DottedVersion(self)?.description ?? self }
}

extension NodeDifference {
    /// Takes a package of an ensemble's program down for an upgrade; false: it is none of those.
    mutating func noteUpgrade(of package: DesiredPackage, _ answer: PackageAnswer, pin: String) -> Bool {
        guard let product = UpgradeProduct(package: package.name), let installed = answer.installed else {
            return false
        }
        let version = answer.offered.first { $0.isUpstream(pin) }
        if answer.isHeld, observed.applied.value?["package:\(package.name)"] == nil {
            let words = "\(package.name) is held at \(installed), by somebody else as far as is recorded: its upgrade "
            notes.append(Note(node: name, words + "frees it and holds it again at its end"))
        }
        var upgrade = PackageUpgrade(
            product: product,
            package: package,
            installed: installed,
            version: version,
            offered: answer.offered
        )
        upgrade.isAwaited = version == nil && maySearch(for: package, pin)
        upgrade.installs = installs(of: package, version, upgrade.isAwaited ? pin : nil)
        upgrades.append(upgrade)
        return true
    }

    /// `zookeeperd` wants the very same version of `zookeeper`, of which apt would take the newest.
    private func installs(of package: DesiredPackage, _ version: String?, _ pin: String?) -> [PackageInstall] {
        guard version != nil || pin != nil else { return [] }
        let own = PackageInstall(name: package.name, version: version, pin: pin)
        guard package.name == "zookeeperd", let server = observed.packages["zookeeper"]?.value,
            version == nil ? server.installed != nil : server.installed != version
        else { return [own] }
        if let version, !server.offered.contains(version) { return [own] }
        return [PackageInstall(name: "zookeeper", version: version, pin: pin), own]
    }

    func upgrade(of product: UpgradeProduct) -> PackageUpgrade? { upgrades.first { $0.product == product } }

    /// Whether another program than the installed one will be what `service` starts.
    func isUpgraded(_ service: ServiceName) -> Bool { upgrades.contains { $0.product.services.contains(service) } }

    func programChange(of service: ServiceName) -> ProgramChange? { programChanges[service] }

    /// The package of a product as it is declared here.
    func package(of product: UpgradeProduct?) -> DesiredPackage? {
        guard let product else { return nil }
        return desired.packages.first { UpgradeProduct(package: $0.name) == product }
    }
}
