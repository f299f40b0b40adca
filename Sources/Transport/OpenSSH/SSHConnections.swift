internal import Glibc
internal import Reconciler
internal import Specs

/// The shared connections, one a node; each is made once, however many visits wait for it.
actor SSHConnections {
    private typealias Opening = Task<Result<SSHCommand, NodeAccessError>, Never>

    private let options: OpenSSHOptions
    private let directory: PrivateDirectory
    private let doorway: Turnstile
    private var opening: [NodeTarget: Opening] = [:]
    /// Everything that was ever connected, with the number that names its files.
    private var commands: [NodeTarget: SSHCommand] = [:]
    /// How often each was opened: what hangs on a connection ends with it.
    private var openings: [NodeTarget: Int] = [:]

    init(options: OpenSSHOptions, directory: PrivateDirectory) {
        self.options = options
        self.directory = directory
        doorway = Turnstile(limit: options.connectionsAtOnce)
    }

    /// The commands for `node`, once its connection stands.
    func connected(to node: NodeTarget) async throws(NodeAccessError) -> SSHCommand {
        let command = commands[node] ?? SSHCommand(options: options, node: node, socket: socket(commands.count))
        commands[node] = command
        if directory.exists(name(of: command.socket)), opening[node] == nil { return command }
        let task = opening[node] ?? open(command)
        if opening[node] == nil { openings[node, default: 0] += 1 }
        opening[node] = task
        // Not cancelled with this visit: others may wait for it too, and it has a deadline of its own.
        let outcome = await task.value
        opening[node] = nil
        return try outcome.get()
    }

    /// Counts the connections to `node` so far.
    func openings(of node: NodeTarget) -> Int { openings[node] ?? 0 }

    /// The commands for a connection that stands; opens none.
    func standing(to node: NodeTarget) -> SSHCommand? {
        commands[node].flatMap { directory.exists(name(of: $0.socket)) ? $0 : nil }
    }

    /// Removes the socket of a connection that ended without doing so, so that the next visit opens one.
    func dropIfEnded(_ node: NodeTarget) async {
        guard let command = standing(to: node), opening[node] == nil else { return }
        let checked = try? await run(command.standing, for: command, within: .seconds(5))
        guard let checked, checked.exitCode != 0, opening[node] == nil else { return }
        _ = unlink(command.socket)
    }

    /// Leaves the connection to those who use it now: it ends with the last of them, and the next visit opens another.
    func leave(_ node: NodeTarget) async {
        guard let command = standing(to: node), opening[node] == nil else { return }
        _ = try? await run(command.stop, for: command, within: .seconds(5))
        // A master that hangs does not answer: what names it goes all the same.
        if opening[node] == nil { _ = unlink(command.socket) }
    }

    func close() async {
        for task in opening.values { _ = await task.value }
        for command in commands.values where directory.exists(name(of: command.socket)) {
            let child = ChildProcess(program: options.program, arguments: command.close, deadline: .seconds(5))
            _ = try? await child.run(in: directory.path)
        }
        commands = [:]
    }

    private func open(_ command: SSHCommand) -> Opening {
        Task {
            let outcome = await doorway.pass { await connect(command) }
            return outcome
                ?? .failure(
                    NodeAccessError(
                        .interrupted,
                        "\(SSHFailure.label(command.node)): cancelled before it was connected"
                    )
                )
        }
    }

    /// Connects and logs in; ssh goes into the background once that is done.
    private nonisolated func connect(_ asked: SSHCommand) async -> Result<SSHCommand, NodeAccessError> {
        do throws(NodeAccessError) {
            let command = try await enrolled(asked)
            await remember(command)
            let limit = options.loginDeadline + .seconds(command.connectTimeout)
            let ended = try await run(command.connect, for: command, within: limit)
            guard ended.exitCode == 0 else {
                throw SSHFailure.error(ended.errors, node: command.node, command: command)
            }
            return .success(command)
        } catch {
            return .failure(error)
        }
    }

    /// With a declared host key: a known_hosts file of our own beside those the user's configuration names, since naming
    /// one replaces those.
    private nonisolated func enrolled(_ command: SSHCommand) async throws(NodeAccessError) -> SSHCommand {
        guard let hostKey = command.node.hostKey, command.knownHosts.isEmpty else { return command }
        let words = hostKey.split(separator: " ").prefix(2)
        guard words.count == 2 else {
            throw NodeAccessError(
                .hostKeyUnknown,
                "\(SSHFailure.label(command.node)): `hostKey` is no public key line such as `ssh-ed25519 AAAA…`; mend it"
            )
        }
        let ended = try await run(command.resolved, for: command, within: .seconds(10))
        guard ended.exitCode == 0 else {
            throw SSHFailure.error(ended.errors, node: command.node, command: command)
        }
        let config = SSHResolvedConfig(String(decoding: ended.output, as: UTF8.self))
        let file = name(of: command.socket) + "-known"
        let line = "\(config.knownHostsName(destination: command.destination)) \(words.joined(separator: " "))\n"
        guard directory.write(line, to: file) else {
            throw NodeAccessError(.diskFull, "\(directory.path): cannot be written")
        }
        var enrolled = command
        enrolled.knownHosts = config.userKnownHosts + ["\(directory.path)/\(file)"]
        return enrolled
    }

    private func remember(_ command: SSHCommand) { commands[command.node] = command }

    private nonisolated func run(
        _ arguments: [String],
        for command: SSHCommand,
        within limit: Duration
    ) async throws(NodeAccessError) -> ChildProcess.Ended {
        let child = ChildProcess(program: options.program, arguments: arguments, deadline: limit)
        do {
            return try await child.run(in: directory.path)
        } catch {
            throw NodeAccessError(error, running: SSHFailure.label(command.node), within: limit)
        }
    }

    private func socket(_ number: Int) -> String { "\(directory.path)/\(number)" }

    private nonisolated func name(of socket: String) -> String {
        String(socket.split(separator: "/").last ?? "")
    }
}
