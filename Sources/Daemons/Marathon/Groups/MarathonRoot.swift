/// The root group: the definitions last accepted, whatever of them runs already.
struct MarathonRoot: Hashable, Sendable, Codable {
    struct Group: Hashable, Sendable, Codable {
        var version: Moment
        var dependencies: [String] = []
        /// Ids of the apps right in it, sorted.
        var apps: [String] = []
        /// Ids of the groups right in it, sorted.
        var groups: [String] = []

        mutating func clear() { (apps, groups) = ([], []) }
    }

    private(set) var apps: [String: MarathonApp] = [:]
    private(set) var groups: [String: Group]
    private(set) var history: [Change] = []

    /// A version of the root, as what it has put in the place of what.
    struct Change: Hashable, Sendable, Codable {
        /// Of the root before the change.
        var before: Moment
        var version: Moment
        var apps: [App] = []
        var groups: [GroupBefore] = []

        struct App: Hashable, Sendable, Codable {
            var id: String
            var before: MarathonApp?
        }

        struct GroupBefore: Hashable, Sendable, Codable {
            var id: String
            var before: Group?
        }
    }

    init(at now: Moment) { groups = ["/": Group(version: now)] }

    /// Put together again from what is stored; parents that are missing are made.
    init(apps: [MarathonApp], groups: [String: Group], history: [Change], at now: Moment) {
        self.groups = groups.isEmpty ? ["/": Group(version: now)] : groups
        self.history = history
        for id in self.groups.keys { self.groups[id]?.clear() }
        for id in groups.keys.sorted() where id != "/" { link(group: id, at: now) }
        for app in apps {
            self.apps[app.id] = app
            link(app: app.id, at: now)
        }
    }

    var version: Moment { groups["/"]?.version ?? Moment(milliseconds: 0) }

    /// What the checks of a whole root look at.
    var tree: MarathonTree { MarathonTree(apps: apps, groups: groups.mapValues(\.dependencies)) }

    /// Groups with nothing but what says more than their apps: versions and dependencies.
    var storedGroups: [String: Group] {
        groups.mapValues { group in
            var group = group
            group.clear()
            return group
        }
    }

    /// Ids of all apps in a group and below.
    func apps(below group: String) -> [String] {
        guard let found = groups[group] else { return [] }
        return found.apps + found.groups.flatMap { apps(below: $0) }
    }

    /// Ids of all groups below a group, it first.
    func groups(below group: String) -> [String] {
        guard let found = groups[group] else { return [] }
        return [group] + found.groups.flatMap { groups(below: $0) }
    }

    // MARK: Changing

    /// Carries out an edit as one new version; what was there before goes into the change returned.
    mutating func apply(_ edit: RootEdit, version: Moment) -> Change {
        var change = Change(before: self.version, version: version)
        for id in edit.removedApps { remove(app: id, &change) }
        for id in edit.removedGroups.sorted(by: { $0.utf8.count > $1.utf8.count }) { remove(group: id, &change) }
        for (id, dependencies) in edit.groups {
            makeParents(of: id, version, &change)
            record(group: id, &change)
            groups[id, default: Group(version: version)].dependencies = dependencies
            groups[id]?.version = version
            link(group: id, at: version)
        }
        for app in edit.apps {
            change.apps.append(.init(id: app.id, before: apps[app.id]))
            makeParents(of: app.id, version, &change)
            apps[app.id] = app
            link(app: app.id, at: version)
        }
        record(group: "/", &change)
        groups["/"]?.version = version
        return change
    }

    /// Takes a change back, as if it had never been.
    mutating func undo(_ change: Change) {
        for group in change.groups where group.before == nil { unlink(group: group.id) }
        for app in change.apps.reversed() {
            if let before = app.before {
                apps[app.id] = before
            } else {
                apps[app.id] = nil
                unlink(app: app.id)
            }
        }
        for group in change.groups.reversed() {
            guard let before = group.before else { continue }
            groups[group.id, default: before].version = before.version
            groups[group.id]?.dependencies = before.dependencies
            if group.id != "/" { link(group: group.id, at: before.version) }
        }
        for app in change.apps where app.before != nil { link(app: app.id, at: change.before) }
    }

