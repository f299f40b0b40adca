import Glibc
import Synchronization

/// A server on 127.0.0.1 that does to every connection what its script says, whoever asks for what.
final class ScriptedPeer: Sendable {
    enum Step: Sendable {
        /// The head of a request, to its blank line.
        case readHead
        case send(String)
        case wait(Duration)
        /// Until the client ends the connection.
        case stay
        /// So that the client sees a reset.
        case reset
        /// The same bytes again and again, until the client is gone.
        case flood(String)
    }

    let port: Int
    private let descriptor: Int32
    private let script: [Step]
    private let counted = Mutex(0)
    private let read = Mutex(0)

    /// `family` is `AF_INET` (127.0.0.1) or `AF_INET6` (::1).
    init(_ script: [Step], family: Int32 = AF_INET) throws {
        self.script = script
        descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        let bound = family == AF_INET6 ? Self.bind6(descriptor) : Self.bind4(descriptor)
        guard let bound, listen(descriptor, 64) == 0 else { throw Surprise("no port on the loopback") }
        port = bound
        _ = signal(SIGPIPE, SIG_IGN)
        Self.inThread { [self] in
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else {
                    Glibc.close(descriptor)
                    return
                }
                counted.withLock { $0 += 1 }
                Self.inThread { self.play(to: client) }
            }
        }
    }

    /// Connections taken so far.
    var connections: Int { counted.withLock { $0 } }

    /// Heads of requests that have been read whole so far.
    var heads: Int { read.withLock { $0 } }

    /// The thread that accepts closes the socket: its number must not be another's while that one still waits on it.
    func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// A port that nobody listens on, for as long as this process lives: it is taken and never opened.
    static func closedPort() throws -> Int {
        guard let port = bind4(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)) else {
            throw Surprise("no port on 127.0.0.1")
        }
        return port
    }

    /// A port for a program that is told which to open.
    ///
    /// Below those that the kernel gives out of its own (ip(7), `ip_local_port_range`), so that no other test gets it meanwhile.
    static func freePort() throws -> Int {
        for _ in 0..<200 {
            let port = given.withLock { next in
                next = next % 20_000 + 1
                return 10_000 + next
            }
            let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { Glibc.close(probe) }
            if bind4(probe, port) != nil { return port }
        }
        throw Surprise("no free port on 127.0.0.1")
    }

    /// Where `freePort` goes on; other processes begin elsewhere.
    private static let given = Mutex(Int(getpid()) * 97 % 20_000)

    /// Whether somebody listens on a port of 127.0.0.1.
    static func isOpen(_ port: Int) -> Bool {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(client) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private func play(to client: Int32) {
        defer { Glibc.close(client) }
        for step in script {
            switch step {
            case .readHead:
                guard Self.readHead(client) else { return }
                read.withLock { $0 += 1 }
            case .send(let text): guard Self.write(text, to: client) else { return }
            case .wait(let time):
                usleep(
                    useconds_t(time.components.seconds * 1_000_000 + time.components.attoseconds / 1_000_000_000_000)
                )
            case .stay: while Self.read(client) > 0 {}
            case .flood(let text): while Self.write(text, to: client) {}
            case .reset:
                var linger = linger(l_onoff: 1, l_linger: 0)
                setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
                return
            }
        }
    }

    private static func readHead(_ client: Int32) -> Bool {
        var seen: [UInt8] = []
        var byte: UInt8 = 0
        while !seen.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard recv(client, &byte, 1, 0) == 1 else { return false }
            seen.append(byte)
        }
        return true
    }

    private static func read(_ client: Int32) -> Int {
        var buffer = [UInt8](repeating: 0, count: 4096)
        return recv(client, &buffer, buffer.count, 0)
    }

    private static func write(_ text: String, to client: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.send(client, bytes, bytes.count, 0) == bytes.count
    }

    private static func bind4(_ descriptor: Int32, _ port: Int = 0) -> Int? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return named(descriptor, &address) ? Int(UInt16(bigEndian: address.sin_port)) : nil
    }

    private static func bind6(_ descriptor: Int32) -> Int? {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_addr = in6addr_loopback
        return named(descriptor, &address) ? Int(UInt16(bigEndian: address.sin6_port)) : nil
    }

    private static func named<Address>(_ descriptor: Int32, _ address: inout Address) -> Bool {
        var length = socklen_t(MemoryLayout<Address>.size)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// A thread of its own: blocking calls would starve the few of the cooperative pool.
    private static func inThread(_ run: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        pthread_create(
            &thread,
            nil,
            { pointer in
                if let pointer { Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run() }
                return nil
            },
            Unmanaged.passRetained(Body(run)).toOpaque()
        )
        pthread_detach(thread)
    }
}

/// A port of 127.0.0.1 whose connections are never made: its queue is full, and what asks further is dropped.
final class BlackHole {
    let port: Int
    private var descriptors: [Int32] = []

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var others: [Int32] = []
        let isFull = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                guard bind(listener, name, length) == 0, listen(listener, 0) == 0,
                    getsockname(listener, name, &length) == 0
                else { return false }
                for _ in 0..<4 {
                    let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
                    _ = connect(client, name, length)
                    others.append(client)
                }
                return true
            }
        }
        guard isFull else { throw Surprise("no port on 127.0.0.1") }
        port = Int(UInt16(bigEndian: address.sin_port))
        descriptors = others + [listener]
    }

    deinit { for descriptor in descriptors { Glibc.close(descriptor) } }
}
