/// The one request that brings an app to its declared state.
public struct AppWrite: Hashable, Sendable, Codable {
    public enum Method: String, Hashable, Sendable, Codable {
        /// `PUT /v2/apps/ID`: what the body leaves out stays as it is (marathon-api.md 2.1); creates what is not there.
        case merge
        /// `PUT /v2/apps/ID?partialUpdate=false` (from 1.4): the body is the whole app.
        case replace
    }

    public var method: Method
    /// Without `version` and whatever else is Marathon's own.
    public var body: AppValue

    public init(_ method: Method, body: AppValue) {
        self.method = method
        self.body = body
    }
}

/// What a change of an app does to its tasks (marathon-api.md 5.1).
public enum AppEffect: Hashable, Sendable, Codable {
    /// Tasks are added or killed, none is replaced: only `instances` differs, or from 1.1 none is to be left.
    case scale(from: Int, to: Int)
    /// Every task is replaced, in the app's own upgrade strategy.
    case restart
    /// No task is touched: nothing that Marathon restarts for differs (`executorResources`, marathon-api.md 3.1), or the
    /// app has none and shall have none.
    case none
}

/// How an app comes from its live state to the declared one.
public struct AppRevision: Hashable, Sendable, Codable {
    public enum Way: Hashable, Sendable, Codable {
        case write(AppWrite)
        /// This release has no write that takes these fields away: the app must be deleted and made again.
        case recreate(AppWrite, clearing: [String])
    }

    /// Sorted by path, never empty.
    public var differences: [FieldDifference]
    public var effect: AppEffect
    public var way: Way

    public init(differences: [FieldDifference], effect: AppEffect, way: Way) {
        self.differences = differences
        self.effect = effect
        self.way = way
    }
}
