internal import Glibc
internal import Subprocess
internal import Synchronization
internal import SystemPackage

/// A program whose input and output pass through in pieces, however much it is; ended when nothing passes for too long.
struct StreamedProcess: Sendable {
    var program: String
    var arguments: [String]
    /// Waiting longer than this for the program to take or give a byte ends it.
    var stall: Duration

    struct Ended<Value: Sendable>: Sendable {
        var value: Value
        /// nil where a signal ended it.
        var exitCode: Int?
        /// Such as "exit status 1" or "signal 9".
        var ending: String
        /// The last 8 KiB of standard error.
        var errors: String
    }

    enum Failure: Error, Hashable {
        case notFound
        case stalled(errors: String)
        case cancelled
        case other(String)
    }

    private enum Outcome<Value: Sendable>: Sendable {
        case ended(Value, exitCode: Int?, ending: String)
        case stalled, cancelled
        case failed(Failure)
    }

    /// Runs it to its end; `body` writes to it and reads from it meanwhile, and its input ends with `body`.
    ///
    /// - Parameters:
    ///   - directory: A private place for the file that takes standard error.
    ///   - body: What is written and read.
    /// - Returns: What `body` returned and how the program ended, well or not.
    /// - Throws: `Failure` where it did not come to its own end.
    func run<Value: Sendable>(
        in directory: String,
        _ body: @escaping @Sendable (ProcessPipes) async -> Value
    ) async throws(Failure) -> Ended<Value> {
        _ = ChildProcess.brokenPipesAreErrors
        guard let errors = ErrorFile(in: directory) else { throw .other("\(directory): cannot be written") }
        defer { errors.close() }
        let watch = StallWatch(limit: stall)
        let outcome = await withTaskGroup(of: Outcome<Value>.self) { group in
            group.addTask { await execute(errors: errors, watch: watch, body) }
            group.addTask { await watch.stalls() ? .stalled : .cancelled }
            var first = await group.next() ?? .cancelled
            group.cancelAll()
            // Only once the child has ended, so that nothing is left running.
            while let other = await group.next() {
                if case .ended = other, case .cancelled = first { first = .cancelled }
            }
            return first
        }
        switch outcome {
        case .ended(let value, let exitCode, let ending):
            guard !Task.isCancelled else { throw .cancelled }
            return Ended(value: value, exitCode: exitCode, ending: ending, errors: errors.tail())
        case .stalled: throw .stalled(errors: errors.tail())
        case .cancelled: throw .cancelled
        case .failed(let failure): throw failure
        }
    }

    private func execute<Value: Sendable>(
        errors: ErrorFile,
        watch: StallWatch,
        _ body: @escaping @Sendable (ProcessPipes) async -> Value
    ) async -> Outcome<Value> {
        var platform = PlatformOptions()
        // As in `ChildProcess`: Ctrl-C on the terminal is not for it.
        platform.createSession = true
        platform.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .seconds(2))]
        do {
            let result = try await Subprocess.run(
                program.contains("/") ? .path(FilePath(program)) : .name(program),
                arguments: Arguments(arguments),
                environment: .inherit.updating(["LC_ALL": "C"]),
                platformOptions: platform,
                input: .inputWriter,
                output: .sequence,
                error: .fileDescriptor(errors.descriptor, closeAfterSpawningProcess: false)
            ) { execution in
                let pipes = ProcessPipes(
                    writer: execution.standardInputWriter,
                    output: execution.standardOutput,
                    watch: watch
                )
                let value = await body(pipes)
                await pipes.finish()
                // Waiting for its end is waiting too.
                watch.begin()
                return value
            }
            switch result.terminationStatus {
            case .exited(let code):
                return .ended(result.closureResult, exitCode: Int(code), ending: "exit status \(code)")
            case .signaled(let signal):
                return .ended(result.closureResult, exitCode: nil, ending: "signal \(signal)")
            }
        } catch let error as SubprocessError {
            return .failed(error.code == .executableNotFound ? .notFound : .other(error.description))
        } catch {
            return .failed(.other("\(error)"))
        }
    }
}

