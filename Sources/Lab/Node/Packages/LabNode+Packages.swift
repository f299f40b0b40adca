public import Daemons
internal import Reconciler
internal import Specs

extension LabNode {
    /// Installed packages and their full versions.
    public var installedPackages: [String: String] { packages.mapValues(\.version) }

    /// nil where it is neither installed nor offered (facts.sh, `fact_package`).
    func packageAnswer(_ name: String) -> PackageAnswer? {
        let installed = packages[name]
        var offered = offered(name)
        // `yum list available` leaves out what is installed.
        if !platform.usesAPT { offered.removeAll { $0 == installed?.version } }
        guard installed != nil || !offered.isEmpty else { return nil }
        return PackageAnswer(
            name: name,
            installed: installed?.version,
            trouble: installed?.trouble,
            offered: offered,
            isHeld: installed?.isHeld ?? false,
            cannotHold: cannotHold
        )
    }

    /// Puts a package on the node at once, as an operator of old would have, with what it depends on.
    ///
    /// - Parameters:
    ///   - name: As the package manager calls it.
    ///   - version: The full version; nil for the candidate.
    ///   - startsServices: Whether its scripts may start services, as they do where nobody keeps them from it.
    ///   - now: The world's time.
    /// - Returns: Whether there is such a package.
    @discardableResult
    public mutating func install(
        _ name: String,
        version: String? = nil,
        startsServices: Bool = true,
        at now: Moment
    ) -> Bool {
        guard let version = version ?? catalogue.offered[name]?.first,
            let package = LabPackage(name, version: version, on: platform)
        else { return false }
        for dependency in package.depends where packages[dependency] == nil {
            install(dependency, version: nil, startsServices: startsServices, at: now)
        }
        let isFresh = packages[name] == nil
        if let old = packages[name].flatMap({ LabPackage(name, version: $0.version, on: platform) }) {
            if old.stopsBeforeUpgrade { for service in old.services { stop(service.name, now) } }
            bulkBytes -= old.bytes
        }
        users += package.users.filter { !users.contains($0) }
        unpack(package, isFresh: isFresh, now)
        bulkBytes += package.bytes
        packages[name] = InstalledPackage(version: version, isHeld: packages[name]?.isHeld)
        for definition in package.services {
            configure(definition, package, startsServices: startsServices, isFresh: isFresh, now)
        }
        return true
    }

    /// Files that are there already and are configuration stay (`--force-confold`); of a known package those that were
    /// taken away stay away.
    private mutating func unpack(_ package: LabPackage, isFresh: Bool, _ now: Moment) {
        let time = clock(at: now)
        for item in package.items {
            switch item {
            case .file(let path, let text, let mode, let owner, let isConffile):
                if isConffile, files.exists(path) || !isFresh { continue }
                files.write(path, text, mode: mode, owner: owner, group: owner, at: time)
            case .program(let path, let bytes):
                files.fill(path, bytes: bytes, at: time)
                files.setAttributes(path, mode: 0o755, at: time)
            case .directory(let path, let mode, let owner):
                guard !files.exists(path) else { continue }
                files.makeDirectory(path, at: time)
                files.setAttributes(path, mode: mode, owner: owner, group: owner, at: time)
            case .link(let path, let target):
                if files.attributes(path, followingLinks: false) == nil { files.link(path, to: target, at: time) }
            }
        }
    }

    private mutating func configure(
        _ definition: LabServiceDefinition,
        _ package: LabPackage,
        startsServices: Bool,
        isFresh: Bool,
        _ now: Moment
    ) {
        let name = definition.name
        if services[name] == nil { services[name] = LabService(definition) }
        services[name]?.definition = definition
        if definition.supervisor == .systemV {
            if runLevelLinks(of: name, "S").isEmpty, runLevelLinks(of: name, "K").isEmpty {
                for level in ["2", "3", "4", "5"] {
                    files.link("/etc/rc\(level).d/S01\(name)", to: "../init.d/\(name)", at: clock(at: now))
                }
            }
        } else if platform.usesSystemd, isFresh || package.stopsBeforeUpgrade, !isMasked(name) {
            // A masked unit cannot be enabled; that is no reason for a package to fail.
            setBoot(name, true, now)
        }
        let state = state(of: name)
        let isKept = state.boot == .masked || (!platform.usesSystemd && state.boot != .on)
        if package.startsServices, startsServices, !isKept, state.run != .running {
            start(name, byHand: true, now)
        }
    }
}
