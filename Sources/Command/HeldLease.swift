internal import FoundationEssentials
internal import Glibc
internal import Reconciler
internal import Specs

/// The lease of one command: taken before the nodes are observed, so that a plan is never made of what another run is
/// in the middle of.
///
/// Each run takes it once more under the same token, which is its already, and gives it back at its end.
struct HeldLease {
    let plan: LeasePlan
    private var lease: Lease?
    private var keeper: Task<Void, Never>?

    /// - Throws: `Stop` naming who holds the cluster.
    init(_ connection: Connection, of spec: ClusterSpec, on ground: Ground) async throws {
        let token = try ground.newID()
        plan = LeasePlan(
            nodes: DesiredCluster(spec, platforms: [:]).leaseHolders,
            holder: .thisProcess(token: token, command: connection.command),
            lockTimeout: .seconds(connection.lockTimeoutSeconds)
        )
        guard connection.takesLease else { return }
        let lease = Self.lease(plan, ground, spec, RunID(token), ground.clock)
        do throws(RunRefusal) {
            _ = try await lease.acquire()
        } catch {
            await ground.uncancelled { await lease.release() }
            throw Stop(error)
        }
        self.lease = lease
        keeper = Task(executorPreference: ground.executor) { _ = await lease.keep() }
    }

    private static func lease(
        _ plan: LeasePlan,
        _ ground: Ground,
        _ spec: ClusterSpec,
        _ run: RunID,
        _ clock: some Clock<Duration>
    ) -> Lease {
        Lease(plan: plan, access: ground.access, targets: spec.targets, run: run, clock: clock)
    }

    func giveBack() async {
        keeper?.cancel()
        await lease?.release()
    }
}

extension ClusterSpec {
    /// How each declared node is reached.
    var targets: [NodeName: NodeTarget] {
        Dictionary(nodes.map { ($0.name.value, NodeTarget($0, self)) }) { first, _ in first }
    }
}

extension LeaseHolder {
    /// This process; `command` is what was asked for, such as `reconciler apply`.
    static func thisProcess(token: String, command: String) -> LeaseHolder {
        LeaseHolder(
            token: token,
            user: ProcessInfo.processInfo.userName,
            host: ProcessInfo.processInfo.hostName,
            pid: Int(getpid()),
            command: command
        )
    }
}
