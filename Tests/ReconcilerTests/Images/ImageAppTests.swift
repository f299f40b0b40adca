import Specs
import Testing

@testable import Reconciler

/// Apps and the images that they run.
@Suite struct ImageAppTests {
    private typealias Some = ImageSamples

    private static func world(live: [LiveApp] = [], apps: [DesiredApp] = [AppSamples.app("/nginx")]) -> ImageWorld {
        var world = ImageWorld(["a1": Some.engine(), "a2": Some.engine([Some.held("new")]), "a3": Some.engine()])
        world.declare(has: .found(Some.source("new")), apps: ["/nginx"])
        world.apps = DesiredApps(apps: apps)
        world.observed.marathon = .found(AppSamples.marathon(live))
        return world
    }

    private func needs(of app: String, in plan: Plan) -> [NodeName]? {
        plan.step(app)?.needs.flatMap { plan.steps[$0 - 1].nodes }
    }

    @Test func anAppWaitsForItsImageWhereverItMayRunAndOthersDoNot() {
        var world = Self.world(apps: [AppSamples.app("/nginx"), AppSamples.app("/other")])
        #expect(needs(of: "/nginx", in: world.plan) == ["a1", "a3"])
        #expect(needs(of: "/other", in: world.plan) == [])
        world.images.eligible["/nginx"] = ["a2", "a3"]
        #expect(needs(of: "/nginx", in: world.plan) == ["a3"])
    }

    @Test(arguments: [(1, false), (5, true)])
    func growingWaitsAndShrinkingDoesNot(instances: Int, waits: Bool) {
        let world = Self.world(
            live: [AppSamples.live(AppSamples.app("/nginx"))],
            apps: [AppSamples.app("/nginx", instances: instances)]
        )
        #expect(needs(of: "/nginx", in: world.plan) == (waits ? ["a1", "a3"] : []))
    }

    @Test func anAppWhoseImageCannotBeBroughtIsBlockedWithItsReason() {
        var world = Self.world(apps: [AppSamples.app("/nginx"), AppSamples.app("/web", after: ["/nginx"])])
        world.engine("a3") { $0.architecture = "arm64" }
        var plan = world.plan
        #expect(plan.apps.isEmpty && plan.imageActs.map(\.node) == ["a1"])
        let blocked = plan.blocked.filter { $0.node == nil }
        #expect(blocked.map(\.title) == ["app /nginx", "app /web"] && blocked.allSatisfy { !$0.isByUnknown })
        #expect(blocked.first?.because.contains("a3") == true && blocked.first?.because.contains("arm64") == true)
        world.observed.images[Some.reference] = SourceLook(image: .unknown("no route to host"))
        plan = world.plan
        #expect(plan.blocked.count { $0.node == nil && $0.isByUnknown } == 2)
        world.images.eligible["/nginx"] = ["a2"]
        #expect(world.plan.apps.map(\.id) == ["/nginx", "/web"])
    }

    @Test func aNodeThatIsSilentHoldsAnAppOnlyWhereMesosMayPutTasksThere() {
        var world = Self.world()
        world.observed = world.observed.silencing("a3")
        #expect(world.plan.apps.isEmpty && world.plan.blocked.last?.isByUnknown == true)
        let others = ListedAgent(id: "s1", pid: "slave(1)@10.16.40.11:5051", hostname: "a1")
        func listing(_ agents: [ListedAgent]) {
            world.observed.mesos.registered = .found(RegisteredWithMesos(leader: "m1", agents: agents, frameworks: []))
        }
        listing([others])
        #expect(world.plan.apps.map(\.id) == ["/nginx"])
        #expect(world.plan.notes.contains { $0.node == "a3" && $0.text.contains("was not checked") })
        listing([others, ListedAgent(id: "s3", pid: "slave(1)@10.16.40.13:5051", hostname: "x", isActive: false)])
        #expect(world.plan.apps.isEmpty)
    }

    @Test func anAppThatIsAsDeclaredIsNotTouched() {
        var world = Self.world(live: [AppSamples.live(AppSamples.app("/nginx"))])
        world.engine("a3") { $0.architecture = "arm64" }
        #expect(world.plan.apps.isEmpty && world.plan.blocked.map(\.node) == ["a3"])
    }

    @Test func appsThatKeepTheOldImageAreNamedOnce() {
        let live = [AppSamples.live(AppSamples.app("/nginx"))]
        var world = Self.world(live: live)
        #expect(world.plan.notes.isEmpty)
        for name in ["a1", "a3"] as [NodeName] { world.engine(name) { $0.images = [Some.held("old")] } }
        let words = "/nginx keeps running the old image feuyeux/nginx:latest until it restarts"
        #expect(world.plan.notes.filter { $0.text == words }.count == 1)
        world.apps = DesiredApps(apps: [AppSamples.app("/nginx", ["cpus": 0.7])])
        #expect(world.plan.apps.count == 1 && !world.plan.notes.contains { $0.text == words })
    }
}
