public import Specs

/// One node's balancer at work.
public struct LoadBalancerGate: Hashable, Sendable, Codable {
    public struct Expected: Hashable, Sendable, Codable {
        /// Of the section, such as `shop_web-80`.
        public var name: String
        public var port: Int

        public init(name: String, port: Int) {
            self.name = name
            self.port = port
        }
    }

    public var node: NodeName
    /// `cron` or `crond`.
    public var cron: ServiceName
    /// HAProxy's own port.
    public var port: Int
    /// Listeners of apps that had tasks when the plan was made.
    public var expected: [Expected]

    public init(node: NodeName, cron: ServiceName, port: Int, expected: [Expected]) {
        self.node = node
        self.cron = cron
        self.port = port
        self.expected = expected
    }
}
