/// The apps that should be on the cluster's Marathon, and what may be done to bring them there.
public struct DesiredApps: Hashable, Sendable {
    /// In the order of the files.
    public var apps: [DesiredApp]
    /// What a Marathon that is yet to be installed is expected to be.
    public var expected: AppContext?
    /// `policy.prune.apps`.
    public var prune: AppPolicySpec.PruneApps
    /// Absolute prefixes under which undeclared apps are removed.
    public var pruneUnder: [String]
    /// Ids that are never removed.
    public var protect: Set<String>
    /// Paths of fields that are left as they are, by app id.
    public var ignore: [String: [String]]
    /// `policy.consent`, as written.
    public var consent: Set<String>
    public var tasksRestarted: AppPolicySpec.Amount?
    /// Ids of `apply --force-app`: their locks are overridden.
    public var forced: Set<String>
    /// Whether somebody reads the plan and is asked before it is applied.
    ///
    /// `apply --yes` is not: what `prune: confirm` removes is then left out.
    public var mayAsk: Bool

    public init(
        apps: [DesiredApp],
        expected: AppContext? = nil,
        prune: AppPolicySpec.PruneApps = .never,
        pruneUnder: [String] = [],
        protect: Set<String> = [],
        ignore: [String: [String]] = [:],
        consent: Set<String> = [],
        tasksRestarted: AppPolicySpec.Amount? = nil,
        forced: Set<String> = [],
        mayAsk: Bool = true
    ) {
        self.apps = apps
        self.expected = expected
        self.prune = prune
        self.pruneUnder = pruneUnder
        self.protect = protect
        self.ignore = ignore
        self.consent = consent
        self.tasksRestarted = tasksRestarted
        self.forced = forced
        self.mayAsk = mayAsk
    }
}

/// One app that should be there.
public struct DesiredApp: Hashable, Sendable {
    /// Absolute.
    public var id: String
    /// As written, with variables put in and secrets as references; `id` and `dependencies` are absolute.
    public var definition: AppValue
    public var position: SourcePosition
    /// Where fields are written, by full path, such as `env.PATH`; see `position(of:)`.
    public var positions: [String: SourcePosition]
    /// Absolute ids.
    public var dependencies: [String]
    public var deadlineSeconds: Int
    public var onFailure: DeploymentsSpec.OnFailure

    public init(
        id: String,
        definition: AppValue,
        position: SourcePosition,
        positions: [String: SourcePosition] = [:],
        dependencies: [String] = [],
        deadlineSeconds: Int = 600,
        onFailure: DeploymentsSpec.OnFailure = .stop
    ) {
        self.id = id
        self.definition = definition
        self.position = position
        self.positions = positions
        self.dependencies = dependencies
        self.deadlineSeconds = deadlineSeconds
        self.onFailure = onFailure
    }

    /// nil: the live number is kept.
    public var instances: Int? { definition["instances"]?.integer }
}
