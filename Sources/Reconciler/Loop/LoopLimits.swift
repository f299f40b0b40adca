public import Specs

/// What the loop may do while nobody looks on.
public struct LoopLimits: Hashable, Sendable {
    /// false: it only tells.
    public var corrects: Bool
    public var kinds: Set<WatchSpec.Kind>
    /// Empty: at any time.
    public var windows: [TimeWindow]
    /// How many nodes one round may touch; a difference on more of them is rather a mistake than a drift.
    public var nodes: AppPolicySpec.Amount?

    public init(
        corrects: Bool,
        kinds: Set<WatchSpec.Kind> = Set(WatchSpec.Kind.undisturbing),
        windows: [TimeWindow] = [],
        nodes: AppPolicySpec.Amount? = nil
    ) {
        self.corrects = corrects
        self.kinds = kinds
        self.windows = windows
        self.nodes = nodes
    }

    /// As declared; `corrects` overrides `watch.correct`.
    public init(_ spec: ClusterSpec, corrects: Bool? = nil) {
        let watch = spec.other.watch
        let kinds = watch.kinds.isEmpty ? WatchSpec.Kind.undisturbing : watch.kinds.map(\.value)
        self.init(
            corrects: corrects ?? watch.correct?.value ?? false,
            kinds: Set(kinds),
            windows: watch.windows.map(\.value),
            nodes: spec.other.policy.nodes?.value
        )
    }

    /// Why nothing is corrected at `instant`, if so.
    func closed(at instant: TimeWindow.Instant) -> String? {
        guard corrects else { return "the loop only reports; correct with watch.correct or --correct" }
        guard !windows.isEmpty, !windows.contains(where: { $0.contains(instant) }) else { return nil }
        return "it is outside watch.windows (\(windows.map(\.description).joined(separator: ", ")))"
    }

    /// Why `step` needs somebody to look on, if so.
    func withholds(_ step: Step) -> String? {
        guard !step.needsAttendance else { return "it is never done unattended: somebody must be there" }
        let needed = step.kindsNeeded
        let lacking = WatchSpec.Kind.allCases.filter { needed.contains($0) && !kinds.contains($0) }
        guard !lacking.isEmpty else { return nil }
        let words = lacking.map(\.rawValue).joined(separator: ", ")
        guard case .disruptive(let impact) = step.impact, lacking == [.restarts] else {
            return "watch.kinds does not name \(words)"
        }
        return "it disturbs (\(impact)), and watch.kinds does not name restarts"
    }
}

extension Step {
    /// Which kinds of unattended change this is.
    var kindsNeeded: Set<WatchSpec.Kind> {
        var kinds: Set<WatchSpec.Kind> = impact == .none ? [] : [.restarts]
        switch act {
        case .app(let act):
            kinds.insert(.apps)
            let endsTasks = act.tasks.ended > 0 || act.operation.replacesTasks
            if endsTasks { kinds.insert(.restarts) }
        case .image: kinds.insert(.images)
        case .compareApps: kinds.insert(.apps)
        case .start: kinds.insert(.services)
        case .roll: kinds.insert(.restarts)
        case .network: kinds.insert(.restarts)
        case .visit: break
        }
        for change in changes {
            switch change.resource.prefix(while: { $0 != ":" }) {
            case "file": kinds.insert(.files)
            case "service": kinds.insert(.services)
            case "package": kinds.insert(.packages)
            case "app": kinds.insert(.apps)
            case "image": kinds.insert(.images)
            // What this version does not know of is not done behind anybody's back.
            default: kinds.insert(.restarts)
            }
        }
        return kinds
    }
}

extension AppAct.Operation {
    fileprivate var replacesTasks: Bool {
        switch self {
        case .recreate, .restart, .delete: true
        case .create, .update: false
        }
    }
}
