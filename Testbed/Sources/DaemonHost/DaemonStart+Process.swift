public import Daemons
import Glibc

extension DaemonStart {
    /// This process's own start.
    ///
    /// - Parameters:
    ///   - version: Of the program.
    ///   - arguments: After the program's own name.
    ///   - docker: The Docker client to ask, for an agent.
    /// - Returns: What a model wants to know.
    public static func ofThisProcess(
        version: String,
        arguments: [String],
        docker: String? = nil
    ) async -> DaemonStart {
        var numbers = SystemRandomNumberGenerator()
        return DaemonStart(
            version: version,
            arguments: arguments,
            environment: environmentOfThisProcess(),
            host: await HostFacts.ofThisNode(docker: docker),
            readFile: { contents(of: $0) },
            seed: numbers.next(),
            pid: Int(getpid()),
            freePort: unusedPort()
        )
    }

    /// A port that no socket of this node has at the moment.
    private static func unusedPort() -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// This process's variables.
public func environmentOfThisProcess() -> [String: String] {
    var variables: [String: String] = [:]
    for entry in (contents(of: "/proc/self/environ") ?? "").split(separator: "\0") {
        let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
    }
    return variables
}

/// Writes to standard output and ends the process well, as `--help` and `--version` do.
public func answer(_ text: String) -> Never {
    try? writeAll(text.hasSuffix("\n") ? text : text + "\n", to: STDOUT_FILENO)
    exit(0)
}
