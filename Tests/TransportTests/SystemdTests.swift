import FoundationEssentials
import Glibc
import Reconciler
import Specs
import TestPrograms
import Testing

@testable import Transport

/// A scratch root with a fake init system whose daemons are real processes, ended at the end.
final class NodeWithServices {
    let root: ScratchRoot

    init(_ shell: Shell = .dash, upstart: Bool = false) throws {
        root = try ScratchRoot(shell)
        if upstart {
            try root.program("initctl", Sleepers.functions + fakeInitctl)
            try FileManager.default.createDirectory(
                atPath: root.programs + "/state/jobs",
                withIntermediateDirectories: true
            )
            try root.makeDirectory("/etc/init")
        } else {
            try root.program("systemctl", Sleepers.functions + fakeSystemctl)
            try root.makeDirectory("/run/systemd/system")
            try FileManager.default.createDirectory(
                atPath: root.programs + "/state/units",
                withIntermediateDirectories: true
            )
        }
    }

    deinit {
        Sleepers.end((try? root.remembered("pids")) ?? "")
    }

    func unit(_ name: String, _ state: String = "disabled") throws {
        try root.remember(state + "\n", as: "units/\(name)")
    }
    func job(_ name: String, _ state: String = "stop/waiting", conf: String = "start on runlevel [2345]\n") throws {
        try root.remember(state + "\n", as: "jobs/\(name)")
        try root.put(conf, at: "/etc/init/\(name).conf")
    }
    func log() throws -> [String] { try root.remembered("log").split(separator: "\n").map(String.init) }
    func act(_ act: ServiceAct) async throws -> ActionResult { try await root.act(.service(act)) }
}

@Suite struct SystemdTests {
    @Test(arguments: Shell.allCases)
    func aServiceIsBroughtUpReadAndHeldOff(_ shell: Shell) async throws {
        let node = try NodeWithServices(shell)
        try node.unit("mesos-slave")
        let name: ServiceName = "mesos-slave"
        #expect(try await node.act(.enableUnit(name)) == .done(detail: ""))
        #expect(try await node.act(.enableUnit(name)) == .alreadyInPlace)
        let before = Int(Date().timeIntervalSince1970)
        guard case .done(let detail) = try await node.act(.startUnit(name)) else { throw Surprise("not started") }
        let after = Int(Date().timeIntervalSince1970)
        #expect(try await node.act(.startUnit(name)) == .alreadyInPlace)
        let up = try await node.root.service(name)
        let pid = try #require(up.pid)
        #expect(detail == "process \(pid)")
        #expect((up.boot, up.run) == (.on, .running))
        #expect(up.arguments == ["sleep", "600"])
        #expect(up.environment == ["MESOS_LOG_DIR=/var/log/with space"], "only what is watched leaves the node")
        #expect(up.restarts == 3)
        // The kernel counts in ticks since the boot, the node adds whole seconds.
        #expect((before - 2...after + 2).contains(try #require(up.started)))
        for act in ServiceIntent.holdOff.lower(name, to: .systemd) {
            guard case .done = try await node.act(act) else { throw Surprise("\(act)") }
        }
        for act in ServiceIntent.holdOff.lower(name, to: .systemd) {
            #expect(try await node.act(act) == .alreadyInPlace, "\(act)")
        }
        let off = try await node.root.service(name)
        #expect((off.boot, off.run, off.pid) == (.masked, .stopped, nil))
        guard case .failed(let reason) = try await node.act(.startUnit(name)) else { throw Surprise("started") }
        #expect(reason == "mesos-slave: masked; unmask it first")
    }

    @Test(arguments: Shell.allCases)
    func aMaskStandsBeforeTheUnitExists(_ shell: Shell) async throws {
        let node = try NodeWithServices(shell)
        let none = try await node.root.service("zookeeper")
        #expect((none.boot, none.run) == (.none, .stopped))
        #expect(try await node.act(.stopUnit("zookeeper")) == .alreadyInPlace)
        #expect(try await node.act(.disableUnit("zookeeper")) == .alreadyInPlace)
        #expect(try await node.act(.maskUnit("zookeeper")) == .done(detail: ""))
        #expect(try await node.act(.maskUnit("zookeeper")) == .alreadyInPlace)
        #expect(try await node.root.service("zookeeper").boot == .masked)
        #expect(try await node.act(.unmaskUnit("zookeeper")) == .done(detail: ""))
        guard case .failed(let reason) = try await node.act(.enableUnit("zookeeper")) else { throw Surprise("enabled") }
        #expect(reason.contains("no such unit"))
    }

