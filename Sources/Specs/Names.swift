/// A node's name in cluster.yaml, such as `mesos-master1`.
public struct NodeName: Hashable, Sendable, Codable, Comparable, ExpressibleByStringLiteral, CustomStringConvertible {
    public var text: String
    public init(_ text: String) { self.text = text }
    public init(stringLiteral text: String) { self.text = text }
    public init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
    public static func < (a: NodeName, b: NodeName) -> Bool { a.text < b.text }
    public var description: String { text }
}

/// What a node is for; the raw value is the word in cluster.yaml.
public enum Role: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    case zookeeper
    case mesosMaster = "mesos-master"
    case marathon
    case mesosAgent = "mesos-agent"
    case docker
    case haproxy

    public static func < (a: Role, b: Role) -> Bool { a.rawValue < b.rawValue }
}

/// A service as the node's init system calls it, such as `mesos-slave`.
public struct ServiceName: Hashable, Sendable, Codable, Comparable, ExpressibleByStringLiteral, CustomStringConvertible
{
    public var text: String
    public init(_ text: String) { self.text = text }
    public init(stringLiteral text: String) { self.text = text }
    public init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
    public static func < (a: ServiceName, b: ServiceName) -> Bool { a.text < b.text }
    public var description: String { text }

    public static let zooKeeper: ServiceName = "zookeeper"
    public static let mesosMaster: ServiceName = "mesos-master"
    /// Mesosphere's packages keep this name in every version (mesos-zk-ops.md 1.1).
    public static let mesosAgent: ServiceName = "mesos-slave"
    public static let marathon: ServiceName = "marathon"
    public static let docker: ServiceName = "docker"
    public static let haproxy: ServiceName = "haproxy"
}

/// A dictionary with such keys is saved as an object, whose members can be sorted, and not as a list in no order.
extension NodeName: CodingKeyRepresentable {
    public var codingKey: any CodingKey { NameKey(stringValue: text) }
    public init?(codingKey: some CodingKey) { self.init(codingKey.stringValue) }
}

extension ServiceName: CodingKeyRepresentable {
    public var codingKey: any CodingKey { NameKey(stringValue: text) }
    public init?(codingKey: some CodingKey) { self.init(codingKey.stringValue) }
}

private struct NameKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
