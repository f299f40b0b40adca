public import Reconciler
internal import Specs

/// Events as plain lines, for logs and pipes: one line an event, none for a wait that goes on as before, a line for
/// each tenth of a transfer.
public struct RunEventLines: Sendable {
    private let style: TextStyle
    private let total: Int
    /// What each waiting step missed when it was last said.
    private var missing: [Int: String] = [:]
    /// How many tenths of each transfer have been told.
    private var tenths: [Transfer: Int] = [:]

    private struct Transfer: Hashable {
        var step: Int
        var node: NodeName?
    }

    /// `total` is the number of the plan's steps.
    public init(total: Int, style: TextStyle = .plain) {
        self.total = total
        self.style = style
    }

    /// The line for `event` without its newline; nil when it says nothing new.
    public mutating func line(for event: RunEvent) -> String? {
        switch event {
        case .leaseTaken(let nodes): return "lease taken on \(named(nodes))"
        case .stepStarted(let id, let title, let nodes):
            return "\(place(id)) \(subject(title, nodes))"
        case .progress(let id, let node, let text):
            return "\(place(id)) \(node.map { visible($0.text) + ": " } ?? "")\(oneLine(text))"
        case .transfer(let id, let node, let progress, let speed):
            let tenth = progress.tenth
            guard tenths.updateValue(tenth, forKey: Transfer(step: id, node: node)) != tenth else { return nil }
            return "\(place(id)) \(node.map { visible($0.text) + ": " } ?? "")\(progress.words(speed))"
        case .waiting(let id, let words, let lacking, let seconds, let deadline):
            guard missing.updateValue(lacking, forKey: id) != lacking else { return nil }
            return "\(place(id)) waiting for \(oneLine(words)): \(oneLine(lacking)) (\(seconds) of \(deadline) s)"
        case .stepEnded(let id, let title, let nodes, let outcome, let seconds):
            missing[id] = nil
            tenths = tenths.filter { $0.key.step != id }
            return "\(place(id)) \(ended(title, nodes, outcome, seconds, style: style))"
        case .interrupting(let stopsAfterStep): return interruption(stopsAfterStep)
        case .ended(let ending): return ending.sentence.map(oneLine)
        }
    }

    private func place(_ id: Int) -> String { "[\(id)/\(total)]" }
}

/// `mesos-slave1: restart mesos-slave`; what has no node is named by its title alone.
func subject(_ title: String, _ nodes: [NodeName]) -> String {
    nodes.isEmpty ? visible(title) : "\(named(nodes)): \(visible(title))"
}

func ended(
    _ title: String,
    _ nodes: [NodeName],
    _ outcome: StepOutcome,
    _ seconds: Double,
    style: TextStyle
) -> String {
    let message = outcome.message.map { ": \(oneLine($0))" } ?? ""
    return
        "\(subject(title, nodes)): \(style(outcome.word.human, outcome.tone))\(message) (\(duration(seconds)))"
}

func interruption(_ stopsAfterStep: Bool) -> String {
    stopsAfterStep
        ? "interrupted: finishing the step in hand; once more stops it where it is"
        : "interrupted again: stopping the step in hand"
}
