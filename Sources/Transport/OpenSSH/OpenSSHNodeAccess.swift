public import Reconciler
internal import Specs

/// Real nodes through the system's own ssh: its configuration, agent, jump hosts and known_hosts hold.
///
/// One connection a node, shared by all visits; one exec a visit. `close()` ends the connections that stayed.
public final class OpenSSHNodeAccess: NodeAccess {
    let options: OpenSSHOptions
    let secrets: SecretStore
    private let directory: PrivateDirectory
    private let visits: Turnstile
    let connections: SSHConnections
    let forwards: SSHForwards

    /// - Throws: `NodeAccessError` when /tmp takes no directory for the control sockets.
    public init(
        options: OpenSSHOptions = OpenSSHOptions(),
        secrets: SecretStore = SecretStore()
    ) throws(NodeAccessError) {
        guard let directory = PrivateDirectory() else {
            throw NodeAccessError(.diskFull, "/tmp: no directory can be made for ssh's control sockets")
        }
        self.options = options
        self.secrets = secrets
        self.directory = directory
        visits = Turnstile(limit: options.visitsAtOnce)
        connections = SSHConnections(options: options, directory: directory)
        forwards = SSHForwards(options: options, directory: directory, connections: connections)
    }

    public func observe(
        _ requests: [FactRequest],
        on node: NodeTarget
    ) async throws(NodeAccessError) -> [FactAnswer] {
        try await visiting(node) { [self] () throws(NodeAccessError) in
            try await Visit.observe(requests, at: .node, deadline: options.visitDeadline) {
                (script, limit) throws(NodeAccessError) in
                try await run(script, within: limit, on: node)
            }
        }
    }

    public func perform(
        _ actions: [NodeAction],
        run: RunID,
        on node: NodeTarget
    ) async throws(NodeAccessError) -> [ActionResult] {
        try await visiting(node) { [self] () throws(NodeAccessError) in
            try await Visit.perform(
                actions,
                run: run,
                secrets: secrets,
                at: .node,
                deadline: options.visitDeadline
            ) { (script, limit) throws(NodeAccessError) in
                try await self.run(script, within: limit, on: node)
            }
        }
    }

    public func renew(_ node: NodeTarget) async { await connections.leave(node) }

    /// Ends every forwarded port and shared connection and removes their sockets.
    ///
    /// Nothing can be asked afterwards.
    public func close() async {
        await forwards.close()
        await connections.close()
        directory.remove()
    }

    /// Where the control and forward sockets are.
    var socketDirectory: String { directory.path }

    private func visiting<Value: Sendable>(
        _ node: NodeTarget,
        _ body: @Sendable () async throws(NodeAccessError) -> Value
    ) async throws(NodeAccessError) -> Value {
        let outcome = await visits.pass { () -> Result<Value, NodeAccessError> in
            do throws(NodeAccessError) {
                return .success(try await body())
            } catch {
                // A script can be quoted by a shell that stumbles over it, and scripts hold values.
                return .failure(NodeAccessError(error.kind, secrets.words(error.message)))
            }
        }
        guard let outcome else {
            throw NodeAccessError(.interrupted, "\(SSHFailure.label(node)): cancelled before it was visited")
        }
        return try outcome.get()
    }

    private func run(
        _ script: NodeScript,
        within limit: Duration,
        on node: NodeTarget
    ) async throws(NodeAccessError) -> Visit.Printed {
        let command = try await connections.connected(to: node)
        let child = ChildProcess(
            program: options.program,
            arguments: command.visit,
            input: Array(script.text.utf8),
            deadline: limit
        )
        let ended: ChildProcess.Ended
        do {
            ended = try await child.run(in: directory.path)
        } catch {
            throw NodeAccessError(error, running: SSHFailure.label(node), within: limit)
        }
        let printed = Visit.Printed(output: ended.output, errors: ended.errors, ending: ended.ending)
        // 255 is also what a remote command may end with; the script itself never does.
        if ended.exitCode == 255, (try? Transcript(printed.output, nonce: script.nonce)) == nil {
            throw SSHFailure.error(ended.errors, node: node, command: command)
        }
        return printed
    }
}
