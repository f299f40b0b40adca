/// What a node's links, routes, resolver and names are: the node's own view, one visit.
public struct NetworkAnswer: Hashable, Sendable, Codable {
    public var links: [Link]
    /// Default routes of IPv4, in the kernel's order.
    public var gateways: [Gateway]
    /// Name servers the resolver really asks, in order: of systemd-resolved where /etc/resolv.conf is its stub.
    public var nameservers: [String]
    /// The kernel's host name (`/proc/sys/kernel/hostname`).
    public var hostname: String

    public init(links: [Link], gateways: [Gateway], nameservers: [String], hostname: String) {
        self.links = links
        self.gateways = gateways
        self.nameservers = nameservers
        self.hostname = hostname
    }

    public struct Link: Hashable, Sendable, Codable {
        public var name: String
        /// Administratively up.
        public var isUp: Bool
        /// Such as `10.16.40.1/23` and `fd00::2/64`; addresses of the link itself (`fe80::`) are left out.
        public var addresses: [String]
        public var owner: LinkOwner
        /// The file that configures it, after all links; empty where the owner has none or it is not known.
        public var file: String

        public init(name: String, isUp: Bool, addresses: [String], owner: LinkOwner, file: String = "") {
            self.name = name
            self.isUp = isUp
            self.addresses = addresses
            self.owner = owner
            self.file = file
        }
    }

    /// A default route.
    public struct Gateway: Hashable, Sendable, Codable {
        public var address: String
        public var interface: String

        public init(address: String, interface: String) {
            self.address = address
            self.interface = interface
        }
    }
}

/// Which network stack configures a link (mesos-zk-ops.md 8).
public enum LinkOwner: String, Hashable, Sendable, Codable {
    /// An `iface` stanza of /etc/network/interfaces or of what it sources.
    case ifupdown
    /// `networkctl` says that systemd-networkd manages it.
    case networkd
    case networkManager
    /// netplan's YAML makes the configuration of the stack below: never written by us.
    case netplan
    /// Nobody that we know; or it cannot be told.
    case unknown
}

/// Whether a TCP connection from one node to another's port came about.
public enum ReachOutcome: Hashable, Sendable, Codable {
    case connected
    /// The host answers, nobody listens.
    case refused
    /// No answer within the time given, or no route; in the words of whoever tried.
    case silent(String)
}
