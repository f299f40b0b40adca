/// zoo.cfg keys that follow from other parts are not declared again, and data lies where it stays.
enum ZooKeeperConfigRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        guard let zookeeper = draft.spec.zookeeper else { return [] }
        return derivedKeys(zookeeper) + dataDirectory(zookeeper, draft) + ports(zookeeper)
    }

    private static func derivedKeys(_ zookeeper: ZooKeeperSpec) -> [Diagnostic] {
        zookeeper.config.compactMap { setting in
            let key = setting.name.value
            let origin: (name: String, place: SourcePosition)
            switch key {
            case "dataDir": origin = ("zookeeper.dataDir", zookeeper.dataDirectory.position)
            case "clientPort": origin = ("zookeeper.ports.client", zookeeper.position)
            case "dynamicConfigFile": origin = ("zookeeper.ensemble", zookeeper.position)
            case _ where key.hasPrefix("server."):
                let member = zookeeper.ensemble.first { key == "server.\($0.id.value)" }
                origin = ("zookeeper.ensemble", member?.id.position ?? zookeeper.position)
            case "reconfigEnabled" where setting.value.value.plainText == "true":
                let message = "with `reconfigEnabled` the server rewrites zoo.cfg at every start"
                return Diagnostic(
                    .warning,
                    message,
                    at: setting.name.position,
                    hint: "every plan will show that as drift"
                )
            default: return nil
            }
            let message = "`\(key)` follows from `\(origin.name)` (\(origin.place))"
            return Diagnostic(.error, message, at: setting.name.position, hint: "say it there alone")
        }
    }

    private static func dataDirectory(_ zookeeper: ZooKeeperSpec, _ draft: SpecDraft) -> [Diagnostic] {
        let logs = zookeeper.config.first { $0.name.value == "dataLogDir" }.flatMap { setting in
            setting.value.value.plainText.map { Located($0, at: setting.value.position) }
        }
        return [zookeeper.dataDirectory, logs].compactMap { $0 }.compactMap { directory in
            guard directory.value == "/tmp" || directory.value.hasPrefix("/tmp/") else { return nil }
            let hint = "a reboot empties it and the member returns without data; use /var/lib/zookeeper"
            return Diagnostic(.error, "`\(directory.value)` does not keep data", at: directory.position, hint: hint)
        }
    }

    private static func ports(_ zookeeper: ZooKeeperSpec) -> [Diagnostic] {
        let ports = zookeeper.ports
        let all = [("client", ports.client), ("quorum", ports.quorum), ("election", ports.election)]
        var owners: [Int: String] = [:]
        return all.compactMap { name, port in
            if let other = owners[port] {
                let message = "ports `\(other)` and `\(name)` are both \(port)"
                return Diagnostic(.error, message, at: zookeeper.position)
            }
            owners[port] = name
            return nil
        }
    }
}
