internal import Specs

/// A member's actions, parted where its process is first touched.
///
/// An installation takes long. What was seen of the ensemble before it is old when it ends: so a package is brought onto the
/// node first, and only then the ensemble is looked at again and the member has its turn.
struct PreparedTurn {
    /// Nothing in it touches the process; empty where the whole turn is one visit.
    var preparation: [PlannedAction] = []
    var turn: [PlannedAction]

    init(_ planned: [PlannedAction]) {
        turn = planned
        guard let last = planned.lastIndex(where: \.isPreparation) else { return }
        let before = planned[...last]
        guard !before.contains(where: \.touchesProcess) else { return }
        (preparation, turn) = (Array(before), Array(planned[(last + 1)...]))
    }
}

extension PlannedAction {
    fileprivate var isPreparation: Bool {
        switch self {
        case .checkFlags, .action(.installPackages), .action(.collect), .action(.holdPackages): true
        case .edit, .action: false
        }
    }

    fileprivate var touchesProcess: Bool {
        guard case .action(.service(let act)) = self else { return false }
        return switch act {
        case .startUnit, .startJob, .stopUnit, .stopJob, .restartUnit, .restartJob, .reloadUnit, .reloadJob: true
        case .maskUnit, .unmaskUnit, .enableUnit, .disableUnit, .holdJob, .releaseJob: false
        }
    }
}

extension Step {
    /// The step as far as its packages go: nothing else is recorded when they are there.
    var ofPackages: Step { keeping { $0.resource.hasPrefix("package:") } }
    /// The step when its packages are there.
    var afterPackages: Step { keeping { !$0.resource.hasPrefix("package:") } }

    private func keeping(_ isKept: (Change) -> Bool) -> Step {
        var step = self
        step.changes = changes.filter(isKept)
        return step
    }
}
