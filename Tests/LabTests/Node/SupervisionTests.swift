import Daemons
import Reconciler
import Specs
import Testing

@testable import Lab

@Suite struct SupervisionTests {
    @Test func `systemd starts a daemon again after its pause, and counts`() throws {
        var node = try #require(LabNode.sample(.debian12, installing: ["mesos"]))
        #expect(node.act(.startUnit(.mesosMaster)).isDone)
        for round in 1...3 {
            let pid = try #require(node.service(.mesosMaster)?.pid)
            let end = .sample + round * 60_000
            node.ended(pid: pid, status: 1, message: "Failed to load unknown flag", at: end)
            let waiting = node.service(.mesosMaster)
            #expect((waiting?.run, waiting?.detail, waiting?.pid) == (.restarting, "activating (auto-restart)", nil))
            #expect(node.wakes == end + 20_000)
            node.advance(to: end + 19_999)
            #expect(node.processes.isEmpty)
            node.advance(to: end + 20_000)
            let again = node.service(.mesosMaster)
            #expect((again?.run, again?.restarts) == (.running, round))
            #expect(again?.pid != pid)
            #expect(again?.started == (end + 20_000).milliseconds / 1000)
        }
        #expect(node.act(.restartUnit(.mesosMaster, pid: nil), at: .sample + 300_000).isDone)
        #expect(node.service(.mesosMaster)?.restarts == 0)
    }

    @Test func `upstart respawns ten times in five seconds and then gives up`() throws {
        var node = try #require(LabNode.sample(.ubuntu14, installing: ["mesos"]))
        #expect(node.act(.startJob(.mesosAgent)).isDone)
        var starts = 0
        while let pid = node.service(.mesosAgent)?.pid, starts < 100 {
            starts += 1
            node.ended(pid: pid, status: 1, message: "Incompatible agent info", at: .sample + starts * 10)
        }
        #expect(starts == 11)
        #expect(node.service(.mesosAgent)?.detail == "stop/waiting")
        #expect(node.takeEvents().last == .log(.mesosAgent, "init: mesos-slave respawning too fast, stopped"))
    }

    @Test func `upstart goes on for ever with one that ends now and then`() throws {
        var node = try #require(LabNode.sample(.ubuntu14, installing: ["mesos"]))
        _ = node.act(.startJob(.mesosAgent))
        for round in 1...30 {
            let pid = try #require(node.service(.mesosAgent)?.pid)
            node.ended(pid: pid, status: 0, message: "", at: .sample + round * 1000)
        }
        #expect(node.service(.mesosAgent)?.run == .running)
    }

    @Test func `a wrapper that fails stops an upstart job at once`() throws {
        var node = try #require(LabNode.sample(.ubuntu14, installing: ["mesos"]))
        node.files.remove("/etc/mesos/zk", at: .sample)
        let words = "initctl start mesos-master left mesos-master stopped, stop/waiting: mesos-master stop/waiting"
        #expect(node.act(.startJob(.mesosMaster)) == .failed(reason: words))
        let cat = LabNodeEvent.log(.mesosMaster, "cat: /etc/mesos/zk: No such file or directory")
        #expect(node.takeEvents().filter { $0 == cat }.count == 11)
    }

    @Test func `the wrapped script of Debian 12 has no main process and is not started again`() throws {
        var node = try #require(LabNode.sample(.debian12, installing: ["zookeeperd"]))
        #expect(node.act(.startUnit(.zooKeeper)).isDone)
        let up = try #require(node.service(.zooKeeper))
        #expect((up.boot, up.run, up.detail) == (.on, .running, "active (running)"))
        #expect(up.arguments.last == "/etc/zookeeper/conf/zoo.cfg")
        node.ended(pid: try #require(up.pid), status: 2, message: "Invalid config, exiting abnormally", at: .sample)
        let gone = try #require(node.service(.zooKeeper))
        #expect((gone.run, gone.pid, gone.detail) == (.stopped, nil, "active (exited), no process is left"))
        #expect(node.wakes == nil)
        #expect(node.act(.startUnit(.zooKeeper)).isDone)
        #expect(node.act(.disableUnit(.zooKeeper)) == .done(detail: ""))
        #expect(node.service(.zooKeeper)?.boot == .off)
        #expect(node.files.list("/etc/rc2.d") == ["K01zookeeper"])
    }

    @Test func `a unit that fails too often in its interval has failed`() throws {
        var node = try #require(LabNode.sample(.debian12, installing: ["docker.io"]))
        #expect(node.act(.startUnit(.docker)).isDone)
        var now = Moment.sample
        for _ in 1...3 {
            node.ended(pid: try #require(node.service(.docker)?.pid), status: 1, message: "", at: now)
            now = now + 2000
            node.advance(to: now)
        }
        #expect(node.service(.docker)?.detail == "failed (Result: exit-code)")
        #expect(node.wakes == nil)
        #expect(node.act(.startUnit(.docker), at: now).isDone)
    }

    @Test func `the world is told of processes in the order of their lives`() throws {
        var node = try #require(LabNode.sample(.debian12, installing: ["mesos"]))
        _ = node.act(.startUnit(.mesosAgent))
        let first = try #require(node.processes.first)
        #expect(node.takeEvents() == [.spawned(first)])
        #expect(first.program == .mesosAgent && first.version == "1.11.0")
        #expect(first.readFiles["/etc/mesos/zk"] == "zk://localhost:2181/mesos\n")
        _ = node.act(.restartUnit(.mesosAgent, pid: first.pid))
        let second = try #require(node.processes.first)
        #expect(node.takeEvents() == [.signalled(pid: first.pid, .terminate), .spawned(second)])
        node.ended(pid: first.pid, status: 0, message: "late", at: .sample)
        #expect(node.processes == [second], "a process that is gone already is no news")
    }
}
