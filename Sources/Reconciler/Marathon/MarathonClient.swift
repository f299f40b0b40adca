public import Specs

/// The declared Marathons as one API: any of them answers, leader or standby, and another one is asked when it does not.
///
/// Reads are tried again elsewhere; a write is tried elsewhere only where it surely did not arrive.
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
        /// nil where the answer does not name it (a creation before 1.4 by the app's own body).
        public var deployment: String?
        /// The version of the app or of the root group that came of it; nil where the answer does not say.
        public var version: String?

        public init(deployment: String?, version: String?) {
            self.deployment = deployment
            self.version = version
        }
    }
}