/// Both ends of a running program.
struct ProcessPipes: Sendable {
    fileprivate let writer: StandardInputWriter
    fileprivate let output: SubprocessOutputSequence
    let watch: StallWatch

    /// - Returns: Whether all of it was taken; false once the program reads no more.
    func write(_ bytes: [UInt8]) async -> Bool {
        guard !bytes.isEmpty else { return true }
        watch.begin()
        defer { watch.end() }
        return (try? await writer.write(bytes)) == bytes.count
    }

    /// Ends its input.
    func finish() async { try? await writer.finish() }

    /// What it prints; to be asked for once.
    func reader() -> Reader { Reader(iterator: output.makeAsyncIterator(), watch: watch) }

    struct Reader {
        fileprivate var iterator: SubprocessOutputSequence.Iterator
        fileprivate let watch: StallWatch
        private var kept: [UInt8] = []

        fileprivate init(iterator: SubprocessOutputSequence.Iterator, watch: StallWatch) {
            self.iterator = iterator
            self.watch = watch
        }

        /// The next piece; nil at the end, and where it broke.
        mutating func next() async -> [UInt8]? {
            if !kept.isEmpty {
                defer { kept = [] }
                return kept
            }
            watch.begin()
            defer { watch.end() }
            guard let piece = try? await iterator.next() else { return nil }
            return piece.withUnsafeBytes { [UInt8]($0) }
        }

        /// The next line without its end, at most 64 KiB; nil at the end.
        mutating func line() async -> String? {
            var line: [UInt8] = []
            while line.count < 65_536, let piece = await next() {
                guard let end = piece.firstIndex(of: UInt8(ascii: "\n")) else {
                    line += piece
                    continue
                }
                line += piece[..<end]
                kept = Array(piece[(end + 1)...])
                return String(decoding: line, as: UTF8.self)
            }
            return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
        }

        /// Passes over `count` bytes; false where it ends earlier.
        mutating func skip(_ count: Int) async -> Bool {
            var left = count
            while left > 0, let piece = await next() {
                if piece.count > left { kept = Array(piece[left...]) }
                left -= min(left, piece.count)
            }
            return left == 0
        }

        /// Exactly `count` bytes; nil where it ends earlier.
        mutating func exactly(_ count: Int) async -> [UInt8]? {
            var bytes: [UInt8] = []
            while bytes.count < count, let piece = await next() { bytes += piece }
            guard bytes.count >= count else { return nil }
            kept = Array(bytes[count...])
            return Array(bytes[..<count])
        }
    }
}

/// Tells when a wait for a byte has become too long.
final class StallWatch: Sendable {
    private struct State {
        var deadlines: [ContinuousClock.Instant] = []
        var limit: Duration
    }

    private let state: Mutex<State>

    init(limit: Duration) { state = Mutex(State(limit: limit)) }

    /// A wait begins.
    func begin() { state.withLock { $0.deadlines.append(.now + $0.limit) } }

    /// A wait has ended well.
    func end() { state.withLock { if !$0.deadlines.isEmpty { $0.deadlines.removeFirst() } } }

    /// From now on every wait may take this long: for a step during which no byte is due.
    func allow(_ limit: Duration) { state.withLock { $0.limit = limit } }

    /// Waits until a wait has become too long.
    ///
    /// - Returns: false where the task was cancelled before.
    func stalls() async -> Bool {
        while true {
            let (late, pause) = state.withLock { state -> (Bool, Duration) in
                let now = ContinuousClock.now
                return (state.deadlines.contains { $0 < now }, min(.seconds(1), state.limit / 4))
            }
            if late { return true }
            do { try await Task.sleep(for: pause) } catch { return false }
        }
    }
}
