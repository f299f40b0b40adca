extension MarathonAppCodec {
    /// Gives service ports to apps that ask for one with 0 (marathon-api.md 3.2).
    /// - Parameters:
    ///   - apps: In the order in which they are served.
    ///   - former: The app of that id as it was, whose ports are kept.
    ///   - pool: The service ports of all apps; grows with what is assigned.
    /// - Throws: The release's answer where no port is left.
    public func assignPorts(
        in apps: inout [MarathonApp],
        former: (String) -> MarathonApp?,
        pool: inout ServicePortPool
    ) throws(MarathonFault) {}
}

/// The service ports that are taken.
public struct ServicePortPool: Hashable, Sendable, Codable {
    private var used: Set<Int> = []
    private var low = 0

    public init(_ apps: some Sequence<MarathonApp>) {
        for app in apps { used.formUnion(app.servicePorts) }
    }
}
