internal import Specs

extension Planning {
    /// Services that must not run (and would keep or harm an ensemble) are stopped and held off before anything else.
    mutating func holdServicesOff() {
        for difference in differences {
            let off = difference.services.compactMap { service -> (Service, Bool)? in
                guard case .holdOff(let isRunning) = service.need else { return nil }
                guard !isRunning || difference.stopProblem(of: service.service.name) == nil else { return nil }
                return (service.service, isRunning)
            }
            for service in difference.services where service.need == .holdOff(isRunning: true) {
                guard let problem = difference.stopProblem(of: service.service.name) else { continue }
                block(difference, service.service, problem.because, verb: "hold", isByUnknown: problem.isByUnknown)
            }
            guard !off.isEmpty else { continue }
            let running = off.filter(\.1).map(\.0)
            let names = off.map(\.0.name.text).joined(separator: ", ")
            let acts = off.flatMap {
                ServiceIntent.holdOff.lower($0.0.name, to: difference.desired.platform.initSystem)
            }
            let layer = running.map(\.layer).filter(\.isEnsemble).min()
            add(
                StepKey.hold(difference.name),
                Step(
                    id: 0,
                    layer: layer,
                    title: "hold \(names) off",
                    act: .visit(difference.name, acts.map { .action(.service($0)) }),
                    changes: off.map { service, isRunning in
                        difference.change(of: service, isRunning ? "running → off" : "starts at boot → off")
                    },
                    gate: running.first.map { service in
                        Gate(
                            .all(running.map { .serviceOff($0.name, node: difference.name) }),
                            deadlineSeconds: 60,
                            words: "\(service.name) stopped"
                        )
                    },
                    impact: running.isEmpty
                        ? .none : .disruptive("stops \(running.map(\.name.text).joined(separator: ", "))"),
                    reasons: off.map(\.0.reason),
                    undo: "start the service by hand after unmasking it"
                )
            )
        }
    }

    /// Missing packages: every service they bring is held off first, so that none starts unconfigured.
    mutating func installPackages() {
        for difference in differences where !difference.missing.isEmpty {
            let platform = difference.desired.platform
            let brought = difference.missing.flatMap(\.package.brings)
            let disturbed = difference.missing.flatMap { difference.disturbedServices(by: $0.package) }
            let held = difference.desired.services.filter { brought.contains($0.name) }
                .filter { !$0.running || disturbed.contains($0.name) }.map(\.name)
            let acts = held.flatMap { ServiceIntent.holdOff.lower($0, to: platform.initSystem) }
            let installs = difference.missing.map { PackageInstall($0) }
            let kept = difference.missing.map(\.package).filter(difference.willHold).map(\.name)
            let actions =
                acts.map { NodeAction.service($0) } + [
                    .installPackages(installs, job: "packages"), .collect(job: "packages", seconds: 20),
                ] + (kept.isEmpty ? [] : [.holdPackages(kept)])
            draft.add(
                StepKey.install(difference.name),
                needs: [
                    StepKey.names(difference.name), StepKey.hold(difference.name), StepKey.sources(difference.name),
                ],
                Step(
                    id: 0,
                    title: "install \(installs.map(\.name).joined(separator: ", "))",
                    act: .visit(difference.name, actions.map { .action($0) }),
                    changes: difference.missing.map { difference.change(of: $0) },
                    gate: difference.desired.assumption.map { assumption in
                        Gate(
                            .platform(node: difference.name, difference.before(assumption.platform)),
                            deadlineSeconds: 30,
                            words: "the packages are laid out as assumed"
                        )
                    },
                    reasons: difference.missing.map(\.package.reason),
                    undo: "remove the packages with the node's package manager"
                )
            )
        }
    }

    mutating func block(
        _ difference: NodeDifference,
        _ service: Service,
        _ because: String,
        verb: String = "start",
        isByUnknown: Bool
    ) {
        draft.blocked.append(
            Blocked(
                node: difference.name,
                title: verb == "hold" ? "hold \(service.name) off" : "\(verb) \(service.name)",
                layer: service.layer,
                because: because,
                isByUnknown: isByUnknown
            )
        )
    }

