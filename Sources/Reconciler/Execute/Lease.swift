public import Specs
internal import Synchronization

/// The right to change the cluster: kept as a file on each of a few nodes, held while a majority of them says so.
///
/// It expires by the nodes' own clocks, so a killed holder blocks nobody for longer than its period. Held times are
/// counted from before the visit that took or renewed it, so this side's idea of its end is never later than the node's.
public final class Lease: Sendable {
    /// What is known of one node's lease file.
    fileprivate struct Hold: Hashable, Sendable {
        /// Ours until then, in the run's time; nil: not ours as far as known.
        var until: Duration?
        /// A visit that would have taken it is under way, broke, or took it: it must be given back.
        var mayBeOurs = false
        /// Why it is not ours, or could not be renewed.
        var trouble: String?
        var isRefused = false
    }

    private let plan: LeasePlan
    private let access: any NodeAccess
    private let targets: [NodeName: NodeTarget]
    private let run: RunID
    private let clock: RunClock
    private let holds = Mutex<[NodeName: Hold]>([:])

    /// For slow nodes, once a majority has agreed.
    private static let grace = Duration.seconds(2)
    private static let releaseLimit = Duration.seconds(10)

    init(plan: LeasePlan, access: any NodeAccess, targets: [NodeName: NodeTarget], run: RunID, clock: RunClock) {
        self.plan = plan
        self.access = access
        self.targets = targets
        self.run = run
        self.clock = clock
    }

    /// - Parameters:
    ///   - plan: Who takes it, where and for how long.
    ///   - access: The way to the nodes that keep it.
    ///   - targets: At least those nodes.
    ///   - run: Names the visits.
    ///   - clock: One that goes on while the machine sleeps (`ContinuousClock`), as the nodes' clocks do.
    public convenience init(
        plan: LeasePlan,
        access: any NodeAccess,
        targets: [NodeName: NodeTarget],
        run: RunID,
        clock: some Clock<Duration>
    ) {
        self.init(plan: plan, access: access, targets: targets, run: run, clock: RunClock(clock))
    }

    /// Takes the lease on a majority, waiting for another holder up to `lockTimeout`; returns the nodes that agreed.
    ///
    /// A partial acquisition is given back before the next attempt. When the task is cancelled, `release()` must follow.
    public func acquire() async throws(RunRefusal) -> [NodeName] {
        let began = clock.now()
        while true {
            await attemptOnAll()
            let held = heldNodes
            if held.count >= plan.majority { return held }
            let attempt = holds.withLock { $0 }
            await release()
            let left = plan.lockTimeout - (clock.now() - began)
            guard left > .zero, !Task.isCancelled else { throw await refusal(of: attempt) }
            let pause = Duration.milliseconds(500) + Duration.milliseconds(1500) * plan.jitter()
            try? await clock.sleep(min(pause, left))
        }
    }

    /// Whether a majority still holds at this moment.
    public var isValid: Bool { clock.now() < end }

    /// Renews every third of the period until the task is cancelled (then nil), or until the lease is lost: says why.
    public func keep() async -> String? {
        await withTaskGroup(of: Void.self) { group in
            for node in plan.nodes { group.addTask { await self.keep(on: node) } }
            while !Task.isCancelled, isValid { try? await clock.sleep(end - clock.now()) }
            group.cancelAll()
        }
        return isValid ? nil : lossWords
    }

    /// Gives it back wherever it is or may be held; tried once and bounded, since it expires by itself.
    public func release() async {
        let holds = holds.withLock { holds in
            defer { holds = [:] }
            return holds
        }
        let nodes = plan.nodes.filter { holds[$0]?.mayBeOurs == true }
        guard !nodes.isEmpty else { return }
        _ = await clock.within(Self.releaseLimit) {
            await withTaskGroup(of: Void.self) { group in
                for node in nodes {
                    group.addTask { _ = try? await self.perform(.release(token: self.plan.holder.token), on: node) }
                }
            }
        }
    }
}

// MARK: - All nodes

extension Lease {
    private var heldNodes: [NodeName] {
        let (now, holds) = (clock.now(), holds.withLock { $0 })
        return plan.nodes.filter { (holds[$0]?.until).map { $0 > now } ?? false }
    }

    /// When the last majority ends: the end of the node that would then be missing.
    private var end: Duration {
        guard plan.majority > 0 else { return clock.now() + .seconds(3600) }
        let ends = holds.withLock { $0.values.compactMap(\.until) }.sorted(by: >)
        return ends.count >= plan.majority ? ends[plan.majority - 1] : .zero
    }

    private var lossWords: String {
        let (held, holds) = (heldNodes, holds.withLock { $0 })
        let troubles = plan.nodes.filter { !held.contains($0) }.map { holds[$0]?.trouble ?? "\($0): it expired" }
        return "\(held.count) of \(plan.nodes.count) nodes still keep it: \(troubles.joined(separator: "; "))"
    }

