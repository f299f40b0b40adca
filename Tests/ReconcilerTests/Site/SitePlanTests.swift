import Specs
import Testing

@testable import Reconciler

/// What becomes of files and services of a site's own.
@Suite struct SitePlanTests {
    private static func at<Value>(_ value: Value) -> Located<Value> {
        Located(value, at: SourcePosition(file: "cluster.yaml", line: 50, column: 3))
    }

    private static func file(_ path: String, _ text: Content, owner: String? = nil, mode: Int? = nil) -> FileSpec {
        FileSpec(path: at(path), source: at(.content(text)), owner: owner.map(at), mode: mode.map(at))
    }

    private static func service(_ name: ServiceName, boot: Bool? = nil, running: Bool? = nil) -> ServiceSpec {
        ServiceSpec(name: at(name), boot: boot.map(at), running: running.map(at))
    }

    /// Agent a1 has them.
    private static func desired(files: [FileSpec] = [], services: [ServiceSpec] = []) -> DesiredCluster {
        var spec = Samples.spec()
        guard let index = spec.nodes.firstIndex(where: { $0.name.value == "a1" }) else { return Samples.desired(spec) }
        spec.nodes[index].files = files
        spec.nodes[index].services = services
        return Samples.desired(spec)
    }

    private func plan(_ desired: DesiredCluster, _ change: (inout ObservedNode) -> Void = { _ in }) -> Plan {
        Samples.plan(desired, Samples.converged(desired).changing("a1", change))
    }

    private func actions(_ step: Step) -> [NodeAction] {
        guard case .visit(_, let actions) = step.act else { return [] }
        return actions.compactMap { if case .action(let action) = $0 { action } else { nil } }
    }

    // MARK: Files

    @Test func whatIsAsDeclaredIsNoDifference() {
        let desired = Self.desired(
            files: [Self.file("/etc/motd", "hello\n")],
            services: [Self.service("ntp", boot: true, running: true)]
        )
        #expect(plan(desired).isEmpty)
    }

    @Test func aFileEditedByHandIsDriftAndShownWhole() throws {
        let desired = Self.desired(files: [Self.file("/home/erichan/.bashrc", "export PS1=x\n", owner: "root")])
        let found: Content = "# ~/.bashrc\nalias ll=ls\n"
        let plan = plan(desired) { node in
            node.files["/home/erichan/.bashrc"] = .found(Samples.observedFile("/home/erichan/.bashrc", found))
        }
        let step = try #require(plan.steps.first)
        #expect(plan.steps.count == 1 && step.title == "file /home/erichan/.bashrc" && step.impact == .none)
        #expect(step.changes.map(\.cause) == [.drift])
        #expect(step.changes.first?.before == found && step.changes.first?.after == "export PS1=x\n")
        #expect(step.reasons.map(\.text) == ["nodes.a1.files./home/erichan/.bashrc"])
        #expect(step.reasons.first?.position?.line == 50)
    }

    @Test func aNewFileIsWrittenOverNothingElse() throws {
        let desired = Self.desired(files: [Self.file("/etc/x", "x\n", owner: "games", mode: 0o640)])
        let step = try #require(plan(desired) { $0.files["/etc/x"] = .absent }.steps.first)
        guard case .writeFile(let write)? = actions(step).first else {
            Issue.record("nothing is written")
            return
        }
        #expect(write.expected == .absent && write.owner == "games" && write.mode == 0o640)
    }

    @Test func modeAndOwnerAloneAreADifference() throws {
        let desired = Self.desired(files: [Self.file("/etc/x", "x\n", owner: "games", mode: 0o600)])
        let plan = plan(desired) { $0.files["/etc/x"] = .found(Samples.observedFile("/etc/x", "x\n")) }
        #expect(plan.steps.first?.changes.map(\.summary) == ["mode 644 → 600, owner root → games"])
    }

