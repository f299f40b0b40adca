internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// A request to stop, from the keyboard or a supervisor.
enum InterruptSignal: Int32, Sendable, CaseIterable {
    case interrupt = 2
    case terminate = 15

    /// 128 and the signal's number, as shells count.
    var status: ExitStatus { ExitStatus(code: 128 + rawValue) }
}

/// The requests to stop so far, and who deals with the next one.
///
/// While nothing is being written, the first ends the command. During a run the run itself takes them: the first lets the
/// step in hand finish, the second stops it.
final class Interrupts: Sendable {
    typealias Handler = @Sendable (_ signal: InterruptSignal, _ count: Int) -> Void

    private struct State {
        var first: InterruptSignal?
        var count = 0
        var handler: Handler?
    }

    private let state = Mutex(State())

    var first: InterruptSignal? { state.withLock(\.first) }

    /// Hands every later signal to `handler`, and the last one at once if nobody took it.
    func handle(_ handler: @escaping Handler) {
        let missed = state.withLock { state -> (InterruptSignal, Int)? in
            defer { state.handler = handler }
            guard state.handler == nil, let first = state.first else { return nil }
            return (first, state.count)
        }
        if let (signal, count) = missed { handler(signal, count) }
    }

    /// Gives the signals to `handler` while `body` goes on, then to whom they went before.
    func handled<Value>(by handler: @escaping Handler, while body: () async throws -> Value) async rethrows -> Value {
        let previous = state.withLock { state -> Handler? in
            defer { state.handler = handler }
            return state.handler
        }
        defer { state.withLock { $0.handler = previous } }
        return try await body()
    }

    func receive(_ signal: InterruptSignal) {
        let (handler, count) = state.withLock { state -> (Handler?, Int) in
            state.count += 1
            if state.first == nil { state.first = signal }
            return (state.handler, state.count)
        }
        handler?(signal, count)
    }
}

/// The process's signals, delivered to `Interrupts` as long as this lives.
struct SignalSources: ~Copyable {
    private let sources: [any DispatchSourceSignal]

    init(_ interrupts: Interrupts) {
        sources = InterruptSignal.allCases.map { kind in
            signal(kind.rawValue, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: kind.rawValue, queue: .global())
            source.setEventHandler {
                // Several signals in one turn are one call; each counts.
                for _ in 0..<max(1, source.data) { interrupts.receive(kind) }
            }
            source.resume()
            return source
        }
    }

    deinit { for source in sources { source.cancel() } }
}

/// A reader that goes away (`| head`) must not end a run half-way: writing then fails with EPIPE instead.
func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
