import HummingbirdCore
public import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Listeners that start together and end together.
public struct HTTPServer: Sendable {
    public var listeners: [HTTPListener]
    /// What the server's library says; nothing unless a logger is given.
    public var logger: Logger
    /// How long answers that are being written may take to end once the server is told to.
    public var grace: Duration

    public init(_ listeners: [HTTPListener], logger: Logger? = nil, grace: Duration = .seconds(5)) {
        self.listeners = listeners
        self.logger = logger ?? Logger(label: "http") { _ in SwiftLogNoOpLogHandler() }
        self.grace = grace
    }

    /// Serves until the task is cancelled, then ends streams, finishes answers and returns.
    ///
    /// Either all listeners are bound or none stays.
    ///
    /// - Parameter started: Called once, with the bound ports in the order of the listeners; must not wait for their answers.
    /// - Throws: The first failure of a listener; the others have ended by then.
    public func run(started: @escaping @Sendable ([Int]) async -> Void = { _ in }) async throws(HTTPListenerFailure) {
        let bound = BoundPorts(count: listeners.count)
        let services = listeners.enumerated().map { index, listener in
            ListenerService(listener: listener, logger: logger) { port in
                if let ports = bound.add(port, at: index) { await started(ports) }
            }
        }
        var configuration = ServiceGroupConfiguration(services: services, logger: logger)
        configuration.maximumGracefulShutdownDuration = grace
        let group = ServiceGroup(configuration: configuration)
        // A task of its own: cancellation must not reach the library, which would drop answers half-way.
        let running = Task { try await group.run() }
        do {
            try await withTaskCancellationHandler {
                try await running.value
            } onCancel: {
                Task { await group.triggerGracefulShutdown() }
            }
        } catch let failure as HTTPListenerFailure {
            throw failure
        } catch {
            // Told to end, the group only complains of what its grace cut short.
            guard !Task.isCancelled else { return }
            throw HTTPListenerFailure(address: "", port: 0, reason: "\(error)")
        }
    }
}

/// The ports of listeners as they come up, in any order.
private final class BoundPorts: Sendable {
    private let ports: Mutex<[Int?]>

    init(count: Int) { ports = Mutex(Array(repeating: nil, count: count)) }

    /// Notes a port.
    ///
    /// - Parameters:
    ///   - port: The bound one.
    ///   - index: Of its listener.
    /// - Returns: All of them, when this was the last.
    func add(_ port: Int, at index: Int) -> [Int]? {
        ports.withLock { ports in
            ports[index] = port
            let all = ports.compactMap(\.self)
            return all.count == ports.count ? all : nil
        }
    }
}

/// One listener as a service of the group.
private struct ListenerService: Service {
    var listener: HTTPListener
    var logger: Logger
    var started: @Sendable (Int) async -> Void

    func run() async throws {
        let responder = Responder(listener: listener)
        let limits = listener.limits
        var configuration = HTTP1Channel.Configuration(
            idleTimeout: TimeAmount(limits.patience),
            httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                maxHeaderFieldSize: limits.headers,
                maxHeaderListSize: limits.headers
            )
        )
        if let lifetime = limits.lifetime {
            configuration.additionalChannelHandlers = { [LifetimeHandler(TimeAmount(lifetime))] }
        }
        let channel = HTTP1Channel(
            responder: { request, writer, channel in try await responder.respond(to: request, writer, channel) },
            configuration: configuration
        )
        let server = channel.server(
            configuration: ServerConfiguration(
                address: .hostname(listener.address, port: listener.port),
                availableConnectionsDelegate: limits.connections.map {
                    MaximumAvailableConnections($0, logger: logger)
                }
            ),
            onServerRunning: { channel in await started(channel.localAddress?.port ?? listener.port) },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: logger
        )
        do {
            try await server.run()
        } catch {
            throw HTTPListenerFailure(
                address: listener.address,
                port: listener.port,
                reason: systemReason(of: error)
            )
        }
    }
}

/// Cuts a connection some time after it was opened.
private final class LifetimeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    private let lifetime: TimeAmount
    private var end: Scheduled<Void>?

    init(_ lifetime: TimeAmount) { self.lifetime = lifetime }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        end = context.eventLoop.scheduleTask(in: lifetime) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { end?.cancel() }
}
