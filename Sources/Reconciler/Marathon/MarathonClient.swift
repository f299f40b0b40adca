public import Specs
internal import Synchronization

/// The declared Marathons as one API: any of them answers, leader or standby, and another one is asked when it does not.
///
/// Reads are tried again elsewhere; a write is tried elsewhere only where it surely did not arrive. Copies share which of them
/// answered last.
public struct MarathonClient: Sendable {
    /// Where the Marathons are and how one logs in.
    public struct Reach: Hashable, Sendable {
        /// In the order in which they are tried.
        public var endpoints: [RESTEndpoint]
        /// `user:password` for basic authentication.
        public var credentials: Content?
        /// Sent as `Authorization: token=…` (marathon-api.md 6).
        public var token: Content?

        public init(endpoints: [RESTEndpoint], credentials: Content? = nil, token: Content? = nil) {
            self.endpoints = endpoints
            self.credentials = credentials
            self.token = token
        }
    }

    /// An accepted write.
    public struct Ticket: Hashable, Sendable {
        /// nil where the answer does not name it.
        public var deployment: String?
        /// The version of the app or of the root group that came of it; nil where the answer does not say.
        public var version: String?

        public init(deployment: String?, version: String?) {
            self.deployment = deployment
            self.version = version
        }
    }

    /// What copies share.
    final class Memory: Sendable {
        private struct Known {
            var endpoint: RESTEndpoint?
            var release: MarathonRelease?
        }
        private let known = Mutex(Known())

        /// The one that answered last.
        var endpoint: RESTEndpoint? {
            get { known.withLock { $0.endpoint } }
            set { known.withLock { $0.endpoint = newValue } }
        }

        /// As told last.
        var release: MarathonRelease? {
            get { known.withLock { $0.release } }
            set { known.withLock { $0.release = newValue } }
        }
    }

    let reach: Reach
    let transport: any HTTPTransport
    let secrets: SecretStore
    let clock: RunClock
    let patience: Duration
    let memory = Memory()

    /// - Parameters:
    ///   - reach: Where they are.
    ///   - transport: The way there.
    ///   - secrets: What its credentials, bodies and answers may hold.
    ///   - clock: Measures `patience`.
    ///   - patience: How long one call may take in all, other endpoints and an election included.
    public init(
        reach: Reach,
        transport: any HTTPTransport,
        secrets: SecretStore,
        clock: some Clock<Duration>,
        patience: Duration = .seconds(60)
    ) {
        self.reach = reach
        self.transport = transport
        self.secrets = secrets
        self.clock = RunClock(clock)
        self.patience = patience
    }
}
