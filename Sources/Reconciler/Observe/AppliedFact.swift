internal import Specs

/// What was last applied to this node: lines of `resource`, `digest`, `revision` and more, separated by tabs.
enum AppliedFact: Fact {
    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] { [.applied] }

    static func read(_ answers: Answers, into observed: inout ObservedNode) {
        let applied: Observation<[String: AppliedEntry]>? = answers.value(of: .applied) { answer in
            if case .applied(let text) = answer { entries(text) } else { nil }
        }
        if let applied { observed.applied = applied }
    }

    /// The last line of a resource holds; a line that is no entry is passed over, so that its resource counts as unrecorded.
    static func entries(_ text: String) -> [String: AppliedEntry] {
        var entries: [String: AppliedEntry] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard columns.count >= 3, !columns[0].isEmpty else { continue }
            entries[columns[0]] = AppliedEntry(resource: columns[0], digest: columns[1], revision: columns[2])
        }
        return entries
    }
}