    @Test(arguments: [("", false), ("y", true)])
    func aLargeFileIsComparedByItsDigest(more: String, differs: Bool) throws {
        let text = String(repeating: "x", count: 70_000)
        let desired = Self.desired(files: [Self.file("/etc/x", Content(text))])
        let plan = plan(desired) { node in
            var found = Samples.observedFile("/etc/x", Content(text + more))
            found.size = text.utf8.count + more.utf8.count
            found.content = nil
            node.files["/etc/x"] = .found(found)
        }
        #expect(plan.blocked.isEmpty && plan.steps.isEmpty != differs)
        #expect(plan.steps.first?.changes.map(\.summary) == (differs ? ["70001 bytes → 70000 bytes"] : nil))
        // Nobody changed the declaration since it was applied.
        #expect(plan.steps.first?.changes.map(\.cause) == (differs ? [.drift] : nil))
    }

    @Test func aNewVersionOfALargeFileIsGitsDoing() {
        let old = String(repeating: "x", count: 70_000)
        let desired = Self.desired(files: [Self.file("/etc/x", Content(old + "new"))])
        let plan = plan(desired) { node in
            var found = Samples.observedFile("/etc/x", Content(old))
            found.content = nil
            node.files["/etc/x"] = .found(found)
            var applied = node.applied.value ?? [:]
            applied["file:/etc/x"]?.digest = sha256(old)
            node.applied = .found(applied)
        }
        #expect(plan.steps.first?.changes.map(\.cause) == [.git])
    }

    static let links: [(target: String, says: String?)] = [
        ("/etc/shadow", "it leads to /etc/shadow, which decides who may log in"),
        ("/etc/docker/daemon.json", "belongs to the Docker engine"),
        ("/etc/mesos/zk", "Mesos and Marathon"), ("/srv/x", nil), ("/run/x", "gone after a reboot"),
    ]

    @Test(arguments: links) func aLinkToAPlaceOfSomebodyElsesIsNotFollowed(target: String, says: String?) {
        let desired = Self.desired(files: [Self.file("/etc/x", "x\n")])
        let plan = plan(desired) { node in
            var found = Samples.observedFile("/etc/x", "y\n")
            found.resolvedPath = target
            node.files["/etc/x"] = .found(found)
        }
        #expect(plan.steps.isEmpty == (says != nil))
        if let says {
            #expect(plan.blocked.map(\.title) == ["file /etc/x"] && plan.blocked[0].because.contains(says))
            #expect(plan.blocked[0].remedy != nil && !plan.blocked[0].isByUnknown)
        } else {
            #expect(plan.notes.map(\.text) == ["/etc/x is a link: /srv/x is written"])
        }
    }

    @Test func noHomeIsMadeForAFile() {
        let desired = Self.desired(files: [Self.file("/home/eve/.bashrc", "x\n", owner: "eve")])
        let blocked = plan(desired) { node in
            node.files["/home/eve/.bashrc"] = .absent
            node.files["/home/eve"] = .absent
        }
        #expect(blocked.steps.isEmpty && blocked.blocked.map(\.because) == ["there is no /home/eve"])
        let there = plan(desired) { node in
            node.files["/home/eve/.bashrc"] = .absent
            var home = Samples.observedFile("/home/eve", "")
            home.kind = .directory
            node.files["/home/eve"] = .found(home)
        }
        #expect(there.steps.count == 1 && there.blocked.isEmpty)
    }

    @Test func aUnitThatChangesUnderARunningServiceIsANote() {
        let path = "/etc/systemd/system/site.service"
        let desired = Self.desired(files: [Self.file(path, "new\n")], services: [Self.service("site", running: true)])
        let plan = plan(desired) { $0.files[path] = .found(Samples.observedFile(path, "old\n")) }
        #expect(plan.steps.map(\.title) == ["file \(path)"])
        #expect(plan.notes.map(\.text).contains { $0.contains("site runs on as it was started") })
    }

    // MARK: Services

    typealias Seen = (boot: ServiceAnswer.Boot, run: ServiceAnswer.Run)

