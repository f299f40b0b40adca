internal import Daemons
internal import Specs

extension LabNode {
    /// Mesosphere's mesos-init-wrapper (mesos-zk-ops.md 1.3; labs/mesos-init-wrapper.txt).
    func launchMesos(_ service: LabServiceDefinition) throws(DaemonExit) -> Launched {
        let isMaster = service.program == .mesosMaster
        let role = isMaster ? "mesos-master" : "mesos-slave"
        // `set -o allexport` came in September 2015 (mesos-zk-ops.md 1.2).
        let exportsAll = DottedVersion(service.version).map { !($0 < DottedVersion(0, 25)) } ?? true
        var defaults = ShellDefaults(exportsAll: exportsAll, hostname: hostname) { files.read($0) }
        try defaults.source("/etc/default/mesos")
        try defaults.source("/etc/default/\(role)")
        let variables =
            isMaster
            ? [("zk", "ZK"), ("ip", "IP"), ("port", "PORT"), ("cluster", "CLUSTER"), ("log_dir", "LOGS")]
            : [("master", "MASTER"), ("ip", "IP"), ("log_dir", "LOGS"), ("isolation", "ISOLATION")]
        var flags = variables.compactMap { flag, variable in
            (defaults.variables[variable] ?? "").isEmpty ? nil : "--\(flag)=\(defaults.variables[variable] ?? "")"
        }
        var readFiles = defaults.readFiles
        flags += flagsFromFiles("/etc/\(role)", &readFiles)
        if !isMaster {
            for name in ["attributes", "resources"] {
                if let flag = flagFromDirectory(name, &readFiles) { flags.append(flag) }
            }
        }
        flags.removeAll { $0 == "--no-logger" }
        return Launched(
            commandLine: ["/usr/sbin/\(role)"] + flags,
            arguments: flags,
            environment: supervisorEnvironment.merging(defaults.environment) { $1 }
                .merging(["LC_ALL": "en_US.UTF-8"]) { $1 },
            readFiles: readFiles
        )
    }

    /// Every regular file that the glob finds, whatever its name: a forgotten backup copy becomes a flag too.
    private func flagsFromFiles(_ directory: String, _ readFiles: inout [String: String]) -> [String] {
        files.glob(directory).compactMap { name in
            let path = "\(directory)/\(name)"
            guard files.isRegular(path), let text = files.content(path) else { return nil }
            readFiles[path] = text
            return name.hasPrefix("?") ? "--\(name.dropFirst())" : "--\(name)=\(withoutTrailingNewlines(text))"
        }
    }

    /// `attributes/*` and `resources/*`, joined into one flag; empty files do not count.
    private func flagFromDirectory(_ flag: String, _ readFiles: inout [String: String]) -> String? {
        let directory = "/etc/mesos-slave/\(flag)"
        let pairs = files.glob(directory).compactMap { name -> String? in
            let path = "\(directory)/\(name)"
            guard let text = files.content(path), !text.isEmpty else { return nil }
            readFiles[path] = text
            return "\(name):\(withoutTrailingNewlines(text))"
        }
        return pairs.isEmpty ? nil : "--\(flag)=\(pairs.joined(separator: ";"))"
    }
}
