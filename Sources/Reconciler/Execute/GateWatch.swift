public import Specs

/// Judges a condition look by look; remembers since when each service has run with one and the same process.
///
/// Pure: the answers and the moments (since any fixed point) come from outside.
public struct GateWatch: Hashable, Sendable {
    /// Restarting or failed within this time of the first look may still be the start settling.
    public static let settleTime = Duration.seconds(15)

    private struct Key: Hashable, Sendable {
        var service: ServiceName
        var node: NodeName
    }

    /// A process as the init system knows it; any difference means that it was started anew.
    private struct Life: Hashable, Sendable {
        var pid: Int
        var restarts: Int?
        var since: Duration
    }

    public let condition: GateCondition
    /// What `condition.questions` brought right before the step; nil: nobody looked.
    private let before: GateAnswers?
    /// Members that the step has still to restart: they run with their old flags.
    private let remaining: Set<NodeName>
    private var lives: [Key: Life] = [:]
    private var firstLook: Duration?

    public init(_ condition: GateCondition, before: GateAnswers? = nil, remaining: Set<NodeName> = []) {
        self.condition = condition
        self.before = before
        self.remaining = remaining
    }

    /// The verdict on one look: `answers` to `condition.questions`, the moment before the nodes were asked and the moment
    /// after the last answer.
    public mutating func judge(_ answers: GateAnswers, asked: Duration, answered: Duration) -> GateVerdict {
        if firstLook == nil { firstLook = asked }
        return verdict(on: condition, answers, asked, answered)
    }

    private mutating func verdict(
        on condition: GateCondition,
        _ answers: GateAnswers,
        _ asked: Duration,
        _ answered: Duration
    ) -> GateVerdict {
        switch condition {
        case .zooKeeperQuorum(let ring):
            switch ring.health(answers) {
            case .healthy: .holds
            case .unhealthy(let words): .notYet(missing: words)
            }
        case .serviceStable(let service, let node, let seconds, let endpoints):
            stable(Key(service: service, node: node), for: seconds, endpoints, answers, asked, answered)
        case .serviceUp(let service, let node, let seconds):
            stable(Key(service: service, node: node), for: seconds, nil, answers, asked, answered)
        case .serviceOff(let service, let node): off(service, answers.answer(.service(service), of: node), node)
        case .dockerEngine(let node): engine(answers.answer(.dockerEngine, of: node), node)
        case .platform(let node, let platform): platform.verdict(answers, on: node)
        case .offered(let package, let pin, let node):
            offered(package, pin, answers.answer(.package(package), of: node), node)
        case .mesosMasters(let gate):
            gate.verdict(answers, before: before, remaining: remaining, hasSettled: hasSettled(asked))
        case .mesosAgents(let gate): gate.verdict(answers)
        case .marathon(let gate): gate.verdict(answers, before: before)
        case .loadBalancer(let gate): gate.verdict(answers, hasSettled: hasSettled(asked))
        case .all(let conditions):
            GateVerdict.all(conditions.map { verdict(on: $0, answers, asked, answered) })
        }
    }

    /// Without `endpoints` a service that has no process at all may be up.
    private mutating func stable(
        _ key: Key,
        for seconds: Int,
        _ endpoints: [GateCondition.Endpoint]?,
        _ answers: GateAnswers,
        _ asked: Duration,
        _ answered: Duration
    ) -> GateVerdict {
        let name = "\(key.service) on \(key.node)"
        guard case .service(let service) = answers.answer(.service(key.service), of: key.node) else {
            lives[key] = nil
            return .notYet(missing: "\(name) \(answers.answer(.service(key.service), of: key.node).silence)")
        }
        guard service.run == .running else {
            lives[key] = nil
            return notRunning(service, name: name, asked)
        }
        guard let pid = service.pid ?? (endpoints == nil ? 0 : nil) else {
            lives[key] = nil
            return .notYet(missing: "\(name) runs, but its main process cannot be told\(service.inWords)")
        }
        let known = lives[key]
        var life = Life(pid: pid, restarts: service.restarts, since: answered)
        if let known, (known.pid, known.restarts) == (life.pid, life.restarts) {
            life.since = known.since
        }
        lives[key] = life
        let unmet = (endpoints ?? []).lazy.compactMap { $0.missing(in: answers.answer($0.request, of: key.node)) }
        if let missing = unmet.first {
            return .notYet(missing: "\(name): \(missing)")
        }
        let age = max(asked - life.since, .zero)
        guard age < .seconds(seconds) else { return .holds }
        let again = known.map { $0.pid != pid } ?? false ? ", started again" : ""
        return .notYet(missing: "\(name) runs for \(age.components.seconds) of \(seconds) s\(again)")
    }

    private func notRunning(_ service: ServiceAnswer, name: String, _ asked: Duration) -> GateVerdict {
        switch service.run {
        case .failed, .restarting:
            let words = "\(name) is \(service.run.rawValue)\(service.inWords)"
            return hasSettled(asked) ? .impossible(words) : .notYet(missing: words)
        case .running, .stopped, .changing, .unknown:
            return .notYet(missing: "\(name) is \(service.run.rawValue)\(service.inWords)")
        }
    }

    private func hasSettled(_ asked: Duration) -> Bool { asked - (firstLook ?? asked) >= Self.settleTime }

    private func off(_ service: ServiceName, _ answer: FactAnswer, _ node: NodeName) -> GateVerdict {
        switch answer {
        case .absent: return .holds
        case .service(let found):
            let isDown = (found.run == .stopped || found.run == .failed) && found.pid == nil
            guard isDown else {
                return .notYet(missing: "\(service) on \(node) is \(found.run.rawValue)\(found.inWords)")
            }
            switch found.boot {
            case .off, .masked, .none: return .holds
            case .on: return .notYet(missing: "\(service) on \(node) still starts at boot")
            case .unknown: return .notYet(missing: "whether \(service) on \(node) starts at boot is not known")
            }
        default: return .notYet(missing: "\(service) on \(node) \(answer.silence)")
        }
    }

    private func offered(_ package: String, _ pin: String, _ answer: FactAnswer, _ node: NodeName) -> GateVerdict {
        let versions: [String]
        switch answer {
        case .package(let found): versions = found.offered
        case .absent: versions = []
        default: return .notYet(missing: "package \(package) on \(node) \(answer.silence)")
        }
        guard !versions.contains(where: { $0.isUpstream(pin) }) else { return .holds }
        let words = versions.isEmpty ? "nothing" : versions.joined(separator: ", ")
        return .impossible("version \(pin) of \(package) is declared and the sources of \(node) offer \(words)")
    }

    private func engine(_ answer: FactAnswer, _ node: NodeName) -> GateVerdict {
        if case .dockerEngine = answer { return .holds }
        return .notYet(missing: "the docker engine on \(node) \(answer.silence)")
    }
}

extension GateVerdict {
    /// All must hold; what can no longer come true decides at once.
    static func all(_ verdicts: [GateVerdict]) -> GateVerdict {
        var missing: [String] = []
        for verdict in verdicts {
            switch verdict {
            case .holds: break
            case .notYet(let words): missing.append(words)
            case .impossible, .assumptionFailed: return verdict
            }
        }
        return missing.isEmpty ? .holds : .notYet(missing: missing.joined(separator: "; "))
    }
}

extension ServiceAnswer {
    /// The init system's words in brackets, where it has any.
    var inWords: String { detail.isEmpty ? "" : " (\(detail))" }
}
