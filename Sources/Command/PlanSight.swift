internal import ArgumentParser
internal import Reconciler
internal import Rendering
internal import Specs

/// What a plan is made on, and what it is compared with.
struct SightOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Tell this change (git) from what another git revision of the declaration would do as well (drift); without "
                + "--observed, --live or --lab nobody is asked, and that revision is taken as applied.",
            valueName: "revision"
        )
    )
    var base: String?

    @Option(
        help: ArgumentHelp("Plan on a look that observe --snapshot saved; nobody is asked.", valueName: "file")
    )
    var observed: String?

    @Flag(help: "With --base: look at the cluster itself.")
    var live = false

    func validate() throws {
        guard observed == nil || !live else { throw ValidationError("--observed and --live exclude each other") }
        guard base != nil || !live else { throw ValidationError("--live has a meaning with --base only") }
        guard base != "" else { throw ValidationError("--base is empty") }
    }

    /// Whether nobody is asked, given whether the lab stands for the cluster.
    func isOffline(lab: Bool) -> Bool { observed != nil || (base != nil && !live && !lab) }
}

extension PlanBasis {
    /// For the base's own steps to be told apart.
    init(_ sight: Sight, base: (name: String, declared: Declared)?, unseen: [String] = []) {
        self.init(
            sight: sight,
            base: base.map { Base(name: $0.name, commit: $0.declared.source.revision ?? $0.name) },
            unseen: unseen
        )
    }
}

extension Plan {
    /// The plan of `head`, told apart from that of `base` where there is one.
    init(_ head: Declared, base: (name: String, declared: Declared)?, on observed: ObservedCluster, _ basis: PlanBasis)
    {
        self = head.plan(on: observed)
        if let base { self = attributed(against: base.declared.plan(on: observed)) }
        self.basis = basis
    }
}

extension Stop {
    init(_ error: SealedDocumentError, _ path: String) {
        self.init(error.isRefusal ? .refused : .failure, "\(path): \(error.message)")
    }
}
