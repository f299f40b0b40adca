internal import Specs

/// One thing that is observed of a node: how to ask, how to read the answer.
///
/// A new fact is one file beside this one and one line in `ObservedFacts.all`.
protocol Fact: SendableMetatype {
    /// What to ask. All candidates at once, since the platform is itself among the answers.
    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest]
    /// Puts what was answered into `observed`. What was not asked for is left alone.
    static func read(_ answers: Answers, into observed: inout ObservedNode)
}

enum ObservedFacts {
    /// The platform is read last, for it says which packages are installed.
    static let all: [any Fact.Type] = [
        PackagesFact.self,
        FilesFact.self,
        DirectoriesFact.self,
        LinkFilesFact.self,
        ServicesFact.self,
        KnownFlagsFact.self,
        ZooKeeperFact.self,
        MasterElectedFact.self,
        AddressesFact.self,
        NetworkFact.self,
        ReachFact.self,
        DiskFact.self,
        ClockFact.self,
        DockerEngineFact.self,
        ImagesFact.self,
        ControlGroupsFact.self,
        AppliedFact.self,
        PlatformFact.self,
    ]
}

/// What one node answered, and what is needed to read it.
struct Answers: Sendable {
    var node: NodeSpec
    var spec: ClusterSpec
    var redaction: Redaction
    private var byRequest: [FactRequest: FactAnswer]

    init(node: NodeSpec, spec: ClusterSpec, redaction: Redaction, requests: [FactRequest], answers: [FactAnswer]) {
        self.node = node
        self.spec = spec
        self.redaction = redaction
        // An answer that is missing was not had: unknown, never absent.
        let missing = Array(repeating: FactAnswer.unknown(reason: "not answered"), count: requests.count)
        let padded = answers + missing.dropFirst(answers.count)
        byRequest = Dictionary(zip(requests, padded.map(redaction.reasons(of:)))) { first, _ in first }
    }

    /// nil: not asked.
    subscript(request: FactRequest) -> FactAnswer? { byRequest[request] }

    var requests: [FactRequest] { Array(byRequest.keys) }

    /// The value `transform` finds in the answer; unknown where the answer is of another kind.
    func value<Value>(
        of request: FactRequest,
        _ transform: (FactAnswer) -> Value?
    ) -> Observation<Value>? {
        guard let answer = byRequest[request] else { return nil }
        switch answer {
        case .absent: return .absent
        case .unknown(let reason): return .unknown(reason)
        default:
            return transform(answer).map { .found($0) } ?? .unknown("the answer is of another kind than the question")
        }
    }
}
