internal import Reconciler
internal import Specs

/// What a step does on each node, action by action, in stable words; no content.
struct ActionWords: Hashable {
    struct Line: Hashable {
        var node: String
        var text: String
    }

    var lines: [Line]

    init(_ step: Step) {
        switch step.act {
        case .visit(let node, let actions):
            lines = actions.map { Line(node: visible(node.text), text: words(for: $0)) }
        case .start(_, let members), .roll(_, let members, _, _):
            lines = members.flatMap { member in
                member.actions.map { Line(node: visible(member.node.text), text: words(for: $0)) }
            }
        case .image(let act): lines = act.words.map { Line(node: visible(act.node?.text ?? ""), text: $0) }
        case .network(let act): lines = [Line(node: visible(act.node.text), text: words(for: act))]
        case .app, .compareApps: lines = []
        }
    }
}

private func words(for action: PlannedAction) -> String {
    switch action {
    case .action(let action): words(for: action)
    case .edit(let edit):
        switch edit.body {
        case .whole: "write \(visible(edit.path)) (compared with what is there then)"
        case .keyed(let keys): "set \(count(keys.set.count, "key")) in \(visible(edit.path)) as it is then"
        case .absent: "remove \(visible(edit.path)) if it is there then"
        }
    }
}

private func words(for action: NodeAction) -> String {
    switch action {
    case .writeFile(let write): "write \(visible(write.path))"
    case .removeFile(let path, _, _): "remove \(visible(path)) (kept as a backup)"
    case .service(let act): words(for: act)
    case .keepRunningCopies(let service, _): "note what \(visible(service.text)) runs with"
    case .installPackages(let packages, _):
        "install " + list(packages.map { visible($0.name) + ($0.version.map { "=\(visible($0))" } ?? "") })
    case .collect(let job, _): "wait for job \(visible(job))"
    case .lease(.acquire): "take the lease"
    case .lease(.renew): "renew the lease"
    case .lease(.release): "give back the lease"
    case .setHostName(let name): "hostname \(visible(name))"
    case .image(let act): words(for: act)
    case .network(let act): words(for: act)
    case .recordApplied(let entries): "record \(count(entries.count, "resource")) as applied"
    }
}

private func words(for act: NetworkAct) -> String {
    "write \(list(act.change.files.map { visible($0.path) })), bring \(visible(act.change.link)) down and up; taken back by the "
        + "node after \(act.seconds) s unless confirmed over a new connection"
}

private func words(for act: NetworkNodeAct) -> String {
    switch act {
    case .arm(let change, _, let seconds):
        "change \(visible(change.link)), taken back after \(seconds) s unless confirmed"
    case .confirm: "confirm the change of the link"
    case .collect: "see how the change of the link stands"
    }
}

private func words(for act: ServiceAct) -> String {
    switch act {
    case .maskUnit(let service): "systemctl mask \(visible(service.text))"
    case .unmaskUnit(let service): "systemctl unmask \(visible(service.text))"
    case .enableUnit(let service): "systemctl enable \(visible(service.text))"
    case .disableUnit(let service): "systemctl disable \(visible(service.text))"
    case .startUnit(let service): "systemctl start \(visible(service.text))"
    case .stopUnit(let service): "systemctl stop \(visible(service.text))"
    case .restartUnit(let service, let pid): "systemctl restart \(visible(service.text))\(guarded(pid))"
    case .reloadUnit(let service): "systemctl reload \(visible(service.text))"
    case .reloadJob(let service): "reload upstart job \(visible(service.text))"
    case .holdJob(let service): "hold upstart job \(visible(service.text)) (manual)"
    case .releaseJob(let service): "release upstart job \(visible(service.text))"
    case .startJob(let service): "start upstart job \(visible(service.text))"
    case .stopJob(let service): "stop upstart job \(visible(service.text))"
    case .restartJob(let service, let pid): "stop and start upstart job \(visible(service.text))\(guarded(pid))"
    }
}

private func guarded(_ pid: Int?) -> String { pid.map { " if it is still process \($0)" } ?? "" }
