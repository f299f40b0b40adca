internal import Specs

extension AppAct {
    /// What disturbs tasks is said first; whoever agrees to a title agrees to that.
    var title: String {
        switch operation {
        case .create: "app \(id)"
        case .update:
            switch effect {
            case .restart: "restart app \(id)"
            case .scale(let from, let to) where to < from: "scale down app \(id)"
            case .scale, .some(.none), nil: "app \(id)"
            }
        case .recreate: "recreate app \(id)"
        case .restart: "restart app \(id)"
        case .delete: "remove app \(id)"
        }
    }

    /// What it costs.
    public var impact: Impact {
        switch operation {
        case .create: .none
        case .update, .restart:
            if tasks.ended > 0 {
                .disruptive(words)
            } else if case .scale(let from, let to)? = effect, to < from {
                // Marathon goes on starting the others until it is told.
                .disruptive("kills what of \(id) starts until then: no more than \(to) of \(from) run")
            } else {
                .none
            }
        case .recreate:
            .disruptive("kills all \(tasks.restarted) tasks of \(id); it is away until the new ones run")
        case .delete:
            .disruptive(tasks.killed == 0 ? "removes \(id), of which no task runs" : words)
        }
    }

    private var words: String {
        var phrases: [String] = []
        if tasks.restarted > 0 { phrases.append("restarts \(number(tasks.restarted)) of \(id)") }
        if tasks.killed > 0 { phrases.append("kills \(number(tasks.killed))\(phrases.isEmpty ? " of \(id)" : "")") }
        if tasks.added > 0 { phrases.append("+\(number(tasks.added))") }
        return phrases.joined(separator: ", ")
    }

    private func number(_ tasks: Int) -> String { "\(tasks) task\(tasks == 1 ? "" : "s")" }
}
