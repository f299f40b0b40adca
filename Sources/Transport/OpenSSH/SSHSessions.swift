internal import Reconciler
internal import Specs

extension OpenSSHNodeAccess {
    /// What a session ended with, ssh's own failures apart.
    typealias Session<Value: Sendable> = StreamedProcess.Ended<Value>

    /// Runs `command` on a node over its shared connection, with binary input and output.
    ///
    /// Takes no place from the visits: a transfer may last hours.
    /// - Parameters:
    ///   - command: For the login user's shell, whichever it is: plain words and simple quotes.
    ///   - node: Where.
    ///   - stall: No byte for this long ends it.
    ///   - body: What is written and read.
    /// - Returns: What `body` returned and how the command ended.
    /// - Throws: `NodeAccessError` where the connection could not be made or broke.
    func session<Value: Sendable>(
        _ command: String,
        on node: NodeTarget,
        stall: Duration,
        _ body: @escaping @Sendable (ProcessPipes) async -> Value
    ) async throws(NodeAccessError) -> Session<Value> {
        let ssh = try await connections.connected(to: node)
        let process = StreamedProcess(program: options.program, arguments: ssh.session(command), stall: stall)
        let ended: Session<Value>
        do {
            ended = try await process.run(in: socketDirectory, body)
        } catch {
            throw NodeAccessError(error, running: SSHFailure.label(node), within: stall)
        }
        guard ended.exitCode != 255 else { throw SSHFailure.error(ended.errors, node: node, command: ssh) }
        return ended
    }

    /// After a session broke: makes sure that the next one finds a connection that stands, or makes one.
    func forgetBrokenConnection(to node: NodeTarget) async { await connections.dropIfEnded(node) }
}

extension NodeAccessError {
    init(_ failure: StreamedProcess.Failure, running what: String, within limit: Duration) {
        switch failure {
        case .notFound:
            self.init(.protocolViolation, "\(what): the program is not installed on this machine; install it")
        case .stalled(let errors):
            let words = lastLine(errors)
            self.init(
                .timedOut,
                "\(what): no byte passed for \(limit.components.seconds) s\(words.isEmpty ? "" : " (\(words))")"
            )
        case .cancelled: self.init(.interrupted, "\(what): cancelled")
        case .other(let words): self.init(.interrupted, "\(what): \(words)")
        }
    }
}
