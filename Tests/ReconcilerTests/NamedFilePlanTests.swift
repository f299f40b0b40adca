import Specs
import Testing

@testable import Reconciler

@Suite("A file that a flag names is what its daemon read at its start, whatever the flag says now")
struct NamedFilePlanTests {
    private static let masterFile = MesosMasterRole.credentialsFile
    private static let agentFile = MesosAgentRole.credentialsFile

    private static func desired() -> DesiredCluster {
        var spec = Samples.spec()
        let place = SourcePosition(file: "cluster.yaml", line: 9, column: 5)
        let secret = Content([.secret(.environment("SECRET"))])
        spec.mesos?.master.credentials = Located(secret, at: place)
        spec.mesos?.agent.credentials = Located(secret, at: place)
        return Samples.desired(spec)
    }

    /// Everything as declared, but that `path` has `now` and, where that is known, its reader of `node` read `read`.
    private func plan(_ path: String, of service: ServiceName, on node: NodeName, now: Content, read: Content?) -> Plan
    {
        let observed = Samples.converged(Self.desired()).changing(node) { seen in
            var file = Samples.observedFile(path, now, mode: 0o600)
            // Its reader runs since 500.
            file.modified = 900
            seen.files[path] = .found(file)
            guard let read, case .found(var running)? = seen.services[service] else { return }
            running.copies[path] = read
            seen.services[service] = .found(running)
        }
        return Samples.plan(Self.desired(), observed)
    }

    private static let wanted = Content([.secret(.environment("SECRET"))]) + "\n"

    @Test func isAsDeclared() {
        let plan = Samples.plan(Self.desired(), Samples.converged(Self.desired()))
        #expect(plan.steps.isEmpty && plan.blocked.isEmpty && plan.notes.isEmpty, "\(plan.notes)")
    }

    @Test func anotherValueIsWrittenAndItsReadersRestartedOneAtATime() throws {
        var observed = Samples.converged(Self.desired())
        for node: NodeName in ["m1", "m2", "m3"] {
            observed = observed.changing(node) { seen in
                // Older than its reader.
                seen.files[Self.masterFile] = .found(Samples.observedFile(Self.masterFile, "•••", mode: 0o600))
            }
        }
        let plan = Samples.plan(Self.desired(), observed)
        let roll = try #require(plan.steps.first)
        #expect(plan.steps.count == 1)
        guard case .roll(.mesosMaster, let members, .mesosLeaderLast, _) = roll.act else {
            Issue.record("\(roll.act)")
            return
        }
        #expect(members.map(\.node) == ["m1", "m2", "m3"])
        for member in members {
            #expect(
                member.planned.map(Self.word) == ["write", "service", "service", "service", "keep"],
                "written, unmasked, enabled, restarted, and noted what it read: \(member.planned)"
            )
        }
    }

    @Test func aFileThatWasWrittenAndNotReadYetRestartsItsReader() throws {
        let plan = plan(Self.agentFile, of: .mesosAgent, on: "a2", now: Self.wanted, read: "•••")
        let step = try #require(plan.steps.first)
        #expect(plan.steps.count == 1 && step.nodes == ["a2"])
        #expect(step.impact != .none)
    }

    @Test func aHandEditThatItsReaderHasNotReadIsTakenBackWithoutARestart() throws {
        let plan = plan(Self.masterFile, of: .mesosMaster, on: "m2", now: "•••", read: Self.wanted)
        let step = try #require(plan.steps.first)
        #expect(plan.steps.count == 1)
        guard case .visit("m2", let acts) = step.act else {
            Issue.record("\(step.act)")
            return
        }
        #expect(acts.map(Self.word) == ["write"])
        #expect(step.impact == .none)
    }

    @Test("where nothing tells what was read it is said, and nobody is restarted on a guess", arguments: [true, false])
    func unknown(isAsDeclared: Bool) {
        let now = isAsDeclared ? Self.wanted : "•••"
        let plan = plan(Self.masterFile, of: .mesosMaster, on: "m2", now: now, read: nil)
        #expect(plan.steps.allSatisfy { $0.impact == .none } && plan.steps.count == (isAsDeclared ? 0 : 1))
        #expect(plan.blocked.isEmpty)
        #expect(
            plan.notes.contains { $0.node == "m2" && "\($0)".contains("written after mesos-master started") },
            "\(plan.notes)"
        )
    }

    private static func word(_ planned: PlannedAction) -> String {
        switch planned {
        case .action(.writeFile): "write"
        case .action(.service): "service"
        case .action(.keepRunningCopies): "keep"
        default: "\(planned)"
        }
    }
}
