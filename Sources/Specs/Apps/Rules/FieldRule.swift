/// Every field is one that the release reads: Marathon ignores others without a word (marathon-api.md 0, fact 10).
enum FieldRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        var walk = FieldWalk(release: app.release)
        walk.members(of: app.definition, ReadyShape.app, in: "")
        return walk.faults.sorted { $0.path < $1.path }
    }
}

private struct FieldWalk {
    let release: MarathonRelease
    var faults: [AppFault] = []

    mutating func value(_ value: AppValue, _ shape: ReadyShape, at path: String) {
        switch shape {
        case .text, .boolean, .integer, .number: break
        case .list(let item), .set(let item):
            guard item.holdsFields else { return }
            for (index, inner) in (value.items ?? []).enumerated() { self.value(inner, item, at: "\(path)[\(index)]") }
        case .map(let item):
            guard item.holdsFields else { return }
            for (name, inner) in value.members ?? [:] { self.value(inner, item, at: "\(path).\(name)") }
        case .object(let object): members(of: value, object, in: path)
        case .either(let shapes):
            if let shape = shapes.first(where: { $0.fits(value) }) { self.value(value, shape, at: path) }
        }
    }

    mutating func members(of value: AppValue, _ object: ReadyObject, in path: String) {
        guard let members = value.members else { return }
        for (name, inner) in members {
            let own = path.isEmpty ? name : "\(path).\(name)"
            guard let field = object.fields[name] else {
                faults.append(unknown(own, name, object, members))
                continue
            }
            if field.isReadOnly {
                let message = "`\(own)` is Marathon's own to say"
                faults.append(AppFault(message, at: own, hint: "leave it out"))
            } else if !field.isKnown(in: release) {
                faults.append(ignored(own, field.releases))
            } else {
                self.value(inner, field.shape, at: own)
            }
        }
    }

    private func unknown(
        _ path: String,
        _ name: String,
        _ object: ReadyObject,
        _ members: [String: AppValue]
    ) -> AppFault {
        let missing = object.names.filter { members[$0] == nil }
        let near = Suggestion.nearest(to: name, in: missing).map { "did you mean `\($0)`?" }
        return AppFault("Marathon knows no field `\(path.abbreviated)`, and would ignore it", at: path, hint: near)
    }

    private func ignored(_ path: String, _ releases: [ReleaseSpan]) -> AppFault {
        if let since = releases.compactMap(\.since).filter({ release < $0 }).min() {
            return AppFault("`\(path)` needs Marathon \(since.short); \(release) ignores it", at: path)
        }
        let until = releases.compactMap(\.until).max().map { "went away with Marathon \($0.short)" }
        return AppFault("`\(path)` \(until ?? "is not known"); \(release) ignores it", at: path)
    }
}

extension MarathonRelease {
    /// Without a patch of zero, such as `0.15`.
    var short: String { patch == 0 ? "\(major).\(minor)" : description }
}
