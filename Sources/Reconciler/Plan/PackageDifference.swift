internal import Specs

/// A package that is at the version it should have, and that an upgrade of everything would take along.
struct HoldDifference: Hashable {
    var name: String
    var reason: Reason
}

extension NodeDifference {
    mutating func comparePackages() {
        for package in desired.packages {
            switch observed.packages[package.name] ?? .unknown("it was not asked for") {
            case .unknown(let reason):
                block("package \(package.name)", reason, isByUnknown: true)
            case .absent where renewable.isEmpty:
                block("install \(package.name)", notOffered, isByUnknown: false)
            case .absent:
                compare(package, PackageAnswer(name: package.name))
            case .found(let answer):
                compare(package, answer)
            }
        }
        compareHolds()
    }

    private mutating func compare(_ package: DesiredPackage, _ answer: PackageAnswer) {
        if let trouble = answer.trouble {
            let words = "it is \(trouble): run again soon if an installation goes on; else finish it by hand"
            block("package \(package.name)", words, isByUnknown: false)
            return
        }
        if let installed = answer.installed {
            guard let pin = package.pin, !installed.isUpstream(pin) else { return }
            if noteUpgrade(of: package, answer, pin: pin) { return }
            let words = "\(installed) is installed and \(pin) is declared; this package is upgraded by hand only"
            block("package \(package.name)", words, isByUnknown: false)
            return
        }
        if let name = disturbedServices(by: package).first(where: mayRun) {
            let words = "\(name) runs (or may run) without the package; installing over it could restart it"
            block("install \(package.name)", words, isByUnknown: false)
        } else if let pin = package.pin {
            if let version = answer.offered.first(where: { $0.isUpstream(pin) }) {
                missing.append(MissingPackage(package: package, version: version))
            } else if !renewable.isEmpty {
                awaitSources(for: package)
            } else {
                let offered = answer.offered.isEmpty ? "nothing" : answer.offered.joined(separator: ", ")
                let words = "version \(pin) is declared and the node's sources offer \(offered)"
                block("install \(package.name)", words, isByUnknown: false)
            }
        } else if !answer.offered.isEmpty {
            missing.append(MissingPackage(package: package, version: nil))
        } else if !renewable.isEmpty {
            awaitSources(for: package)
        } else {
            block("install \(package.name)", notOffered, isByUnknown: false)
        }
    }

    private var notOffered: String {
        desired.repositories.isEmpty
            ? "the node's sources do not offer it"
            : "the node's sources do not offer it, nor did the declared repositories when their lists were last renewed"
    }

    /// What the sources will offer is known once their lists are renewed: the version is chosen on the node then.
    private mutating func awaitSources(for package: DesiredPackage) {
        awaitsSources = true
        missing.append(MissingPackage(package: package, version: nil, pin: package.pin))
    }

    /// Services wanted here that a package brings alone: what another installed package brings too is not touched by it.
    func disturbedServices(by package: DesiredPackage) -> [ServiceName] {
        let settled = desired.packages.filter { observed.hasInstalled($0.name) }.flatMap(\.brings)
        return package.brings.filter { desired.service($0)?.running == true && !settled.contains($0) }
    }

    private func mayRun(_ name: ServiceName) -> Bool {
        switch observed.services[name] ?? .unknown("it was not asked for") {
        case .found(let service): ![.stopped, .failed].contains(service.run)
        case .absent: false
        case .unknown: true
        }
    }

    // MARK: Holds

    /// What is installed as declared and not held; a hold that nobody declared is left alone.
    private mutating func compareHolds() {
        for package in desired.packages where package.holds {
            guard let answer = observed.packages[package.name]?.value, let installed = answer.installed,
                answer.trouble == nil, package.pin.map(installed.isUpstream) ?? true
            else { continue }
            compareHold(package.name, package.reason, answer)
        }
        let own = Set(desired.packages.map(\.name))
        for hold in desired.holds where !own.contains(hold.name) {
            switch observed.packages[hold.name] ?? .unknown("it was not asked for") {
            case .unknown(let reason): block("hold \(hold.name)", reason, isByUnknown: true)
            case .absent: continue
            case .found(let answer) where answer.installed == nil: continue
            case .found(let answer): compareHold(hold.name, hold.reason, answer)
            }
        }
    }

    private mutating func compareHold(_ name: String, _ reason: Reason, _ answer: PackageAnswer) {
        guard !answer.isHeld else { return }
        if let why = answer.cannotHold {
            notes.append(Note(node: desired.name, "\(name) cannot be held: \(why)"))
        } else {
            holds.append(HoldDifference(name: name, reason: reason))
        }
    }

    /// Why nothing can be held here, as far as any package told.
    var cannotHold: String? { observed.packages.values.lazy.compactMap { $0.value?.cannotHold }.first }
}

extension String {
    /// Whether this package version's upstream part is `pin` or starts with it at a dot (`1.11` pins `1.11.0-2`).
    func isUpstream(_ pin: String) -> Bool {
        guard let version = DottedVersion(self), let pinned = DottedVersion(pin) else { return self == pin }
        return version.numbers.starts(with: pinned.numbers)
    }
}
