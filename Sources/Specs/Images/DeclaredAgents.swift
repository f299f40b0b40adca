/// The agents of a cluster as declared, and which of them an app's constraints allow.
///
/// A superset of those that Marathon would choose: whatever is not certain excludes nobody (marathon-api.md 4).
struct DeclaredAgents {
    /// In the order of the file.
    let all: [NodeSpec]
    private let agents: [Agent]

    /// What Marathon sees of an agent in its offers.
    private struct Agent {
        let node: NodeSpec
        /// `--hostname`, which offers carry.
        let hostname: String
        /// By name; nil where a value is not known here.
        let attributes: [String: OfferedValue?]
        let runsDocker: Bool
    }

    init(_ spec: ClusterSpec) {
        all = spec.nodes(with: .mesosAgent)
        agents = all.map { node in
            let settings = Setting.merged([spec.mesos?.agent.attributes ?? [], node.attributes])
            let attributes = settings.map { setting in
                (setting.name.value, setting.value.value.plainText.map { OfferedValue(attribute: $0) })
            }
            return Agent(
                node: node,
                hostname: (node.hostname ?? node.address).value,
                attributes: Dictionary(attributes) { _, last in last },
                runsDocker: spec.containerizers(on: node)?.value.contains("docker") ?? false
            )
        }
    }

    /// Names of the agents that may run each of `apps`, by id.
    func allowed(_ apps: [AppDefinition]) -> [String: [NodeName]] {
        // Many apps have few constraints.
        var known: [AppValue: [NodeName]] = [:]
        var names: [String: [NodeName]] = [:]
        for app in apps {
            let constraints = app.definition["constraints"] ?? .null
            let allowed = known[constraints] ?? self.allowed(app).map(\.name.value)
            known[constraints] = allowed
            names[app.id.value] = allowed
        }
        return names
    }

    /// The agents that may run `app`, which is one for Docker's engine; in the order of the file.
    func allowed(_ app: AppDefinition) -> [NodeSpec] {
        let constraints = (app.definition["constraints"]?.items ?? []).compactMap(PlacementConstraint.init)
        let tests = constraints.map { ($0.field, $0.test) }
        return agents.filter { agent in
            agent.runsDocker && tests.allSatisfy { field, test in Self.passes(agent, field, test) }
        }.map(\.node)
    }

    private static func passes(_ agent: Agent, _ field: String, _ test: PlacementConstraint.Test) -> Bool {
        switch field {
        case "hostname", "@hostname": test.mayPass(OfferedValue(text: agent.hostname))
        // Where an agent is in these terms, its masters' configuration says.
        case "@region", "@zone": true
        default:
            switch agent.attributes[field] {
            case .some(.some(let value)): test.mayPass(value)
            case .some(.none): true
            case .none: test.mayPassWithoutAttribute
            }
        }
    }
}

/// A value in an offer, in every way in which a release of Marathon may read it as text.
struct OfferedValue: Hashable {
    /// nil where that differs from release to release beyond what is known.
    let texts: [String]?
    /// Of a scalar.
    let number: Double?

    init(text: String) { (texts, number) = ([text], nil) }

    /// An attribute as Mesos reads it: `[…]` is ranges, `{…}` a set, a number a scalar, all else text (mesos.apache.org,
    /// Attributes and Resources).
    ///
    /// Early Marathons take a scalar for an empty text; later ones write it as their locale does, with separators of thousands
    /// and of decimals that nobody knows here (S/mesos/Constraints.scala).
    init(attribute written: String) {
        let text = String(written.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
        if text.hasPrefix("[") || text.hasPrefix("{") {
            (texts, number) = (nil, nil)
        } else if let scalar = Double(text) {
            let small = Int(exactly: scalar).flatMap { abs($0) < 1000 ? [text, "", "\($0)", "\($0).0"] : nil }
            (texts, number) = (small, scalar)
        } else {
            (texts, number) = ([text], nil)
        }
    }
}
