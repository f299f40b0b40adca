internal import Specs

/// What is done to tasks, counted from those that were seen.
public struct AppTasks: Hashable, Sendable, Codable {
    /// Killed and replaced by new ones.
    public var restarted: Int
    /// New, in nobody's place.
    public var added: Int
    /// Killed for good.
    public var killed: Int

    public init(restarted: Int = 0, added: Int = 0, killed: Int = 0) {
        self.restarted = restarted
        self.added = added
        self.killed = killed
    }

    public static func + (a: AppTasks, b: AppTasks) -> AppTasks {
        AppTasks(
            restarted: a.restarted + b.restarted,
            added: a.added + b.added,
            killed: a.killed + b.killed
        )
    }

    /// How many running tasks end: what `policy.budget.tasksRestarted` bounds.
    public var ended: Int { restarted + killed }
}

extension Plan {
    /// What all steps together do to tasks of apps.
    public var tasks: AppTasks {
        steps.reduce(AppTasks()) { sum, step in
            if case .app(let act) = step.act { sum + act.tasks } else { sum }
        }
    }
}

extension LiveApp {
    /// Tasks that a kill would reach: also those that are only on their way.
    var tasksAlive: Int { tasksRunning + tasksStaged }

    /// What becomes of its tasks where `effect` is all that is done.
    func tasks(after effect: AppEffect, instances wanted: Int) -> AppTasks {
        switch effect {
        case .none: AppTasks()
        case .scale(let from, let to):
            AppTasks(added: max(0, to - from), killed: from > to ? max(0, tasksAlive - to) : 0)
        case .restart: tasks(replacedBy: wanted)
        }
    }

    /// What becomes of its tasks where every one is replaced.
    ///
    /// Tasks that Marathon was about to start anyway are none that the change adds.
    func tasks(replacedBy wanted: Int) -> AppTasks {
        AppTasks(
            restarted: min(tasksAlive, wanted),
            added: max(0, wanted - max(instances, tasksAlive)),
            killed: max(0, tasksAlive - wanted)
        )
    }
}
