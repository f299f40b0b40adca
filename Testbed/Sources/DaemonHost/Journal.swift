public import Daemons
import Glibc

/// A daemon's log: to standard error, and for Mesos also to a file of `log_dir`.
public struct Journal: Sendable {
    public enum Form: Sendable {
        /// `I1122 19:16:12.123456 4711 mesos-master] …`
        case glog
        /// `[2026-11-22 19:16:12,123] INFO …`
        case logback
    }

    private let program: String
    private let form: Form
    private let file: Int32?

    /// `directory` is made where it is missing, and `PROGRAM.INFO` in it written.
    ///
    /// - Throws: `NodeError` where that cannot be.
    public init(program: String, form: Form, directory: String? = nil) throws(NodeError) {
        self.program = program
        self.form = form
        guard let directory else {
            file = nil
            return
        }
        try makeDirectories(directory)
        let path = "\(directory)/\(program).INFO"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw NodeError(path) }
        file = descriptor
    }

    public func write(_ severity: LogSeverity, _ message: String) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var parts = tm()
        localtime_r(&time.tv_sec, &parts)
        let line =
            switch form {
            case .glog:
                severity.rawValue + padded(parts.tm_mon + 1, 2) + padded(parts.tm_mday, 2) + " " + clock(parts) + "."
                    + padded(time.tv_nsec / 1000, 6) + " \(getpid()) \(program)] \(message)\n"
            case .logback:
                "[\(parts.tm_year + 1900)-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2)) \(clock(parts)),"
                    + "\(padded(time.tv_nsec / 1_000_000, 3))] \(severity.word) \(message)\n"
            }
        try? writeAll(line, to: STDERR_FILENO)
        if let file { try? writeAll(line, to: file) }
    }

    private func clock(_ parts: tm) -> String {
        [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded($0, 2) }.joined(separator: ":")
    }

    private func padded(_ number: some BinaryInteger, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

extension LogSeverity {
    /// As log4j and logback spell it.
    fileprivate var word: String {
        switch self {
        case .info: "INFO"
        case .warning: "WARN"
        case .error, .fatal: "ERROR"
        }
    }
}
