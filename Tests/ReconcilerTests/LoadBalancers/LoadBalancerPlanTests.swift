import Specs
import Testing

@testable import Reconciler

@Suite("Plans of load balancers")
struct LoadBalancerPlanTests {
    typealias Sample = BalancerSample

    private func plan(_ change: (inout ObservedNode) -> Void) -> Plan {
        Sample.plan(Sample.converged().changing("m1", change))
    }

    @Test("what is as declared, with a file that follows the tasks, needs nothing")
    func inOrder() {
        let plan = Sample.plan(Sample.converged())
        #expect(plan.isEmpty, "\(plan.steps.map(\.title)) \(plan.blocked)")
        #expect(!plan.notes.contains { $0.text.contains("haproxy") })
    }

    @Test("bare nodes are set up one after another, after Marathon: files, cron, the bridge, HAProxy")
    func bare() throws {
        let plan = Sample.plan(Samples.bare(Samples.desired(Sample.spec(), installed: false)))
        let steps = plan.balancing
        #expect(steps.map(\.title) == Array(repeating: "set up haproxy and its bridge", count: 3))
        #expect(steps.flatMap(\.nodes) == ["m1", "m2", "m3"])
        #expect(steps.allSatisfy { $0.impact == .none && $0.layer == .site })
        let first = try #require(steps.first)
        let marathons = plan.steps.filter { $0.layer == .marathon && $0.title.contains("start") }.map(\.id)
        #expect(!marathons.isEmpty && Set(marathons).isSubset(of: first.needs))
        #expect(zip(steps, steps.dropFirst()).allSatisfy { $1.needs.contains($0.id) })
        let words = plan.actions(first).map { "\($0)" }
        let marks = [
            "settings", "enableUnit(cron)", "startUnit(cron)", "enableUnit(haproxy)", "refreshBalancer",
            "startUnit(haproxy)",
        ]
        let places = marks.map { mark in words.firstIndex { $0.contains(mark) } }
        #expect(!places.contains(nil) && places.compactMap(\.self) == places.compactMap(\.self).sorted())
        let install = try #require(
            plan.steps.first { $0.title.contains("haproxy") && $0.isInstall && $0.nodes == ["m1"] }
        )
        #expect(
            plan.actions(install).contains(.action(.service(.maskUnit("haproxy")))),
            "held off while it is installed"
        )
        #expect(first.needs.contains(install.id))
    }

    @Test("tasks that have just come are not spoken of while the bridge runs; older ones that it lacks are a note")
    func inFlight() {
        for (age, isTold) in [(5, false), (120, false), (121, true), (nil, true)] {
            var seen = Sample.converged()
            let started = age.map { Sample.clock - $0 }
            let task = BalancedTask(app: "/new", host: "h", ports: [1], servicePorts: [7000], started: started)
            seen.balanced = .found(Sample.tasks + [task])
            let plan = Sample.plan(seen)
            #expect(plan.isEmpty)
            let told = plan.notes.filter { $0.node == "m1" && $0.text.contains("+ new-7000") }
            #expect(told.isEmpty != isTold, "\(age ?? -1): \(plan.notes)")
        }
    }

    @Test(
        "without Marathon's answer nothing is claimed of apps, and a hand edit is seen all the same",
        arguments: [
            Observation<[BalancedTask]>.absent, .unknown("nobody answers"),
        ]
    )
    func unreachableMarathon(tasks: Observation<[BalancedTask]>) {
        var seen = Sample.converged()
        seen.balanced = tasks
        #expect(Sample.plan(seen).isEmpty)
        seen = seen.changing("m2") { $0.balancer { $0.isLastGood = .found(false) } }
        #expect(Sample.plan(seen).balancing.map(\.title) == ["refresh haproxy.cfg"])
    }

    @Test("an edit by hand is shown as drift, with the text, and the bridge makes it good")
    func handEdit() throws {
        let edited = Sample.expected("m1").replacing("31000", with: "666")
        let plan = plan { node in
            node.files[Sample.configuration] = .found(Sample.file(edited))
            node.balancer { $0.isLastGood = .found(false) }
        }
        let step = try #require(plan.balancing.first)
        #expect(plan.steps.count == 1 && step.title == "refresh haproxy.cfg")
        #expect(plan.actions(step) == [.action(.refreshBalancer)])
        #expect(step.impact == .disruptive("reloads haproxy on m1; established connections are kept"))
        let change = try #require(step.changes.first)
        #expect(change.cause == .drift && change.resource == "file:/etc/haproxy/haproxy.cfg")
        #expect(change.before?.shown == edited && change.after?.shown == Sample.expected("m1"))
        #expect(change.summary.contains("web-80: + 10.16.40.11:31000, - 10.16.40.11:666"))
        #expect(step.reasons.first?.position?.line == 9)
    }

    @Test("a file that is being written at this moment is no hand edit")
    func beingWritten() {
        let edited = Sample.expected("m1").replacing("31000", with: "666")
        let plan = plan { node in
            node.files[Sample.configuration] = .found(Sample.file(edited, modified: Sample.clock - 5))
            node.balancer { $0.isLastGood = .found(false) }
        }
        #expect(plan.isEmpty)
    }

    @Test(
        "a bridge that does not run any more is told with its age, and run",
        arguments: [
            Observation<BridgeRun>.absent, .found(BridgeRun(at: BalancerSample.clock - 700, outcome: .updated)),
        ]
    )
    func abandoned(lastRun: Observation<BridgeRun>) throws {
        let plan = plan { $0.balancer { $0.lastRun = lastRun } }
        let step = try #require(plan.balancing.first)
        #expect(step.title == "refresh haproxy.cfg" && step.impact == .none)
        let words = lastRun == .absent ? "has never run" : "has not run for 11 minutes"
        #expect(step.changes.first?.summary.contains(words) == true)
    }

    @Test("a missing cron file is put back, and the bridge is run at once")
    func missingCronFile() throws {
        let plan = plan { $0.files[BridgeScript.Paths.cron] = .absent }
        let step = try #require(plan.balancing.first)
        #expect(step.changes.map(\.resource).contains("file:\(BridgeScript.Paths.cron)"))
        #expect(plan.actions(step).last == .action(.refreshBalancer))
    }

    @Test("services that are down are started", arguments: ["haproxy", "cron"] as [ServiceName])
    func down(service: ServiceName) throws {
        let plan = plan { $0.services[service] = .found(ObservedService(name: service, boot: .on, run: .stopped)) }
        let step = try #require(plan.balancing.first)
        #expect(plan.steps.count == 1 && step.title == "start \(service)" && step.impact == .none)
    }

    @Test("a bridge that keeps what is there is quoted: a note while the file is right, blocked where it is not")
    func kept() {
        let run = BridgeRun(at: Sample.clock - 5, outcome: .kept, message: "localhost:8080: connection refused")
        let right = plan { $0.balancer { $0.lastRun = .found(run) } }
        #expect(right.isEmpty && right.notes.contains { $0.text.contains("kept what was there: localhost:8080") })
        var seen = Sample.converged().changing("m1") { $0.balancer { $0.lastRun = .found(run) } }
        seen.balanced = .found([])
        let wrong = Sample.plan(seen)
        let blocked = wrong.blocked.first
        #expect(wrong.steps.isEmpty && blocked?.node == "m1" && blocked?.isByUnknown == false)
        #expect(blocked?.because.contains("connection refused") == true && blocked?.position?.line == 9)
    }

    @Test("a run of the bridge that came to nothing is a note until runs have come to nothing for minutes")
    func lasting() {
        for (since, isBlocked) in [(5, false), (170, false), (200, true)] {
            let run = BridgeRun(
                at: Sample.clock - 5,
                outcome: .kept,
                since: Sample.clock - 5 - since,
                message: "refused"
            )
            var seen = Sample.converged().changing("m1") { $0.balancer { $0.lastRun = .found(run) } }
            seen.balanced = .found([])
            let plan = Sample.plan(seen)
            #expect(plan.blocked.isEmpty != isBlocked, "\(since)")
            #expect(isBlocked || plan.notes.contains { $0.text.contains("refused") }, "\(plan.notes)")
        }
    }

    @Test("whoever else listens on an app's port is named")
    func foreignListener() {
        let sockets = Sample.listening([9000, 9090]) + Sample.listening([80], program: "nginx")
        let plan = plan { $0.balancer { $0.listening = .found(sockets) } }
        #expect(plan.steps.isEmpty)
        #expect(plan.blocked.first?.because == "web-80 is not served: port 80 is held by nginx (process 77)")
    }

    @Test("a process from before the last reload, or one that misses a listener, is reloaded")
    func stale() throws {
        for sockets in [Sample.listening([80, 9000, 9090], started: 900), Sample.listening([80, 9090])] {
            let plan = plan { $0.balancer { $0.listening = .found(sockets) } }
            let step = try #require(plan.balancing.first)
            #expect(step.title == "reload haproxy" && plan.actions(step) == [.action(.service(.reloadUnit("haproxy")))])
        }
        let unknown = [
            ListeningSocket(address: "::", port: 80), .init(address: "::", port: 9000),
            .init(address: "::", port: 9090),
        ]
        #expect(plan { $0.balancer { $0.listening = .found(unknown) } }.isEmpty, "nobody can tell whose they are")
        #expect(plan { $0.balancer { $0.listening = .unknown("no /proc") } }.isEmpty)
    }

    @Test("service ports that two apps want are told with both")
    func collision() {
        var seen = Sample.converged()
        seen.balanced = .found(Sample.tasks + [BalancedTask(app: "/zoo", host: "h", ports: [1], servicePorts: [80])])
        let notes = Sample.plan(seen).notes.map(\.text)
        #expect(notes.contains("service port 80 of /zoo is not balanced: /web has it"))
    }

    @Test("what cannot be seen holds its own node alone")
    func unknown() {
        let plan = plan { $0.files[Sample.configuration] = .unknown("permission denied") }
        #expect(plan.steps.isEmpty)
        let broken = Sample.plan(
            Sample.converged().changing("m1") { $0.files[BridgeScript.Paths.header] = .unknown("an I/O error") }
                .changing("m2") { $0.files[BridgeScript.Paths.header] = .absent }
        )
        #expect(broken.balancing.flatMap(\.nodes) == ["m2"])
        #expect(broken.blocked.contains { $0.node == "m1" && $0.isByUnknown })
    }

    @Test("a file larger than 64 KiB is compared by its digest")
    func large() throws {
        func seen(_ digest: String) -> Plan {
            plan { node in
                var file = Sample.file(Sample.expected("m1"))
                file.content = nil
                node.files[Sample.configuration] = .found(file)
                node.balancer { ($0.digest, $0.isLastGood) = (digest, .found(false)) }
            }
        }
        #expect(seen(sha256(Sample.expected("m1"))).isEmpty)
        #expect(seen(sha256("another")).balancing.map(\.title) == ["refresh haproxy.cfg"])
    }
}
