internal import Reconciler
internal import Specs

/// The order of the steps that touch an ensemble, as a Mermaid diagram.
struct MarkdownOrder {
    private static let nodesAtMost = 60

    /// Without the fence; empty where there is no order to show.
    var lines: [String]

    init(_ plan: Plan) {
        let all = plan.steps.filter { $0.layer?.isEnsemble ?? false }
        let steps = all.prefix(all.count > Self.nodesAtMost ? Self.nodesAtMost - 1 : Self.nodesAtMost)
        guard steps.count > 1 else {
            lines = []
            return
        }
        let shown = Set(steps.map(\.id))
        let before = Self.nearest(of: plan, shown)
        var lines = ["flowchart TD"]
        lines += steps.map { "  s\($0.id)[\"\(Self.label($0))\"]" }
        for step in steps {
            let direct = before[step.id] ?? []
            // An arrow that another way of arrows says already is left out.
            let implied = direct.reduce(into: Set<Int>()) { $0.formUnion(Self.all(before: $1, before)) }
            lines += direct.subtracting(implied).sorted().map { "  s\($0) --> s\(step.id)" }
        }
        if let last = steps.last, all.count > steps.count {
            lines.append("  rest[\"… \(all.count - steps.count) more steps\"]")
            lines.append("  s\(last.id) --> rest")
        }
        let disruptive = steps.filter { $0.effect == .disruptive }.map { "s\($0.id)" }
        if !disruptive.isEmpty {
            lines += ["  classDef restarts stroke-width:3px", "  class \(disruptive.joined(separator: ",")) restarts"]
        }
        self.lines = lines
    }

    /// Of each shown step the shown steps it needs, through others if need be; steps stand in an order that needs allow.
    private static func nearest(of plan: Plan, _ shown: Set<Int>) -> [Int: Set<Int>] {
        var reach: [Int: Set<Int>] = [:]
        var nearest: [Int: Set<Int>] = [:]
        for step in plan.steps {
            let own = step.needs.reduce(into: Set<Int>()) { $0.formUnion(reach[$1] ?? []) }
            nearest[step.id] = own
            reach[step.id] = shown.contains(step.id) ? [step.id] : own
        }
        return nearest
    }

    private static func all(before id: Int, _ nearest: [Int: Set<Int>]) -> Set<Int> {
        var (seen, open): (Set<Int>, [Int]) = ([], Array(nearest[id] ?? []))
        while let next = open.popLast() {
            if seen.insert(next).inserted { open += nearest[next] ?? [] }
        }
        return seen
    }

    /// Letters, digits and a few marks: nothing that the diagram's language would read.
    private static func label(_ step: Step) -> String {
        let nodes = step.nodes.isEmpty ? "" : list(step.nodes.map(\.text), limit: 3) + ": "
        let text = "\(step.id). \(step.effect == .disruptive ? "! " : "")\(nodes)\(step.title)"
        let plain = text.unicodeScalars.map { scalar -> String in
            let isPlain = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            return isPlain || " .,:!/-_".unicodeScalars.contains(scalar) ? String(scalar) : "·"
        }
        return MarkdownText.cut(plain.joined(), 90)
    }
}
