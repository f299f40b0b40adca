import Glibc
public import Host

/// A small HTTP/1.1 server: one thread, answers made at once, idle connections cost nothing but a descriptor.
public struct HTTPServer {
    private let listener: Int32
    private var heads: [Int32: [UInt8]] = [:]

    private static let longestHead = 65_536

    /// Listens on an IPv4 address (nil: all) and port, until the process ends.
    public init(address: String?, port: UInt16) throws(HostError) {
        listener = try Self.listen(address: address ?? "0.0.0.0", port: port)
    }

    private static func listen(address: String, port: UInt16) throws(HostError) -> Int32 {
        let name = "Failed to bind on \(address):\(port)"
        var socketAddress = sockaddr_in()
        socketAddress.sin_family = sa_family_t(AF_INET)
        socketAddress.sin_port = port.bigEndian
        guard inet_pton(AF_INET, address, &socketAddress.sin_addr) == 1 else {
            throw HostError(name, code: EADDRNOTAVAIL)
        }
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw HostError(name) }
        var on: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        let bound = withUnsafePointer(to: &socketAddress) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, Glibc.listen(listener, 128) == 0 else { throw HostError(name) }
        return listener
    }

    /// Answers requests for ever.
    public mutating func serve(_ answer: (HTTPRequest) -> HTTPResponse) -> Never {
        signal(SIGPIPE, SIG_IGN)
        while true {
            var waiting = ([listener] + heads.keys).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&waiting, nfds_t(waiting.count), -1) > 0 else { continue }
            for ready in waiting where ready.revents != 0 {
                if ready.fd == listener { admit() } else if !receive(from: ready.fd, answer) { drop(ready.fd) }
            }
        }
    }

    private mutating func admit() {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        // A client that does not take its answer must not stop the others for long.
        var patience = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        heads[connection] = []
    }

    private mutating func drop(_ connection: Int32) {
        close(connection)
        heads[connection] = nil
    }

    /// Takes what has arrived and answers once a head is complete.
    ///
    /// False means that the connection is over.
    private mutating func receive(from connection: Int32, _ answer: (HTTPRequest) -> HTTPResponse) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 8_192)
        let count = read(connection, &chunk, chunk.count)
        guard count > 0 else { return false }
        let received = heads[connection, default: []] + chunk[..<count]
        let text = String(decoding: received, as: UTF8.self)
        guard text.utf8.count <= Self.longestHead else { return false }
        heads[connection] = received
        guard text.contains("\r\n\r\n") else { return true }
        heads[connection] = []
        guard let request = HTTPRequest(head: text) else { return false }
        let response = answer(request).encoded(forMethod: request.method)
        do { try writeAll(response, to: connection) } catch { return false }
        return !request.closes
    }
}
