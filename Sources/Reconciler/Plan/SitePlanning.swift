internal import Specs

extension Planning {
    /// Services of no ensemble, after all files: what they are is started, stopped and enabled in one step a node.
    ///
    /// `taken` are those that another part of the plan has taken up, by node. Services of the site's own restart for nothing;
    /// one of the layer that has a configuration to compare restarts for that.
    mutating func planSiteServices(except taken: [NodeName: Set<ServiceName>] = [:]) {
        for difference in differences {
            var bundle = SiteBundle(difference)
            let services = difference.services.filter { service in
                service.service.layer == .site && taken[difference.name]?.contains(service.service.name) != true
            }
            for service in services {
                if let problem = siteProblem(service, on: difference) {
                    draft.blocked.append(problem)
                    withhold(files(of: difference, in: .site, readBy: service.service.name), on: difference.name)
                } else {
                    bundle.add(service, files: files(of: difference, in: .site, readBy: service.service.name))
                    take(bundle.files, on: difference.name)
                }
            }
            guard !bundle.isEmpty else { continue }
            draft.add(
                StepKey.site(difference.name),
                needs: [StepKey.install(difference.name), StepKey.hold(difference.name)]
                    + [StepKey.engine(difference.name), StepKey.files(difference.name)],
                bundle.step
            )
        }
    }

    private func files(of difference: NodeDifference, in layer: Layer, readBy service: ServiceName) -> [FileDifference]
    {
        files(of: difference, in: layer).filter { $0.file.readBy.contains(service) }
    }

    /// Why a service cannot be had, where that shows before anything is tried.
    private func siteProblem(_ service: ServiceDifference, on difference: NodeDifference) -> Blocked? {
        let name = service.service.name
        let lack: SiteNeed.Lack?
        switch service.need {
        case .site(let need): lack = need.lack
        case .start, .enable: lack = difference.lacks(name) ? .service : nil
        case .nothing, .holdOff, .restart, .reload: lack = nil
        }
        guard let lack else { return nil }
        var blocked = Blocked(
            node: difference.name,
            title: service.siteTitle,
            layer: .site,
            because: "",
            isByUnknown: false,
            position: service.service.reason.position
        )
        switch lack {
        case .service:
            guard !isBrought(name, on: difference) else { return nil }
            blocked.because = "the node has no service \(name)"
            blocked.remedy = "which package brings it? install that, or declare the unit under `files`"
        case .boot(let reason):
            blocked.because = reason
            blocked.remedy = "leave `boot` out of services.\(name)"
        }
        return blocked
    }

    /// Whether a package or a unit that this plan brings is the service's.
    private func isBrought(_ service: ServiceName, on difference: NodeDifference) -> Bool {
        difference.missing.contains { $0.package.brings.contains(service) }
            || difference.files.contains { file in
                withheld[difference.name]?.contains(file.file.path) != true
                    && SiteUnit(path: file.file.path)?.makes(service) == true
            }
    }
}

/// What one step does with the services of a node.
private struct SiteBundle {
    let difference: NodeDifference
    private(set) var files: [FileDifference] = []
    private var services: [ServiceDifference] = []

    init(_ difference: NodeDifference) { self.difference = difference }

    var isEmpty: Bool { files.isEmpty && services.isEmpty }

    mutating func add(_ service: ServiceDifference, files new: [FileDifference]) {
        files += new.filter { file in !files.contains { $0.file.path == file.file.path } }
        switch service.need {
        // Held off before anything else.
        case .nothing, .holdOff: break
        case .enable, .start, .restart, .reload, .site: services.append(service)
        }
    }

    var step: Step {
        let titles = services.map(\.siteTitle)
        let acts = services.flatMap { service in
            service.siteIntents.flatMap {
                $0.lower(service.service.name, to: difference.desired.platform.initSystem)
            }
        }
        return Step(
            id: 0,
            layer: .site,
            title: titles.isEmpty ? files.title : titles.joined(separator: ", "),
            act: .visit(difference.name, files.map(\.act) + acts.map { .action(.service($0)) }),
            changes: files.map(\.change) + services.map { difference.siteChange(of: $0) },
            gate: gate,
            impact: impact,
            reasons: (files.map(\.file.reason) + services.map(\.service.reason)).unique,
            undo: services.isEmpty ? nil : "turn the service back by hand with the node's init system"
        )
    }

