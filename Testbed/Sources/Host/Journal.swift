import Glibc

/// The daemon's log in the form of glog: to standard error and, given a directory, to `PROGRAM.INFO` in it.
public struct Journal: Sendable {
    private let program: String
    private let file: Int32?

    /// `directory` is made if it is missing, as the real daemons do.
    public init(program: String, directory: String?) throws(HostError) {
        self.program = program
        guard let directory else {
            file = nil
            return
        }
        try makeDirectory(directory)
        let path = "\(directory)/\(program).INFO"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw HostError(path) }
        file = descriptor
    }

    public func info(_ message: String) { write("I", message) }

    /// Ends the daemon as `EXIT(1) << …` of stout does.
    public func fatal(_ message: String) -> Never {
        write("E", "EXIT with status 1: \(message)")
        exit(1)
    }

    private func write(_ severity: String, _ message: String) {
        var now = time_t()
        time(&now)
        var parts = tm()
        localtime_r(&now, &parts)
        let pair = { (number: Int32) in number < 10 ? "0\(number)" : "\(number)" }
        let stamp =
            pair(parts.tm_mon + 1) + pair(parts.tm_mday) + " "
            + [parts.tm_hour, parts.tm_min, parts.tm_sec].map(pair).joined(separator: ":")
        let line = "\(severity)\(stamp).000000 \(getpid()) \(program)] \(message)\n"
        try? writeAll(line, to: STDERR_FILENO)
        if let file { try? writeAll(line, to: file) }
    }
}
