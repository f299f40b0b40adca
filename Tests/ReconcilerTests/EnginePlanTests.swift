import Specs
import Testing

@testable import Reconciler

/// What becomes of a changed daemon.json, and agents that their engine would not let start.
@Suite struct EnginePlanTests {
    private static let path = "/etc/docker/daemon.json"
    private static let agents: [NodeName] = ["a1", "a2", "a3"]

    /// Every node wants `keys`; the planner does not care in which format they are written.
    private static func desired(_ keys: KeyValuePairs<String, Content>) -> DesiredCluster {
        var desired = Samples.desired()
        let edit = KeyedEdit(format: .properties, set: keys.map { KeyedEdit.Entry($0.key, $0.value) })
        let file = DesiredFile(path: path, body: .keyed(edit), readBy: [.docker], reason: Reason("docker.daemon"))
        for index in desired.nodes.indices where agents.contains(desired.nodes[index].name) {
            desired.nodes[index].files.append(file)
        }
        return desired
    }

    /// Agents' engines run with `content`, which is still on disk.
    private static func observed(_ desired: DesiredCluster, with content: Content?) -> ObservedCluster {
        agents.reduce(Samples.converged(desired)) { observed, name in
            observed.changing(name) { node in
                node.files[path] = content.map { .found(Samples.observedFile(path, $0)) } ?? .absent
            }
        }
    }

    private func engineSteps(_ plan: Plan) -> [Step] { plan.steps.filter { $0.title.hasSuffix(" docker") } }

