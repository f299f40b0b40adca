public import Specs

/// A Marathon and its apps as its REST API shows them; secrets are masked.
public struct ObservedMarathon: Hashable, Sendable, Codable {
    /// The address that answered.
    public var endpoint: String
    public var context: AppContext
    public var frameworkID: String?
    /// `host:port`; nil while nobody leads.
    public var leader: String?
    /// By absolute id.
    public var apps: [String: LiveApp]
    /// Those under way, in the order answered.
    public var deployments: [LiveDeployment]
    /// Declared ids that the list does not show and that may be there all the same (403, 5xx), each with why; never absent.
    public var hidden: [String: String]

    public init(
        endpoint: String,
        context: AppContext,
        frameworkID: String? = nil,
        leader: String? = nil,
        apps: [String: LiveApp] = [:],
        deployments: [LiveDeployment] = [],
        hidden: [String: String] = [:]
    ) {
        self.endpoint = endpoint
        self.context = context
        self.frameworkID = frameworkID
        self.leader = leader
        self.apps = apps
        self.deployments = deployments
        self.hidden = hidden
    }
}

/// One app as answered (marathon-api.md 1.4).
public struct LiveApp: Hashable, Sendable, Codable {
    public var id: String
    /// The timestamp that every accepted change renews.
    public var version: String
    /// Without what is Marathon's own (`version`, `tasks…`, `deployments`, …); texts masked.
    public var definition: AppValue
    public var instances: Int
    public var tasksRunning: Int
    public var tasksStaged: Int
    /// nil before 0.8.1.
    public var tasksHealthy: Int?
    public var tasksUnhealthy: Int?
    /// Ids of the deployments that hold it.
    public var deployments: [String]
    /// `versionInfo.lastConfigChangeAt`, from 0.11.
    public var lastConfigChange: String?
    /// Running tasks that were started from an older configuration than the present one; nil where that was not seen.
    public var outdatedTasks: Int?

    public init(
        id: String,
        version: String,
        definition: AppValue,
        instances: Int,
        tasksRunning: Int = 0,
        tasksStaged: Int = 0,
        tasksHealthy: Int? = nil,
        tasksUnhealthy: Int? = nil,
        deployments: [String] = [],
        lastConfigChange: String? = nil,
        outdatedTasks: Int? = nil
    ) {
        self.id = id
        self.version = version
        self.definition = definition
        self.instances = instances
        self.tasksRunning = tasksRunning
        self.tasksStaged = tasksStaged
        self.tasksHealthy = tasksHealthy
        self.tasksUnhealthy = tasksUnhealthy
        self.deployments = deployments
        self.lastConfigChange = lastConfigChange
        self.outdatedTasks = outdatedTasks
    }
}

/// A deployment under way (marathon-api.md 1.8).
public struct LiveDeployment: Hashable, Sendable, Codable {
    public struct Action: Hashable, Sendable, Codable {
        /// Such as `RestartApplication`.
        public var action: String
        public var app: String

        public init(action: String, app: String) {
            self.action = action
            self.app = app
        }
    }

    public var id: String
    /// When it was accepted.
    public var version: String
    public var affectedApps: [String]
    public var currentActions: [Action]
    /// Counts from 1; 0 before the first.
    public var currentStep: Int
    public var totalSteps: Int

    public init(
        id: String,
        version: String,
        affectedApps: [String],
        currentActions: [Action] = [],
        currentStep: Int,
        totalSteps: Int
    ) {
        self.id = id
        self.version = version
        self.affectedApps = affectedApps
        self.currentActions = currentActions
        self.currentStep = currentStep
        self.totalSteps = totalSteps
    }
}