    private func attemptOnAll() async {
        let act = LeaseAct.acquire(plan.holder, seconds: plan.seconds)
        await withTaskGroup(of: Bool.self) { group in
            for node in plan.nodes {
                group.addTask {
                    await self.attempt(act, on: node)
                    return true
                }
            }
            var pending = plan.nodes.count
            var isGraceRunning = false
            while pending > 0, await group.next() == true {
                pending -= 1
                guard pending > 0, !isGraceRunning, heldNodes.count >= plan.majority else { continue }
                isGraceRunning = true
                group.addTask {
                    try? await self.clock.sleep(Self.grace)
                    return false
                }
            }
            group.cancelAll()
        }
    }

    /// Who holds it, where that can be read; else what went wrong on the nodes.
    private func refusal(of attempt: [NodeName: Hold]) async -> RunRefusal {
        var questions = GateQuestions()
        for node in plan.nodes where attempt[node]?.isRefused == true { questions.ask([.lease], of: node) }
        var owners: [LeaseOwner] = []
        for (node, requests) in questions.byNode {
            guard let target = targets[node],
                case .lease(let text, let seconds)? = try? await access.observe(requests, on: target).first,
                let owner = LeaseOwner(text: text, node: node, readAt: seconds), owner.holder != plan.holder
            else { continue }
            owners.append(owner)
        }
        let counts = Dictionary(grouping: owners, by: \.holder.token)
        if let owner = owners.max(by: { (counts[$0.holder.token]?.count ?? 0) < (counts[$1.holder.token]?.count ?? 0) })
        {
            return .leaseHeld(owner)
        }
        var troubles = plan.nodes.compactMap { node in
            attempt[node].map(\.trouble) ?? "\(node) gave no answer in time"
        }
        if troubles.isEmpty { troubles = ["they were had too late to be sure that they are still held"] }
        return .leaseUnavailable(
            plan.nodes.isEmpty
                ? "no node keeps it"
                : "\(plan.majority) of \(plan.nodes.count) nodes are needed: \(troubles.joined(separator: "; "))"
        )
    }
}

// MARK: - One node

extension Lease {
    private func keep(on node: NodeName) async {
        while !Task.isCancelled {
            let isHeld = heldNodes.contains(node) && holds.withLock { $0[node]?.trouble == nil }
            try? await clock.sleep(isHeld ? .seconds(plan.seconds) / 3 : .seconds(2))
            guard !Task.isCancelled else { return }
            if heldNodes.contains(node) {
                await attempt(.renew(token: plan.holder.token, seconds: plan.seconds), on: node)
            } else {
                await attempt(.acquire(plan.holder, seconds: plan.seconds), on: node)
            }
        }
    }

    private func attempt(_ act: LeaseAct, on node: NodeName) async {
        let began = clock.now()
        let wasOurs = holds.withLock { holds in
            defer { holds[node, default: Hold()].mayBeOurs = true }
            return holds[node]?.mayBeOurs ?? false
        }
        do {
            let result = try await perform(act, on: node)
            holds.withLock { $0[node, default: Hold()].settle(result, node, since: began, seconds: plan.seconds) }
        } catch {
            holds.withLock { holds in
                holds[node, default: Hold()].trouble = "\(node) does not answer (\(error.message))"
                if error.nothingHappened { holds[node, default: Hold()].mayBeOurs = wasOurs }
            }
        }
    }

    private func perform(_ act: LeaseAct, on node: NodeName) async throws(NodeAccessError) -> ActionResult? {
        guard let target = targets[node] else {
            throw NodeAccessError(.nameNotFound, "no node named \(node) is known to this run")
        }
        return try await access.perform([.lease(act)], run: run, on: target).first
    }
}

extension Lease.Hold {
    fileprivate mutating func settle(_ result: ActionResult?, _ node: NodeName, since began: Duration, seconds: Int) {
        switch result {
        case .done?, .alreadyInPlace?:
            // The node counts whole seconds, so its end may be up to one earlier.
            self = Self(until: began + .seconds(seconds - 1), mayBeOurs: true)
        case .conflict(let found)?:
            // The file itself, where the node shows it; its token is nobody else's business.
            let owner = LeaseOwner(text: found, node: node, readAt: 0)?.holder
            let words = owner.map { "held by \($0.user)@\($0.host) (pid \($0.pid), `\($0.command)`)" } ?? found
            self = Self(trouble: "\(node): \(words)", isRefused: true)
        case .failed(let reason)?: trouble = "\(node): \(reason)"
        case .pending?, nil: trouble = "\(node) gave no result"
        }
    }
}
