internal import Reconciler
internal import Specs
internal import Transport

/// What a loop stands on: a way to the nodes, the clock they live by, and names for runs.
///
/// The same over ssh and in the simulated cluster.
struct Ground: Sendable {
    var access: any NodeAccess
    /// The way to REST APIs.
    var transport: any HTTPTransport
    /// The way of images.
    var courier: any ImageCourier
    var secrets: SecretStore
    /// One that goes on while the machine sleeps, as the nodes' clocks do.
    var clock: any Clock<Duration>
    /// Where tasks of our own run; nil for anywhere.
    ///
    /// Simulated time stands still only for what runs on its executor.
    var executor: (any TaskExecutor)?
    /// Letters, digits and `-`, each time another.
    var newID: @Sendable () throws -> String

    /// The same with its hands tied.
    var looking: LookingGround {
        LookingGround(
            access: ReadOnlyAccess(access),
            transport: ReadOnlyTransport(transport),
            origins: courier,
            secrets: secrets,
            clock: clock
        )
    }

    /// Gives the loop over `declared` to `body`, under the cluster's lease where `connection` takes one.
    /// - Throws: What `body` throws, and `Stop` where somebody else holds the cluster.
    func loop(
        over declared: Declared,
        _ connection: Connection,
        _ body: Wiring.Body
    ) async throws {
        let spec = declared.spec
        let lease = try await HeldLease(connection, of: spec, on: self)
        let marathon = marathon(of: spec, clock)
        let images = spec.desiredImages(for: declared.apps)
        let look = looking.look(over: declared, connection)
        let aftermath = connection.journal.map {
            Aftermath(
                journal: $0,
                run: RunID(lease.plan.holder.token),
                writes: connection.takesLease,
                tell: connection.aftermath
            )
        }
        let loop = Reconciliation(
            observe: look.observe,
            observeOnly: look.observeOnly,
            desire: look.desire,
            difference: { observed in
                var plan = look.difference(observed)
                plan.notes += aftermath?.notes(on: plan) ?? []
                return plan
            },
            execute: { plan in
                try await carryOut(plan, of: spec, images, connection, under: lease.plan, marathon, clock)
            }
        )
        do {
            try await body(loop)
        } catch {
            await letGo(lease)
            throw error
        }
        await letGo(lease)
    }

    /// Also of what looking at images has opened.
    private func letGo(_ lease: HeldLease) async {
        await uncancelled {
            await courier.close()
            await lease.giveBack()
        }
    }

    private func marathon(of spec: ClusterSpec, _ clock: some Clock<Duration>) -> MarathonClient? {
        MarathonClient.Reach(spec).map {
            MarathonClient(reach: $0, transport: transport, secrets: secrets, clock: clock)
        }
    }

    /// Runs `body` to its end, also in a cancelled task.
    func uncancelled(_ body: @escaping @Sendable () async -> Void) async {
        await Task(executorPreference: executor) { await body() }.value
    }

    private func journal(of run: RunID, _ connection: Connection) throws -> OpenJournal? {
        do throws(JournalError) {
            return try connection.journal?.begin(run)
        } catch {
            throw Stop(.failure, "\(error); nothing is done that cannot be written down first")
        }
    }

    /// One run under the cluster's lease.
    private func carryOut(
        _ plan: Plan,
        of spec: ClusterSpec,
        _ images: DesiredImages?,
        _ connection: Connection,
        under lease: LeasePlan,
        _ marathon: MarathonClient?,
        _ clock: some Clock<Duration>
    ) async throws -> RunReport {
        let run = RunID(try newID())
        let journal = try journal(of: run, connection)
        defer { journal?.close() }
        let executor = Executor(
            access: access,
            targets: spec.targets,
            transport: transport,
            logins: RESTLogins(spec),
            secrets: secrets,
            lease: lease,
            parallelism: connection.parallelism,
            clock: clock,
            run: run,
            journal: journal,
            marathon: marathon,
            masters: ServicePlace.masters(of: spec),
            courier: courier,
            images: images?.images ?? [],
            editText: { edit, text in
                let text = KeyedText(text ?? "", format: edit.format)
                // The planner takes the recommendations out of edits of files that live already.
                guard let edited = text.applying(edit, includingRecommended: true).plainText else {
                    throw Stop(.failure, "a part of the text is hidden and cannot be written back")
                }
                return edited
            },
            events: connection.events
        )
        let interruption = connection.interruption
        let listener = Task(executorPreference: self.executor) {
            for await _ in connection.interrupts { interruption.trip() }
        }
        defer { listener.cancel() }
        do throws(RunRefusal) {
            return try await executor.run(plan, interruption: interruption)
        } catch {
            throw Stop(error)
        }
    }
}
