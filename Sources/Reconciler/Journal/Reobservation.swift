internal import Specs

/// What a fresh look says of the steps that earlier runs have left open; never what they were about to do.
///
/// Pure: a plan that was made just now tells whether anything is left to do for what such a step was to change.
public struct Reobservation: Hashable, Sendable {
    public var found: Reobserved
    /// For people, such as "the run r1 of 2024-05-01 14:02 UTC ended in step 7 (restart mesos-slave on m2): …".
    public var words: String

    /// - Parameters:
    ///   - history: What the journal tells.
    ///   - plan: Made since, of everything that is declared.
    /// - Returns: One for each open step, the oldest first.
    public static func of(_ history: JournalHistory, in plan: Plan) -> [Reobservation] {
        history.open.map { run, step in
            let (finding, words) = look(for: step.intent, in: plan)
            return Reobservation(
                found: Reobserved(run: run.run, step: step.intent.step, finding: finding, words: words),
                words: "the run \(run.run) of \(UTCTime.words(run.at)) \(end(of: step, run)): \(words)"
            )
        }
    }

    private static func end(of step: RunHistory.StepHistory, _ run: RunHistory) -> String {
        let intent = step.intent
        let place = intent.nodes.isEmpty ? "" : " on \(intent.nodes.map(\.text).joined(separator: ", "))"
        let name = "step \(intent.step) (\(intent.title)\(place))"
        switch step.outcome {
        case nil where run.ending == nil: return "ended in \(name) without a word"
        case nil: return "did not write how \(name) ended"
        default: return "could not tell how \(name) ended"
        }
    }

    private typealias Finding = (Reobserved.Finding, String)

    private static func look(for intent: JournaledIntent, in plan: Plan) -> Finding {
        guard !intent.resources.isEmpty else {
            let again = plan.steps.first { $0.title == intent.title && $0.nodes == intent.nodes }
            return again.map(isPlanned) ?? (.done, "nothing of it is left to do")
        }
        let findings = intent.resources.map { look(for: $0, in: plan) }
        return findings.first { $0.0 == .notDone } ?? findings.first { $0.0 == .unknown }
            ?? findings.first { $0.0 == .done } ?? findings[0]
    }

    private static func look(for resource: JournaledIntent.Resource, in plan: Plan) -> Finding {
        let again = plan.steps.first { step in
            step.changes.contains { $0.node == resource.node && $0.resource == resource.resource }
        }
        if let again { return isPlanned(again) }
        if let node = resource.node {
            guard let summary = plan.nodes.first(where: { $0.name == node }) else {
                return (.undeclared, "\(node) is no longer declared")
            }
            if let failure = summary.failure {
                return (.unknown, "not known, since \(node) does not answer (\(failure.message))")
            }
        } else if plan.steps.contains(where: \.comparesApps) {
            return (.unknown, "not known until Marathon answers")
        }
        if let held = plan.blocked.first(where: { $0.holds(resource) }) {
            return (.unknown, "not known, since \(held.title) cannot be planned: \(held.because)")
        }
        if let refusal = plan.refusals.first {
            return (.unknown, "not known, since the plan is refused by \(refusal.rule)")
        }
        return (.done, "found as declared, nothing of it is left to do")
    }

    private static func isPlanned(_ step: Step) -> Finding {
        (.notDone, "not as declared, and in the plan as step \(step.id)")
    }
}

extension Step {
    fileprivate var comparesApps: Bool { if case .compareApps = act { true } else { false } }
}

extension Blocked {
    /// Whether it may be what keeps a change of that resource out of the plan.
    fileprivate func holds(_ resource: JournaledIntent.Resource) -> Bool {
        guard node == resource.node else { return false }
        let name = resource.resource.drop { $0 != ":" }.dropFirst()
        return isByUnknown || title.contains(name)
    }
}
