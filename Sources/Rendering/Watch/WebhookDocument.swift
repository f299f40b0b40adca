// What a webhook is sent: a notice of the loop with what a receiver needs to take it once and in order.

public import Reconciler
internal import Specs

/// The body of one request to `watch.webhook`.
public struct WebhookDocument: Hashable, Sendable, Encodable {
    public var formatVersion = documentFormatVersion
    public var type = "notice"
    /// The same for every try of this notice.
    public var id: String
    /// One more than that of the notice before: what is missing was never delivered.
    public var sequence: Int
    /// `found`, `corrected`, `failed`, `givenUp`, `recovered`, `badRevision`, `goodRevision`, or `test` on request.
    public var kind: String
    public var cluster: String
    /// RFC 3339, UTC.
    public var time: String
    public var revision: String?
    public var items: [LoopNoticeDocument.Item]
    /// How many more there are; a receiver has no use for thousands.
    public var itemsOmitted: Int
    public var messages: [String]
    /// The same for people, a line for each item.
    public var text: String

    /// Items that are told one by one.
    public static let mostItems = 200
    private static let mostLines = 20

    public init(_ notice: LoopNotice, id: String, sequence: Int) {
        let document = LoopNoticeDocument(notice)
        self.id = id
        self.sequence = sequence
        kind = document.kind
        cluster = document.cluster
        time = document.time
        revision = document.revision
        items = Array(document.items.prefix(Self.mostItems))
        itemsOmitted = document.items.count - items.count
        messages = document.messages
        let lines = LoopNoticeText(notice).text.split(separator: "\n")
        text = (["\(visible(notice.cluster)):"] + lines.prefix(Self.mostLines)).joined(separator: "\n")
        if lines.count > Self.mostLines { text += "\n(and \(lines.count - Self.mostLines) more)" }
    }

    /// Tells nothing but that it arrives.
    public init(testOf cluster: String, id: String, at now: Int) {
        self.init(LoopNotice(kind: .recovered, cluster: cluster, at: now, revision: nil), id: id, sequence: 0)
        kind = "test"
        text = "\(visible(cluster)): a test of watch.webhook"
    }

    public var json: String { Rendering.json(self, isOneLine: true) }
}