    @Test(arguments: Shell.allCases)
    func aRestartIsForTheProcessThatWasLookedAt(_ shell: Shell) async throws {
        let node = try NodeWithServices(shell)
        try node.unit("zookeeper")
        _ = try await node.act(.startUnit("zookeeper"))
        let pid = try #require(try await node.root.service("zookeeper").pid)
        guard case .conflict(let found) = try await node.act(.restartUnit("zookeeper", pid: pid + 1))
        else { throw Surprise("restarted another process") }
        #expect(found == "zookeeper: running with process \(pid)")
        #expect(try await node.root.service("zookeeper").pid == pid)
        guard case .done = try await node.act(.restartUnit("zookeeper", pid: pid)) else {
            throw Surprise("not restarted")
        }
        let second = try #require(try await node.root.service("zookeeper").pid)
        #expect(second != pid)
        _ = try await node.act(.stopUnit("zookeeper"))
        guard case .conflict = try await node.act(.restartUnit("zookeeper", pid: second)) else {
            throw Surprise("started")
        }
        #expect(try await node.root.service("zookeeper").pid == nil)
    }

    @Test(arguments: Shell.allCases)
    func aRestartWithoutEffectIsAFailure(_ shell: Shell) async throws {
        let node = try NodeWithServices(shell)
        try node.unit("zookeeper")
        _ = try await node.act(.startUnit("zookeeper"))
        try node.root.remember("", as: "stubborn")
        let pid = try #require(try await node.root.service("zookeeper").pid)
        guard case .failed(let reason) = try await node.act(.restartUnit("zookeeper", pid: nil))
        else { throw Surprise("believed it") }
        #expect(reason.contains("had no effect: process \(pid)"))
    }

    @Test(arguments: Shell.allCases)
    func aDaemonThatFailsIsReportedWhateverSystemctlSays(_ shell: Shell) async throws {
        let node = try NodeWithServices(shell)
        try node.unit("marathon")
        try node.root.remember("", as: "broken")
        guard case .failed(let reason) = try await node.act(.startUnit("marathon")) else {
            throw Surprise("believed it")
        }
        #expect(reason.contains("failed (Result: exit-code)"))
        let state = try await node.root.service("marathon")
        #expect((state.run, state.detail) == (.failed, "failed (Result: exit-code)"))
        try FileManager.default.removeItem(atPath: node.root.programs + "/state/broken")
        guard case .done = try await node.act(.startUnit("marathon")) else { throw Surprise("not started") }
        #expect(try node.log().contains { $0.contains("reset-failed marathon.service") })
    }

    @Test func aCrashLoopIsRestarting() async throws {
        let node = try NodeWithServices()
        try node.unit("mesos-master")
        try node.root.remember("", as: "units/mesos-master.restarting")
        #expect(try await node.root.service("mesos-master").run == .restarting)
    }

    @Test func anEnableWithoutEffectIsAFailure() async throws {
        let node = try NodeWithServices()
        try node.unit("x")
        try node.root.remember("", as: "static")
        guard case .failed = try await node.act(.enableUnit("x")) else { throw Surprise("believed it") }
    }

    @Test func aSystemctlThatCannotAnswerIsUnknownAndNeverAbsent() async throws {
        let node = try NodeWithServices()
        try node.unit("x")
        try node.root.remember("", as: "deaf")
        guard case .unknown(let reason) = try await node.root.ask(.service("x")) else { throw Surprise("an answer") }
        #expect(reason.contains("Failed to connect to bus"))
        guard case .failed = try await node.act(.stopUnit("x")) else { throw Surprise("believed it") }
    }

    @Test(arguments: ["../x", "a b", "-x", "", "x;id", "$(id)"])
    func aNameThatIsNoneNeverReachesTheNode(_ name: String) async throws {
        let node = try NodeWithServices()
        guard case .unknown = try await node.root.ask(.service(ServiceName(name))) else { throw Surprise("asked") }
        guard case .failed = try await node.act(.stopUnit(ServiceName(name))) else { throw Surprise("done") }
    }

