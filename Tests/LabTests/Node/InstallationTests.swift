import Daemons
import Reconciler
import Specs
import Testing

@testable import Lab

@Suite struct InstallationTests {
    @Test func `packages ship what the distributions ship`() throws {
        for (platform, directory) in [(LabPlatform.ubuntu14, "/var/lib/zookeeper"), (.debian12, "/tmp/zookeeper")] {
            let node = try #require(LabNode.sample(platform, installing: ["zookeeperd", "mesos"]))
            #expect(node.text("/etc/zookeeper/conf/zoo.cfg")?.contains("dataDir=\(directory)\n") ?? false)
            #expect(node.files.resolve("/etc/zookeeper/conf/zoo.cfg")?.path == "/etc/zookeeper/conf_example/zoo.cfg")
            #expect(node.files.resolve("/var/lib/zookeeper/myid")?.path == "/etc/zookeeper/conf_example/myid")
            #expect(node.files.attributes("/var/lib/zookeeper")?.owner == "zookeeper")
            guard case .platform(let answer)? = node.answer(.platform, at: .sample) else { return }
            #expect(answer.wrapperAgentDirectory == "/etc/mesos-slave")
            #expect(answer.hostname == "node1" && "\(answer.osID)-\(answer.osVersion)" == platform.rawValue)
            #expect(node.text("/etc/mesos/zk") == "zk://localhost:2181/mesos\n")
            #expect(node.text("/etc/mesos-master/quorum") == "1\n")
            #expect(node.text("/etc/mesos-slave/work_dir") == "/var/lib/mesos\n")
        }
    }

    @Test func `every version of every catalogue installs, and its services start`() throws {
        for platform in LabPlatform.allCases {
            for (name, versions) in LabCatalogue.standard(platform).offered.sorted(by: { $0.key < $1.key }) {
                for version in versions {
                    var node = try #require(LabNode.sample(platform))
                    let isKnown = node.install(name, version: version, startsServices: false, at: .sample)
                    #expect(isKnown, "\(name) \(version)")
                    #expect(node.installedPackages[name] == version)
                    #expect(node.processes.isEmpty)
                    // Ubuntu 14.04's script starts nothing before it is told to (mesos-zk-ops.md 8.2).
                    if name == "haproxy", let found = node.text("/etc/default/haproxy") {
                        let write = FileWrite(
                            path: "/etc/default/haproxy",
                            content: "ENABLED=1\n",
                            expected: .digest(sha256(found))
                        )
                        #expect(node.perform(.writeFile(write), run: .sample, at: .sample).isDone)
                    }
                    let services = node.services.names
                    for service in services {
                        #expect(node.service(service)?.boot == .on, "\(service) of \(name) \(version) on \(platform)")
                        let act: ServiceAct = platform.usesSystemd ? .startUnit(service) : .startJob(service)
                        let result = node.act(act)
                        #expect(result.isDone, "\(service) of \(name) \(version) on \(platform)")
                    }
                    #expect(node.processes.map(\.service).sorted() == services)
                    #expect(node.processes.allSatisfy { version.contains($0.version) })
                }
            }
        }
    }

    @Test func `mesos is on at the next boot and not before; zookeeperd starts at once unless it is kept from it`()
        throws
    {
        for platform in [LabPlatform.ubuntu14, .debian12] {
            var node = try #require(LabNode.sample(platform))
            node.install("mesos", at: .sample)
            node.install("zookeeperd", at: .sample)
            #expect(node.service(.mesosMaster)?.boot == .on && node.service(.mesosMaster)?.run == .stopped)
            #expect(node.service(.zooKeeper)?.run == .running, "\(platform)")
            var held = try #require(LabNode.sample(platform))
            _ = held.act(platform.usesSystemd ? .maskUnit(.zooKeeper) : .holdJob(.zooKeeper))
            held.install("zookeeperd", at: .sample)
            #expect(held.service(.zooKeeper)?.run == .stopped, "\(platform)")
            #expect(held.service(.zooKeeper)?.boot == (platform.usesSystemd ? .masked : .off))
        }
    }

    @Test func `a configuration that is there already stays`() throws {
        var node = try #require(LabNode.sample(.debian12))
        node.files.write("/etc/mesos-master/quorum", "2\n", at: .sample)
        node.install("mesos", version: "1.4.3-2.0.1", at: .sample)
        node.files.remove("/etc/mesos-slave/work_dir", at: .sample)
        node.install("mesos", version: "1.11.0-2.0.1", at: .sample)
        #expect(node.text("/etc/mesos-master/quorum") == "2\n")
        #expect(!node.files.exists("/etc/mesos-slave/work_dir"), "what was taken away is not brought back")
        #expect(node.installedPackages["mesos"] == "1.11.0-2.0.1")
        #expect(node.program(at: "/usr/sbin/mesos-slave")?.version == "1.11.0")
    }