    @Test func whatEnginesTakeAtAReloadRestartsNothing() {
        let desired = Self.desired(["debug": "true", "live-restore": "true"])
        let plan = Samples.plan(desired, Self.observed(desired, with: "debug=false\n"))
        #expect(engineSteps(plan).map(\.title) == Array(repeating: "reload docker", count: 3))
        #expect(engineSteps(plan).allSatisfy { $0.impact == .none && $0.gate?.condition != nil })
        guard case .visit(let node, let actions)? = plan.steps.first?.act else {
            Issue.record("no visit")
            return
        }
        let acts = actions.map { if case .action(let action) = $0 { action } else { nil as NodeAction? } }
        guard case .writeFile(let write)? = acts.first ?? nil else {
            Issue.record("the file is not written first")
            return
        }
        #expect(node == "a1" && write.path == Self.path)
        #expect(
            acts.dropFirst() == [
                .service(.reloadUnit(.docker)), .keepRunningCopies(service: .docker, paths: [Self.path]),
            ]
        )
    }

    @Test func whatTheyTakeOnlyAtARestartIsOneAgentAtATime() {
        let desired = Self.desired(["debug": "true", "log-driver": "journald"])
        let plan = Samples.plan(desired, Self.observed(desired, with: nil))
        let steps = engineSteps(plan)
        #expect(steps.map(\.title) == Array(repeating: "restart docker", count: 3))
        #expect(steps.map(\.impact) == Self.agents.map { .disruptive("restarts every container on \($0)") })
        for (earlier, later) in zip(steps, steps.dropFirst()) { #expect(later.needs.contains(earlier.id)) }
        for step in steps {
            guard case .all(let conditions)? = step.gate?.condition, case .dockerEngine? = conditions.first else {
                Issue.record("\(step.title) has no gate of the engine")
                continue
            }
            #expect(conditions.count == 2)
        }
        #expect(plan.refusals.isEmpty)
    }

    @Test func whatARunningEngineKeepsIsSaidAndWhatItsAgentMayLoseToo() {
        let desired = Self.desired(["live-restore": "true", "log-driver": "journald"])
        let keeping = Samples.plan(desired, Self.observed(desired, with: "live-restore=true\n"))
        let says = "live-restore keeps containers, and Docker tasks"
        #expect(engineSteps(keeping).allSatisfy { "\($0.impact)".contains(says) })
        // Declared is not running yet.
        let not = Samples.plan(desired, Self.observed(desired, with: "live-restore=false\n"))
        #expect(engineSteps(not).allSatisfy { "\($0.impact)".contains("every container") })
    }

    @Test func whatWasWrittenAndNotTakenIsSeenByTheCopyOfWhatItRead() {
        let desired = Self.desired(["debug": "true"])
        let observed = Self.observed(desired, with: "debug=true\n").changing("a2") { node in
            guard var service = node.services[.docker]?.value else { return }
            service.copies[Self.path] = "debug=false\n"
            node.services[.docker] = .found(service)
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.steps.map(\.title) == ["reload docker"] && plan.steps.first?.nodes == ["a2"])
        #expect(plan.steps.first?.changes.map(\.kind) == [.run])
    }

    @Test func aFileYoungerThanTheEngineIsANoteAndNoRestart() {
        let desired = Self.desired(["log-driver": "journald"])
        let observed = Self.observed(desired, with: "log-driver=journald\n").changing("a1") { node in
            guard var file = node.files[Self.path]?.value else { return }
            file.modified = 900
            node.files[Self.path] = .found(file)
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.isEmpty && plan.notes.map(\.node) == ["a1"])
    }

    @Test func anEngineThatRunsWithItAlreadyIsLeftAlone() {
        let desired = Self.desired(["log-driver": "journald"])
        let observed = Self.observed(desired, with: "log-driver=json-file\n").changing("a1") { node in
            guard var service = node.services[.docker]?.value else { return }
            service.copies[Self.path] = "log-driver=journald\n"
            node.services[.docker] = .found(service)
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.steps.first { $0.nodes == ["a1"] }?.title == "file \(Self.path)")
    }

    @Test func noEngineIsRestartedWhileAnotherAgentIsOut() {
        let desired = Self.desired(["log-driver": "journald"])
        let observed = Self.observed(desired, with: nil).changing("a3") { node in
            node.services[.mesosAgent] = .found(ObservedService(name: .mesosAgent, boot: .on, run: .failed))
        }
        let plan = Samples.plan(desired, observed)
        #expect(engineSteps(plan).map(\.nodes) == [["a3"]])
        #expect(plan.blocked.filter { $0.title == "restart docker" }.map(\.node) == ["a1", "a2"])
    }

    @Test func anEngineThatStartsHasItsFileFirst() {
        let desired = Self.desired(["log-driver": "journald"])
        let observed = Self.observed(desired, with: nil).changing("a1") { node in
            node.services[.docker] = .found(ObservedService(name: .docker, boot: .on, run: .stopped))
            node.dockerEngine = .unknown("Cannot connect to the Docker daemon")
        }
        let step = Samples.plan(desired, observed).steps.first { $0.title == "start docker" }
        #expect(step?.changes.map(\.resource) == ["file:\(Self.path)", "service:docker"])
    }

    @Test func aFileThatCannotBeJudgedHoldsTheRestart() {
        let desired = Self.desired(["log-driver": "journald"])
        let observed = Self.observed(desired, with: nil).changing("a2") { node in
            guard var service = node.services[.docker]?.value else { return }
            service.copies[Self.path] = "log-driver=json-file\n"
            node.services[.docker] = .found(service)
            node.files[Self.path] = .unknown("permission denied")
        }
        let plan = Samples.plan(desired, observed)
        #expect(engineSteps(plan).map(\.nodes) == [["a1"], ["a3"]])
        #expect(plan.blocked.contains { $0.node == "a2" && $0.title == "restart docker" && $0.isByUnknown })
    }

    // MARK: Traps

    private static func trapped(
        _ change: (inout ObservedNode) -> Void,
        agent: ServiceAnswer.Run = .stopped
    ) -> Plan {
        let desired = Samples.desired()
        return Samples.plan(
            desired,
            Samples.converged(desired).changing("a1") { node in
                change(&node)
                guard agent != .running else { return }
                node.services[.mesosAgent] = .found(ObservedService(name: .mesosAgent, boot: .on, run: agent))
            }
        )
    }

    @Test func anAgentWhoseMesosDoesNotTakeTheEngineIsNotStarted() {
        let plan = Self.trapped { $0.dockerEngine = .found("1.7.1") }
        #expect(plan.steps.isEmpty)
        let blocked = plan.blocked.first
        #expect(blocked?.node == "a1" && blocked?.because.contains("Docker 1.8.0 or later") == true)
        #expect(blocked?.isByUnknown == false && blocked?.remedy != nil)
    }

    @Test func norIsOneWithoutControlGroupsOfVersion1() {
        let plan = Self.trapped { $0.controlGroups = .found(["memory"]) }
        #expect(plan.steps.isEmpty && plan.blocked.first?.because.contains("`cpu`") == true)
        #expect(Self.trapped { $0.controlGroups = .found(["cpu"]) }.blocked.isEmpty)
        #expect(Self.trapped { $0.controlGroups = .unknown("not asked") }.blocked.isEmpty)
    }

    @Test func anAgentThatRunsAllTheSameIsLeftAloneAndToldOf() {
        let plan = Self.trapped({ $0.controlGroups = .found([]) }, agent: .running)
        #expect(plan.isEmpty && plan.notes.map(\.node) == ["a1"])
        #expect(plan.notes.first?.text.contains("would not start again") == true)
    }
}
