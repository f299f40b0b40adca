public import Specs

/// What a step does to one app of Marathon.
public struct AppAct: Hashable, Sendable, Codable {
    public enum Operation: Hashable, Sendable, Codable {
        case create(AppWrite)
        case update(AppWrite)
        /// Deleted, waited for until its last task is gone, and made again; under consent only.
        case recreate(AppWrite)
        /// Its definition is as declared, and tasks of an older one still run (marathon-api.md 0, fact 6).
        case restart
        case delete
    }

    /// What must still be so when it is done; else nothing is done.
    public enum Expectation: Hashable, Sendable, Codable {
        case absent
        /// `LiveApp.version` as planned.
        case version(String)
        /// Nobody could look yet: Marathon is installed by an earlier step. Being there already is a failed assumption.
        case assumedAbsent
    }

    /// Absolute.
    public var id: String
    public var operation: Operation
    public var expected: Expectation
    /// What the writes were made for; another Marathon at the moment of the act is a failed assumption.
    public var context: AppContext
    /// The whole definition as it should be afterwards; nil for a deletion.
    public var target: AppValue?
    /// Which declaration this is, for the record of what was applied or restored.
    public var digest: String
    /// Overrides a deployment that holds the app.
    public var isForced: Bool
    public var deadlineSeconds: Int
    public var onFailure: OnFailure
    /// Paths of fields that are left as they are (`policy.ignore`): no difference after the write either.
    public var ignoring: [String]
    /// What an update does to the tasks; nil for any other operation.
    public var effect: AppEffect?
    /// The same in numbers, as far as they were seen.
    public var tasks: AppTasks

    public enum OnFailure: String, Hashable, Sendable, Codable {
        /// The deployment is left as it stands, and what depends on the app is not begun.
        case stop
        /// The verdict is told at the deadline, and waiting goes on until it ends or the run is interrupted.
        case wait
        /// The last good version is written back.
        case restore
    }

    public init(
        id: String,
        operation: Operation,
        expected: Expectation,
        context: AppContext,
        target: AppValue? = nil,
        digest: String = "absent",
        isForced: Bool = false,
        deadlineSeconds: Int = 600,
        onFailure: OnFailure = .stop,
        ignoring: [String] = [],
        effect: AppEffect? = nil,
        tasks: AppTasks = AppTasks()
    ) {
        self.id = id
        self.operation = operation
        self.expected = expected
        self.context = context
        self.target = target
        self.digest = digest
        self.isForced = isForced
        self.deadlineSeconds = deadlineSeconds
        self.onFailure = onFailure
        self.ignoring = ignoring
        self.effect = effect
        self.tasks = tasks
    }
}
