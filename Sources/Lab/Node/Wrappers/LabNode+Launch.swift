internal import Daemons
internal import Specs

/// What a service's start comes to before the daemon itself runs.
struct Launched: Hashable {
    var commandLine: [String]
    var arguments: [String]
    var environment: [String: String]
    var readFiles: [String: String]
}

extension LabNode {
    /// What the wrapper of a service makes of the node's files, or how it ends.
    func launch(_ service: LabServiceDefinition) -> Result<Launched, DaemonExit> {
        do throws(DaemonExit) {
            switch service.program {
            case .mesosMaster, .mesosAgent: return .success(try launchMesos(service))
            case .marathon:
                let version = DottedVersion(service.version) ?? DottedVersion(0)
                return .success(
                    version < DottedVersion(1, 5) ? try launchFlagFileMarathon(version) : try launchMarathon(service)
                )
            case .zooKeeper: return .success(launchZooKeeper(service))
            case .haproxy: return .success(try launchHAProxy(service))
            case .docker, .other:
                return .success(
                    Launched(
                        commandLine: service.command,
                        arguments: Array(service.command.dropFirst()),
                        environment: supervisorEnvironment,
                        readFiles: [:]
                    )
                )
            }
        } catch {
            return .failure(error)
        }
    }

    /// What a supervisor gives its services.
    var supervisorEnvironment: [String: String] {
        platform.usesSystemd
            ? ["LANG": "C.UTF-8", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
            : ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/bin:/usr/sbin:/sbin:/bin", "TERM": "linux"]
    }

    /// QuorumPeerMain with zoo.cfg, as the packages' scripts start it (mesos-zk-ops.md 10).
    ///
    /// The server itself finds out whether its files are any good.
    private func launchZooKeeper(_ service: LabServiceDefinition) -> Launched {
        let configuration = "/etc/zookeeper/conf/zoo.cfg"
        var readFiles: [String: String] = [:]
        for path in ["/etc/zookeeper/conf/environment", "/etc/default/zookeeper", configuration] {
            readFiles[path] = files.read(path)
        }
        let directory = (readFiles[configuration] ?? "").split(separator: "\n").last { $0.hasPrefix("dataDir=") }
        if let directory {
            let path = directory.dropFirst("dataDir=".count).filter { !$0.isWhitespace } + "/myid"
            readFiles[path] = files.read(path)
        }
        return Launched(
            commandLine: [
                "/usr/bin/java", "-cp", "/etc/zookeeper/conf:/usr/share/java/zookeeper.jar",
                "-Dzookeeper.log.dir=/var/log/zookeeper", "-Dzookeeper.root.logger=INFO,ROLLINGFILE",
                "org.apache.zookeeper.server.quorum.QuorumPeerMain", configuration,
            ],
            arguments: [configuration],
            environment: supervisorEnvironment,
            readFiles: readFiles
        )
    }
}
