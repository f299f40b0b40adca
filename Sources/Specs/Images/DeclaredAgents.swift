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
            let attributes = settings.map { ($0.name.value, $0.value.value.plainText.map { OfferedValue(attribute: $0) }) }
            return Agent(
                node: node,
                hostname: (node.hostname ?? node.address).value,
                attributes: Dictionary(attributes) { _, last in last },
                runsDocker: spec.containerizers(on: node)?.value.contains("docker") ?? false
            )
        }
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
    /// Early Marathons take a scalar for an empty text, later ones write it with three decimals at most.
    init(attribute written: String) {
        let text = String(written.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
        if text.hasPrefix("[") || text.hasPrefix("{") {
            (texts, number) = (nil, nil)
        } else if let scalar = Double(text) {
            let whole = Int64(exactly: scalar).map { ["\($0)"] } ?? []
            (texts, number) = ([text, "", "\(scalar)"] + whole, scalar)
        } else {
            (texts, number) = ([text], nil)
        }
    }
}
