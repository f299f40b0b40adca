/// A TCP socket that listens on a node, and whose it is.
public struct ListeningSocket: Hashable, Sendable, Codable {
    /// Such as `0.0.0.0`, `::` or `10.16.40.1`.
    public var address: String
    public var port: Int
    /// Of the processes that have it open the one that started last; nil where that could not be told.
    public var pid: Int?
    /// That process' name, as `/proc/PID/comm` has it (15 bytes at most).
    public var program: String?
    /// When it started, seconds since 1970.
    public var started: Int?

    public init(address: String, port: Int, pid: Int? = nil, program: String? = nil, started: Int? = nil) {
        self.address = address
        self.port = port
        self.pid = pid
        self.program = program
        self.started = started
    }
}