    private var gate: Gate? {
        let up = services.filter(\.isStarted)
        let off = services.filter { $0.siteIntents == [.stop, .disable] }
        let conditions =
            up.map { service in
                service.service.wish == nil
                    ? GateCondition.serviceStable(
                        service.service.name,
                        node: difference.name,
                        seconds: 5,
                        listening: []
                    ) : .serviceUp(service.service.name, node: difference.name, seconds: 5)
            } + off.map { .serviceOff($0.service.name, node: difference.name) }
        guard let first = conditions.first else { return nil }
        let words =
            (up.isEmpty ? [] : ["\(names(up)) for 5 s up"]) + (off.isEmpty ? [] : ["\(names(off)) off"])
        return Gate(
            conditions.count == 1 ? first : .all(conditions),
            deadlineSeconds: 60,
            words: words.joined(separator: ", ")
        )
    }

    private var impact: Impact {
        let stopped = services.filter { $0.siteIntents.contains(.stop) }
        let restarted = services.filter { if case .restart = $0.need { true } else { false } }
        let words =
            (restarted.isEmpty ? [] : ["restarts \(names(restarted))"])
            + (stopped.isEmpty ? [] : ["stops \(names(stopped))"])
        return words.isEmpty ? .none : .disruptive("\(words.joined(separator: ", ")) on \(difference.name)")
    }

    private func names(_ services: [ServiceDifference]) -> String {
        services.map(\.service.name.text).joined(separator: ", ")
    }
}

extension ServiceDifference {
    fileprivate var siteIntents: [ServiceIntent] {
        switch need {
        case .nothing, .holdOff: []
        case .enable: [.enable]
        case .start: [.start]
        case .restart(let pid, _): [.enable, .restart(pid: pid)]
        case .reload: [.reload]
        case .site(let need): need.intents
        }
    }

    fileprivate var isStarted: Bool {
        siteIntents.contains { intent in
            switch intent {
            case .start, .startNow, .restart, .reload: true
            case .holdOff, .enable, .stop, .disable: false
            }
        }
    }

    /// Such as `start chrony`, `stop and disable rpcbind`.
    fileprivate var siteTitle: String {
        let verbs = siteIntents.map { intent in
            switch intent {
            case .start, .startNow: "start"
            case .enable: "enable"
            case .restart: "restart"
            case .reload: "reload"
            case .stop: "stop"
            case .disable: "disable"
            case .holdOff: "hold off"
            }
        }
        // What restarts is enabled by the way.
        let told = verbs.contains("restart") ? ["restart"] : verbs
        return "\(told.joined(separator: " and ")) \(service.name)"
    }
}

extension NodeDifference {
    /// Whether the node has no such service, as far as it tells.
    fileprivate func lacks(_ service: ServiceName) -> Bool {
        switch observed.services[service] {
        case .absent?: true
        case .found(let found)?: found.boot == .none || found.detail == "unknown job"
        case .unknown?, nil: false
        }
    }

    /// As `change(of:)`, with those aspects alone that are declared.
    fileprivate func siteChange(of difference: ServiceDifference) -> Change {
        let service = difference.service
        guard let wish = service.wish else { return change(of: service, difference.words) }
        let found = observed.services[service.name]?.value
        let isUp = found.map { [.running, .restarting, .changing].contains($0.run) } ?? false
        let wanted = Self.aspects(boot: wish.boot, running: wish.running)
        let seen = Self.aspects(
            boot: wish.boot.map { _ in found?.boot == .on },
            running: wish.running.map { _ in isUp }
        )
        let causes = Causes(applied: observed.applied.value, revision: revision)
        let resource = "service:\(service.name)"
        return Change(
            node: name,
            resource: resource,
            kind: .run,
            cause: causes.cause(of: resource, wanted: sha256(wanted), observed: sha256(seen)),
            summary: difference.words,
            applied: causes.entry(resource, digest: sha256(wanted))
        )
    }

    private static func aspects(boot: Bool?, running: Bool?) -> String {
        [boot.map { "boot=\($0)" }, running.map { "running=\($0)" }].compactMap { $0 }.joined(separator: " ")
    }
}
