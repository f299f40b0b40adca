public import Daemons
import Glibc

extension HostFacts {
    /// What the daemon finds out about its node.
    ///
    /// - Parameter docker: The Docker client to ask; nil asks none.
    /// - Returns: The facts; without a `docker` where the client does not answer within five seconds.
    public static func ofThisNode(docker: String? = nil) async -> HostFacts {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let hostname = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var disk = statvfs()
        let hasDisk = statvfs("/", &disk) == 0
        return HostFacts(
            hostname: hostname,
            address: resolved(hostname) ?? "127.0.0.1",
            bootID: (contents(of: "/proc/sys/kernel/random/boot_id") ?? "").filter { !$0.isWhitespace },
            cpus: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))),
            memoryMegabytes: memoryKilobytes / 1024,
            diskMegabytes: hasDisk ? Int(disk.f_blocks * UInt(disk.f_frsize)) >> 20 : 0,
            docker: await docker.map(DockerClient.init)?.probe()
        )
    }

    /// `MemTotal` of /proc/meminfo.
    private static var memoryKilobytes: Int {
        let lines = (contents(of: "/proc/meminfo") ?? "").split(separator: "\n")
        let total = lines.first { $0.hasPrefix("MemTotal:") }?.split(separator: " ")
        return total.flatMap { $0.count > 1 ? Int($0[1]) : nil } ?? 0
    }

    /// The first IPv4 address of a name.
    private static func resolved(_ name: String) -> String? {
        var hints = addrinfo()
        hints.ai_family = AF_INET
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &found) == 0, let found else { return nil }
        defer { freeaddrinfo(found) }
        var text = [CChar](repeating: 0, count: 64)
        guard
            getnameinfo(found.pointee.ai_addr, found.pointee.ai_addrlen, &text, 64, nil, 0, NI_NUMERICHOST) == 0
        else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
