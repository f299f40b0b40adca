import Reconciler
import Specs
import Testing

@Suite("What the loop may do by itself")
struct LimitedPlanTests {
    static let noon = TimeWindow.Instant(weekday: 2, minute: 12 * 60)

    static func change(_ node: String, _ resource: String) -> Change {
        Change(node: NodeName(node), resource: resource, kind: .update, cause: .drift, summary: "1 → 2")
    }

    static func file(_ id: Int, _ node: String, needs: [Int] = [], impact: Impact = .none) -> Step {
        Step(
            id: id,
            title: "file /etc/\(id)",
            act: .visit(NodeName(node), []),
            changes: [change(node, "file:/etc/\(id)")],
            needs: needs,
            impact: impact
        )
    }

    static func roll(_ id: Int, _ node: String, needs: [Int] = []) -> Step {
        Step(
            id: id,
            layer: .agents,
            title: "restart mesos-slave",
            act: .roll(.mesosAgent, [Act.Member(node: NodeName(node), actions: [])], .inOrder, pauseSeconds: 0),
            changes: [change(node, "service:mesos-slave")],
            needs: needs,
            impact: .disruptive("restarts mesos-slave")
        )
    }

    static func plan(_ steps: [Step]) -> Plan {
        let names = Set(steps.flatMap(\.nodes)).sorted()
        return Plan(
            cluster: "test",
            source: .init(file: "cluster.yaml"),
            nodes: names.map { Plan.NodeSummary(name: $0) },
            steps: steps
        )
    }

    static func limited(_ steps: [Step], _ limits: LoopLimits, breaker: Breaker = Breaker()) -> LimitedPlan {
        LimitedPlan(plan(steps), limits: limits, breaker: breaker, at: noon)
    }

    @Test("is nothing where it only reports")
    func reportsOnly() {
        let limited = Self.limited([Self.file(1, "a1")], LoopLimits(corrects: false))
        #expect(limited.plan.steps.isEmpty)
        #expect(limited.withheld.map(\.reason).allSatisfy { $0.contains("only reports") })
    }

    @Test("is nothing that disturbs, unless restarts are named")
    func disturbsNothing() {
        let steps = [Self.file(1, "a1"), Self.roll(2, "a1"), Self.file(3, "a2")]
        let careful = Self.limited(steps, LoopLimits(corrects: true))
        #expect(careful.plan.steps.map(\.title) == ["file /etc/1", "file /etc/3"])
        #expect(careful.plan.steps.map(\.id) == [1, 2])
        #expect(careful.withheld.map(\.step.id) == [2])
        let bold = Self.limited(steps, LoopLimits(corrects: true, kinds: [.files, .services, .restarts]))
        #expect(bold.withheld.isEmpty)
    }

    @Test("is no kind that is not named")
    func keepsToKinds() {
        let limited = Self.limited([Self.file(1, "a1")], LoopLimits(corrects: true, kinds: [.apps]))
        #expect(limited.plan.steps.isEmpty)
        #expect(limited.withheld.first?.reason == "watch.kinds does not name files")
    }

    @Test("leaves out whatever needs what is left out, and renumbers what is needed")
    func followsNeeds() {
        let steps = [
            Self.roll(1, "a1"), Self.file(2, "a1", needs: [1]), Self.file(3, "a1", needs: [2]), Self.file(4, "a2"),
            Self.file(5, "a2", needs: [4]),
        ]
        let limited = Self.limited(steps, LoopLimits(corrects: true))
        #expect(limited.plan.steps.map(\.title) == ["file /etc/4", "file /etc/5"])
        #expect(limited.plan.steps.map(\.needs) == [[], [1]])
        #expect(limited.withheld.map(\.step.id) == [1, 2, 3])
        #expect(limited.withheld[2].reason == "it needs step 2, which is left to people")
    }

    @Test("is nothing of a round that goes beyond the budget of nodes")
    func keepsToBudget() {
        let steps = (1...3).map { Self.file($0, "a\($0)") }
        let within = Self.limited(steps, LoopLimits(corrects: true, nodes: .count(3)))
        #expect(within.plan.steps.count == 3)
        let beyond = Self.limited(steps, LoopLimits(corrects: true, nodes: .count(2)))
        #expect(beyond.plan.steps.isEmpty)
        #expect(beyond.withheld.count == 3)
        #expect(beyond.withheld[0].reason.contains("3 nodes") && beyond.withheld[0].reason.contains("allows 2"))
    }

    @Test("is nothing outside the windows")
    func keepsToWindows() throws {
        let window = try #require(TimeWindow("Sat,Sun 09:00-17:00"))
        let limited = Self.limited([Self.file(1, "a1")], LoopLimits(corrects: true, windows: [window]))
        #expect(limited.plan.steps.isEmpty)
        #expect(limited.withheld.first?.reason == "it is outside watch.windows (Sat,Sun 09:00-17:00)")
    }

    @Test("is no item that the breaker has raised")
    func respectsBreaker() {
        var breaker = Breaker()
        let item = LoopItem(node: NodeName("a1"), resource: "file:/etc/1")
        for time in 0..<3 { breaker.corrected([item], at: time) }
        _ = breaker.seen([item], at: 4) { _ in [] }
        let limited = Self.limited(
            [Self.file(1, "a1"), Self.file(2, "a1")],
            LoopLimits(corrects: true),
            breaker: breaker
        )
        #expect(limited.plan.steps.map(\.title) == ["file /etc/2"])
        #expect(limited.withheld.first?.reason.contains("reconciler resume") == true)
    }

    @Test("tells and withholds what needs an ignored step, and is silent of that alone")
    func keepsWhatNeedsIgnored() {
        let plan = Self.plan([Self.file(1, "a1"), Self.file(2, "a1", needs: [1]), Self.file(3, "a1")])
        let pattern = ResourcePattern("file:/etc/1")
        let findings = LoopFindings(
            plan,
            limits: LoopLimits(corrects: true),
            ignore: [pattern],
            breaker: Breaker(),
            at: Self.noon
        )
        #expect(findings.items.map(\.item.resource) == ["file:/etc/2", "file:/etc/3"])
        #expect(findings.items.map(\.state) == [.withheld, .found])
        #expect(findings.items[0].detail == ["it needs what watch.ignore leaves as it is (file /etc/1)"])
        #expect(findings.limited.plan.steps.map(\.title) == ["file /etc/3"])
        #expect(findings.ignored == 1)
    }

    @Test("never has a step without what it needs, whatever is left out")
    func keepsNeedsWhole() {
        for seed in 1...200 {
            var random = SplitMix(state: UInt64(seed))
            let steps = (1...12).map { id -> Step in
                let needs = (1..<max(id, 2)).filter { $0 < id && random.below(4) == 0 }
                return random.below(3) == 0
                    ? Self.roll(id, "a\(random.below(4))", needs: needs)
                    : Self.file(id, "a\(random.below(4))", needs: needs)
            }
            let limited = Self.limited(steps, LoopLimits(corrects: true))
            let titles = Dictionary(uniqueKeysWithValues: steps.map { ($0.id, $0) })
            for step in limited.plan.steps {
                let original = steps.first { $0.changes == step.changes && $0.title == step.title }
                #expect(original?.needs.count == step.needs.count)
                #expect(step.needs.allSatisfy { $0 < step.id })
                #expect(original?.needs.allSatisfy { need in titles[need]?.impact == Impact.none } == true)
            }
            #expect(limited.plan.steps.count + limited.withheld.count == steps.count)
        }
    }
}

/// The generator of the property above: the same seed, the same plans.
private struct SplitMix {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
