/// `deployments:`, how long an app's deployment may take and what follows when it fails.
public struct DeploymentsSpec: Hashable, Sendable {
    public enum OnFailure: String, Hashable, Sendable, CaseIterable {
        case stop, wait, restore
    }

    public struct Terms: Hashable, Sendable {
        public var deadline: Located<MesosDuration>?
        public var onFailure: Located<OnFailure>?

        public init(deadline: Located<MesosDuration>? = nil, onFailure: Located<OnFailure>? = nil) {
            self.deadline = deadline
            self.onFailure = onFailure
        }
    }

    /// For every app that has none of its own.
    public var all: Terms
    /// By app id, written as a key that starts with `/`.
    public var apps: [Located<String>: Terms]

    public init(all: Terms = Terms(), apps: [Located<String>: Terms] = [:]) {
        self.all = all
        self.apps = apps
    }
}

/// The parts of `policy:` that concern apps, images and budgets.
public struct AppPolicySpec: Hashable, Sendable {
    public enum PruneApps: String, Hashable, Sendable, CaseIterable {
        case never, confirm, always
    }

    public struct Ignored: Hashable, Sendable {
        public var app: Located<String>
        public var fields: [Located<String>]

        public init(app: Located<String>, fields: [Located<String>]) {
            self.app = app
            self.fields = fields
        }
    }

    /// A number of things, or a share of all.
    public enum Amount: Hashable, Sendable {
        case count(Int)
        case percent(Int)
    }

    public var pruneImages: Located<PolicySpec.Prune>?
    public var pruneApps: Located<PruneApps>?
    public var pruneAppsUnder: [Located<String>]
    /// Ids that are never removed.
    public var protect: [Located<String>]
    public var ignore: [Ignored]
    public var tasksRestarted: Located<Amount>?
    public var nodes: Located<Amount>?

    public init(
        pruneImages: Located<PolicySpec.Prune>? = nil,
        pruneApps: Located<PruneApps>? = nil,
        pruneAppsUnder: [Located<String>] = [],
        protect: [Located<String>] = [],
        ignore: [Ignored] = [],
        tasksRestarted: Located<Amount>? = nil,
        nodes: Located<Amount>? = nil
    ) {
        self.pruneImages = pruneImages
        self.pruneApps = pruneApps
        self.pruneAppsUnder = pruneAppsUnder
        self.protect = protect
        self.ignore = ignore
        self.tasksRestarted = tasksRestarted
        self.nodes = nodes
    }
}
