public import Specs

extension ObservedNode {
    /// Makes values of a node's raw words; secrets are masked on the way and not kept.
    ///
    /// An answer that is missing or of another kind than its question is unknown.
    public init(
        _ node: NodeSpec,
        in spec: ClusterSpec,
        requests: [FactRequest],
        answers: [FactAnswer],
        secrets: SecretStore
    ) {
        self.init(name: node.name.value, platform: .unknown("not asked"))
        let all = Answers(
            node: node,
            spec: spec,
            redaction: Redaction(spec: spec, secrets: secrets),
            requests: requests,
            answers: answers
        )
        for fact in ObservedFacts.all { fact.read(all, into: &self) }
    }

    /// The file at `path`: asked for by itself, or as an entry of a directory that was listed.
    ///
    /// Absent where the directory was listed and does not have it; unknown where nobody asked.
    public func file(at path: String) -> Observation<ObservedFile> {
        if let known = files[path] { return known }
        guard let slash = path.lastIndex(of: "/") else { return .unknown("\(path) is not absolute") }
        switch directories[String(path[..<slash])] {
        case .found(let entries)?:
            return entries.first { $0.path == path }.map { .found($0) } ?? .absent
        case .absent?: return .absent
        case .unknown(let reason)?: return .unknown(reason)
        case nil: return .unknown("\(path) was not asked for")
        }
    }
}