    @Test(arguments: Shell.allCases)
    func whatARunningProcessReadIsKeptWhenTheFileIsReplaced(_ shell: Shell) async throws {
        let node = try NodeWithServices(shell)
        let root = node.root
        try node.unit("zookeeper")
        try root.put("as read", at: "/etc/zookeeper/conf/zoo.cfg")
        // Kept is what was surely there first, and the kernel tells boot and start in whole seconds, each rounded down.
        try await Task.sleep(for: .seconds(2.1))
        _ = try await node.act(.startUnit("zookeeper"))
        func write(_ old: String, _ new: String) async throws -> ActionResult {
            try await root.act(
                .writeFile(
                    FileWrite(
                        path: "/etc/zookeeper/conf/zoo.cfg",
                        content: Content(new),
                        expected: .digest(sha256(old)),
                        readBy: ["zookeeper", "absent-service"]
                    )
                )
            )
        }
        guard case .done = try await write("as read", "first") else { throw Surprise("not written") }
        try await Task.sleep(for: .seconds(1.1))
        guard case .done = try await write("first", "second") else { throw Surprise("not written") }
        let kept = RunningCopy(path: "/etc/zookeeper/conf/zoo.cfg", content: "as read")
        #expect(try await root.service("zookeeper").copies == [kept], "the first copy is the true one")
        #expect(try root.mode("/var/lib/reconciler/running/zookeeper") == 0o700)
        _ = try await node.act(.restartUnit("zookeeper", pid: nil))
        #expect(try await root.service("zookeeper").copies.isEmpty, "another process, another truth")
    }

    @Test(arguments: Shell.allCases)
    func copiesAreKeptAfterAStartAndNotOfWhatChangedLater(_ shell: Shell) async throws {
        let node = try NodeWithServices(shell)
        try node.unit("zookeeper")
        try node.root.put("a\n", at: "/etc/zoo.cfg")
        let keep = NodeAction.keepRunningCopies(service: "zookeeper", paths: ["/etc/zoo.cfg", "/etc/missing"])
        guard case .failed = try await node.root.act(keep) else { throw Surprise("kept of nothing") }
        _ = try await node.act(.startUnit("zookeeper"))
        guard case .done = try await node.root.act(keep) else { throw Surprise("not kept") }
        #expect(try await node.root.act(keep) == .alreadyInPlace)
        #expect(try await node.root.service("zookeeper").copies == [RunningCopy(path: "/etc/zoo.cfg", content: "a\n")])
        try await Task.sleep(for: .seconds(2.5))
        try node.root.put("later", at: "/etc/other")
        let late = try await node.root.act(.keepRunningCopies(service: "zookeeper", paths: ["/etc/other"]))
        guard case .failed(let reason) = late else { throw Surprise("\(late)") }
        #expect(reason.contains("modified after zookeeper started"))
    }

    @Test(arguments: Shell.allCases)
    func afterAReloadTheFilesOfThatMomentAreWhatWasRead(_ shell: Shell) async throws {
        let node = try NodeWithServices(shell)
        try node.unit("docker")
        try node.root.put("before\n", at: "/etc/daemon.json")
        _ = try await node.act(.startUnit("docker"))
        let keep = NodeAction.keepRunningCopies(service: "docker", paths: ["/etc/daemon.json"])
        guard case .done = try await node.root.act(keep) else { throw Surprise("not kept") }
        try await Task.sleep(for: .seconds(2.5))
        try node.root.put("after\n", at: "/etc/daemon.json")
        #expect(try await node.root.service("docker").copies.map(\.content) == ["before\n"])
        guard case .done = try await node.act(.reloadUnit("docker")) else { throw Surprise("not reloaded") }
        #expect(try await node.root.service("docker").copies.isEmpty)
        guard case .done = try await node.root.act(keep) else { throw Surprise("not kept after the reload") }
        #expect(try await node.root.service("docker").copies.map(\.content) == ["after\n"])
        try await Task.sleep(for: .seconds(2.5))
        try node.root.put("later\n", at: "/etc/other.json")
        let late = NodeAction.keepRunningCopies(service: "docker", paths: ["/etc/other.json"])
        guard case .failed = try await node.root.act(late) else { throw Surprise("kept what nobody read") }
    }

    @Test func aFileWrittenAfterTheStartIsNotTakenForWhatWasRead() async throws {
        let node = try NodeWithServices()
        try node.unit("zookeeper")
        _ = try await node.act(.startUnit("zookeeper"))
        try await Task.sleep(for: .seconds(2.1))
        try node.root.put("edited by hand", at: "/etc/zoo.cfg")
        _ = try await node.root.act(
            .writeFile(
                FileWrite(
                    path: "/etc/zoo.cfg",
                    content: "declared",
                    expected: .digest(sha256("edited by hand")),
                    readBy: ["zookeeper"]
                )
            )
        )
        #expect(try await node.root.service("zookeeper").copies.isEmpty)
    }
}
