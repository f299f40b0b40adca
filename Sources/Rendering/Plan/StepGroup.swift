internal import Reconciler
internal import Specs

/// Neighbouring steps that do the same to one node each, shown as one entry; or a single step.
///
/// Only what disturbs nothing is joined: a restart always has a line of its own. Every difference between the members
/// (content, needs) stays visible under the entry.
struct StepGroup: Hashable {
    var steps: [Step]

    var first: Step { steps[0] }
    var nodes: [NodeName] { steps.flatMap(\.nodes).unique }

    static func groups(of steps: [Step]) -> [StepGroup] {
        steps.reduce(into: []) { groups, step in
            if let last = groups.last, last.canTake(step) {
                groups[groups.count - 1].steps.append(step)
            } else {
                groups.append(StepGroup(steps: [step]))
            }
        }
    }

    private func canTake(_ step: Step) -> Bool {
        guard let last = steps.last, last.act.isFoldable, step.act.isFoldable else { return false }
        let isSafe = [last, step].allSatisfy { $0.effect != .disruptive && $0.runs.isEmpty }
        return isSafe && last.id + 1 == step.id && last.title == step.title && last.effect == step.effect
            && last.layer == step.layer && last.gate?.words == step.gate?.words
            && last.gate?.deadlineSeconds == step.gate?.deadlineSeconds
    }

    /// Equal changes on several nodes together, those of one resource below each other, in the order of first appearance.
    var changes: [(change: Change, nodes: [NodeName])] {
        steps.flatMap(\.changes)
            .grouped(by: \.resource).flatMap { $0.elements.grouped { SameChange($0) } }
            .map { ($0.elements[0], $0.elements.compactMap(\.node).unique) }
    }

    /// The reasons of all members, each sentence once, with every line of cluster.yaml that asks for it.
    var reasons: [(text: String, positions: [SourcePosition])] {
        steps.flatMap(\.reasons).grouped(by: \.text)
            .map { ($0.key, $0.elements.compactMap(\.position).unique.sorted()) }
    }

    /// `1-3`, or each member's own: `7: 1 · 8: 2`; nil when nothing is needed first.
    var needs: String? {
        let first = Set(steps[0].needs)
        if steps.allSatisfy({ Set($0.needs) == first }) { return first.isEmpty ? nil : ranges(first) }
        return steps.filter { !$0.needs.isEmpty }.map { "\($0.id): \(ranges($0.needs))" }.joined(separator: " · ")
    }
}

extension Act {
    /// Of one node, so that the same on others can stand beside it.
    fileprivate var isFoldable: Bool {
        switch self {
        case .visit: true
        case .image(let act): act.node != nil
        case .start, .roll, .app, .compareApps: false
        case .network: false
        }
    }
}

/// What makes the changes of two nodes one: all but the node and the record.
private struct SameChange: Hashable {
    var resource: String
    var kind: Change.Kind
    var cause: Change.Cause
    var body: ChangeBody
    var summary: String

    init(_ change: Change) {
        resource = change.resource
        kind = change.kind
        cause = change.cause
        body = ChangeBody(change)
        summary = change.summary
    }
}
