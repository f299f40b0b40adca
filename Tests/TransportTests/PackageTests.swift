import FoundationEssentials
import Glibc
import Reconciler
import TestPrograms
import Testing

@testable import Transport

@Suite struct PackageTests {
    static func node(_ shell: Shell = .dash) throws -> ScratchRoot {
        let root = try ScratchRoot(shell)
        try root.program("dpkg-query", FakePackages.dpkgQuery)
        try root.program("apt-cache", FakePackages.aptCache)
        try root.program("apt-get", FakePackages.aptGet)
        try root.makeDirectory("/usr/sbin")
        for directory in ["offered", "installed"] {
            try FileManager.default.createDirectory(
                atPath: root.programs + "/state/" + directory,
                withIntermediateDirectories: true
            )
        }
        return root
    }

    /// Its own policy answers 42, and `zookeeper` is offered.
    private static func nodeWithPolicy(_ shell: Shell) throws -> ScratchRoot {
        let root = try node(shell)
        try root.put("#!/bin/sh\nexit 42\n", at: "/usr/sbin/policy-rc.d")
        makeExecutable(root.path + "/usr/sbin/policy-rc.d")
        try root.remember("3.8.0-11+deb12u2\n", as: "offered/zookeeperd")
        return root
    }

    static let zookeeper = PackageInstall(name: "zookeeperd", version: "3.8.0-11+deb12u2")

    static func install(_ packages: PackageInstall..., job: String = "job-1") -> NodeAction {
        .installPackages(packages, job: job)
    }

