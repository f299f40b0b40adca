import Glibc

/// A system call that failed, with what it was about.
public struct NodeError: Error, Sendable, CustomStringConvertible {
    public let subject: String
    public let code: Int32

    init(_ subject: String, code: Int32 = errno) {
        self.subject = subject
        self.code = code
    }

    /// The system's words for the code, such as `Address already in use`.
    public var reason: String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }

    public var description: String { "\(subject): \(reason)" }
}

/// The content of a file, or nil where it cannot be read.
public func contents(of path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count > 0 { bytes += chunk[..<count] }
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        if count < 0, errno != EINTR { return nil }
    }
}

func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Writes everything, whatever portions the system takes it in.
func writeAll(_ text: String, to descriptor: Int32) throws(NodeError) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { throw NodeError("write") }
    }
}

/// Replaces a file as a whole, directories made as needed: readers see the old content or the new.
func replaceFile(_ path: String, with text: String) throws(NodeError) {
    try makeDirectories(parent(of: path))
    let temporary = path + ".new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw NodeError(temporary) }
    defer { close(descriptor) }
    try writeAll(text, to: descriptor)
    guard rename(temporary, path) == 0 else { throw NodeError(path) }
}

/// Makes a symbolic link, in the place of what is there.
func replaceLink(_ path: String, to target: String) throws(NodeError) {
    try makeDirectories(parent(of: path))
    let temporary = path + ".new"
    unlink(temporary)
    guard symlink(target, temporary) == 0, rename(temporary, path) == 0 else { throw NodeError(path) }
}

/// Removes a file, a link, or a directory with everything in it; one that is not there is fine.
func removeTree(_ path: String) throws(NodeError) {
    if unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR { return }
    guard errno == EISDIR || errno == EPERM else { throw NodeError(path) }
    for name in entries(of: path) { try removeTree("\(path)/\(name)") }
    if rmdir(path) != 0, errno != ENOENT { throw NodeError(path) }
}

/// The names in a directory, sorted; none where it is not there.
func entries(of directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}

/// Makes a directory and those above it; one that is there already is fine.
func makeDirectories(_ path: String) throws(NodeError) {
    var prefix = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
        prefix += "/" + part
        if mkdir(prefix, 0o755) != 0, errno != EEXIST { throw NodeError(path) }
    }
}

func parent(of path: String) -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return parts.count <= 1 ? (path.hasPrefix("/") ? "/" : ".") : parts.joined(separator: "/")
}