    static let turns: [(wish: SiteWish, seen: Seen, title: String?, acts: [ServiceAct])] = [
        (SiteWish(boot: true, running: true), (.on, .running), nil, []),
        (
            SiteWish(boot: true, running: true), (.off, .stopped), "start site",
            [.unmaskUnit("site"), .enableUnit("site"), .startUnit("site")]
        ),
        (SiteWish(boot: true, running: true), (.on, .failed), "start site", [.unmaskUnit("site"), .startUnit("site")]),
        (SiteWish(boot: true), (.off, .stopped), "enable site", [.unmaskUnit("site"), .enableUnit("site")]),
        (SiteWish(boot: true), (.on, .stopped), nil, []), (SiteWish(running: true), (.off, .running), nil, []),
        (SiteWish(running: true), (.off, .stopped), "start site", [.unmaskUnit("site"), .startUnit("site")]),
        (
            SiteWish(boot: false, running: true), (.on, .stopped), "start and disable site",
            [.unmaskUnit("site"), .startUnit("site"), .disableUnit("site")]
        ),
        (
            SiteWish(boot: false, running: false), (.on, .running), "stop and disable site",
            [.stopUnit("site"), .disableUnit("site")]
        ),
        (SiteWish(boot: false, running: false), (.masked, .stopped), nil, []),
        (SiteWish(boot: false, running: false), (.none, .stopped), nil, []),
        (SiteWish(running: false), (.on, .restarting), "stop site", [.stopUnit("site")]),
        (SiteWish(boot: false), (.on, .running), "disable site", [.disableUnit("site")]),
        (
            SiteWish(boot: true, running: false), (.off, .running), "enable and stop site",
            [.unmaskUnit("site"), .enableUnit("site"), .stopUnit("site")]
        ),
    ]

    @Test(arguments: turns.indices) func onlyWhatIsDeclaredOfAServiceIsBroughtAbout(index: Int) {
        let (wish, seen, title, acts) = Self.turns[index]
        let desired = Self.desired(services: [Self.service("site", boot: wish.boot, running: wish.running)])
        let plan = plan(desired) { node in
            node.services["site"] = .found(ObservedService(name: "site", boot: seen.boot, run: seen.run))
        }
        #expect(plan.blocked.isEmpty)
        #expect(plan.steps.map(\.title) == [title].compactMap { $0 })
        #expect(plan.steps.flatMap(actions) == acts.map { .service($0) })
        #expect(plan.steps.allSatisfy { $0.layer == .site })
        let stops = acts.contains(.stopUnit("site"))
        #expect(plan.steps.allSatisfy { ($0.impact != .none) == stops })
    }

    @Test func whatStartsMustStay() {
        let desired = Self.desired(services: [Self.service("site", boot: true, running: true)])
        let plan = plan(desired) {
            $0.services["site"] = .found(ObservedService(name: "site", boot: .on, run: .stopped))
        }
        #expect(plan.steps.first?.gate?.condition == .serviceUp("site", node: "a1", seconds: 5))
        #expect(plan.steps.first?.changes.map(\.summary) == ["stopped → running"])
        #expect(plan.steps.first?.changes.map(\.resource) == ["service:site"])
    }

    @Test func aNodesServicesAreOneStepAfterItsFiles() throws {
        let desired = Self.desired(
            files: [Self.file("/etc/site.conf", "x\n")],
            services: [Self.service("one", running: true), Self.service("two", running: true)]
        )
        let plan = plan(desired) { node in
            node.files["/etc/site.conf"] = .absent
            for name in ["one", "two"] as [ServiceName] {
                node.services[name] = .found(ObservedService(name: name, boot: .on, run: .stopped))
            }
        }
        #expect(plan.steps.map(\.title) == ["file /etc/site.conf", "start one, start two"])
        #expect(plan.steps[1].needs == [1])
        guard case .all(let conditions)? = plan.steps[1].gate?.condition else {
            Issue.record("no gate for both")
            return
        }
        #expect(conditions.count == 2)
    }

