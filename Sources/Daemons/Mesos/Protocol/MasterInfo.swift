extension Mesos {
    /// What a master says about itself in ZooKeeper and to schedulers (mesos-zk-ops.md 3.1).
    public struct MasterInfo: Hashable, Sendable, Codable {
        public var id: String
        /// Where it listens, by address.
        public var endpoint: Endpoint
        public var hostname: String
        public var version: String

        public init(id: String, endpoint: Endpoint, hostname: String, version: String) {
            self.id = id
            self.endpoint = endpoint
            self.hostname = hostname
            self.version = version
        }

        public var pid: ProcessID { ProcessID("master", at: endpoint) }

        /// The address as a number whose lowest byte is the address' first, as `ip` is written.
        public var addressNumber: Int { Self.number(of: endpoint.host) }

        static func number(of address: String) -> Int {
            let bytes = address.split(separator: ".").compactMap { Int($0) }
            return bytes.reversed().reduce(0) { $0 * 256 + $1 }
        }
    }
}

extension Mesos.MasterInfo {
    /// With its keys sorted, as in `json.info_…` and the registry.
    ///
    /// Up to 0.23 the node holds the protobuf instead (mesos-zk-ops.md 3.1); here it is JSON under the old name.
    public var json: JSON {
        var object = JSONObject()
        if MesosVersion(version).atLeast(1, 0) {
            object["address"] = [
                "hostname": .string(hostname), "ip": .string(endpoint.host), "port": .integer(endpoint.port),
            ]
        }
        let capabilities = capabilities
        if !capabilities.isEmpty { object["capabilities"] = .array(capabilities.map { ["type": .string($0)] }) }
        object["hostname"] = .string(hostname)
        object["id"] = .string(id)
        object["ip"] = .integer(addressNumber)
        object["pid"] = .string("\(pid)")
        object["port"] = .integer(endpoint.port)
        object["version"] = .string(version)
        return .object(object)
    }

    public init?(_ json: JSON) {
        guard let id = json["id"]?.string, let pid = json["pid"]?.string.flatMap({ ProcessID($0) }) else { return nil }
        self.init(
            id: id,
            endpoint: pid.endpoint,
            hostname: json["hostname"]?.string ?? pid.endpoint.host,
            version: json["version"]?.string ?? ""
        )
    }

    public init?(text: String) {
        do throws(JSONFault) { self.init(try JSON(parsing: text)) } catch { return nil }
    }

    /// Real ones of 1.4.3 and 1.11.0 are in mesos-captures/.
    var capabilities: [String] {
        MesosVersion(version).atLeast(1, 9) ? ["AGENT_UPDATE", "AGENT_DRAINING", "QUOTA_V2"] : []
    }
}
