internal import FoundationEssentials
internal import Reconciler
internal import Specs

/// Where the courier keeps things, and how patient it is.
public struct CourierOptions: Hashable, Sendable {
    /// The cache of parts on this machine.
    public var cache: String
    /// Bytes that it may hold; the oldest parts go first.
    public var cacheLimit: Int
    /// No byte for this long ends a session.
    public var stall: Duration
    /// Before each further attempt after a broken connection.
    public var pauses: [Duration]
    /// A build may be silent for longer than a transfer.
    public var buildStall: Duration
    /// Registries that speak http, as `host` or `host:port`; those on the loopback always do.
    public var insecureRegistries: Set<String>
    /// The nodes' directory of parts.
    var parts = "/var/lib/reconciler/images"
    /// Elsewhere on some, where several nodes are one machine.
    var otherParts: [NodeName: String] = [:]
    /// Where origins are opened; empty for `$TMPDIR`, else /var/tmp, of the machine.
    var places = ""
    /// A feeder's file of keys; empty for the login user's own.
    var authorizedKeys = ""
    /// A feeder's public host keys, a pattern of its shell.
    var hostKeys = "/etc/ssh/ssh_host_*_key.pub"

    public init(
        cache: String = CourierOptions.defaultCache(),
        cacheLimit: Int = 20_000_000_000,
        stall: Duration = .seconds(60),
        pauses: [Duration] = [.seconds(1), .seconds(3), .seconds(9)],
        buildStall: Duration = .seconds(900),
        insecureRegistries: Set<String> = []
    ) {
        self.cache = cache
        self.cacheLimit = cacheLimit
        self.stall = stall
        self.pauses = pauses
        self.buildStall = buildStall
        self.insecureRegistries = insecureRegistries
    }

    /// `$XDG_CACHE_HOME/reconciler/parts`, else `~/.cache/reconciler/parts`.
    public static func defaultCache(_ environment: [String: String]? = nil) -> String {
        let environment = environment ?? ProcessInfo.processInfo.environment
        if let base = environment["XDG_CACHE_HOME"], base.hasPrefix("/") { return "\(base)/reconciler/parts" }
        return "\(environment["HOME"] ?? "")/.cache/reconciler/parts"
    }

    func parts(of node: NodeTarget) -> String { otherParts[node.name] ?? parts }
}
