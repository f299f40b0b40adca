internal import Specs

/// Steps on their way to a plan: named by keys until their order, and so their numbers, are known.
struct PlanDraft {
    private(set) var drafts: [(key: String, needs: [String], step: Step)] = []
    var blocked: [Blocked] = []
    var refusals: [Refusal] = []
    var notes: [Note] = []
    var safety: [String] = []

    /// Adds a step after all earlier ones; `needs` of keys that have no step are met already.
    mutating func add(_ key: String, needs: [String] = [], _ step: Step) {
        drafts.append((key, needs, step))
    }

    func has(_ key: String) -> Bool { drafts.contains { $0.key == key } }

    /// The steps with their numbers, which are their places.
    func numbered() -> [Step] {
        let numbers = Dictionary(uniqueKeysWithValues: drafts.enumerated().map { ($1.key, $0 + 1) })
        return drafts.enumerated().map { index, draft in
            var step = draft.step
            step.id = index + 1
            step.needs = Set(draft.needs.compactMap { numbers[$0] }).sorted()
            return step
        }
    }
}

/// Keys of steps, in one place so that those who need a step and those who make it agree.
enum StepKey {
    static func install(_ node: NodeName) -> String { "install \(node)" }
    static func names(_ node: NodeName) -> String { "names \(node)" }
    static func hold(_ node: NodeName) -> String { "hold \(node)" }
    static func link(_ node: NodeName) -> String { "link \(node)" }
    static func engine(_ node: NodeName) -> String { "engine \(node)" }
    static func configure(_ layer: Layer, _ node: NodeName) -> String { "configure \(layer) \(node)" }
    /// Whatever is written on the node before its service of `layer` starts or restarts: its own files, and those that
    /// an earlier layer's service reads too.
    static func prepared(_ node: NodeName, for layer: Layer) -> [String] {
        [names(node), install(node), hold(node)] + Layer.allCases.filter { $0 <= layer }.map { configure($0, node) }
    }
    static func start(_ layer: Layer, _ node: NodeName) -> String { "start \(layer) \(node)" }
    static func startAll(_ layer: Layer) -> String { "start \(layer)" }
    static func roll(_ layer: Layer) -> String { "roll \(layer)" }
    /// On one node; `build` makes what it brings.
    static func image(_ reference: String, _ node: NodeName) -> String { "image \(reference) \(node)" }
    static func build(_ reference: String) -> String { "build \(reference)" }
    static func removal(_ id: String, _ node: NodeName) -> String { "remove \(id) \(node)" }
    static func app(_ id: String) -> String { "app \(id)" }
    static let compareApps = "compare apps"
}
