/// What HAProxy on a node should be: a header of its own, and a listener for each service port of Marathon's apps.
///
/// haproxy.cfg is no desired file: the bridge on the node makes it from the tasks that live at that moment.
public struct DesiredLoadBalancer: Hashable, Sendable {
    /// The part of haproxy.cfg before the apps, ending in a newline.
    public var header: Content
    /// The address of the apps' listeners.
    public var bind: String
    /// HAProxy's own listener: its statistics where they are declared, else a monitor on loopback that always answers.
    public var ownListener: HostPort
    /// Service ports that are never bound here, sorted: the node's own daemons have them.
    public var reserved: [Int]
    /// The Marathons that are asked, in their order, as the bridge reads them.
    public var marathons: [String]
    /// `cron` or `crond`.
    public var cron: ServiceName
    /// The bridge's files with the service's own settings: whatever of them changes, haproxy.cfg follows.
    public var files: [String]
    public var reason: Reason

    public init(
        header: Content,
        bind: String,
        ownListener: HostPort,
        reserved: [Int],
        marathons: [String],
        cron: ServiceName,
        files: [String],
        reason: Reason
    ) {
        self.header = header
        self.bind = bind
        self.ownListener = ownListener
        self.reserved = reserved
        self.marathons = marathons
        self.cron = cron
        self.files = files
        self.reason = reason
    }

    /// The services that a step of the balancer starts itself.
    public var services: [ServiceName] { [cron, .haproxy] }
}
