public import Reconciler
internal import Specs

/// A notice of the loop as people read it: a line for each item, each with its time, as logs have them.
public struct LoopNoticeText: Sendable {
    public var notice: LoopNotice
    public var style: TextStyle

    public init(_ notice: LoopNotice, style: TextStyle = .plain) {
        self.notice = notice
        self.style = style
    }

    public var text: String {
        let head = style(UTCTime.text(notice.at), .quiet) + " "
        var lines = notice.items.map(line)
        lines += notice.messages.map { message in
            "\(word)\(isOfRevision ? notice.revision.map { " \(visible($0))" } ?? "" : ""): \(oneLine(message))"
        }
        if lines.isEmpty { lines = [notice.kind == .recovered ? "\(word): it works again" : word] }
        return lines.map { head + $0 + "\n" }.joined()
    }

    private func line(_ item: LoopStatus.Item) -> String {
        let cause = notice.kind == .found ? " (\(item.cause == .unattributed ? "no record" : item.cause.rawValue))" : ""
        let detail = item.detail.isEmpty ? "" : "; " + oneLine(item.detail.joined(separator: "; "))
        return "\(word): \(visible(item.item.description)): \(oneLine(item.summary))\(cause)\(detail)"
    }

    private var isOfRevision: Bool {
        switch notice.kind {
        case .badRevision, .goodRevision: true
        case .found, .corrected, .failed, .givenUp, .recovered: false
        }
    }

    private var word: String {
        switch notice.kind {
        case .found: style("found", .warning)
        case .corrected: style("corrected", .success)
        case .failed: style("failed", .failure)
        case .givenUp: style("given up", .failure)
        case .recovered: style("in sync again", .success)
        case .badRevision: style("bad revision", .failure)
        case .goodRevision: style("good revision", .success)
        }
    }
}
