internal import Specs

extension Planning {
    /// Files of the site's own that would be written to where a link on the node leads, and that place is somebody else's, or
    /// into a home that is not there: they are not written.
    mutating func withholdMisplacedSiteFiles() {
        for difference in differences {
            var owners = SitePlaces(difference)
            for file in difference.files where file.file.isSite && !isPlanned(file, on: difference.name) {
                if let problem = owners.problem(of: file) {
                    draft.blocked.append(
                        Blocked(
                            node: difference.name,
                            title: "file \(file.file.path)",
                            because: problem.reason,
                            isByUnknown: false,
                            remedy: problem.remedy,
                            position: file.file.reason.position
                        )
                    )
                    withhold([file], on: difference.name)
                } else {
                    draft.notes += owners.notes(on: file)
                }
            }
        }
    }
}

/// Whose the places of a node are, as it is.
private struct SitePlaces {
    let difference: NodeDifference
    /// Places after all links, each with the path that is declared for it.
    private var taken: [String: DesiredFile] = [:]

    init(_ difference: NodeDifference) {
        self.difference = difference
        for file in difference.desired.files where !file.isSite {
            for place in Set([file.path, difference.resolved(file.path)].map(OwnedPlaces.canonical)) {
                taken[place] = file
            }
        }
    }

    mutating func problem(of difference: FileDifference) -> OwnedPlaces.Problem? {
        let file = difference.file
        if let home = SiteHomes.home(of: file.path), case .absent? = self.difference.observed.files[home] {
            return OwnedPlaces.Problem(
                reason: "there is no \(home)",
                remedy: "make the user with the home first: reconciler makes neither"
            )
        }
        let place = OwnedPlaces.canonical(self.difference.resolved(file.path))
        let way = place == OwnedPlaces.canonical(file.path) ? "it" : "it leads to \(place), which"
        if place != OwnedPlaces.canonical(file.path), let problem = owned(place) {
            return OwnedPlaces.Problem(reason: "\(way) \(problem.reason)", remedy: problem.remedy)
        }
        if let other = taken[place] {
            let whose = other.isSite ? "declared as \(other.path)" : "written for: \(other.reason.text)"
            let line = other.reason.position.map { " (\($0.file):\($0.line))" } ?? ""
            return OwnedPlaces.Problem(reason: "\(way) is \(whose)\(line)", remedy: "declare it there alone")
        }
        taken[place] = file
        return nil
    }

    private func owned(_ place: String) -> OwnedPlaces.Problem? {
        OwnedPlaces.problem(of: place)
            ?? OwnedPlaces.problem(of: place, roles: Set(difference.desired.roles))
    }

    func notes(on file: FileDifference) -> [Note] {
        let path = file.file.path
        var notes: [Note] = []
        let place = difference.resolved(path)
        if OwnedPlaces.canonical(place) != OwnedPlaces.canonical(path) {
            notes.append(Note(node: difference.name, "\(path) is a link: \(place) is written"))
        }
        if let service = SiteUnit(path: path)?.service, difference.runs(service) {
            notes.append(
                Note(
                    node: difference.name,
                    "\(path) changes, and \(service) runs on as it was started: restart it by hand when it suits"
                )
            )
        }
        return notes
    }
}

/// A unit, job or drop-in of an init system, by its path.
struct SiteUnit {
    var service: ServiceName
    /// Whether the path is all that makes the service: a drop-in is not.
    var isWhole: Bool

    init?(path: String) {
        let systemd = "/etc/systemd/system/"
        let upstart = "/etc/init/"
        let script = "/etc/init.d/"
        if path.hasPrefix(systemd) {
            let parts = path.dropFirst(systemd.count).split(separator: "/")
            let unit = parts.first ?? ""
            isWhole = parts.count == 1
            if isWhole, unit.hasSuffix(".service") {
                service = ServiceName(String(unit.dropLast(".service".count)))
            } else if parts.count == 2, unit.hasSuffix(".service.d") {
                service = ServiceName(String(unit.dropLast(".service.d".count)))
            } else if isWhole, [".timer", ".socket", ".path", ".mount", ".target"].contains(where: unit.hasSuffix) {
                service = ServiceName(String(unit))
            } else {
                return nil
            }
        } else if path.hasPrefix(upstart), path.hasSuffix(".conf") {
            service = ServiceName(String(path.dropFirst(upstart.count).dropLast(".conf".count)))
            isWhole = true
        } else if path.hasPrefix(script) {
            service = ServiceName(String(path.dropFirst(script.count)))
            isWhole = true
        } else {
            return nil
        }
    }

    func makes(_ service: ServiceName) -> Bool { isWhole && self.service == service }
}

/// Homes that files of the site's own are in: they come with their users, and are not made for a file.
enum SiteHomes {
    static func paths(of node: NodeSpec, in spec: ClusterSpec) -> [String] {
        let context = RoleContext(node: node, spec: spec, platform: .fallback)
        return SiteFiles.resources(for: context).files.compactMap { home(of: $0.path) }.unique
    }

    static func home(of path: String) -> String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "home" ? "/home/\(parts[1])" : nil
    }
}

extension NodeDifference {
    /// Where a path leads, as far as the node told.
    fileprivate func resolved(_ path: String) -> String {
        guard let found = observed.files[path]?.value, !found.resolvedPath.isEmpty else { return path }
        return found.resolvedPath
    }

    fileprivate func runs(_ service: ServiceName) -> Bool { observed.services[service]?.value?.run == .running }
}
