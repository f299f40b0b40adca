internal import Specs

extension Planning {
    /// Balancers, one node after another: whatever reloads or starts one of them waits until the one before is well.
    mutating func planLoadBalancers() {
        var previous: String?
        var steps = 0
        for difference in differences {
            guard let wanted = difference.desired.loadBalancer,
                let judgement = LoadBalancerJudgement(difference, tasks: observed.balanced)
            else { continue }
            let name = difference.name
            draft.notes += (judgement.notes + leftOut(judgement)).map { Note(node: name, $0) }
            for problem in judgement.problems { block(problem, "balance on \(name)", difference, wanted) }
            let work = LoadBalancerWork(difference, wanted, judgement, files: files(ofBalancer: difference, wanted))
            if let problem = work.problem {
                if !work.isEmpty { block(problem, work.title, difference, wanted) }
                withhold(work.files, on: name)
                continue
            }
            guard !work.isEmpty else { continue }
            draft.add(
                StepKey.balancer(name),
                needs: [StepKey.install(name), StepKey.hold(name)] + marathonKeys + [previous].compactMap { $0 },
                work.step
            )
            take(work.files, on: name)
            previous = StepKey.balancer(name)
            steps += 1
        }
        if steps > 1 { draft.safety.append("HAProxy: one node at a time, each balancing again before the next") }
        noteUnknownTasks()
    }

    /// Services that a balancer's step sees to, or that stay as they are with a balancer that cannot be had; by node.
    var balancerServices: [NodeName: Set<ServiceName>] {
        let balancers = differences.compactMap { difference in
            difference.desired.loadBalancer.map { (difference.name, Set([ServiceName.haproxy, $0.cron])) }
        }
        return Dictionary(balancers) { first, _ in first }
    }

    private func files(ofBalancer difference: NodeDifference, _ wanted: DesiredLoadBalancer) -> [FileDifference] {
        difference.files.filter { wanted.files.contains($0.file.path) && !isPlanned($0, on: difference.name) }
    }

    /// Marathon is asked by the bridge, so it starts and restarts before.
    private var marathonKeys: [String] {
        [StepKey.startAll(.marathon), StepKey.roll(.marathon)]
            + desired.nodes.map { StepKey.start(.marathon, $0.name) }
    }

    private mutating func block(
        _ problem: Problem,
        _ title: String,
        _ difference: NodeDifference,
        _ wanted: DesiredLoadBalancer
    ) {
        draft.blocked.append(
            Blocked(
                node: difference.name,
                title: title,
                layer: .site,
                because: problem.because,
                isByUnknown: problem.isByUnknown,
                remedy: problem.remedy,
                position: wanted.reason.position
            )
        )
    }

    /// Service ports that no listener can have; with the app's line where it is declared.
    private func leftOut(_ judgement: LoadBalancerJudgement) -> [String] {
        (judgement.expected?.leftOut ?? []).map { port in
            let app = desired.apps?.apps.first { $0.id == port.app }
            let place = app.map { " (\($0.position))" } ?? ""
            return "service port \(port.port) of \(port.app)\(place) is not balanced: \(port.because)"
        }
    }

    private mutating func noteUnknownTasks() {
        // Where no Marathon runs yet there is nothing to compare with.
        guard case .unknown(let reason) = observed.balanced, differences.contains(where: { $0.isUp(.marathon) }),
            differences.contains(where: { $0.desired.loadBalancer != nil })
        else { return }
        draft.notes.append(Note("haproxy.cfg is not compared with Marathon's tasks: \(reason)"))
    }
}

/// All that one node's balancer needs, as one step: files, cron, a run of the bridge, HAProxy.
struct LoadBalancerWork {
    let difference: NodeDifference
    let wanted: DesiredLoadBalancer
    let judgement: LoadBalancerJudgement
    let files: [FileDifference]

    init(
        _ difference: NodeDifference,
        _ wanted: DesiredLoadBalancer,
        _ judgement: LoadBalancerJudgement,
        files: [FileDifference]
    ) {
        self.difference = difference
        self.wanted = wanted
        self.judgement = judgement
        self.files = files
    }

    var isEmpty: Bool { files.isEmpty && !refreshes && judgement.reload == nil && starting.isEmpty }

    /// The services that are not as they should be.
    private var starting: [ServiceDifference] {
        wanted.services.compactMap(difference.service).filter { $0.need == .start || $0.need == .enable }
    }

    private func starts(_ name: ServiceName) -> Bool {
        starting.contains { $0.service.name == name && $0.need == .start }
    }

    /// Whatever the bridge reads has changed, or what it made is not there: it runs once more, and its result is seen.
    private var refreshes: Bool {
        switch judgement.configuration {
        case .foreign, .abandoned: true
        case .inOrder, .unknown: !files.isEmpty
        }
    }