    @Test func `a newer Marathon's package stops the old one that runs`() throws {
        var node = try #require(LabNode.sample(.debian12, installing: ["marathon"]))
        _ = node.act(.startUnit(.marathon))
        node.install("marathon", version: "1.11.24-0.1.debian9", at: .sample)
        #expect(node.service(.marathon)?.run == .stopped)
        #expect(node.service(.marathon)?.boot == .on)
    }

    @Test func `an installation takes its time, survives nobody looking and starts nothing`() throws {
        var node = try #require(LabNode.sample(.debian12))
        let install = NodeAction.installPackages([PackageInstall(name: "zookeeperd")], job: "packages")
        #expect(node.perform(install, run: .sample, at: .sample) == .done(detail: "started"))
        #expect(node.perform(.collect(job: "packages", seconds: 0), run: .sample, at: .sample).isPending)
        let ends = try #require(node.jobEnds("packages", run: .sample))
        #expect(ends > .sample + 3000 && node.wakes == ends)
        #expect(node.files.exists("/usr/sbin/policy-rc.d"))
        #expect(node.perform(.collect(job: "packages", seconds: 60), run: .sample, at: ends).isDone)
        #expect(!node.files.exists("/usr/sbin/policy-rc.d"))
        #expect(node.service(.zooKeeper)?.run == .stopped)
        #expect(node.service(.zooKeeper)?.boot == .on)
    }

    @Test func `a machine that goes down half-way leaves a half-configured package, which the next installation mends`()
        throws
    {
        var node = try #require(LabNode.sample(.debian12))
        let install = NodeAction.installPackages([PackageInstall(name: "mesos")], job: "packages")
        _ = node.perform(install, run: .sample, at: .sample)
        let ends = try #require(node.jobEnds("packages", run: .sample))
        node.powerOff(at: ends + -1)
        node.powerOn(at: ends, takes: 1000)
        node.advance(to: ends + 1000)
        guard case .package(let package)? = node.answer(.package("mesos"), at: ends) else {
            Issue.record("no answer")
            return
        }
        #expect(package.trouble == "half-configured")
        let lost = node.perform(.collect(job: "packages", seconds: 0), run: .sample, at: ends + 1000)
        #expect(lost.trouble == "no job packages of run run-1 is here; was the node restarted meanwhile?")
        _ = node.perform(install, run: RunID("run-2"), at: ends + 1000)
        let mended = node.perform(.collect(job: "packages", seconds: 0), run: RunID("run-2"), at: ends + 600_000)
        #expect(mended.isDone)
        #expect(node.perform(install, run: RunID("run-3"), at: ends + 600_000) == .alreadyInPlace)
    }

    @Test func `Docker is found as its package and service are`() throws {
        var node = try #require(LabNode.sample(.ubuntu14))
        #expect(node.answer(.dockerEngine, at: .sample) == .absent)
        node.install("lxc-docker", startsServices: false, at: .sample)
        guard case .unknown(let reason)? = node.answer(.dockerEngine, at: .sample) else {
            Issue.record("an answer")
            return
        }
        #expect(reason.contains("Is the docker daemon running?"))
        _ = node.act(.startJob(.docker))
        #expect(node.answer(.dockerEngine, at: .sample) == .dockerEngine(version: "1.4.1"))
        #expect(node.docker?.version.contains("Client version: 1.4.1\n") ?? false)
    }

    @Test func `flags are named as --help prints them`() throws {
        let node = try #require(LabNode.sample(.debian12, installing: ["mesos"]))
        let help =
            "Usage: mesos-master [options]\n\n  --[no-]quiet   Be quiet\n  -h, --help\n  --quorum=VALUE  n\nsee --x\n"
        let request = FactRequest.flagNames(program: "/usr/sbin/mesos-slave")
        let answer = node.answer(request, at: .sample) { program, version in
            program == .mesosAgent && version == "1.11.0" ? help : nil
        }
        #expect(answer == .flagNames(["quiet", "help", "quorum"]))
        #expect(node.answer(.flagNames(program: "/usr/bin/marathon"), at: .sample) == .absent)
    }
}
