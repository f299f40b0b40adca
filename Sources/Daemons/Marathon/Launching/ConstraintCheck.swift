/// Whether a task may run on an agent, given where the app's other tasks run.
///
/// Source: marathon 0.8.2, tasks/Constraints.scala; marathon-api.md section 4 for the operators of later releases.
struct ConstraintCheck {
    let constraint: [String]

    private var field: String { constraint.first ?? "" }
    private var op: String { constraint.count > 1 ? constraint[1].uppercased() : "" }
    private var value: String { constraint.count > 2 ? constraint[2] : "" }

    /// - Parameter attributes: Of the agent, as text.
    func isMet(hostname: String, attributes: [String: String], tasks: [MarathonTask]) -> Bool {
        guard let here = field == "hostname" ? hostname : attributes[field] else {
            // An agent without the attribute is unlike anything.
            return op == "UNLIKE"
        }
        let there = tasks.compactMap { field == "hostname" ? $0.host : $0.attributes[field] }
        switch op {
        case "UNIQUE": return !there.contains(here)
        case "CLUSTER":
            if !value.isEmpty { return here == value }
            return there.allSatisfy { $0 == here }
        case "GROUP_BY": return isSmallestGroup(here, there)
        case "LIKE": return matches(here)
        case "UNLIKE": return !matches(here)
        case "MAX_PER": return there.count { $0 == here } < Int(value) ?? 0
        case "IS": return here == value
        default: return false
        }
    }

    private func isSmallestGroup(_ here: String, _ there: [String]) -> Bool {
        var counts: [String: Int] = [:]
        for value in there { counts[value, default: 0] += 1 }
        guard let mine = counts[here] else { return true }
        return counts.count >= Int(value) ?? 0 && mine == counts.values.min()
    }

    /// As a whole, as Java's `matches` does.
    private func matches(_ text: String) -> Bool {
        do {
            return try Regex(value).wholeMatch(in: text) != nil
        } catch {
            return false
        }
    }
}
