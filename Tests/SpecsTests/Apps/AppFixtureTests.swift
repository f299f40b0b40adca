import Testing

@testable import Specs

/// Bodies as documents and clients have them (marathon-examples of the reference).
@Suite struct AppFixtureTests {
    static let fixtures = [
        ("v0.7.6-get-apps-embed-tasks", "0.7.6"), ("v0.7.6-post-apps-response-201", "0.7.6"),
        ("v0.8.2-get-app-or-apps-2", "0.8.2"), ("v0.8.2-get-app-version", "0.8.2"),
        ("v0.8.2-get-apps-embed-tasks", "0.8.2"), ("v0.8.2-get-apps", "0.8.2"), ("v0.8.2-get-groups", "0.8.2"),
        ("v0.8.2-post-apps-request-full", "0.8.2"), ("v0.8.2-post-apps-request", "0.8.2"),
        ("v0.8.2-post-apps-response-201", "0.8.2"), ("v0.8.2-post-groups-request", "0.8.2"),
        ("v0.8.2-put-app-request", "0.8.2"), ("v0.8.2-put-group-dryrun-request", "0.8.2"),
        ("go-marathon-get-apps", "1.5.15"), ("go-marathon-get-apps-embed-readiness", "1.1.5"),
        ("go-marathon-get-apps-embed-taskStats", "0.11.1"), ("go-marathon-post-apps", "1.4.13"),
        ("go-marathon-get-groups", "0.11.1"), ("v1.5.5-real-apps-sample", "1.5.5"), ("v1.11-app", "1.11.24"),
        ("v1.11-app_list", "1.11.24"), ("v1.11-app_patch", "1.11.24"), ("v1.11-apps_create", "1.11.24"),
        ("v1.11-apps_patch", "1.11.24"), ("v1.11-app-check-http-example", "1.11.24"), ("v1.11-group", "1.11.24"),
    ]

    static func contexts(_ release: String) throws -> [AppContext] {
        try ([release] + AppSamples.releases).map(AppSamples.context)
    }

    @Test("A recorded body is equal to itself and to its own normal form, in every release", arguments: fixtures)
    func normalFormIsStable(_ name: String, _ release: String) throws {
        let apps = AppSamples.apps(try AppSamples.fixture(name))
        #expect(!apps.isEmpty)
        for context in try Self.contexts(release) {
            for app in apps {
                let form = AppForm(app, in: context)
                #expect(form.differences(from: form) == [])
                let again = AppForm(form.value, in: context)
                #expect(again.differences(from: form) == [], "\(context.release)")
                #expect(form.differences(from: again) == [], "\(context.release)")
            }
        }
    }

    @Test("The order of sets and of Marathon's own doing make no difference to a recorded body", arguments: fixtures)
    func noiseIsNoDifference(_ name: String, _ release: String) throws {
        let context = try AppSamples.context(release)
        for app in AppSamples.apps(try AppSamples.fixture(name)) {
            var other = app.with("version", "2030-01-01T00:00:00.000Z").with("tasksRunning", 99)
            for key in ["constraints", "dependencies", "healthChecks", "acceptedResourceRoles"] {
                if let items = app[key]?.items { other = other.with(key, .list(items.reversed() + items.prefix(1))) }
            }
            for key in ["user", "residency", "executor"] where app[key] == nil { other = other.with(key, .null) }
            #expect(AppRevision(of: other, from: app, in: context) == nil)
        }
    }

    @Test("Every member of a recorded body that counts is missed when it is changed", arguments: fixtures)
    func nothingIsMissed(_ name: String, _ release: String) throws {
        let context = try AppSamples.context(release)
        for app in AppSamples.apps(try AppSamples.fixture(name)) {
            for key in ["cpus", "mem", "backoffSeconds", "env", "user", "labels"] {
                let other = app.with(key, key == "env" || key == "labels" ? ["NEW": "x"] : key == "user" ? "x" : 77)
                let paths = AppRevision(of: other, from: app, in: context)?.differences.map(\.path) ?? []
                let isKnown = AppSchema.fields(in: context.release).contains { $0.name == key }
                #expect(paths.isEmpty == !isKnown && paths.allSatisfy { $0.isAt(key) }, "\(key)")
            }
        }
    }

    @Test("What was asked for in 0.8.2 is what was answered")
    func requestAndAnswer() throws {
        let request = try AppSamples.fixture("v0.8.2-post-apps-request")
        let answer = try AppSamples.fixture("v0.8.2-post-apps-response-201")
        let context = try AppSamples.context("0.8.2")
        let differences = AppRevision(of: request, from: answer, in: context)?.differences ?? []
        // The documents' answers were recorded in 0.7, whose checks and strategies have other defaults.
        let recorded = ["upgradeStrategy.maximumOverCapacity", "upgradeStrategy.minimumHealthCapacity"]
        #expect(differences.filter { !recorded.contains($0.path) } == [])
    }

    @Test("Apps of a real cluster are equal to what a file says of them without the defaults")
    func realApps() throws {
        let context = try AppSamples.context("1.5.5")
        let apps = AppSamples.apps(try AppSamples.fixture("v1.5.5-real-apps-sample"))
        #expect(!apps.isEmpty)
        for live in apps {
            let isDefault = live["portDefinitions"]?.items?.map { $0["name"] } == ["default"]
            var file = live.without(
                "executor",
                "disk",
                "gpus",
                "killSelection",
                "backoffSeconds",
                "backoffFactor",
                "requirePorts",
                "versionInfo",
                "unreachableStrategy",
                "maxLaunchDelaySeconds",
                "instances"
            )
            if isDefault { file = file.without("portDefinitions", "networks") }
            let differences = AppRevision(of: file, from: live, in: context)?.differences ?? []
            let kept = [
                "unreachableStrategy", "maxLaunchDelaySeconds", "backoffFactor", "backoffSeconds", "requirePorts",
            ]
            #expect(differences.filter { difference in !kept.contains { difference.path.isAt($0) } } == [])
            #expect(AppRevision(of: file.with("cmd", "other"), from: live, in: context) != nil)
        }
    }
}