    /// Whether HAProxy serves by now, and is told of something new.
    private var reloads: Bool {
        guard difference.observed.services[.haproxy]?.value?.run == .running else { return false }
        if judgement.reload != nil || !files.isEmpty { return true }
        return switch judgement.configuration {
        case .foreign: true
        case .inOrder, .abandoned, .unknown: false
        }
    }

    /// What keeps all of it from being done.
    var problem: Problem? {
        let titles = Set(
            difference.desired.packages.filter { $0.reason == wanted.reason || $0.brings.contains(.haproxy) }
                .flatMap { ["install \($0.name)", "package \($0.name)"] }
                + wanted.files.map { "file \($0)" } + wanted.services.map { "service \($0)" }
        )
        if let held = difference.blocked.first(where: { titles.contains($0.title) }) {
            return Problem(because: "\(held.title): \(held.because)", isByUnknown: held.isByUnknown)
        }
        if case .unknown(let reason) = judgement.configuration {
            return Problem(because: "\(BridgeScript.Paths.configuration): \(reason)", isByUnknown: true)
        }
        return nil
    }

    var title: String {
        if starts(.haproxy), refreshes { return "set up haproxy and its bridge" }
        var parts: [String] = []
        if !files.isEmpty { parts.append(files.count == 1 ? files.title : "configure the bridge") }
        parts += starting.map { $0.need == .start ? "start \($0.service.name)" : "enable \($0.service.name)" }
        if refreshes { parts.append("refresh haproxy.cfg") }
        if judgement.reload != nil { parts.append("reload haproxy") }
        return parts.joined(separator: ", ")
    }

    var step: Step {
        let initSystem = difference.desired.platform.initSystem
        func acts(_ name: ServiceName, _ intent: ServiceIntent? = nil) -> [PlannedAction] {
            starting.filter { $0.service.name == name }
                .flatMap { (intent ?? ($0.need == .enable ? .enable : .start)).lower(name, to: initSystem) }
                .map { .action(.service($0)) }
        }
        // The bridge sees HAProxy listen before it believes in a file, so it starts one that may start.
        let refresh: [PlannedAction] = refreshes ? acts(.haproxy, .enable) + [.action(.refreshBalancer)] : []
        let reload: [PlannedAction] =
            judgement.reload == nil
            ? [] : ServiceIntent.reload.lower(.haproxy, to: initSystem).map { .action(.service($0)) }
        return Step(
            id: 0,
            layer: .site,
            title: title,
            act: .visit(difference.name, files.map(\.act) + acts(wanted.cron) + refresh + acts(.haproxy) + reload),
            changes: files.map(\.change) + configurationChange
                + starting.map { difference.change(of: $0.service, $0.words) },
            gate: gate,
            impact: reloads
                ? .disruptive("reloads haproxy on \(difference.name); established connections are kept") : .none,
            reasons: (files.map(\.file.reason) + [wanted.reason]).unique,
            undo: "revert the commit; the old files are kept under /var/lib/reconciler/backup"
        )
    }

    private var gate: Gate {
        let expected = (judgement.expected?.listeners ?? []).filter { $0.doubtful.isEmpty }
        return Gate(
            .loadBalancer(
                LoadBalancerGate(
                    node: difference.name,
                    cron: wanted.cron,
                    port: wanted.ownListener.port,
                    expected: expected.map { LoadBalancerGate.Expected(name: $0.name, port: $0.port) }
                )
            ),
            deadlineSeconds: 90,
            words: "haproxy and \(wanted.cron) run, the bridge has made haproxy.cfg, and its listeners listen"
        )
    }

    /// What becomes of haproxy.cfg; nothing is recorded of it, as it changes with the tasks.
    private var configurationChange: [Change] {
        let summary: String
        var kind = Change.Kind.update
        var cause = Change.Cause.drift
        switch judgement.configuration {
        case .foreign(let differences):
            summary = "not as the bridge makes it: \(LoadBalancerJudgement.shown(differences))"
            if case .absent? = difference.observed.files[BridgeScript.Paths.configuration] { kind = .create }
            if difference.observed.loadBalancer.value?.isLastGood == .absent { cause = .unattributed }
        case .abandoned(let words): summary = words
        case .inOrder where judgement.reload != nil:
            (summary, kind) = (judgement.reload ?? "", .run)
        case .inOrder, .unknown: return []
        }
        let isShown = kind == .update && cause == .drift
        let after = judgement.expected?.text(header: wanted.header, bind: wanted.bind)
        let before = difference.observed.files[BridgeScript.Paths.configuration]?.value?.content
        return [
            Change(
                node: difference.name,
                resource: "file:\(BridgeScript.Paths.configuration)",
                kind: kind,
                cause: cause,
                before: isShown && after != nil ? before : nil,
                after: isShown && before != nil ? after : nil,
                summary: kind == .create ? "made by the bridge from Marathon's tasks" : summary
            )
        ]
    }
}
