import Daemons
import Reconciler
import Specs
import Testing

@testable import Lab

@Suite struct PowerAndDiskTests {
    @Test func `a reboot starts what boot starts, and loses what is not on the disk`() throws {
        for platform in LabPlatform.allCases {
            var node = try #require(LabNode.sample(platform, installing: ["mesos"]))
            let off: ServiceAct = platform.usesSystemd ? .maskUnit(.mesosAgent) : .holdJob(.mesosAgent)
            #expect(node.act(off).isDone)
            node.files.write("/tmp/zookeeper/version-2/log.1", "x", at: .sample)
            node.files.write("/run/x", "x", at: .sample)
            let boot = node.bootID
            node.reboot(at: .sample, takes: 30_000)
            #expect(!node.isUp && node.wakes == .sample + 30_000)
            node.advance(to: .sample + 30_000)
            #expect(node.isUp && node.bootID != boot)
            #expect(node.processes.map(\.service) == [.mesosMaster], "\(platform)")
            #expect(node.files.exists("/tmp/zookeeper/version-2/log.1") == !platform.clearsTmpAtBoot)
            #expect(!node.files.exists("/run/x"))
            #expect(node.takeEvents().suffix(3).first == .wentDown)
        }
    }

    @Test func `copies kept of a process are not those of the next boot's`() throws {
        var node = try #require(LabNode.sample(.debian12, installing: ["mesos"]))
        _ = node.act(.startUnit(.mesosMaster), at: .sample + 5000)
        let keep = NodeAction.keepRunningCopies(service: .mesosMaster, paths: ["/etc/mesos/zk"])
        #expect(node.perform(keep, run: .sample, at: .sample + 6000).isDone)
        #expect(node.service(.mesosMaster)?.copies.map(\.path) == ["/etc/mesos/zk"])
        node.reboot(at: .sample + 7000, takes: 1000)
        node.advance(to: .sample + 8000)
        #expect(node.service(.mesosMaster)?.run == .running)
        #expect(node.service(.mesosMaster)?.copies == [])
    }

    @Test func `a lease runs out by the node's own clock`() throws {
        var node = try #require(LabNode.sample(.debian12))
        let (a, b) = (Self.holder("a"), Self.holder("b"))
        #expect(node.perform(.lease(.acquire(a, seconds: 60)), run: .sample, at: .sample).isDone)
        let held = node.perform(.lease(.acquire(b, seconds: 60)), run: .sample, at: .sample + 59_000)
        #expect(held.trouble?.hasPrefix("token=a\nuser=u\n") ?? false)
        node.clockOffsetMilliseconds = 2000
        #expect(node.perform(.lease(.acquire(b, seconds: 60)), run: .sample, at: .sample + 59_000).isDone)
    }

    static func holder(_ token: String) -> LeaseHolder {
        LeaseHolder(token: token, user: "u", host: "h", pid: 1, command: "apply")
    }

    @Test func `a full disk is named as such, and nothing is changed`() throws {
        var node = try #require(LabNode.sample(.debian12, installing: ["mesos"]))
        node.files.write("/var/lib/reconciler/lock", "", at: .sample)
        node.files.fill("/var/log/flood", bytes: node.freeBytes, at: .sample)
        #expect(node.freeBytes == 0)
        #expect(node.answer(.disk(path: "/var/lib"), at: .sample) == .disk(freeBytes: 0, totalBytes: node.diskBytes))
        let digest = try #require(node.files.digest("/etc/mesos/zk"))
        let write = FileWrite(path: "/etc/mesos/zk", content: Content("new\n"), expected: .digest(digest))
        let result = node.perform(.writeFile(write), run: .sample, at: .sample)
        #expect(
            result == .failed(reason: "/etc/mesos: disk full: 4 bytes could not be written; make room and run again")
        )
        #expect(node.text("/etc/mesos/zk") == "zk://localhost:2181/mesos\n")
        #expect(node.files.list("/etc/mesos") == ["zk"], "no temporary is left")
        let lease = node.perform(.lease(.acquire(Self.holder("a"), seconds: 9)), run: .sample, at: .sample)
        let words = "/var/lib/reconciler/lease: disk full: dd: error writing '/var/lib/reconciler/.reconciler-"
        #expect(lease.trouble?.hasPrefix(words) == true, "as the script on a full tmpfs says")
        #expect(lease.trouble?.hasSuffix("': No space left on device; make room and run again") == true)
        _ = node.perform(.installPackages([PackageInstall(name: "haproxy")], job: "j"), run: .sample, at: .sample)
        let job = node.perform(.collect(job: "j", seconds: 0), run: .sample, at: .sample + 600_000)
        #expect(job.trouble?.hasPrefix("disk full: ") ?? false)
        node.files.remove("/var/log/flood", at: .sample)
        #expect(node.perform(.writeFile(write), run: .sample, at: .sample).isDone)
    }

    @Test func `without room for a backup nothing is changed`() throws {
        var node = try #require(LabNode.sample(.debian12))
        node.files.write("/etc/big", String(repeating: "x", count: 40_000), at: .sample)
        node.files.makeDirectory("/var/lib/reconciler/backup/run-1/etc", at: .sample)
        node.files.fill("/var/log/flood", bytes: node.freeBytes - 8192, at: .sample)
        let digest = try #require(node.files.digest("/etc/big"))
        let write = FileWrite(path: "/etc/big", content: Content("small\n"), expected: .digest(digest))
        let result = node.perform(.writeFile(write), run: .sample, at: .sample)
        #expect(
            result.trouble?.hasPrefix("/etc/big: no backup could be made, nothing was changed: disk full: ") ?? false
        )
        #expect(node.files.attributes("/etc/big")?.size == 40_000)
    }

    @Test func `a node survives being saved and goes on alike`() throws {
        var node = try #require(LabNode.sample(.debian12, installing: ["mesos", "zookeeperd", "docker.io"]))
        _ = node.act(.startUnit(.mesosMaster))
        var copy = try JSONCoding.roundTrip(node)
        #expect(copy.files == node.files)
        for later in [1000, 50_000] {
            for pid in node.processes.map(\.pid) {
                node.ended(pid: pid, status: 1, message: "x", at: .sample + later)
                copy.ended(pid: pid, status: 1, message: "x", at: .sample + later)
            }
            node.advance(to: .sample + later + 30_000)
            copy.advance(to: .sample + later + 30_000)
            #expect(node.takeEvents() == copy.takeEvents())
        }
    }
}
