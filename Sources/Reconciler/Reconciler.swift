// The whole loop on one screen: observe, plan, execute, report. What each stage is made of comes from outside, so that
// the same loop runs over real nodes, a scratch root or a simulated cluster.

public import Specs

/// The loop over one declared cluster.
public struct Reconciliation: Sendable {
    /// Asks every node once.
    public var observe: @Sendable () async -> ObservedCluster
    /// Asks only what a saved plan relies on.
    public var observeOnly: @Sendable (Set<ReliedObject>) async -> ObservedCluster
    /// What is declared, for the cluster as it was seen.
    public var desire: @Sendable (ObservedCluster) -> DesiredCluster?
    /// The pure difference between what is declared and what was seen.
    public var difference: @Sendable (ObservedCluster) -> Plan
    /// Carries a plan out, under the cluster's lease; throws why nothing at all was done.
    public var execute: @Sendable (Plan) async throws -> RunReport

    public init(
        observe: @escaping @Sendable () async -> ObservedCluster,
        observeOnly: (@Sendable (Set<ReliedObject>) async -> ObservedCluster)? = nil,
        desire: @escaping @Sendable (ObservedCluster) -> DesiredCluster? = { _ in nil },
        difference: @escaping @Sendable (ObservedCluster) -> Plan,
        execute: @escaping @Sendable (Plan) async throws -> RunReport
    ) {
        self.observe = observe
        self.observeOnly = observeOnly ?? { _ in await observe() }
        self.desire = desire
        self.difference = difference
        self.execute = execute
    }

    /// How often a run plans again when a node turns out not to be what was assumed, and as often when what comes next can be
    /// planned only then.
    public static let replans = 2

    public func plan() async -> Plan { difference(await observe()) }

    /// Whether everything that `saved` relies on is as it was, and what of it is left to do; asks for nothing else.
    public func standing(of saved: SavedPlan) async -> SavedPlan.Standing {
        saved.standing(in: await observeOnly(saved.objects))
    }

    /// Carries `plan` out, which must have been agreed to.
    ///
    /// Where a run ends because an assumption did not hold, or because what it brought must be looked at before the rest can be
    /// planned, the cluster is observed and planned again, at most `replans` times for each. `consent` is asked whenever that plan disturbs something the plans before it did not name.
    ///
    /// A binding plan is carried out and no other: `consent` is asked for every plan made under way, with all its steps.
    public func apply(
        _ plan: Plan,
        isBinding: Bool = false,
        consent: (_ replanned: Plan, _ newlyDisruptive: [Step]) async throws -> Bool
    ) async throws -> ApplyOutcome {
        guard plan.refusals.isEmpty else { return ApplyOutcome(plan: plan, reports: [], ending: .refused) }
        var outcome = ApplyOutcome(plan: plan, reports: [], ending: .ran)
        var agreed = Disruptions(plan)
        while true {
            let report = try await execute(outcome.plan)
            outcome.reports.append(report)
            let sameEndings = outcome.reports.count { $0.ending.asksForPlan == report.ending.asksForPlan }
            guard report.ending.asksForPlan != nil, sameEndings <= Self.replans else { return outcome }
            outcome.plan = await self.plan()
            guard outcome.plan.refusals.isEmpty else {
                outcome.ending = .refused
                return outcome
            }
            guard !outcome.plan.steps.isEmpty else {
                outcome.ending = .nothingLeft
                return outcome
            }
            let new = isBinding ? outcome.plan.steps : agreed.missing(in: outcome.plan)
            if !new.isEmpty, try await !consent(outcome.plan, new) {
                outcome.ending = .declined
                return outcome
            }
            agreed.add(outcome.plan)
        }
    }
}

extension RunReport.Ending {
    fileprivate enum PlanRequest { case assumption, stage }

    /// nil where the plan stands.
    fileprivate var asksForPlan: PlanRequest? {
        switch self {
        case .completed, .interrupted, .leaseLost, .journalFailed: nil
        case .assumptionFailed: .assumption
        case .planAgain: .stage
        }
    }
}

/// What came of an `apply`, plans made under way included.
public struct ApplyOutcome: Hashable, Sendable {
    public enum Ending: Hashable, Sendable {
        /// The last report says how.
        case ran
        /// A plan is forbidden by a rule; it was not begun.
        case refused
        /// The plan made under way disturbs something new, and that was not agreed to.
        case declined
        /// The plan made under way had no step left.
        case nothingLeft
    }

    /// The last plan.
    public var plan: Plan
    /// One a plan that was begun.
    public var reports: [RunReport]
    public var ending: Ending

    public init(plan: Plan, reports: [RunReport], ending: Ending) {
        self.plan = plan
        self.reports = reports
        self.ending = ending
    }
}

/// What has been agreed to be disturbed: titles with their nodes; titles alone for what has none, such as an app.
private struct Disruptions {
    private struct Disruption: Hashable {
        var title: String
        var node: NodeName?
    }

    private var agreed: Set<Disruption> = []

    init(_ plan: Plan) { add(plan) }

    mutating func add(_ plan: Plan) {
        agreed.formUnion(plan.steps.filter { $0.impact != .none }.flatMap(Self.disruptions))
    }

    func missing(in plan: Plan) -> [Step] {
        plan.steps.filter { $0.impact != .none && !agreed.isSuperset(of: Self.disruptions($0)) }
    }

    private static func disruptions(_ step: Step) -> [Disruption] {
        guard !step.nodes.isEmpty else { return [Disruption(title: step.title)] }
        return step.nodes.map { Disruption(title: step.title, node: $0) }
    }
}
