import Daemons

extension LabWorld {
    /// A server process begins to serve, over what is on the node's disk.
    mutating func beginZooKeeper(_ process: LabProcess, on index: Int) throws(DaemonExit) {
        let machine = machines[index]
        let path = process.zooKeeperConfigPath
        let config = process.readFiles[path] ?? machine.node.files.read(path) ?? ""
        let directory = Self.dataDirectory(config)
        let version2 = directory + "/version-2"
        // Who removed it by hand has removed the data.
        let data = machine.node.files.isDirectory(version2) ? machine.zooKeeperData[directory] : nil
        try zooKeeper.start(
            ZooKeeperServerID(node: machine.name),
            ZooKeeperServerStart(
                version: process.version,
                config: config,
                configPath: path,
                myid: machine.node.files.read(directory + "/myid"),
                data: data,
                addresses: [machine.node.address],
                portsInUse: Set(machine.listeners.keys)
            ),
            at: now
        )
        machines[index].zooKeeperDirectory = directory
        let clock = machine.node.clock(at: now)
        machines[index].node.files.makeDirectory(version2, at: clock)
        if machines[index].node.files.list(version2)?.isEmpty == true {
            machines[index].node.files.write(version2 + "/snapshot.0", "ZKSN", at: clock)
        }
    }

    mutating func endZooKeeper(on index: Int) {
        guard let data = zooKeeper.stop(ZooKeeperServerID(node: machines[index].name), at: now),
            let directory = machines[index].zooKeeperDirectory
        else { return }
        machines[index].zooKeeperData[directory] = data
        machines[index].zooKeeperDirectory = nil
    }

    /// `dataDir` of a zoo.cfg, without a slash at its end.
    static func dataDirectory(_ config: String) -> String {
        for line in config.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].filter({ $0 != " " }) == "dataDir" else { continue }
            var directory = String(parts[1].drop { $0 == " " })
            while directory.hasSuffix("/") || directory.hasSuffix(" ") { directory.removeLast() }
            return directory
        }
        return "/tmp/zookeeper"
    }
}

extension LabProcess {
    /// The file it was started with: the last argument of `QuorumPeerMain`.
    var zooKeeperConfigPath: String {
        arguments.last { $0.hasSuffix(".cfg") } ?? readFiles.keys.sorted().first { $0.hasSuffix("zoo.cfg") }
            ?? "/etc/zookeeper/conf/zoo.cfg"
    }
}
