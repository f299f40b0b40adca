internal import Specs

/// What apps wait for before their tasks are put anywhere: their images, wherever they may run.
struct AppImages {
    /// Steps that bring the app's images.
    var needs: [String] = []
    /// What keeps an image from a node that may run the app, if so.
    var obstacle: Obstacle?
    /// Nodes that did not answer and that Mesos does not list either.
    var unchecked: [Unchecked] = []

    struct Obstacle: Hashable {
        var reference: String
        var node: NodeName
        var because: String
        var isByUnknown: Bool
        var rule: String?
        var remedy: String?
    }

    struct Unchecked: Hashable {
        var reference: String
        var node: NodeName
    }
}

/// Looked up by app; what is the same for many apps is found out once.
struct AppImageIndex {
    private var byApp: [String: [DesiredImage]] = [:]
    private var anywhere: [String: AppImages] = [:]

    init(_ planning: Planning) {
        for image in planning.desired.images?.images ?? [] {
            for app in image.apps { byApp[app, default: []].append(image) }
            anywhere[image.reference] = planning.appImages(image, on: image.nodes)
        }
    }

    func images(of app: String, _ planning: Planning) -> AppImages {
        var found = AppImages()
        for image in byApp[app] ?? [] {
            if let allowed = planning.desired.images?.eligible[app] {
                found.add(planning.appImages(image, on: image.nodes.filter(Set(allowed).contains)))
            } else if let everywhere = anywhere[image.reference] {
                found.add(everywhere)
            }
        }
        return found
    }
}

extension AppImages {
    fileprivate mutating func add(_ other: AppImages) {
        needs += other.needs
        unchecked += other.unchecked
        obstacle = obstacle ?? other.obstacle
    }
}

extension Planning {
    fileprivate func appImages(_ image: DesiredImage, on nodes: [NodeName]) -> AppImages {
        var found = AppImages()
        let states = imageStates[image.reference] ?? [:]
        for node in nodes { add(states[node], of: image.reference, on: node, to: &found) }
        return found
    }

    private func add(_ state: ImageState?, of reference: String, on node: NodeName, to found: inout AppImages) {
        switch state {
        case .there?, nil: break
        case .coming(let key)?: found.needs.append(key)
        case .blocked(let blocked)?:
            found.obstacle =
                found.obstacle
                ?? AppImages.Obstacle(
                    reference: reference,
                    node: node,
                    because: blocked.because,
                    isByUnknown: blocked.isByUnknown,
                    rule: blocked.rule,
                    remedy: blocked.remedy
                )
        case .unseen(let reason)?:
            guard mayRunTasks(node) else {
                found.unchecked.append(AppImages.Unchecked(reference: reference, node: node))
                return
            }
            found.obstacle =
                found.obstacle
                ?? AppImages.Obstacle(
                    reference: reference,
                    node: node,
                    because: "whether it has the image could not be seen: \(reason)",
                    isByUnknown: true
                )
        }
    }

    /// Whether Mesos may put tasks there: only an elected master that does not list the agent says no.
    private func mayRunTasks(_ name: NodeName) -> Bool {
        guard let node = desired.node(name), case .found(let registered) = observed.mesos.registered else {
            return true
        }
        let hostname = node.service(.mesosAgent)?.flag("hostname")
        return registered.agents.contains { agent in
            agent.address == node.address || [hostname, node.address, name.text].contains(agent.hostname)
        }
    }
}

extension AppAct {
    /// Whether it puts tasks where there were none of this kind.
    var putsTasks: Bool {
        switch operation {
        case .create, .recreate, .restart: true
        case .delete: false
        case .update:
            switch effect {
            case .scale(let from, let to)?: to > from
            case .restart?, .some(.none), nil: true
            }
        }
    }
}

extension AppImages.Obstacle {
    func blocking(_ title: String, at position: SourcePosition?) -> Blocked {
        Blocked(
            title: title,
            because: "it runs \(reference), and may run on \(node): \(because)",
            isByUnknown: isByUnknown,
            rule: rule,
            remedy: remedy,
            position: position
        )
    }
}
