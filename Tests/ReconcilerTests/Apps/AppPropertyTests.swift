import Specs
import Testing

@testable import Reconciler

/// Over random apps, dependencies and states of Marathon.
@Suite struct AppPropertyTests {
    struct World {
        var apps: [DesiredApp] = []
        var live: [LiveApp] = []
        var hidden: [String: String] = [:]
        var mode: AppPolicySpec.PruneApps

        init(_ numbers: inout SeededNumbers) {
            mode = AppPolicySpec.PruneApps.allCases.randomElement(using: &numbers) ?? .never
            let ids = (0..<Int.random(in: 1...9, using: &numbers)).map { "/g\($0 % 3)/a\($0)" }
            for (index, id) in ids.enumerated() {
                let dependencies = ids.prefix(index).filter { _ in Int.random(in: 0..<3, using: &numbers) == 0 }
                let app = AppSamples.app(id, after: dependencies)
                let instances = Int.random(in: 0...4, using: &numbers)
                let changed = AppSamples.app(id, ["cpus": 0.7], instances: instances, after: dependencies)
                switch Int.random(in: 0..<6, using: &numbers) {
                case 0: apps.append(app)
                case 1:
                    apps.append(app)
                    live.append(AppSamples.live(app))
                case 2:
                    apps.append(app)
                    live.append(AppSamples.live(changed))
                case 3: live.append(AppSamples.live(app))
                case 4:
                    apps.append(app)
                    hidden[id] = "403"
                default:
                    apps.append(changed)
                    live.append(AppSamples.live(app))
                }
            }
        }

        var desired: DesiredApps { DesiredApps(apps: apps, prune: mode, pruneUnder: ["/g0", "/g1"]) }
        var marathon: ObservedMarathon {
            var marathon = AppSamples.marathon(live)
            marathon.hidden = hidden
            return marathon
        }
        var plan: Plan { AppSamples.plan(desired, .found(marathon)) }
    }

    @Test(arguments: seeds(200))
    func thePlanDoesNotDependOnTheOrderOfTheInput(seed: UInt64) {
        var numbers = SeededNumbers(seed)
        let world = World(&numbers)
        var shuffled = world
        shuffled.apps.shuffle(using: &numbers)
        shuffled.live.shuffle(using: &numbers)
        #expect(shuffled.plan == world.plan)
    }

    @Test(arguments: seeds(200))
    func everyStepComesAfterWhatItNeedsAndAfterItsDependencies(seed: UInt64) {
        var numbers = SeededNumbers(seed)
        let world = World(&numbers)
        let plan = world.plan
        #expect(plan.steps.allSatisfy { step in step.needs.allSatisfy { $0 < step.id } })
        let places = Dictionary(plan.apps.enumerated().map { ($1.id, $0) }) { first, _ in first }
        for app in world.apps {
            for dependency in app.dependencies {
                guard let own = places[app.id], let before = places[dependency] else { continue }
                #expect(before < own || plan.apps[before].operation == .delete)
            }
        }
        let firstRemoval = plan.apps.firstIndex { $0.operation == .delete } ?? plan.apps.count
        #expect(plan.apps[firstRemoval...].allSatisfy { $0.operation == .delete })
    }

    @Test(arguments: seeds(200))
    func nothingIsDoneToWhatIsEqualHiddenOrOutOfBounds(seed: UInt64) {
        var numbers = SeededNumbers(seed)
        let world = World(&numbers)
        let declared = Dictionary(world.apps.map { ($0.id, $0) }) { first, _ in first }
        for act in world.plan.apps {
            let live = world.marathon.apps[act.id]
            #expect(world.hidden[act.id] == nil)
            if act.operation == .delete {
                #expect(declared[act.id] == nil && !act.id.hasPrefix("/g2") && world.mode != .never)
                #expect(world.hidden.isEmpty)
            } else {
                #expect(declared[act.id] != nil)
                #expect(live?.definition != declared[act.id]?.definition)
            }
        }
    }

    @Test(arguments: seeds(50))
    func whatIsAsDeclaredNeedsNothing(seed: UInt64) {
        var numbers = SeededNumbers(seed)
        var world = World(&numbers)
        world.hidden = [:]
        world.live = world.apps.map { AppSamples.live($0) }
        #expect(world.plan.isEmpty)
    }

    @Test(arguments: seeds(50))
    func anUnknownMarathonHasNoStepAtAll(seed: UInt64) {
        var numbers = SeededNumbers(seed)
        let world = World(&numbers)
        let plan = AppSamples.plan(world.desired, .unknown("401 Unauthorized"))
        #expect(plan.steps == [])
        #expect(plan.blocked.allSatisfy { $0.isByUnknown })
    }

    @Test(.timeLimit(.minutes(20))) func tenThousandEqualAppsAreComparedWithoutAStep() {
        let apps = (0..<10_000).map { AppSamples.app("/g\($0 % 100)/a\($0)") }
        #expect(AppSamples.plan(DesiredApps(apps: apps), .found(AppSamples.marathon(apps))).isEmpty)
    }

    /// One app a chain of ten thousand: neither the stack nor the time gives way.
    @Test(.timeLimit(.minutes(20))) func aChainOfTenThousandAppsIsPlanned() {
        let apps = (0..<10_000).map { index in
            AppSamples.app("/a\(index)", after: index == 0 ? [] : ["/a\(index - 1)"])
        }
        let plan = AppSamples.plan(DesiredApps(apps: apps), .found(AppSamples.marathon([LiveApp]())))
        #expect(plan.steps.count == 10_000)
        #expect(plan.steps.last?.needs == [9_999])
    }
}
