import Daemons
import Reconciler
import Specs
import Testing

@testable import Lab

@Suite("The network on the lab", .timeLimit(.minutes(20)))
struct NetworkStoryTests {
    @Test func `the machines are cabled as declared, and nothing is told of them`() async throws {
        let fixture = try LabFixture("cluster.yaml")
        let seen = try await fixture.observe()
        let network = try #require(seen["mesos-master1"]?.network.value)
        #expect(network.links.map(\.name) == ["lo", "eth0"] && network.links[1].addresses == ["10.16.40.1/23"])
        #expect(network.gateways.map(\.address) == ["10.16.41.254"] && network.nameservers == ["8.8.8.8"])
        #expect(seen["mesos-slave1"]?.reached.values.allSatisfy { $0 == .found(.refused) } == true)
        let plan = try await fixture.plan()
        let words = ["address", "default route", "name server", "host name", "clock", "no answer", "leads to"]
        #expect(plan.notes.filter { note in words.contains { note.text.contains($0) } } == [])
    }

    @Test func `cut cables and skewed clocks are told of the nodes they are between`() async throws {
        let fixture = try LabFixture("cluster.yaml")
        try fixture.inject(.cut("mesos-master1", "mesos-master2"))
        try fixture.inject(.skewClock(seconds: -90, on: "mesos-slave2"))
        let notes = try await fixture.plan().notes
        let silent = notes.filter { $0.text.contains("gets no answer") }
        #expect(silent.compactMap(\.node) == ["mesos-master1", "mesos-master2"], "\(notes)")
        let clocks = notes.filter { $0.text.contains("its clock is") }
        #expect(clocks.compactMap(\.node) == ["mesos-slave2"] && clocks[0].text.contains("far off"), "\(notes)")
    }

    @Test func `enforced names are brought about, once, and come back after a reboot`() async throws {
        var spec = try LabFixture.spec("cluster.yaml")
        spec.nodes = spec.nodes.filter { $0.name.value == "mesos-slave1" || $0.name.value == "mesos-slave2" }
        (spec.zookeeper, spec.mesos, spec.marathon) = (nil, nil, nil)
        for index in spec.nodes.indices { spec.nodes[index].roles = [] }
        spec.files = []
        let place = try #require(spec.other.network?.position)
        spec.other.network?.enforce = Located(true, at: place)
        spec.other.network?.hosts = [
            Setting(name: Located("registry.local", at: place), value: Located("10.16.40.9", at: place))
        ]
        let fixture = LabFixture(spec, lab: Lab(try LabWorld(spec: spec, seed: 3)))
        for path in ["/etc/hostname", "/etc/hosts"] {
            let text = path == "/etc/hosts" ? "127.0.0.1 localhost\n127.0.1.1 mesos-slave1 # installer\n" : "debian\n"
            try fixture.inject(.write(path: path, text: text, on: "mesos-slave1"))
        }
        try fixture.inject(.reboot("mesos-slave1"))
        try await fixture.pass(120)
        let plan = try await fixture.plan()
        #expect(plan.steps.map(\.title) == ["host name mesos-slave1 and /etc/hosts", "/etc/hosts"], "\(plan.words)")
        let report = try await fixture.apply(plan).get()
        #expect(report.troubles == [])
        #expect(
            try fixture.file("/etc/hosts", on: "mesos-slave1")
                == "127.0.0.1 localhost\n10.16.40.11 mesos-slave1 # installer\n10.16.40.12\tmesos-slave2\n"
                + "10.16.40.9\tregistry.local\n"
        )
        let after = try await fixture.observe()
        #expect(after["mesos-slave1"]?.network.value?.hostname == "mesos-slave1")
        #expect(after["mesos-slave1"]?.addresses["mesos-slave1"] == .found(["10.16.40.11"]))
        let last = try await fixture.plan()
        #expect(last.isEmpty && last.notes == [], "\(last.words) \(last.notes)")
        try fixture.inject(.reboot("mesos-slave1"))
        try await fixture.pass(120)
        let booted = try await fixture.plan()
        #expect(booted.isEmpty, "\(booted.words)")
    }

    @Test(arguments: LabPlatform.allCases)
    func `the simulated node tells its network as the script tells a real one's`(_ platform: LabPlatform) async throws {
        var pair = try NodePair(platform)
        pair.lab.address = "10.16.40.1"
        try pair.real.program(
            "ip",
            """
            case $2 in
                link) printf '%s\\n' '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue' '2: eth0: <BROADCAST,UP> mtu 1500 qdisc mq' ;;
                addr) printf '%s\\n' '1: lo    inet 127.0.0.1/8 scope host lo' '1: lo    inet6 ::1/128 scope host' \\
                    '2: eth0    inet 10.16.40.1/24 brd 10.16.40.255 scope global eth0' ;;
            esac
            """
        )
        try pair.real.put("", at: "/etc/resolv.conf")
        try pair.real.put("scratch\n", at: "/proc/sys/kernel/hostname")
        if platform.usesAPT {
            try pair.real.program("ifup", "exit 1")
            try pair.real.put(
                "iface lo inet loopback\niface eth0 inet static\n",
                at: "/etc/network/interfaces"
            )
        } else {
            try pair.real.program(
                "nmcli",
                "case $* in *device) printf '%s\\n' 'eth0:connected:System eth0' 'lo:unmanaged:' ;; esac"
            )
            try pair.real.put("", at: "/etc/sysconfig/network-scripts/ifcfg-eth0")
        }
        let answers = try await pair.ask([.network])
        #expect(answers.first?.real == answers.first?.lab)
        for name in ["scratch2", "scratch2", "-x", "two words"] {
            let said = try await pair.act(.setHostName(name))
            #expect(said.real == said.lab, "\(name)")
        }
        let renamed = try await pair.ask([.network])
        #expect(renamed.first?.real == renamed.first?.lab)
    }
}
