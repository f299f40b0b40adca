/// The vocabulary of Mesos: what masters, agents and schedulers say to each other.
public enum Mesos {}

/// One of libprocess' messages: its protobuf name, and its fields as protobuf's JSON mapping writes them.
public protocol MesosMessage: Hashable, Sendable, Codable {
    /// Such as `mesos.internal.RegisterFrameworkMessage`.
    static var name: String { get }
    var body: JSON { get }
    /// nil for a body that lacks a required field.
    init?(body: JSON)
}

extension DaemonMessage {
    public init(from: ProcessID, to: ProcessID, _ message: some MesosMessage) {
        self.init(from: from, to: to, type(of: message).name, message.body)
    }

    /// The typed form; nil when this is another message or not well-formed.
    public func read<Message: MesosMessage>(as type: Message.Type) -> Message? {
        name == type.name ? Message(body: body) : nil
    }
}

extension JSON {
    /// `{"value":"…"}`, as protobuf writes every id.
    static func id(_ value: String) -> JSON { ["value": .string(value)] }

    static func ids(_ values: [String]) -> JSON { .array(values.map { id($0) }) }

    /// The text in `{key:{"value":"…"}}`.
    func id(_ key: String) -> String? { self[key]?["value"]?.string }

    func ids(_ key: String) -> [String] { self[key]?.array?.compactMap { $0["value"]?.string } ?? [] }

    func list<Element>(_ key: String, _ read: (JSON) -> Element?) -> [Element] {
        self[key]?.array?.compactMap(read) ?? []
    }

    static func optional(_ text: String?) -> JSON? { text.map(JSON.string) }
}
