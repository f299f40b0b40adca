internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

let standardOutput = StandardStream(STDOUT_FILENO)
let standardError = StandardStream(STDERR_FILENO)

/// A file descriptor that is written whole or, once it failed, not at all.
final class StandardStream: Sendable {
    private let descriptor: Int32
    private let failure = Mutex<Int32?>(nil)

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// What went wrong, if it was more than a reader that left.
    var trouble: String? {
        failure.withLock { code in
            guard let code, code != EPIPE else { return nil }
            return String(cString: strerror(code))
        }
    }

    func write(_ text: String) {
        failure.withLock { failure in
            guard failure == nil else { return }
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes { platformWrite(descriptor, $0) }
                if written >= 0 {
                    rest = rest.dropFirst(written)
                } else if errno == EAGAIN {
                    var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&request, 1, -1)
                } else if errno != EINTR {
                    failure = errno
                    return
                }
            }
        }
    }
}

private func platformWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}

/// Ends the process; output that could not be written turns success into an error.
func leave(_ status: ExitStatus) -> Never {
    if let trouble = standardOutput.trouble {
        standardError.write("reconciler: standard output: \(trouble)\n")
        exit(status == .success ? ExitStatus.failure.code : status.code)
    }
    exit(status.code)
}

/// Writes a file of the operator's: readable by its owner only, whole or not at all.
func writeFile(_ text: String, to path: String) throws(Stop) {
    let draft = "\(path).\(getpid())"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    guard descriptor >= 0 else { throw Stop(.failure, "\(path): \(String(cString: strerror(errno)))") }
    let stream = StandardStream(descriptor)
    stream.write(text)
    let isClosed = close(descriptor) == 0
    guard stream.trouble == nil, isClosed, rename(draft, path) == 0 else {
        let reason = stream.trouble ?? String(cString: strerror(errno))
        unlink(draft)
        throw Stop(.failure, "\(path): \(reason)")
    }
}

/// The whole of a text file of the operator's, at most 1 GiB.
func readFile(_ path: String) throws(Stop) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Stop(.failure, "\(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw Stop(.failure, "\(path): \(String(cString: strerror(errno)))") }
        guard count > 0 else { break }
        bytes += chunk[..<count]
        guard bytes.count <= 1 << 30 else { throw Stop(.failure, "\(path): larger than 1 GiB") }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Stop(.failure, "\(path) is no UTF-8 text") }
    return text
}
