public import Reconciler
internal import Specs

/// Transfers under way, a line each below the line of the steps; at most four lines, rewritten in place.
///
/// A state machine without a clock or a stream: events in, the characters to write out.
public struct TransferBlock: Sendable {
    fileprivate struct Transfer: Hashable, Sendable {
        var node: String
        var progress: TransferProgress
        var bytesPerSecond: Double?
    }

    private static let mostLines = 4
    private static let barWidth = 10

    /// Of steps on images, by id: the image's name and where it comes from.
    private let images: [Int: (reference: String, origin: String)]
    private var underWay: [Int: Transfer] = [:]
    private var isShown = false

    public init(_ plan: Plan) {
        var images: [Int: (reference: String, origin: String)] = [:]
        for step in plan.steps {
            guard case .image(let act) = step.act else { continue }
            images[step.id] = (visible(act.reference), act.origin.shortName)
        }
        self.images = images
    }

    /// Whether `event` is told by this block alone.
    public static func tells(_ event: RunEvent) -> Bool {
        if case .transfer = event { true } else { false }
    }

    /// What to write for `event` around what is written for the line above, whose row the cursor is left on.
    ///
    /// A lasting line in what is written moves everything down. `width` is that of the terminal, in columns.
    public mutating func characters(for event: RunEvent, around line: String, width: Int) -> String {
        note(event)
        let lines = lines(width: width)
        let erasing = isShown ? "\n\u{1B}[J\u{1B}[1A\r" : ""
        isShown = !lines.isEmpty
        guard isShown else { return erasing + line }
        return erasing + line + lines.map { "\n\r\u{1B}[K" + $0 }.joined() + "\u{1B}[\(lines.count)A\r"
    }

    private mutating func note(_ event: RunEvent) {
        switch event {
        case .transfer(let id, let node, let progress, let speed):
            let place = node.map { visible($0.text) } ?? images[id].map { "from \($0.origin)" } ?? ""
            underWay[id] = Transfer(node: place, progress: progress, bytesPerSecond: speed)
        // What is waited for then is told by the step's own line.
        case .waiting(let id, _, _, _, _), .stepEnded(let id, _, _, _, _): underWay[id] = nil
        case .ended: underWay = [:]
        case .leaseTaken, .stepStarted, .progress, .interrupting: break
        }
    }

    /// At most four, each narrower than the terminal: one that wraps would not be erased whole.
    private func lines(width: Int) -> [String] {
        let ids = underWay.keys.sorted()
        let shown = ids.count > Self.mostLines ? Array(ids.prefix(Self.mostLines - 1)) : ids
        let transfers = shown.compactMap { id in underWay[id].map { (images[id]?.reference ?? "", $0) } }
        let nodes = transfers.map { displayWidth($0.1.node) }.max() ?? 0
        let names = transfers.map { displayWidth($0.0) }.max() ?? 0
        var lines = transfers.map { name, transfer in
            let columns = transfer.columns(name, nodes, names, Self.barWidth)
            return columns.first { displayWidth($0) < width } ?? (columns.last ?? "").clipped(to: max(0, width - 1))
        }
        if ids.count > shown.count {
            lines.append("  and \(ids.count - shown.count) more transfers".clipped(to: max(0, width - 1)))
        }
        return lines
    }
}

extension TransferBlock.Transfer {
    /// The line in full, then with less and less.
    fileprivate func columns(_ name: String, _ nodes: Int, _ names: Int, _ bar: Int) -> [String] {
        let amount = "\(bytesInWords(progress.done)) of \(bytesInWords(progress.total))"
        let rate = bytesPerSecond.map { "\(bytesInWords(Int($0.isFinite ? max(0, $0) : 0)))/s" }
        let (place, image) = (node.padded(to: nodes), name.padded(to: names))
        func line(_ columns: [String?]) -> String { "  " + columns.compactMap(\.self).joined(separator: "  ") }
        return [
            line([place, image, drawn(bar), amount, rate, left]), line([place, image, amount, rate, left]),
            line([place, amount, rate, left]), line([place, amount, rate]), line([place, amount]),
        ]
    }

    private func drawn(_ width: Int) -> String {
        let full = progress.total > 0 ? min(width, max(0, progress.done) * width / progress.total) : width
        return "[" + String(repeating: "#", count: full) + String(repeating: ".", count: width - full) + "]"
    }

    /// nil where the rate tells nothing.
    private var left: String? {
        guard let rate = bytesPerSecond, rate >= 1, rate.isFinite else { return nil }
        let seconds = (Double(max(0, progress.total - progress.done)) / rate).rounded(.up)
        guard seconds < 360_000 else { return nil }
        let whole = Int(seconds)
        if whole < 60 { return "\(whole) s left" }
        return whole < 3600 ? "\(whole / 60) min left" : "\(whole / 3600) h \(whole % 3600 / 60) min left"
    }
}

extension ImageOrigin {
    fileprivate var shortName: String {
        switch self {
        case .engine(let host), .build(_, let host): visible(host.description)
        case .tar(let path): visible(path)
        case .registry: "its registry"
        }
    }
}

/// Which events of transfers are worth a line in a log: the first, one each quarter, the last.
public struct TransferQuarters: Sendable {
    private struct Transfer: Hashable, Sendable {
        var step: Int
        var node: NodeName?
    }

    private var told: [Transfer: Int] = [:]

    public init() {}

    /// Whether `event` is to be told; always for what is no transfer.
    public mutating func take(_ event: RunEvent) -> Bool {
        switch event {
        case .transfer(let id, let node, let progress, _):
            let quarter = progress.total > 0 ? min(4, max(0, progress.done) * 4 / progress.total) : 4
            let transfer = Transfer(step: id, node: node)
            guard quarter > told[transfer] ?? -1 else { return false }
            told[transfer] = quarter
            return true
        case .stepEnded(let id, _, _, _, _):
            told = told.filter { $0.key.step != id }
            return true
        case .leaseTaken, .stepStarted, .progress, .waiting, .interrupting, .ended: return true
        }
    }
}
