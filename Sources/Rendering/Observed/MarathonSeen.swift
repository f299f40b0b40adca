internal import Reconciler
internal import Specs

extension ObservedDocument {
    /// A Marathon and its apps; texts of definitions are not kept here, `plan` shows what differs.
    public struct MarathonSeen: Hashable, Sendable, Encodable {
        /// The address that answered.
        public var endpoint: String
        public var version: String
        /// `host:port`; absent while nobody leads.
        public var leader: String?
        public var frameworkID: String?
        /// By id.
        public var apps: [String: App]
        public var deployments: [Deployment]
        /// Declared ids of which it could not be seen whether they are there, each with why.
        public var hidden: [String: String]

        init(_ marathon: ObservedMarathon) {
            (endpoint, version) = (marathon.endpoint, marathon.context.release.description)
            (leader, frameworkID) = (marathon.leader, marathon.frameworkID)
            apps = marathon.apps.mapValues(App.init)
            deployments = marathon.deployments.map(Deployment.init)
            hidden = marathon.hidden
        }

        public struct App: Hashable, Sendable, Encodable {
            public var version: String
            public var instances: Int
            public var tasksRunning: Int
            public var tasksStaged: Int
            public var tasksHealthy: Int?
            public var tasksUnhealthy: Int?
            /// Ids of the deployments that hold it.
            public var deployments: [String]

            init(_ app: LiveApp) {
                (version, instances, deployments) = (app.version, app.instances, app.deployments)
                (tasksRunning, tasksStaged) = (app.tasksRunning, app.tasksStaged)
                (tasksHealthy, tasksUnhealthy) = (app.tasksHealthy, app.tasksUnhealthy)
            }
        }

        public struct Deployment: Hashable, Sendable, Encodable {
            public var id: String
            /// When it was accepted.
            public var version: String
            public var affectedApps: [String]
            /// Counts from 1; 0 before the first.
            public var step: Int
            public var steps: Int

            init(_ deployment: LiveDeployment) {
                (id, version) = (deployment.id, deployment.version)
                affectedApps = deployment.affectedApps
                (step, steps) = (deployment.currentStep, deployment.totalSteps)
            }
        }
    }
}

extension ObservedView {
    /// The block of Marathon; nothing where none is declared.
    var marathon: [String] {
        switch observed.marathon {
        case .absent: return []
        case .unknown(let why): return ["  \(style("?", .unknown)) \(style("marathon", .heading))   \(oneLine(why))\n"]
        case .found(let marathon):
            let leader = marathon.leader.map { "led by \(visible($0))" } ?? style("nobody leads", .unknown)
            let tasks = marathon.apps.values.reduce(0) { $0 + $1.tasksRunning }
            let deployments = marathon.deployments.map { deployment in
                "    deployment \(visible(deployment.id)) since \(visible(deployment.version)), step "
                    + "\(deployment.currentStep) of \(deployment.totalSteps): "
                    + list(deployment.affectedApps.sorted().map { visible($0) }, limit: 4) + "\n"
            }
            let hidden = marathon.hidden.sorted { $0.key < $1.key }.map { id, why in
                "    \(style("?".padded(to: 10), .unknown)) \(visible(id)): \(oneLine(why))\n"
            }
            let shown = isVerbose ? marathon.apps.values.sorted { $0.id < $1.id } : []
            let apps = shown.map { "    app        \(words(for: $0))\n" }
            let head =
                "  \(style("marathon", .heading))   \(marathon.context.release) at \(visible(marathon.endpoint)), \(leader)   "
                + "\(count(marathon.apps.count, "app")), \(count(tasks, "task")) running, "
                + "\(count(marathon.deployments.count, "deployment")) under way\n"
            return [head + hidden.joined() + deployments.joined() + apps.joined()]
        }
    }

    private func words(for app: LiveApp) -> String {
        var phrases = ["\(app.tasksRunning) of \(app.instances) running"]
        if app.tasksStaged > 0 { phrases.append("\(app.tasksStaged) staged") }
        if let unhealthy = app.tasksUnhealthy, unhealthy > 0 { phrases.append("\(unhealthy) unhealthy") }
        if !app.deployments.isEmpty { phrases.append("being deployed") }
        return "\(visible(app.id))   \(phrases.joined(separator: ", "))"
    }
}
