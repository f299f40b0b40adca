internal import FoundationEssentials

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Where output goes and answers come from; the one place that touches the terminal.
struct Console: Sendable {
    /// Standard output: the product.
    var write: @Sendable (String) -> Void
    /// Standard error: progress and log.
    var log: @Sendable (String) -> Void
    /// A line from standard input; nil at its end.
    ///
    /// Ends early with `CancellationError`, also when its argument says so.
    var readLine: @Sendable (_ isOver: @Sendable () -> Bool) async throws -> String?
    var canAsk: Bool
    var outputIsTerminal: Bool
    var logIsTerminal: Bool
    /// Columns of the terminal behind standard error, asked anew each time.
    var logWidth: @Sendable () -> Int
    var environment: @Sendable (String) -> String?
    /// Now, ISO 8601.
    var time: @Sendable () -> String
    /// Now, in seconds since 1970.
    var seconds: @Sendable () -> Int = { Int(Date().timeIntervalSince1970) }

    func complain(_ message: String) { log("reconciler: \(message)\n") }

    static let live = Console(
        write: { standardOutput.write($0) },
        log: { standardError.write($0) },
        readLine: { try await nextLine(of: STDIN_FILENO, isOver: $0) },
        canAsk: isatty(STDIN_FILENO) == 1,
        outputIsTerminal: isatty(STDOUT_FILENO) == 1,
        logIsTerminal: isatty(STDERR_FILENO) == 1,
        logWidth: { terminalWidth(of: STDERR_FILENO) },
        environment: { name in getenv(name).map { String(cString: $0) } },
        time: { Date().ISO8601Format(.init(includingFractionalSeconds: true)) }
    )
}

private func terminalWidth(of descriptor: Int32) -> Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
}

/// Polls instead of blocking, so that a signal can end the wait.
private func nextLine(of descriptor: Int32, isOver: @Sendable () -> Bool) async throws -> String? {
    var line: [UInt8] = []
    while true {
        guard !Task.isCancelled, !isOver() else { throw CancellationError() }
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, 0) > 0 else {
            try await Task.sleep(for: .milliseconds(50))
            continue
        }
        var byte: UInt8 = 0
        guard read(descriptor, &byte, 1) == 1 else {
            return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
        }
        if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
        line.append(byte)
    }
}
