internal import Reconciler
internal import Specs

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

    static let live = Wiring(
        read: { file in
            Declaration(
                diagnostics: [
                    Diagnostic(
                        .error,
                        "cannot be read: this build has no reader of specs",
                        at: SourcePosition(file: file, line: 1, column: 1)
                    )
                ]
            )
        },
        connect: { _, _, _, _ in throw Stop(.failure, "this build has no way to nodes") }
    )
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

/// How nodes are to be reached and who is told.
struct Connection: Sendable {
    /// Nodes at once.
    var parallelism: Int
    /// An ssh_config instead of the user's.
    var sshConfig: String?
    /// How long to wait for a lease that someone else holds.
    var lockTimeoutSeconds = 0
    var events: @Sendable (RunEvent) -> Void = { _ in }
    /// One element a signal during the run: the first finishes the step in hand, the second stops it.
    var interrupts = AsyncStream<InterruptSignal> { $0.finish() }
}
