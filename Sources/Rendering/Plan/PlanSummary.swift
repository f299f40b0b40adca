internal import Reconciler
internal import Specs

/// The numbers of a plan, counted once for text and JSON alike.
struct PlanSummary: Hashable {
    var add: Int
    var change: Int
    var remove: Int
    var runs: [ServiceRun]
    var tasks: AppTasks
    var images: ImageSummary

    init(_ plan: Plan) {
        let changes = plan.steps.flatMap(\.changes)
        add = changes.count { $0.kind == .create }
        change = changes.count { $0.kind == .update }
        remove = changes.count { $0.kind == .remove }
        runs = plan.steps.flatMap(\.runs)
        tasks = plan.tasks
        images = ImageSummary(plan)
    }

    func runs(_ verb: ServiceRun.Verb) -> [ServiceRun] { runs.filter { $0.verb == verb } }
}

/// What a step is at a glance; the symbol stands in text, the word in JSON.
enum StepEffect: String, Hashable {
    case create, change, remove, disruptive
    /// An image is brought to a node.
    case transfer
    /// What is to be done can be seen only then.
    case unknown

    var symbol: String {
        switch self {
        case .create: "+"
        case .change: "~"
        case .remove: "-"
        case .disruptive: "!"
        case .transfer: ">"
        case .unknown: "?"
        }
    }

    var tone: TextStyle.Tone {
        switch self {
        case .create: .created
        case .change: .changed
        case .remove: .removed
        case .disruptive: .disruptive
        case .transfer: .changed
        case .unknown: .unknown
        }
    }
}

extension Step {
    /// Disruption goes before everything, so that no restart hides behind a created file.
    var effect: StepEffect {
        if impact != .none || runs.contains(where: { $0.verb != .start }) { return .disruptive }
        if case .compareApps = act { return .unknown }
        if case .image(let act) = act { return act.effect }
        let kinds = Set(changes.map(\.kind))
        if kinds == [.create] { return .create }
        return kinds == [.remove] ? .remove : .change
    }
}

extension Change.Kind {
    var effect: StepEffect {
        switch self {
        case .create: .create
        case .update, .run: .change
        case .remove: .remove
        }
    }
}

extension Plan {
    /// Whether one of `steps` always has ended before the next begins, by what they need.
    func areOneAfterAnother(_ steps: [Step]) -> Bool {
        let needs = Dictionary(self.steps.map { ($0.id, $0.needs) }, uniquingKeysWith: { first, _ in first })
        return zip(steps, steps.dropFirst()).allSatisfy { earlier, later in
            var open = later.needs
            var seen: Set<Int> = []
            while let id = open.popLast() {
                if id == earlier.id { return true }
                if seen.insert(id).inserted { open += needs[id] ?? [] }
            }
            return false
        }
    }
}
