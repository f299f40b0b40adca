// What the loop tells, as other programs read it: a line of `watch --format json-lines`.

public import Reconciler
internal import Specs

/// A notice of the loop.
public struct LoopNoticeDocument: Hashable, Sendable, Encodable {
    public var formatVersion = documentFormatVersion
    public var type = "notice"
    /// `found`, `corrected`, `failed`, `givenUp`, `recovered`, `badRevision` or `goodRevision`.
    public var kind: String
    public var cluster: String
    /// ISO 8601, UTC.
    public var time: String
    public var revision: String?
    public var items: [Item]
    public var messages: [String]

    public struct Item: Hashable, Sendable, Encodable {
        /// Absent for an app.
        public var node: String?
        /// As in a plan, such as `file:PATH`, `service:NAME` or `app:/ID`.
        public var resource: String
        /// `git`, `drift` or `unattributed`.
        public var cause: String
        public var summary: String
        /// `found`, `corrected`, `failed`, `withheld`, `raised` or `blocked`.
        public var state: String
        public var detail: [String]

        public init(_ item: LoopStatus.Item) {
            node = item.item.node?.text
            resource = item.item.resource
            cause = item.cause.rawValue
            summary = item.summary
            state = item.state.rawValue
            detail = item.detail
        }
    }

    public init(_ notice: LoopNotice) {
        kind = notice.kind.rawValue
        cluster = notice.cluster
        time = UTCTime.text(notice.at)
        revision = notice.revision
        items = notice.items.map(Item.init)
        messages = notice.messages
    }

    public var jsonLine: String { Rendering.json(self, isOneLine: true) }
}
