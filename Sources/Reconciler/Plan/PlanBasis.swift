internal import Specs

/// What a plan stands on where that is more, or less, than the cluster as it is now.
public struct PlanBasis: Hashable, Sendable, Codable {
    public enum Sight: Hashable, Sendable, Codable {
        /// The cluster itself.
        case live
        /// A saved look at it: the file, and when the look was taken, in seconds since 1970.
        case snapshot(file: String, at: Int, ageSeconds: Int)
        /// Nobody looked: the cluster as it would be had the base been applied to it.
        case applied
    }

    public var sight: Sight
    /// The revision compared with, as named and as resolved: `main` and `3f1c2aa`; nil where none is.
    public var base: Base?
    /// What this plan cannot know, as sentences.
    public var unseen: [String]

    public struct Base: Hashable, Sendable, Codable {
        public var name: String
        public var commit: String

        public init(name: String, commit: String) {
            self.name = name
            self.commit = commit
        }
    }

    /// An older look than this is told loudly.
    public static let oldAfterSeconds = 3600

    public init(sight: Sight, base: Base? = nil, unseen: [String] = []) {
        self.sight = sight
        self.base = base
        self.unseen = unseen
    }

    public var isOld: Bool {
        if case .snapshot(_, _, let age) = sight { age > Self.oldAfterSeconds } else { false }
    }
}

extension Plan {
    /// The same steps, each change told apart: `git` is what only this declaration asks for, `drift` what `base`, the plan of
    /// another declaration for the same cluster, asks for as well.
    public func attributed(against base: Plan) -> Plan {
        var plan = self
        let before = Set(base.steps.flatMap(\.changes).map(Wish.init))
        for step in plan.steps.indices {
            for change in plan.steps[step].changes.indices {
                let isOlder = before.contains(Wish(plan.steps[step].changes[change]))
                plan.steps[step].changes[change].cause = isOlder ? .drift : .git
            }
        }
        let own = Set(steps.flatMap(\.changes).map(\.place))
        let dropped = base.steps.flatMap(\.changes).map(\.place).filter { !own.contains($0) }
        if !dropped.isEmpty {
            let shown = dropped.prefix(5).joined(separator: ", ")
            let more = dropped.count > 5 ? " and \(dropped.count - 5) more" : ""
            plan.notes.append(Note("the base would change this, and this declaration does not: \(shown)\(more)"))
        }
        return plan
    }
}

extension Change {
    fileprivate var place: String { (node.map { "\($0): " } ?? "") + resource }
}

/// What makes a change of one plan the same as that of another: where, and to what.
///
/// Why a service is restarted does not count: one restart serves both.
private struct Wish: Hashable {
    var place: String
    var kind: Change.Kind
    var after: Content?
    var summary: String?
    var fields: [FieldDifference]

    init(_ change: Change) {
        place = change.place
        kind = change.kind
        after = change.after
        summary = change.kind == .run ? nil : change.summary
        fields = change.fields
    }
}
