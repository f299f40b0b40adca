public import Glibc

/// A system call that failed, with what it was about.
public struct HostError: Error, CustomStringConvertible {
    public let subject: String
    public let code: Int32

    public init(_ subject: String, code: Int32 = errno) {
        self.subject = subject
        self.code = code
    }

    /// The system's words for the code, such as `Address already in use`.
    public var reason: String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }

    public var description: String { "\(subject): \(reason)" }
}

/// The content of a file, or nil if it cannot be read.
public func contents(of path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return String(decoding: everything(from: descriptor), as: UTF8.self)
}

/// Reads a descriptor to its end.
public func everything(from descriptor: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count > 0 { bytes += chunk[..<count] } else if count == 0 || errno != EINTR { return bytes }
    }
}

/// Writes everything, whatever portions the system takes it in.
public func writeAll(_ text: some StringProtocol, to descriptor: Int32) throws(HostError) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { throw HostError("write") }
    }
}

/// Replaces a file as a whole: readers see the old content or the new.
public func replace(_ path: String, with text: String) throws(HostError) {
    let temporary = path + ".new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw HostError(temporary) }
    defer { close(descriptor) }
    try writeAll(text, to: descriptor)
    guard rename(temporary, path) == 0 else { throw HostError(path) }
}

/// Makes a directory and those above it; one that is there already is fine.
public func makeDirectory(_ path: String) throws(HostError) {
    var prefix = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
        prefix += "/" + part
        if mkdir(prefix, 0o755) != 0 && errno != EEXIST { throw HostError(path) }
    }
}
