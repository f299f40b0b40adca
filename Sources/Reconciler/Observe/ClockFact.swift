internal import Specs

/// The node's clock, in seconds since 1970.
enum ClockFact: Fact {
    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] { [.clock] }

    static func read(_ answers: Answers, into observed: inout ObservedNode) {
        let clock: Observation<Double>? = answers.value(of: .clock) { answer in
            if case .clock(let seconds) = answer { seconds } else { nil }
        }
        if let clock { observed.clock = clock }
    }
}
