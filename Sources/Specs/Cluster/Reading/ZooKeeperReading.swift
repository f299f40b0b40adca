extension Shape where Value == ZooKeeperSpec {
    /// `zookeeper:`.
    static var zookeeper: Shape {
        section { section in
            ZooKeeperSpec(
                position: section.position,
                ensemble: section.required("ensemble", .ensemble, fallback: []).value,
                config: section.value("config", .properties) ?? [],
                dataDirectory: section.optional("dataDir", .absolutePath)
                    ?? Located("/var/lib/zookeeper", at: section.position),
                ports: section.value("ports", .zookeeperPorts) ?? ZooKeeperSpec.Ports()
            )
        }
    }
}

extension Shape where Value == ZooKeeperSpec.Ports {
    fileprivate static var zookeeperPorts: Shape {
        section { section in
            let usual = ZooKeeperSpec.Ports()
            return ZooKeeperSpec.Ports(
                client: section.value("client", .port) ?? usual.client,
                quorum: section.value("quorum", .port) ?? usual.quorum,
                election: section.value("election", .port) ?? usual.election
            )
        }
    }
}

extension Shape where Value == [ZooKeeperSpec.Member] {
    /// Server ids and the nodes they belong to, sorted by id (mesos-zk-ops.md 2.1).
    fileprivate static var ensemble: Shape {
        Shape<[(name: Located<String>, value: Located<String>)]>.mapping(
            of: Shape<String>.text.located,
            names: .serverID
        )
        .map { entries in
            let members = entries.compactMap { name, node in
                Int(name.value).map {
                    ZooKeeperSpec.Member(
                        id: Located($0, at: name.position),
                        node: Located(NodeName(node.value), at: node.position)
                    )
                }
            }
            return members.sorted { $0.id.value < $1.id.value }
        }
    }
}

extension NameRule {
    fileprivate static let serverID = NameRule { text in
        guard let id = Int(text), String(id) == text, (1...255).contains(id) else {
            return Fault("`\(text.abbreviated)` is no server id", hint: "ids are whole numbers from 1 to 255")
        }
        return nil
    }
}