    @Test(arguments: [
        (ServiceAnswer.Boot.none, "inactive (dead)", "the node has no service site", "which package brings it?"),
        (.off, "inactive (dead), static", "its unit is static, so nothing can enable it", "leave `boot` out"),
    ])
    func whatCannotBeBroughtAboutIsBlockedWithTheNextMove(
        boot: ServiceAnswer.Boot,
        detail: String,
        because: String,
        remedy: String
    ) {
        let desired = Self.desired(services: [
            Self.service("site", boot: true, running: true), Self.service("two", running: true),
        ])
        let plan = plan(desired) { node in
            node.services["site"] = .found(ObservedService(name: "site", boot: boot, run: .stopped, detail: detail))
            node.services["two"] = .found(ObservedService(name: "two", boot: .on, run: .stopped))
        }
        #expect(plan.blocked.map(\.because) == [because] && plan.blocked[0].remedy?.contains(remedy) == true)
        #expect(plan.blocked[0].title == "start site" && plan.blocked[0].position?.line == 50)
        #expect(plan.steps.map(\.title) == ["start two"])
    }

    @Test func aUnitThatThePlanWritesMakesTheService() {
        let path = "/etc/systemd/system/site.service"
        let desired = Self.desired(
            files: [Self.file(path, "x\n")],
            services: [Self.service("site", boot: true, running: true)]
        )
        let plan = plan(desired) { node in
            node.files[path] = .absent
            node.services["site"] = .found(ObservedService(name: "site", boot: .none, run: .stopped))
        }
        #expect(plan.blocked.isEmpty && plan.steps.map(\.title) == ["file \(path)", "start site"])
    }

    @Test(arguments: [
        Observation<ObservedService>.unknown("no answer"),
        .found(ObservedService(name: "site", boot: .unknown, run: .stopped)),
        .found(ObservedService(name: "site", boot: .on, run: .changing)),
    ])
    func whatIsUnknownIsNotTouched(seen: Observation<ObservedService>) {
        let desired = Self.desired(services: [Self.service("site", boot: true, running: true)])
        let plan = plan(desired) { $0.services["site"] = seen }
        #expect(plan.steps.isEmpty && plan.blocked.map(\.isByUnknown) == [true])
    }

    @Test func whatSomebodyElsePlansIsLeftAlone() {
        let desired = Self.desired(services: [Self.service("one", running: true), Self.service("two", running: true)])
        let observed = Samples.converged(desired).changing("a1") { node in
            for name in ["one", "two"] as [ServiceName] {
                node.services[name] = .found(ObservedService(name: name, boot: .on, run: .stopped))
            }
        }
        var planning = Planning(desired, observed, revision: nil)
        planning.planSiteServices(except: ["a1": ["one"]])
        #expect(planning.draft.numbered().map(\.title) == ["start two"])
    }

    /// A service of the layer that is none of the site's own, such as a balancer.
    @Test func aServiceOfTheLayerHasItsFilesFirst() throws {
        var desired = Samples.desired()
        let index = try #require(desired.nodes.firstIndex { $0.name == "a1" })
        desired.nodes[index].services.append(
            Service(name: "proxy", layer: .site, boot: true, running: true, reason: Reason("role"))
        )
        desired.nodes[index].files.append(
            DesiredFile(path: "/etc/proxy", body: .whole("x\n"), readBy: ["proxy"], reason: Reason("role"))
        )
        let stopped = plan(desired) { node in
            node.files["/etc/proxy"] = .absent
            node.services["proxy"] = .found(ObservedService(name: "proxy", boot: .off, run: .stopped))
        }
        #expect(stopped.steps.map(\.title) == ["start proxy"])
        #expect(stopped.steps.first?.changes.map(\.resource) == ["file:/etc/proxy", "service:proxy"])
        #expect(stopped.steps.first?.gate?.condition == .serviceStable("proxy", node: "a1", seconds: 5, listening: []))
        let running = plan(desired) { $0.files["/etc/proxy"] = .absent }
        #expect(running.steps.map(\.title) == ["file /etc/proxy"])
        let missing = plan(desired) { node in
            node.files["/etc/proxy"] = .absent
            node.services["proxy"] = .absent
        }
        #expect(missing.steps.isEmpty && missing.blocked.map(\.title) == ["start proxy"])
    }
}