    /// Files of no ensemble's service, and those of services that were not wanted anywhere.
    mutating func planOtherFiles() {
        for difference in differences {
            let files = difference.files.filter { !isPlanned($0, on: difference.name) }
                .filter { difference.desired.layer(of: $0.file) == nil }
            guard !files.isEmpty else { continue }
            draft.add(
                StepKey.files(difference.name),
                needs: [StepKey.install(difference.name)],
                Step(
                    id: 0,
                    title: files.title,
                    act: .visit(difference.name, files.map(\.act)),
                    changes: files.map(\.change),
                    reasons: files.map(\.file.reason).unique
                )
            )
            take(files, on: difference.name)
        }
    }

    func isPlanned(_ file: FileDifference, on node: NodeName) -> Bool {
        planned[node]?.contains(file.file.path) ?? false
    }

    /// Files that a blocked step would have written: whoever else reads them is not restarted for them either.
    mutating func withhold(_ files: [FileDifference], on node: NodeName) {
        take(files, on: node)
        withheld[node, default: []].formUnion(files.map(\.file.path))
    }

    mutating func take(_ files: [FileDifference], on node: NodeName) {
        planned[node, default: []].formUnion(files.map(\.file.path))
    }
}

extension NodeDifference {
    func change(of service: Service, _ summary: String) -> Change {
        let resource = "service:\(service.name)"
        let wanted = "boot=\(service.boot) running=\(service.running)"
        let causes = Causes(applied: observed.applied.value, revision: revision)
        let found = observed.services[service.name]?.value
        let isUp = found.map { [.running, .restarting, .changing].contains($0.run) } ?? false
        let seen = "boot=\(found?.boot == .on) running=\(isUp)"
        return Change(
            node: name,
            resource: resource,
            kind: .run,
            cause: causes.cause(of: resource, wanted: sha256(wanted), observed: sha256(seen)),
            summary: summary,
            applied: causes.entry(resource, digest: sha256(wanted))
        )
    }

    func change(of missing: MissingPackage) -> Change {
        let resource = "package:\(missing.package.name)"
        let causes = Causes(applied: observed.applied.value, revision: revision)
        let isHeld = willHold(missing.package)
        let wanted = Self.installed(isHeld: isHeld)
        let chosen = missing.pin.map { "\($0), from the sources set up before" }
        return Change(
            node: name,
            resource: resource,
            kind: .create,
            cause: causes.cause(of: resource, wanted: wanted, observed: "absent"),
            summary: (missing.version ?? chosen ?? "the version the node's sources offer first")
                + (isHeld ? ", held" : ""),
            applied: causes.entry(resource, digest: wanted)
        )
    }

    /// Why a service that must not run here cannot just be stopped, if so.
    func stopProblem(of service: ServiceName) -> (because: String, isByUnknown: Bool)? {
        switch service {
        case .mesosAgent where isRegisteredAgent:
            (
                "the agent has registered: stopping it loses its tasks; drain it, stop it and remove meta/slaves/latest under its "
                    + "work_dir by hand", false
            )
        case .zooKeeper:
            if case .unknown(let reason) = observed.zooKeeper {
                ("whether it is a member of an ensemble is unknown: \(reason)", true)
            } else {
                nil
            }
        default: nil
        }
    }
}

extension PackageInstall {
    fileprivate init(_ missing: NodeDifference.MissingPackage) {
        self.init(name: missing.package.name, version: missing.version, pin: missing.pin)
    }
}

extension ServiceDifference {
    /// What is different, in a few words for the plan.
    var words: String {
        switch need {
        case .nothing: "as declared"
        case .holdOff(let isRunning): isRunning ? "running → off" : "starts at boot → off"
        case .enable: "off at boot → on"
        case .start: "stopped → running"
        case .site(let need): need.words
        case .restart(_, let differences), .reload(let differences): differences.joined(separator: ", ")
        }
    }
}

extension [FileDifference] {
    /// `file PATH` for one, `N files of DIRECTORY…` for more.
    var title: String {
        if let only = first, count == 1 { return "file \(only.file.path)" }
        return "\(count) files"
    }
}

extension Sequence where Element: Hashable {
    /// The elements, each once, in the order of their first appearance.
    var unique: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
