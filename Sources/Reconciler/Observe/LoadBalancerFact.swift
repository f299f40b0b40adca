internal import Specs

/// The bridge's last run, haproxy.cfg beside what the bridge last gave HAProxy, and who listens on which port.
enum LoadBalancerFact: Fact {
    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] {
        guard node.has(.haproxy) else { return [] }
        let paths = [
            BridgeScript.Paths.configuration, BridgeScript.Paths.lastGood, BridgeScript.Paths.lastRun,
            // Wanted under upstart only, which the candidates of other roles do not tell apart.
            BridgeScript.Paths.enabled,
        ]
        // Which package manager it has is not known yet, and cron is called after it.
        return paths.map { .file(path: $0) } + [.service("cron"), .service("crond"), listening]
    }

    private static let listening = FactRequest.listening(ports: [])

    static func read(_ answers: Answers, into observed: inout ObservedNode) {
        guard answers[listening] != nil else { return }
        var balancer = ObservedLoadBalancer()
        balancer.listening =
            answers.value(of: listening) { if case .listening(let sockets) = $0 { sockets } else { nil } }
            ?? balancer.listening
        balancer.lastRun = lastRun(observed.files[BridgeScript.Paths.lastRun])
        let (file, good) = (
            raw(BridgeScript.Paths.configuration, answers), raw(BridgeScript.Paths.lastGood, answers)
        )
        balancer.isLastGood = isSame(file, good)
        let header = HAProxyRole.resources(
            for: RoleContext(node: answers.node, spec: answers.spec, platform: .fallback)
        )
        .loadBalancer?.header
        if let found = file.value, found.content == nil, header?.isSensitive == false { balancer.digest = found.digest }
        observed.loadBalancer = .found(balancer)
    }

    private static func raw(_ path: String, _ answers: Answers) -> Observation<FileAnswer> {
        answers.value(of: .file(path: path)) { if case .file(let file) = $0 { file } else { nil } }
            ?? .unknown("not asked")
    }

    private static func isSame(
        _ file: Observation<FileAnswer>,
        _ good: Observation<FileAnswer>
    ) -> Observation<Bool> {
        switch (file, good) {
        case (.unknown(let reason), _), (_, .unknown(let reason)): .unknown(reason)
        case (.absent, _), (_, .absent): .absent
        case (.found(let file), .found(let good)):
            .found(file.kind == .regular && good.kind == .regular && file.digest == good.digest)
        }
    }

    private static func lastRun(_ file: Observation<ObservedFile>?) -> Observation<BridgeRun> {
        switch file {
        case .unknown(let reason)?: return .unknown(reason)
        case .absent?, nil: return .absent
        case .found(let found)?:
            guard let run = (found.content?.shown).flatMap(BridgeRun.init) else {
                return .unknown("\(BridgeScript.Paths.lastRun) cannot be understood")
            }
            return .found(run)
        }
    }
}
