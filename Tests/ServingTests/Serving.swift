import Daemons
import NIOCore
import NIOPosix
import Serving
import Testing

/// The suites share the machine's cores and ports: one after the other.
@Suite(.serialized) struct Serving {}

/// What takes longer than it may.
struct TooSlow: Error, CustomStringConvertible {
    var waited: Duration
    var description: String { "not done within \(waited)" }
}

/// The value of an operation, or `TooSlow`.
func within<Value: Sendable>(
    _ limit: Duration = .seconds(60),
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw TooSlow(waited: limit)
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw TooSlow(waited: limit) }
        return value
    }
}

/// A running server that is stopped by cancelling its task.
struct Served: Sendable {
    var ports: [Int]
    var task: Task<Void, any Error>
    var port: Int { ports.first ?? 0 }

    /// Starts listeners and waits until they are bound.
    init(_ listeners: [HTTPListener], grace: Duration = .seconds(5)) async throws {
        let (ports, started) = AsyncStream<[Int]>.makeStream()
        task = Task {
            defer { started.finish() }
            try await HTTPServer(listeners, grace: grace).run { started.yield($0) }
        }
        var iterator = ports.makeAsyncIterator()
        guard let ports = await iterator.next() else {
            try await task.value
            throw TooSlow(waited: .zero)
        }
        self.ports = ports
    }

    func stop() async throws {
        task.cancel()
        try await task.value
    }
}

/// Runs a test against one listener on 127.0.0.1 and stops it, all within a minute.
func serving(
    limits: HTTPLimits = HTTPLimits(),
    _ handler: @escaping HTTPListener.Handler,
    test: @escaping @Sendable (_ port: Int) async throws -> Void
) async throws {
    try await within {
        let served = try await Served([
            HTTPListener(address: "127.0.0.1", port: 0, limits: limits, handler: handler)
        ])
        do {
            try await test(served.port)
        } catch {
            served.task.cancel()
            throw error
        }
        try await served.stop()
    }
}

/// What passed by, in its order, for a test to wait for.
struct Notes: Sendable {
    private let stream: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func note(_ text: String) { continuation.yield(text) }

    /// All notes up to and with this one.
    func wait(for text: String) async throws -> [String] {
        try await within(.seconds(30)) {
            var all: [String] = []
            for await note in stream {
                all.append(note)
                if note == text { break }
            }
            return all
        }
    }

    /// The notes so far; none can follow.
    func all() async -> [String] {
        continuation.finish()
        return await stream.reduce(into: []) { $0.append($1) }
    }
}
