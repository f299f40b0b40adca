import Glibc

/// Answers each connection to a free port of 127.0.0.1 by what `answer` makes of the first bytes it is sent.
final class LoopbackServer: Sendable {
    let port: Int
    private let descriptor: Int32
    /// Whether a thread accepts on the socket.
    private let isServed: Bool

    /// Without `answer` it takes connections and says nothing.
    init(_ answer: (@Sendable (String) -> String)?) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let named = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        isServed = answer != nil
        guard named else { throw Surprise("no port on 127.0.0.1") }
        self.descriptor = descriptor
        port = Int(UInt16(bigEndian: address.sin_port))
        guard let answer else { return }
        _ = signal(SIGPIPE, SIG_IGN)
        // A thread of its own: blocking calls would starve the few of the cooperative pool.
        let work = Unmanaged.passRetained(Work(descriptor: descriptor, answer: answer))
        var thread = pthread_t()
        pthread_create(
            &thread,
            nil,
            { pointer in
                if let pointer { Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().serve() }
                return nil
            },
            work.toOpaque()
        )
        pthread_detach(thread)
    }

    /// A thread that accepts closes the socket itself: its number must not be another's while that one still waits on it.
    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        if !isServed { Glibc.close(descriptor) }
    }
}

private final class Work: Sendable {
    private let descriptor: Int32
    private let answer: @Sendable (String) -> String

    init(descriptor: Int32, answer: @escaping @Sendable (String) -> String) {
        self.descriptor = descriptor
        self.answer = answer
    }

    func serve() {
        while true {
            let client = accept(descriptor, nil, nil)
            guard client >= 0 else {
                Glibc.close(descriptor)
                return
            }
            var buffer = [UInt8](repeating: 0, count: 4096)
            var count = max(0, recv(client, &buffer, buffer.count, 0))
            // A request may come in pieces, one a line.
            while buffer.starts(with: "GET ".utf8), !buffer.prefix(count).hasSuffix("\r\n\r\n") {
                let more = buffer.withUnsafeMutableBytes {
                    recv(client, $0.baseAddress?.advanced(by: count), 4096 - count, 0)
                }
                guard more > 0 else { break }
                count += more
            }
            let reply = Array(answer(String(decoding: buffer.prefix(count), as: UTF8.self)).utf8)
            _ = send(client, reply, reply.count, 0)
            Glibc.close(client)
        }
    }
}

extension ArraySlice<UInt8> {
    fileprivate func hasSuffix(_ text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}
