internal import FoundationEssentials
internal import Reconciler
internal import Specs
internal import Transport

/// How commands reach files and nodes: the one place where rooms are joined.
struct Wiring: Sendable {
    /// Reads cluster.yaml and everything it names; faults are values, also where the file itself cannot be read.
    var read: @Sendable (_ file: String) async -> Declaration
    /// Gives the loop over the declared cluster to `body` and lets go of the nodes in every ending.
    ///
    /// Opens nothing until it is asked to observe.
    /// - Throws: What `body` throws, and `Stop` where there is no loop to be had, such as for a secret without a value.
    var connect: @Sendable (ClusterSpec, Plan.Source, Connection, _ body: Body) async throws -> Void

    typealias Body = @Sendable (Reconciliation) async throws -> Void

    /// Files of this machine, nodes by ssh.
    static let live = Wiring(read: { await Declaration(file: $0) }, connect: { try await overSSH($0, $1, $2, $3) })

    private static func overSSH(
        _ spec: ClusterSpec,
        _ source: Plan.Source,
        _ connection: Connection,
        _ body: Body
    ) async throws {
        let secrets = try secrets(of: spec)
        var options = OpenSSHOptions(configFile: connection.sshConfig)
        options.visitsAtOnce = max(options.visitsAtOnce, connection.parallelism)
        let access: OpenSSHNodeAccess
        do throws(NodeAccessError) {
            access = try OpenSSHNodeAccess(options: options, secrets: secrets)
        } catch {
            throw Stop(.failure, error.message)
        }
        let lease: HeldLease
        do {
            lease = try await HeldLease(connection, of: spec, over: access)
        } catch {
            await access.close()
            throw error
        }
        let observer = Observer(access: access, parallelism: connection.parallelism)
        let loop = Reconciliation(
            observe: { await observer.observe(spec, secrets: secrets) },
            difference: { observed in
                Plan(desired: DesiredCluster(spec, observed: observed), observed: observed, source: source)
            },
            execute: { plan in
                try await connection.carryOut(plan, of: spec, under: lease.plan, secrets: secrets, over: access)
            }
        )
        // Also in a cancelled task: its own would be cancelled too, and the shared connections would stay.
        let close = {
            await Task {
                await lease.giveBack()
                await access.close()
            }.value
        }
        do {
            try await body(loop)
        } catch {
            await close()
            throw error
        }
        await close()
    }

    private static func secrets(of spec: ClusterSpec) throws -> SecretStore {
        let reader = SecretReader(source: DirectorySpecSource(DeclaredFile(spec.file).directory))
        let secrets: SecretStore
        do throws(MissingSecrets) {
            secrets = try reader.store(for: spec.secretReferences)
        } catch {
            throw Stop(.failure, error.description)
        }
        let unwritable = DesiredCluster(spec, platforms: [:]).unwritableSecrets(secrets)
        guard unwritable.isEmpty else { throw Stop(.failure, unwritable.joined(separator: "\n")) }
        return secrets
    }
}

/// What the files say.
struct Declaration: Sendable {
    /// nil where an error stands in the way.
    var spec: ClusterSpec?
    var diagnostics: [Diagnostic] = []
    /// The texts of the files that were read, by path, for excerpts.
    var texts: [String: String] = [:]
    /// Short git revision of the work tree that holds the file, where there is one.
    var revision: String?
}

extension Declaration {
    /// Reads a file of this machine and everything it names.
    fileprivate init(file path: String) async {
        let file = DeclaredFile(path)
        let reading = SpecReader.read(file.name, from: DirectorySpecSource(file.directory), named: path)
        self.init(
            spec: reading.spec,
            diagnostics: reading.diagnostics,
            texts: reading.texts,
            revision: await GitRevision.current(of: file.directory)
        )
    }
}

/// A path taken apart: the directory that everything in the file is relative to, and the file's name in it.
private struct DeclaredFile {
    var directory: String
    var name: String

    init(_ path: String) {
        guard let slash = path.lastIndex(of: "/") else {
            (directory, name) = (".", path)
            return
        }
        directory = slash == path.startIndex ? "/" : String(path[..<slash])
        name = String(path[path.index(after: slash)...])
    }
}

/// How nodes are to be reached and who is told.
struct Connection: Sendable {
    /// Nodes at once.
    var parallelism: Int
    /// An ssh_config instead of the user's.
    var sshConfig: String?
    /// How long to wait for a lease that someone else holds.
    var lockTimeoutSeconds = 0
    /// Whether the cluster is to be held from before it is observed until the end.
    var takesLease = false
    var events: @Sendable (RunEvent) -> Void = { _ in }
    /// One element a signal during the run: the first finishes the step in hand, the second stops it.
    var interrupts = AsyncStream<InterruptSignal> { $0.finish() }
}

extension Connection {
    /// One run under the cluster's lease.
    fileprivate func carryOut(
        _ plan: Plan,
        of spec: ClusterSpec,
        under lease: LeasePlan,
        secrets: SecretStore,
        over access: any NodeAccess
    ) async throws -> RunReport {
        let run = RunID(UUID().uuidString.lowercased())
        let executor = Executor(
            access: access,
            targets: spec.targets,
            secrets: secrets,
            lease: lease,
            parallelism: parallelism,
            clock: ContinuousClock(),
            run: run,
            editText: { edit, text in
                let text = KeyedText(text ?? "", format: edit.format)
                // The planner takes the recommendations out of edits of files that live already.
                guard let edited = text.applying(edit, includingRecommended: true).plainText else {
                    throw Stop(.failure, "a part of the text is hidden and cannot be written back")
                }
                return edited
            },
            events: events
        )
        let interruption = Interruption()
        let listener = Task { for await _ in interrupts { interruption.trip() } }
        defer { listener.cancel() }
        do throws(RunRefusal) {
            return try await executor.run(plan, interruption: interruption)
        } catch {
            throw Stop(ExitStatus(error), error.description)
        }
    }
}
