/// Why Marathon did not do or tell what it was asked for.
public struct MarathonFault: Error, Hashable, Sendable, Codable {
    public enum Kind: Hashable, Sendable, Codable {
        /// None of the declared ones answers, or none knows a leader.
        case unreachable
        /// 401.
        case unauthorized
        /// 403: not allowed, or filtered.
        case forbidden
        /// 409: these deployments hold the app; may be empty (marathon-api.md 1.0).
        case locked(deployments: [String])
        /// 409: the id is taken.
        case exists
        /// 400, 422, and what older releases answer with 500 for the same: the definition is refused.
        case invalid
        /// 404.
        case missing
        /// The answer is not whole, no JSON, or of another shape than this release gives.
        case unreadable
        /// Any other status.
        case failed(status: Int)
        case cancelled
    }

    public var kind: Kind
    /// Marathon's own words where it has any, with the address; no secrets.
    public var message: String
    /// Whether a write may have been accepted all the same: only looking again tells.
    public var mayHaveBeenDone: Bool

    public init(_ kind: Kind, _ message: String, mayHaveBeenDone: Bool = false) {
        self.kind = kind
        self.message = message
        self.mayHaveBeenDone = mayHaveBeenDone
    }
}
