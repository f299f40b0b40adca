public import Specs

/// What is asked of which nodes, and of which REST APIs, to judge a condition.
public struct GateQuestions: Hashable, Sendable {
    private var requests: [NodeName: [FactRequest]] = [:]
    /// Each once, in the order in which they came up.
    public private(set) var rest: [RESTQuestion] = []

    public init() {}

    /// Sorted by node; each request once.
    public var byNode: [(node: NodeName, requests: [FactRequest])] {
        requests.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    public func of(_ node: NodeName) -> [FactRequest] { requests[node] ?? [] }

    mutating func ask(_ new: [FactRequest], of node: NodeName) {
        for request in new where !of(node).contains(request) { requests[node, default: []].append(request) }
    }

    mutating func ask(_ question: RESTQuestion) {
        if !rest.contains(question) { rest.append(question) }
    }
}

/// What the nodes and the REST APIs answered at one moment; a silent node's answers are all `.unknown`, with its reason.
public struct GateAnswers: Hashable, Sendable {
    private var answers: [NodeName: [FactRequest: FactAnswer]] = [:]
    private var replies: [RESTQuestion: RESTReply] = [:]

    public init() {}

    public mutating func add(
        _ result: Result<[FactAnswer], NodeAccessError>,
        to requests: [FactRequest],
        from node: NodeName
    ) {
        switch result {
        case .success(let values):
            for (request, value) in zip(requests, values) { answers[node, default: [:]][request] = value }
        case .failure(let error):
            let silence = FactAnswer.unknown(reason: "does not answer (\(error.message))")
            for request in requests { answers[node, default: [:]][request] = silence }
        }
    }

    public mutating func add(_ reply: RESTReply, to question: RESTQuestion) { replies[question] = reply }

    func answer(_ request: FactRequest, of node: NodeName) -> FactAnswer {
        answers[node]?[request] ?? .unknown(reason: "was not asked")
    }

    func reply(to question: RESTQuestion) -> RESTReply { replies[question] ?? .unknown("was not asked") }
}

/// What one look at a condition says.
public enum GateVerdict: Hashable, Sendable {
    case holds
    /// Says what is missing still.
    case notYet(missing: String)
    /// Waiting longer cannot help; says why, in the node's words.
    case impossible(String)
    /// The node is not what the plan assumed.
    case assumptionFailed(String)
}

extension GateCondition {
    /// What must be asked to judge it.
    public var questions: GateQuestions {
        var questions = GateQuestions()
        ask(into: &questions)
        return questions
    }

    /// ZooKeeper answers cheaply and its rolls are short windows: it is asked more often.
    var pollInterval: Duration {
        switch self {
        case .zooKeeperQuorum: .milliseconds(500)
        case .serviceStable, .serviceOff, .dockerEngine, .platform, .mesosMasters, .mesosAgents, .marathon: .seconds(1)
        case .serviceUp, .offered: .seconds(1)
        case .loadBalancer: .seconds(1)
        case .all(let conditions): conditions.map(\.pollInterval).min() ?? .seconds(1)
        }
    }

    private func ask(into questions: inout GateQuestions) {
        switch self {
        case .zooKeeperQuorum(let ring): ring.ask(into: &questions)
        case .serviceStable(let service, let node, _, let endpoints):
            questions.ask([.service(service)] + endpoints.map(\.request), of: node)
        case .serviceUp(let service, let node, _): questions.ask([.service(service)], of: node)
        case .serviceOff(let service, let node): questions.ask([.service(service)], of: node)
        case .dockerEngine(let node): questions.ask([.dockerEngine], of: node)
        case .platform(let node, let platform):
            questions.ask([.platform] + platform.packages.keys.sorted().map { .package($0) }, of: node)
        case .offered(let package, _, let node): questions.ask([.package(package)], of: node)
        case .mesosMasters(let gate): gate.ask(into: &questions)
        case .mesosAgents(let gate): gate.ask(into: &questions)
        case .marathon(let gate): gate.ask(into: &questions)
        case .loadBalancer(let gate): gate.ask(into: &questions)
        case .all(let conditions):
            for condition in conditions { condition.ask(into: &questions) }
        }
    }

    /// Whether it holds only together with what was so before the step: then one look is taken at it before.
    var comparesWithBefore: Bool {
        switch self {
        case .mesosMasters, .marathon: true
        case .zooKeeperQuorum, .serviceStable, .serviceOff, .dockerEngine, .platform, .mesosAgents: false
        case .serviceUp, .offered: false
        case .loadBalancer: false
        case .all(let conditions): conditions.contains { $0.comparesWithBefore }
        }
    }
}

extension GateCondition {
    /// Whether `answers` show what it compares with, or that there is nothing; false where that is not known.
    func isComparable(with answers: GateAnswers) -> Bool {
        switch self {
        case .mesosMasters(let gate): gate.isComparable(with: answers)
        case .marathon(let gate): gate.isComparable(with: answers)
        case .zooKeeperQuorum, .serviceStable, .serviceOff, .dockerEngine, .platform, .mesosAgents: true
        case .serviceUp, .offered: true
        case .loadBalancer: true
        case .all(let conditions): conditions.allSatisfy { $0.isComparable(with: answers) }
        }
    }
}

extension GateCondition.Endpoint {
    /// Any HTTP answer shows that the port takes connections; only a `path` must answer 200.
    var request: FactRequest { .http(address: address, port: port, path: path ?? "/") }

    /// nil when it is as wanted, else what is missing.
    func missing(in answer: FactAnswer) -> String? {
        let name = "\(address):\(port)\(path ?? "")"
        guard case .http(let status, _) = answer else { return "\(name) takes no connection" }
        return path == nil || status == 200 ? nil : "\(name) answers \(status)"
    }
}

extension FactAnswer {
    /// Why there is no usable answer, in words that follow the node's name.
    var silence: String {
        switch self {
        case .unknown(let reason): reason
        case .absent: "has none"
        default: "gave an unexpected answer"
        }
    }
}
