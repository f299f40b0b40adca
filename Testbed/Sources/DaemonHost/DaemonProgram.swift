public import Daemons
import Dispatch
import Glibc
import Serving

/// A daemon of the testbed: a model, and the node around it.
public struct DaemonProgram {
    public var journal: Journal
    public var start: DaemonStart
    /// The Docker client's name or path, for an agent.
    public var docker: String
    /// The last words of a daemon that cannot listen on its port.
    public var bindFailure: @Sendable (Endpoint, String) -> DaemonExit

    public init(
        journal: Journal,
        start: DaemonStart,
        docker: String = "docker",
        bindFailure: @escaping @Sendable (Endpoint, String) -> DaemonExit
    ) {
        self.journal = journal
        self.start = start
        self.docker = docker
        self.bindFailure = bindFailure
    }

    /// Runs the daemon to its end, which is the process's.
    ///
    /// - Parameter type: Of its model.
    public func run<Model: DaemonModel>(_ type: Model.Type) async -> Never {
        signal(SIGPIPE, SIG_IGN)
        var effects: [DaemonEffect] = []
        let model: Model
        do throws(DaemonExit) {
            model = try Model(start, at: .now, effects: &effects)
        } catch {
            end(error, after: effects)
        }
        let (inbox, inputs) = Inbox.make()
        let termination = terminationSource(inbox)
        let containers = Containers(inbox: inbox, docker: DockerClient(program: docker))
        let exit = await live(model, first: effects, inbox: inbox, inputs: inputs, containers: containers)
        termination.cancel()
        end(exit, after: [])
    }

    /// Listens, and carries out what the model wants until it wants to end.
    func live(
        _ model: some DaemonModel,
        first effects: [DaemonEffect],
        inbox: Inbox,
        inputs: AsyncStream<Input>,
        containers: Containers
    ) async -> DaemonExit {
        // A real daemon has its port before it touches anything.
        let listening: Task<Void, Never>
        switch await listen(model.listeners, inbox) {
        case .success(let task): listening = task
        case .failure(let exit): return exit
        }
        let carrier = EffectCarrier(inbox: inbox, journal: journal, containers: containers)
        let exit = await DaemonLoop(model, carrier: carrier, inbox: inbox).run(inputs, first: effects)
        // For answers and messages that were given before the end to leave the process.
        try? await Task.sleep(for: .milliseconds(100))
        listening.cancel()
        return exit
    }

    /// Serves on all endpoints.
    ///
    /// - Returns: What goes on serving, or the last words where an endpoint cannot be had.
    private func listen(_ endpoints: [Endpoint], _ inbox: Inbox) async -> Result<Task<Void, Never>, DaemonExit> {
        // Peers keep their connections open, and learn from their end that this process is gone.
        let limits = HTTPLimits(patience: .seconds(7 * 86_400))
        let server = HTTPServer(
            endpoints.map { endpoint in
                let reception = Reception(inbox: inbox, endpoint: endpoint)
                return HTTPListener(address: endpoint.host, port: endpoint.port, limits: limits) { request in
                    await reception.reply(to: request)
                }
            }
        )
        let (outcome, continuation) = AsyncStream.makeStream(of: DaemonExit?.self)
        let bindFailure = bindFailure
        let serving = Task {
            do throws(HTTPListenerFailure) {
                try await server.run { _ in continuation.yield(nil) }
            } catch {
                continuation.yield(bindFailure(Endpoint(error.address, error.port), error.reason))
            }
        }
        for await failure in outcome { return failure.map { .failure($0) } ?? .success(serving) }
        return .failure(DaemonExit("cannot serve"))
    }

    private func end(_ exit: DaemonExit, after effects: [DaemonEffect]) -> Never {
        for case .log(let severity, let text) in effects { journal.write(severity, text) }
        let stream = exit.status == 0 ? STDOUT_FILENO : STDERR_FILENO
        if !exit.message.isEmpty { try? writeAll(exit.message + "\n", to: stream) }
        Glibc.exit(Int32(exit.status))
    }
}

/// SIGTERM as an event, as long as the source lives.
private func terminationSource(_ inbox: Inbox) -> any DispatchSourceSignal {
    signal(SIGTERM, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
    source.setEventHandler { inbox.post(.terminate) }
    source.resume()
    return source
}
