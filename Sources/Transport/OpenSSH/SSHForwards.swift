internal import Glibc
public import Reconciler
internal import Specs

/// Ports forwarded over the nodes' shared connections, one unix socket each; each is made once, however many wait for it.
actor SSHForwards {
    private typealias Making = Task<Result<String, ForwardFailure>, Never>

    private struct Key: Hashable {
        var node: NodeTarget
        var port: ForwardedPort
    }

    private struct Forward {
        var path: String
        /// Which of the node's connections holds it: with that, it ends.
        var opening: Int
        var making: Making
    }

    private let options: OpenSSHOptions
    private let directory: PrivateDirectory
    private let connections: SSHConnections
    private var forwards: [Key: Forward] = [:]
    private var count = 0
    private var isClosed = false

    init(options: OpenSSHOptions, directory: PrivateDirectory, connections: SSHConnections) {
        self.options = options
        self.directory = directory
        self.connections = connections
    }

    func socket(to port: ForwardedPort, on node: NodeTarget) async throws(ForwardFailure) -> String {
        let (command, opening) = try await connection(to: node)
        let key = Key(node: node, port: port)
        if let known = forwards[key], known.opening == opening { return try await known.making.value.get() }
        guard !isClosed else { throw .node(closed(node)) }
        if let stale = forwards[key] { unlink(stale.path) }
        count += 1
        let path = "\(directory.path)/f\(count)"
        // Not cancelled with who asks: others may wait for it too, and each of its steps has a deadline.
        let making = Making { await make(port, over: command, at: path) }
        forwards[key] = Forward(path: path, opening: opening, making: making)
        let made = await making.value
        if case .failure = made, forwards[key]?.path == path { forwards[key] = nil }
        return try made.get()
    }

    func check(_ port: ForwardedPort, on node: NodeTarget) async throws(ForwardFailure) {
        let (command, _) = try await connection(to: node)
        try await reached(port, over: command)
    }

    func forget(_ port: ForwardedPort, on node: NodeTarget) async {
        if let stale = forwards.removeValue(forKey: Key(node: node, port: port)) { unlink(stale.path) }
        await connections.dropIfEnded(node)
    }

    /// Cancels them all; the connections stay.
    func close() async {
        isClosed = true
        let all = forwards
        forwards = [:]
        for (key, forward) in all {
            guard case .success = await forward.making.value else { continue }
            if let command = await connections.standing(to: key.node) {
                _ = try? await run(command.cancel(key.port, at: forward.path), for: key.node, within: .seconds(5))
            }
            unlink(forward.path)
        }
    }

    private func connection(to node: NodeTarget) async throws(ForwardFailure) -> (SSHCommand, Int) {
        guard !isClosed else { throw .node(closed(node)) }
        do throws(NodeAccessError) {
            let command = try await connections.connected(to: node)
            return (command, await connections.openings(of: node))
        } catch {
            throw .node(error)
        }
    }

    private nonisolated func make(
        _ port: ForwardedPort,
        over command: SSHCommand,
        at path: String
    ) async -> Result<String, ForwardFailure> {
        do throws(ForwardFailure) {
            try await reached(port, over: command)
            let ended = try await ran(command.forward(port, at: path), for: command.node, within: .seconds(10))
            guard ended.exitCode == 0 else {
                throw .node(SSHFailure.error(ended.errors, node: command.node, command: command))
            }
            return .success(path)
        } catch {
            return .failure(error)
        }
    }

    /// Lets the node connect to the port and hangs up: the socket itself takes everyone in.
    private nonisolated func reached(_ port: ForwardedPort, over command: SSHCommand) async throws(ForwardFailure) {
        let ended: ChildProcess.Ended
        do throws(ChildProcess.Failure) {
            ended = try await child(command.probe(port), within: .seconds(5)).run(in: directory.path)
        } catch .late {
            // Refusals come at once; what stays has connected, or its own deadline will tell.
            return
        } catch {
            throw .node(NodeAccessError(error, running: SSHFailure.label(command.node), within: .seconds(5)))
        }
        guard ended.exitCode != 0 else { return }
        // Over a shared connection ssh says only that, so a login of its own asks for the words.
        guard ended.errors.contains("open refused by peer") else {
            throw .node(SSHFailure.error(ended.errors, node: command.node, command: command))
        }
        let limit = options.loginDeadline + .seconds(command.connectTimeout)
        let asked = try await ran(command.explain(port), for: command.node, within: limit)
        guard asked.exitCode != 0 else { return }
        throw SSHFailure.forwarding(asked.errors, node: command.node, command: command)
    }

    private nonisolated func ran(
        _ arguments: [String],
        for node: NodeTarget,
        within limit: Duration
    ) async throws(ForwardFailure) -> ChildProcess.Ended {
        do throws(NodeAccessError) {
            return try await run(arguments, for: node, within: limit)
        } catch {
            throw .node(error)
        }
    }

    private nonisolated func run(
        _ arguments: [String],
        for node: NodeTarget,
        within limit: Duration
    ) async throws(NodeAccessError) -> ChildProcess.Ended {
        do {
            return try await child(arguments, within: limit).run(in: directory.path)
        } catch {
            throw NodeAccessError(error, running: SSHFailure.label(node), within: limit)
        }
    }

    private nonisolated func child(_ arguments: [String], within limit: Duration) -> ChildProcess {
        ChildProcess(program: options.program, arguments: arguments, deadline: limit)
    }

    private nonisolated func closed(_ node: NodeTarget) -> NodeAccessError {
        NodeAccessError(.interrupted, "\(SSHFailure.label(node)): nothing is forwarded any more, the run is ending")
    }
}

extension OpenSSHNodeAccess: PortForwarding {
    public func socket(to port: ForwardedPort, on node: NodeTarget) async throws(ForwardFailure) -> String {
        try await forwards.socket(to: port, on: node)
    }

    public func check(_ port: ForwardedPort, on node: NodeTarget) async throws(ForwardFailure) {
        try await forwards.check(port, on: node)
    }

    public func forget(_ port: ForwardedPort, on node: NodeTarget) async { await forwards.forget(port, on: node) }

    public func cancelForwards() async { await forwards.close() }
}
