internal import Specs

/// Free bytes where packages and state go.
enum DiskFact: Fact {
    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] {
        [.disk(path: "/"), .disk(path: "/var/lib")]
    }

    static func read(_ answers: Answers, into observed: inout ObservedNode) {
        for case .disk(let path) in answers.requests {
            observed.freeBytes[path] = answers.value(of: .disk(path: path)) { answer in
                if case .disk(let free, _) = answer { free } else { nil }
            }
        }
    }
}
