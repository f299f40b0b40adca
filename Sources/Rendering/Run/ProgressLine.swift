public import Reconciler
internal import Specs

/// A progress line that is rewritten in place on a terminal, with a lasting line for each step that ended.
///
/// A state machine without a clock or a stream: events in, the characters to write out.
public struct ProgressLine: Sendable {
    private struct Running {
        var head: String
        var now = ""
    }

    private let style: TextStyle
    private let total: Int
    /// Columns of the terminal, as of the last `resize`.
    private var width: Int
    /// Steps that have begun and not ended.
    private var running: [Int: Running] = [:]
    /// The step that was last heard of: it is the one shown.
    private var latest: Int?
    private var isShown = false

    /// `total` is the number of the plan's steps.
    public init(total: Int, width: Int, style: TextStyle) {
        self.total = total
        self.width = width
        self.style = style
    }

    public mutating func resize(to width: Int) { self.width = width }

    /// What to write for `event`.
    public mutating func characters(for event: RunEvent) -> String {
        switch event {
        case .leaseTaken(let nodes): return lasting("lease taken on \(named(nodes))")
        case .stepStarted(let id, let title, let nodes):
            running[id] = Running(head: "[\(id)/\(total)] \(subject(title, nodes))")
            latest = id
            return redrawn
        case .progress(let id, let node, let text):
            return updated(id, (node.map { visible($0.text) + ": " } ?? "") + oneLine(text))
        case .transfer(let id, let node, let progress, let speed):
            return updated(id, (node.map { visible($0.text) + ": " } ?? "") + progress.words(speed))
        case .waiting(let id, let words, let missing, let seconds, let deadline):
            return updated(id, "waiting \(seconds) of \(deadline) s for \(oneLine(words)): \(oneLine(missing))")
        case .stepEnded(let id, let title, let nodes, let outcome, let seconds):
            running[id] = nil
            if latest == id { latest = running.keys.max() }
            return lasting("[\(id)/\(total)] \(ended(title, nodes, outcome, seconds, style: style))")
        case .interrupting(let stopsAfterStep): return lasting(style(interruption(stopsAfterStep), .warning))
        case .ended: return erased
        }
    }

    private mutating func updated(_ id: Int, _ text: String) -> String {
        running[id]?.now = text
        if running[id] != nil { latest = id }
        return redrawn
    }

    /// A line that stays, above the one that is rewritten.
    private mutating func lasting(_ line: String) -> String { erased + line + "\n" + redrawn }

    private var erased: String {
        mutating get {
            defer { isShown = false }
            return isShown ? "\r\u{1B}[K" : ""
        }
    }

    private var redrawn: String {
        mutating get {
            guard let latest, let step = running[latest] else { return erased }
            let others = running.count > 1 ? "  (and \(running.count - 1) more at work)" : ""
            let line = step.head + (step.now.isEmpty ? "" : "  \(step.now)")
            isShown = true
            // One column less than the terminal has: a full line would wrap, and the next erase would miss half of it.
            return "\r\u{1B}[K" + line.clipped(to: max(0, width - 1 - displayWidth(others))) + others
        }
    }
}