    /// Keeps a change, so that a request can go back behind it.
    mutating func keep(_ change: Change, atMost limit: Int?) -> [Change] {
        history.append(change)
        guard let limit, history.count > limit else { return [] }
        let dropped = Array(history.prefix(history.count - limit))
        history.removeFirst(dropped.count)
        return dropped
    }

    /// The root as it was at that version; nil for one it never had, or no longer knows.
    func at(_ version: Moment) -> MarathonRoot? {
        if version == self.version { return self }
        guard history.contains(where: { $0.before == version }) else { return nil }
        var root = self
        for change in history.reversed() {
            root.undo(change)
            if change.before == version { break }
        }
        return root
    }

    /// Newest first.
    var versions: [Moment] { [version] + history.reversed().map(\.before) }

    // MARK: The tree

    private mutating func remove(app id: String, _ change: inout Change) {
        guard let before = apps.removeValue(forKey: id) else { return }
        change.apps.append(.init(id: id, before: before))
        unlink(app: id)
    }

    private mutating func remove(group id: String, _ change: inout Change) {
        guard id != "/", groups[id] != nil else { return }
        record(group: id, &change)
        unlink(group: id)
    }

    private func recorded(_ id: String, in change: Change) -> Bool { change.groups.contains { $0.id == id } }

    private mutating func record(group id: String, _ change: inout Change) {
        guard !recorded(id, in: change) else { return }
        var before = groups[id]
        before?.clear()
        change.groups.append(.init(id: id, before: before))
    }

    /// Groups on the way to a new id carry the version of the change, as every group on the way to one does.
    private mutating func makeParents(of id: String, _ version: Moment, _ change: inout Change) {
        var path = id
        while let parent = PathID.parent(of: path) {
            if groups[parent] == nil || !recorded(parent, in: change) { record(group: parent, &change) }
            groups[parent, default: Group(version: version)].version = version
            path = parent
        }
        var group = PathID.parent(of: id)
        while let id = group, id != "/" {
            link(group: id, at: version)
            group = PathID.parent(of: id)
        }
    }

    private mutating func link(app id: String, at now: Moment) {
        guard let parent = PathID.parent(of: id) else { return }
        if groups[parent] == nil { link(group: parent, at: now) }
        groups[parent]?.apps.insertSorted(id)
    }

    private mutating func unlink(app id: String) {
        if let parent = PathID.parent(of: id) { groups[parent]?.apps.removeSorted(id) }
    }

    private mutating func link(group id: String, at now: Moment) {
        guard id != "/", let parent = PathID.parent(of: id) else { return }
        if groups[id] == nil { groups[id] = Group(version: now) }
        if groups[parent] == nil { link(group: parent, at: now) }
        groups[parent]?.groups.insertSorted(id)
        if parent != "/" { link(group: parent, at: now) }
    }

    private mutating func unlink(group id: String) {
        groups[id] = nil
        if let parent = PathID.parent(of: id) { groups[parent]?.groups.removeSorted(id) }
    }
}

/// What a request wants of the root.
struct RootEdit {
    /// New definitions, in the order in which they get ports.
    var apps: [MarathonApp] = []
    var removedApps: [String] = []
    /// Groups made or changed, with their dependencies.
    var groups: [(id: String, dependencies: [String])] = []
    var removedGroups: [String] = []
    /// Apps to be restarted whatever has changed.
    var restarts: Set<String> = []
    /// What `group_change_success` names.
    var groupID = "/"
}

/// Ids as paths.
enum PathID {
    /// nil for the root.
    static func parent(of id: String) -> String? {
        guard id != "/", let slash = id.lastIndex(of: "/") else { return nil }
        return slash == id.startIndex ? "/" : String(id[..<slash])
    }

    /// `/prod/web` as `prod_web`, the beginning of its tasks' ids.
    static func safe(_ id: String) -> String { id.split(separator: "/").joined(separator: "_") }

    static func isBelow(_ id: String, _ group: String) -> Bool { group == "/" || id == group || id.hasPrefix(group + "/") }
}

extension [String] {
    /// Into its place in a sorted array, unless it is there.
    mutating func insertSorted(_ element: String) {
        let index = place(of: element)
        if index == count || self[index] != element { insert(element, at: index) }
    }

    mutating func removeSorted(_ element: String) {
        let index = place(of: element)
        if index < count, self[index] == element { remove(at: index) }
    }

    private func place(of element: String) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < element { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
