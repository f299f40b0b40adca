extension ZooKeeperServer {
    /// What a server process finds at its start.
    /// - Throws: Its last words (labs/zookeeper-3.8.0-experiments.txt E1, E2, E3, E9b, E14, E16).
    init(_ start: ZooKeeperServerStart, at now: Moment) throws(DaemonExit) {
        version = ZooKeeperVersion(start.version)
        do {
            config = try ZooKeeperConfig(start.config, version: version)
            id = try Self.id(start.myid, config, version)
        } catch {
            throw Self.invalid(start.configPath, error.cause)
        }
        addresses = start.addresses
        startedAt = now
        joinsFrom = now
        nextSession = 0
        try checkData(start.data)
        try checkPorts(start)
        if isReplicated {
            guard config.member(id) != nil else {
                throw DaemonExit(
                    status: 1,
                    "Unexpected exception, exiting abnormally\njava.lang.RuntimeException: My id \(id) not in the peer list"
                )
            }
        } else {
            id = 0
        }
        // SessionTrackerImpl.initializeNextSession: the id in the upper byte, then 40 bits of the time.
        nextSession = Int(truncatingIfNeeded: UInt(id & 0xff) << 56 | UInt(now.milliseconds & 0xff_ffff_ffff) << 16)
    }

    /// The number in myid: only the first line counts, and nothing is trimmed; 3.4 does not look without an ensemble.
    private static func id(
        _ myid: String?,
        _ config: ZooKeeperConfig,
        _ version: ZooKeeperVersion
    ) throws(ZooKeeperConfigFault) -> Int {
        let isReplicated = config.isReplicated(version)
        guard let myid else {
            guard isReplicated else { return 0 }
            let file = version.isDynamic ? "myid" : "\(config.dataDirectory)/myid"
            throw ZooKeeperConfigFault(cause: "\(file) file is missing")
        }
        guard isReplicated || version.isDynamic else { return 0 }
        let line = myid.isEmpty ? "null" : String(myid.prefix { !$0.isNewline })
        guard let id = Int(line) else { throw ZooKeeperConfigFault(cause: "serverid \(line) is not a number") }
        return id
    }

    private static func invalid(_ path: String, _ cause: String) -> DaemonExit {
        DaemonExit(
            status: 2,
            """
            Invalid config, exiting abnormally
            org.apache.zookeeper.server.quorum.QuorumPeerConfig$ConfigException: Error processing \(path)
            Caused by: java.lang.IllegalArgumentException: \(cause)
            Invalid config, exiting abnormally
            """
        )
    }

    private func checkData(_ data: ZooKeeperData?) throws(DaemonExit) {
        guard version.isDynamic, let data, !data.hasSnapshot, data.zxid > 0, !config.trustsEmptySnapshot else { return }
        throw DaemonExit(
            status: 1,
            """
            Unexpected exception, exiting abnormally
            java.io.IOException: No snapshot found, but there are log entries. Something is broken!
            """
        )
    }

    private func checkPorts(_ start: ZooKeeperServerStart) throws(DaemonExit) {
        func fails(_ why: String) -> DaemonExit {
            DaemonExit(status: 1, "Unexpected exception, exiting abnormally\njava.net.BindException: \(why)")
        }
        if let port = config.clientPort, start.portsInUse.contains(port) { throw fails("Address already in use") }
        if let bound = config.clientPortAddress, bound.first?.isNumber ?? false, bound != "0.0.0.0", !owns(bound) {
            throw fails("Cannot assign requested address")
        }
        guard start.hasAdminServer, version.isDynamic, config.wantsAdminServer, !isReplicated,
            start.portsInUse.contains(config.adminPort)
        else { return }
        throw DaemonExit(
            status: 4,
            """
            Unable to start AdminServer, exiting abnormally
            org.apache.zookeeper.server.admin.AdminServer$AdminServerException: Problem starting AdminServer on address \
            0.0.0.0, port \(config.adminPort) and command URL /commands
            Unable to start AdminServer, exiting abnormally
            """
        )
    }
}
