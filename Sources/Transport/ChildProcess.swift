internal import Glibc
internal import Subprocess
internal import SystemPackage

/// A program run to its end, with everything bounded: time, output, and what is kept of its errors.
struct ChildProcess {
    var program: String
    var arguments: [String]
    var input: [UInt8] = []
    var deadline: Duration
    /// More output than this is an error.
    var outputLimit = 64 << 20
    /// nil inherits this process's.
    var environment: [String: String]?

    struct Ended: Hashable {
        /// nil where a signal ended it.
        var exitCode: Int?
        /// Such as "exit status 1" or "signal 9".
        var ending: String
        var output: [UInt8]
        /// The last 8 KiB of standard error.
        var errors: String
    }

    enum Failure: Error, Hashable {
        case notFound
        /// The deadline passed; the program was ended.
        case late(errors: String)
        case cancelled
        case tooMuchOutput(limit: Int)
        case other(String)
    }

    /// Runs it to its end.
    ///
    /// - Parameter directory: a private place for the file that takes standard error. Not a pipe: an ssh master that stays
    ///   would hold its end.
    /// - Returns: what it printed and how it ended, well or not.
    /// - Throws: `Failure` where it did not come to its own end.
    func run(in directory: String) async throws(Failure) -> Ended {
        _ = ChildProcess.brokenPipesAreErrors
        guard let errors = ErrorFile(in: directory) else { throw .other("\(directory): cannot be written") }
        defer { errors.close() }
        let descriptor = errors.descriptor
        let outcome = await withTaskGroup(of: Outcome.self) { group in
            group.addTask { await execute(errors: descriptor) }
            group.addTask {
                do { try await Task.sleep(for: deadline) } catch { return .cancelled }
                return .late
            }
            var first = await group.next() ?? .cancelled
            group.cancelAll()
            // Only once the child has ended, so that nothing is left running.
            while let other = await group.next() {
                if case .ended = other, case .cancelled = first { first = .cancelled }
            }
            return first
        }
        switch outcome {
        case .ended(let ended):
            guard !Task.isCancelled else { throw .cancelled }
            return Ended(exitCode: ended.exitCode, ending: ended.ending, output: ended.output, errors: errors.tail())
        case .late: throw .late(errors: errors.tail())
        case .cancelled: throw .cancelled
        case .failed(let failure): throw failure
        }
    }

    private enum Outcome: Sendable {
        case ended(Ended)
        case late, cancelled
        case failed(Failure)
    }

    private func execute(errors: FileDescriptor) async -> Outcome {
        var options = PlatformOptions()
        // A session of its own: Ctrl-C on a terminal signals the whole foreground group, and the first one must let the
        // step in hand finish, its ssh included.
        options.createSession = true
        options.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .seconds(2))]
        let bytes = input
        do {
            let result = try await Subprocess.run(
                program.contains("/") ? .path(FilePath(program)) : .name(program),
                arguments: Arguments(arguments),
                environment: environment.map { values in
                    .custom(Dictionary(uniqueKeysWithValues: values.map { (Environment.Key(stringLiteral: $0), $1) }))
                } ?? .inherit.updating(["LC_ALL": "C"]),
                platformOptions: options,
                input: .inputWriter,
                output: .bytes(limit: outputLimit),
                error: .fileDescriptor(errors, closeAfterSpawningProcess: false)
            ) { execution in
                // A program that ends early closes the pipe; what it said counts, not that.
                _ = try? await execution.standardInputWriter.write(bytes)
                try? await execution.standardInputWriter.finish()
            }
            let output = result.standardOutput
            switch result.terminationStatus {
            case .exited(let code):
                return .ended(Ended(exitCode: Int(code), ending: "exit status \(code)", output: output, errors: ""))
            case .signaled(let signal):
                return .ended(Ended(exitCode: nil, ending: "signal \(signal)", output: output, errors: ""))
            }
        } catch let error as SubprocessError {
            return .failed(failure(error))
        } catch {
            return .failed(.other("\(error)"))
        }
    }

    private func failure(_ error: SubprocessError) -> Failure {
        if error.code == .executableNotFound { return .notFound }
        if error.code == .outputLimitExceeded { return .tooMuchOutput(limit: outputLimit) }
        return .other(error.description)
    }

    /// Writing to a program that has ended must be an error of that write, not the end of this process.
    ///
    /// Children get the default back.
    static let brokenPipesAreErrors: Void = {
        _ = signal(SIGPIPE, SIG_IGN)
    }()
}

/// A file without a name that takes standard error.
struct ErrorFile {
    let descriptor: FileDescriptor

    init?(in directory: String) {
        var template = Array("\(directory)/errors-XXXXXX".utf8CString)
        let raw = mkstemp(&template)
        guard raw >= 0 else { return nil }
        _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
        _ = unlink(template)
        descriptor = FileDescriptor(rawValue: raw)
    }

    func tail() -> String {
        let kept = 8192
        let size = lseek(descriptor.rawValue, 0, SEEK_END)
        let start = max(0, Int(size) - kept)
        let bytes = [UInt8](unsafeUninitializedCapacity: kept) { buffer, count in
            count = max(0, pread(descriptor.rawValue, buffer.baseAddress, kept, off_t(start)))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func close() { _ = Glibc.close(descriptor.rawValue) }
}