    @Test(arguments: Shell.allCases)
    func versionsAreReadWithTheirTroubles(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        try root.remember("2:1.1\n1:1.0~rc1\n1:1.0~rc1\n", as: "offered/mesos")
        #expect(
            try await root.ask(.package("mesos"))
                == .package(PackageAnswer(name: "mesos", offered: ["2:1.1", "1:1.0~rc1"]))
        )
        #expect(try await root.ask(.package("none-such")) == .absent)
        for (status, expected) in [
            ("install ok installed|1", PackageAnswer(name: "mesos", installed: "1", offered: ["2:1.1", "1:1.0~rc1"])),
            (
                "install ok half-configured|1",
                PackageAnswer(
                    name: "mesos",
                    installed: "1",
                    trouble: "half-configured",
                    offered: ["2:1.1", "1:1.0~rc1"]
                )
            ),
            (
                "install reinstreq half-installed|1",
                PackageAnswer(
                    name: "mesos",
                    installed: "1",
                    trouble: "reinstreq half-installed",
                    offered: ["2:1.1", "1:1.0~rc1"]
                )
            ),
            ("deinstall ok config-files|1", PackageAnswer(name: "mesos", offered: ["2:1.1", "1:1.0~rc1"])),
        ] {
            try root.remember(status + "\n", as: "installed/mesos")
            #expect(try await root.ask(.package("mesos")) == .package(expected))
        }
        try root.remember("", as: "dpkg-broken")
        guard case .unknown = try await root.ask(.package("mesos")) else { throw Surprise("an answer") }
    }

    @Test(arguments: Shell.allCases)
    func anInstallationRunsDetachedStartsNothingAndCleansUp(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        try root.remember("3.8.0-11+deb12u2\n3.4.13-1\n", as: "offered/zookeeperd")
        #expect(try await root.act(Self.install(Self.zookeeper)) == .done(detail: "started"))
        guard case .done(let detail) = try await root.act(.collect(job: "job-1", seconds: 90))
        else { throw Surprise("not installed: \(try root.text("/run/reconciler/run-1/job-1/log"))") }
        #expect(detail.contains("Setting up"))
        #expect(try root.remembered("policy") == "101\n", "the package's own start was refused")
        #expect(try root.entries("/usr/sbin").isEmpty)
        let calls = try root.remembered("apt-log").split(separator: "\n")
        #expect(calls.count == 2)
        #expect(calls.first?.contains("update") ?? false)
        for option in ["--no-install-recommends", "--no-remove", "--force-confold", "zookeeperd=3.8.0-11+deb12u2"] {
            #expect(calls.last?.contains(option) ?? false, "\(option)")
        }
        #expect(try await root.act(Self.install(Self.zookeeper, job: "job-2")) == .alreadyInPlace)
        #expect(try await root.act(.collect(job: "job-2", seconds: 60)) == .alreadyInPlace)
        #expect(try root.remembered("apt-log").split(separator: "\n").count == 2)
    }

    @Test(arguments: Shell.allCases)
    func nothingIsRestartedForTheLibrariesThatComeAlong(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        try root.remember("3.8.0-11+deb12u2\n", as: "offered/zookeeperd")
        _ = try await root.act(Self.install(Self.zookeeper))
        guard case .done = try await root.act(.collect(job: "job-1", seconds: 90)) else { throw Surprise("not done") }
        #expect(try root.remembered("needrestart") == "1 l\n", "needrestart's hook neither runs nor restarts")
    }

    @Test(arguments: Shell.allCases)
    func whatOthersInstallMeanwhileMayStartItsServices(_ shell: Shell) async throws {
        let root = try Self.nodeWithPolicy(shell)
        try root.remember("", as: "hold")
        _ = try await root.act(Self.install(Self.zookeeper))
        try await waitUntil { root.exists("/usr/sbin/policy-rc.d.reconciler-saved") }
        let policy = ChildProcess(
            program: root.path + "/usr/sbin/policy-rc.d",
            arguments: ["nginx", "start"],
            deadline: .seconds(90)
        )
        #expect(try await policy.run(in: root.path).exitCode == 42, "the node's own policy decides for others")
        try FileManager.default.removeItem(atPath: root.programs + "/state/hold")
        guard case .done = try await root.act(.collect(job: "job-1", seconds: 90)) else { throw Surprise("not done") }
        #expect(try root.remembered("policy") == "101\n", "what is installed by us is refused its start")
    }

    @Test("sources that apt cannot read are not sources that offer nothing", arguments: Shell.allCases)
    func brokenSources(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        try root.remember("E: The list of sources could not be read.\n", as: "apt-broken")
        #expect(
            try await root.ask(.package("mesos"))
                == .unknown(reason: "apt-cache: E: The list of sources could not be read.")
        )
        try root.remember("install ok installed|1.0\n", as: "installed/mesos")
        #expect(try await root.ask(.package("mesos")) == .package(PackageAnswer(name: "mesos", installed: "1.0")))
    }

    @Test(arguments: Shell.allCases)
    func aJobOutlivesItsVisitAndIsCollectedByAnother(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        try root.remember("3.8.0-11+deb12u2\n", as: "offered/zookeeperd")
        try root.remember("", as: "hold")
        _ = try await root.act(Self.install(Self.zookeeper))
        #expect(try await root.act(.collect(job: "job-1", seconds: 0)) == .pending)
        #expect(try await root.act(Self.install(Self.zookeeper)) == .done(detail: "under way since an earlier visit"))
        try FileManager.default.removeItem(atPath: root.programs + "/state/hold")
        guard case .done = try await root.act(.collect(job: "job-1", seconds: 90)) else { throw Surprise("not done") }
        guard case .done = try await root.act(.collect(job: "job-1", seconds: 0)) else { throw Surprise("only once") }
        #expect(try root.remembered("apt-log").split(separator: "\n").count == 2, "installed once")
    }

    @Test(arguments: Shell.allCases)
    func aKilledJobIsAFailureAndItsPolicyIsWithoutEffect(_ shell: Shell) async throws {
        let root = try Self.nodeWithPolicy(shell)
        try root.remember("", as: "hold")
        _ = try await root.act(Self.install(Self.zookeeper))
        let line = try root.text("/run/reconciler/run-1/job-1/process")
        let pid = try #require(line.split(separator: " ").first.flatMap { pid_t($0) })
        try await waitUntil { (try? root.remembered("apt-log").contains(" install ")) ?? false }
        kill(pid, SIGKILL)
        guard case .failed(let reason) = try await root.act(.collect(job: "job-1", seconds: 60))
        else { throw Surprise("believed it") }
        #expect(reason.contains("ended without a result"))
        let policy = ChildProcess(
            program: root.path + "/usr/sbin/policy-rc.d",
            arguments: ["zookeeper", "start"],
            deadline: .seconds(90)
        )
        #expect(try await policy.run(in: root.path).exitCode == 42, "the node's own policy decides again")
        try FileManager.default.removeItem(atPath: root.programs + "/state/hold")
        // What the killed job had begun goes on by itself, as a real apt-get would.
        try await waitUntil { FileManager.default.fileExists(atPath: root.programs + "/state/installed/zookeeperd") }
        try FileManager.default.removeItem(atPath: root.programs + "/state/installed/zookeeperd")
        _ = try await root.act(Self.install(Self.zookeeper, job: "job-2"))
        guard case .done = try await root.act(.collect(job: "job-2", seconds: 90)) else {
            throw Surprise("not installed")
        }
        #expect(try root.text("/usr/sbin/policy-rc.d") == "#!/bin/sh\nexit 42\n", "and is back in its place")
        #expect(try root.entries("/usr/sbin") == ["policy-rc.d"])
    }

    @Test("whoever is killed before his own policy is in place leaves the node's", arguments: Shell.allCases)
    func killedBetweenPolicies(_ shell: Shell) async throws {
        let root = try Self.nodeWithPolicy(shell)
        try root.remember("", as: "stop")
        let waits = #": >"$HERE/ready"; while [ -e "$HERE/stop" ]; do sleep 0.1; done"#
        try root.program("chmod", "case $* in *policy-rc.d.new) \(waits) ;; esac\nexec chmod \"$@\"")
        _ = try await root.act(Self.install(Self.zookeeper))
        try await waitUntil { (try? root.remembered("ready")) != nil }
        #expect(root.exists("/usr/sbin/policy-rc.d.reconciler-saved"))
        let line = try root.text("/run/reconciler/run-1/job-1/process")
        kill(try #require(line.split(separator: " ").first.flatMap { pid_t($0) }), SIGKILL)
        #expect(try root.text("/usr/sbin/policy-rc.d") == "#!/bin/sh\nexit 42\n")
        // Its child holds the turn until it ends, too.
        try FileManager.default.removeItem(atPath: root.programs + "/state/stop")
        _ = try await root.act(Self.install(Self.zookeeper, job: "job-2"))
        let ended = try await root.act(.collect(job: "job-2", seconds: 90))
        guard case .done = ended else {
            throw Surprise("\(ended)")
        }
        #expect(try root.text("/usr/sbin/policy-rc.d") == "#!/bin/sh\nexit 42\n", "and is back in its place")
        #expect(try root.entries("/usr/sbin") == ["policy-rc.d"])
    }

    @Test("a policy of ours that cannot be written leaves the node as it was", arguments: Shell.allCases)
    func policyNotWritten(_ shell: Shell) async throws {
        let root = try Self.nodeWithPolicy(shell)
        try root.program("chmod", "case $* in *policy-rc.d.new) exit 1 ;; esac\nexec chmod \"$@\"")
        _ = try await root.act(Self.install(Self.zookeeper))
        guard case .failed(let reason) = try await root.act(.collect(job: "job-1", seconds: 90)) else {
            throw Surprise("installed")
        }
        #expect(reason.contains("policy-rc.d could not be written, nothing was installed"))
        #expect(try root.text("/usr/sbin/policy-rc.d") == "#!/bin/sh\nexit 42\n")
        #expect(try root.entries("/usr/sbin") == ["policy-rc.d"])
    }

    @Test func aVersionThatIsNotOfferedFailsInThePackageManagersWords() async throws {
        let root = try Self.node()
        try root.remember("1.0\n", as: "offered/mesos")
        _ = try await root.act(Self.install(PackageInstall(name: "mesos", version: "0.21.1")))
        guard case .failed(let reason) = try await root.act(.collect(job: "job-1", seconds: 90))
        else { throw Surprise("installed") }
        #expect(reason.contains("status 100") && reason.contains("was not found"))
        #expect(try root.entries("/usr/sbin").isEmpty)
    }

    @Test func anotherProcessesLockIsWaitedFor() async throws {
        let root = try Self.node()
        try root.remember("1.0\n", as: "offered/mesos")
        try root.remember("", as: "locked")
        _ = try await root.act(Self.install(PackageInstall(name: "mesos")))
        guard case .done = try await root.act(.collect(job: "job-1", seconds: 90)) else { throw Surprise("gave up") }
    }

    @Test func aJobThatNeverWasIsNotPending() async throws {
        let root = try Self.node()
        guard case .failed(let reason) = try await root.act(.collect(job: "nope", seconds: 5)) else {
            throw Surprise("?")
        }
        #expect(reason.contains("no job nope"))
    }

    @Test func rpmAnswersAreReadLikewise() throws {
        let yum = "mesos.x86_64    0.28.0-1     mesosphere\nmesos.x86_64    1.0.1-2.7.el7 mesosphere"
        var answer = ScriptAnswer(status: 0, text: Array("K found".utf8))
        answer.fields = [
            .init(name: "rpm", value: Array("(none):1.0-2.7".utf8)), .init(name: "yum", value: Array(yum.utf8)),
        ]
        #expect(
            PackageAnswer("mesos", answer)
                == PackageAnswer(name: "mesos", installed: "1.0-2.7", offered: ["1.0.1-2.7.el7", "0.28.0-1"])
        )
    }
}

/// Looks again for up to 10 s.
func waitUntil(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<600 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(100))
    }
    throw Surprise("it did not happen within 60 s")
}
