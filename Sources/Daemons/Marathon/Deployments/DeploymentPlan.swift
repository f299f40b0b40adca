/// What turns the root accepted before into the one accepted now, step by step.
struct DeploymentPlan: Hashable, Sendable, Codable {
    enum Kind: String, Hashable, Sendable, Codable {
        case start = "StartApplication"
        case scale = "ScaleApplication"
        case stop = "StopApplication"
        case restart = "RestartApplication"
        case resolve = "ResolveArtifacts"
    }

    struct Action: Hashable, Sendable, Codable {
        var kind: Kind
        var app: String
        /// How many tasks it is about: of Start and Scale.
        var instances: Int
    }

    var id: String
    var version: Moment
    /// Definitions before, of the apps it is about.
    var original: [String: MarathonApp] = [:]
    var target: [String: MarathonApp] = [:]
    var steps: [[Action]] = []

    var affectedApps: [String] { Set(steps.joined().map(\.app)).sorted() }
    var isEmpty: Bool { steps.isEmpty }
}

/// An app before and after.
struct AppChange {
    var before: MarathonApp?
    var after: MarathonApp?
    /// To be restarted whatever has changed.
    var restarts = false
}

/// Makes plans as the releases do (marathon-api.md 5.1).
struct DeploymentPlanner {
    let codec: MarathonAppCodec

    private var release: MarathonVersion { codec.version }

    /// - Parameter depths: Longest dependency paths in the new root, of the apps that are in it.
    /// - Returns: The plan's steps, none empty.
    func steps(_ changes: [String: AppChange], depths: [String: Int]) -> [[DeploymentPlan.Action]] {
        let ids = changes.keys.sorted()
        var steps: [[DeploymentPlan.Action]] = []
        if release < .init(1, 5) {
            steps.append(
                ids.compactMap { id in
                    guard let after = changes[id]?.after, !after.storeUrls.isEmpty,
                        changes[id]?.before?.storeUrls != after.storeUrls
                    else { return nil }
                    return .init(kind: .resolve, app: id, instances: 0)
                })
        }
        steps.append(
            ids.filter { changes[$0]?.after == nil && changes[$0]?.before != nil }
                .map { .init(kind: .stop, app: $0, instances: 0) })
        steps.append(
            ids.filter { changes[$0]?.after != nil && changes[$0]?.before == nil }
                .map { .init(kind: .start, app: $0, instances: 0) })
        let actions = ids.compactMap { id in changes[id].flatMap { action(for: $0) } }
        for depth in Set(actions.map { depths[$0.app] ?? 1 }).sorted() {
            let layer = actions.filter { depths[$0.app] ?? 1 == depth }
            // 0.7.6 goes app by app.
            steps += release < .init(0, 8) ? layer.map { [$0] } : [layer]
        }
        return steps.filter { !$0.isEmpty }
    }

    private func action(for change: AppChange) -> DeploymentPlan.Action? {
        guard let after = change.after else { return nil }
        let scale = DeploymentPlan.Action(kind: .scale, app: after.id, instances: after.instances)
        let restart = DeploymentPlan.Action(kind: .restart, app: after.id, instances: after.instances)
        guard let before = change.before else { return scale }
        if change.restarts { return restart }
        if codec.isOnlyScale(from: before, to: after) { return scale }
        guard codec.restarts(from: before, to: after) else { return nil }
        return release >= .init(1, 1) && after.instances == 0 ? scale : restart
    }
}

extension DeploymentPlan {
    /// In the shape `/v2/deployments` has (marathon-api.md 1.8): nested arrays up to 0.15, objects later.
    func stepsJSON(_ release: MarathonVersion) -> JSON {
        .array(
            steps.map { step in
                let actions = JSON.array(step.map { $0.json(release) })
                return release < .init(1, 0) ? actions : ["actions": actions]
            })
    }
}

extension DeploymentPlan.Action {
    /// `type` instead of `action` in 1.0 to 1.1.1.
    func json(_ release: MarathonVersion) -> JSON {
        [Self.key(release): .string(kind.rawValue), "app": .string(app)]
    }

    static func key(_ release: MarathonVersion) -> String {
        release >= .init(1, 0) && release < .init(1, 1, 2) ? "type" : "action"
    }
}
