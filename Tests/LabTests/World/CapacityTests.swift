import Daemons
import FoundationEssentials
import Reconciler
import Specs
import Testing

@testable import Lab

/// How much a lab holds; `SOAK=nodes,apps` runs it, as in `SOAK=1000,10000`.
@Suite("A large lab", .enabled(if: ProcessInfo.processInfo.environment["SOAK"] != nil))
struct CapacityTests {
    private static let size: (nodes: Int, apps: Int) = {
        let words = (ProcessInfo.processInfo.environment["SOAK"] ?? "").split(separator: ",").compactMap { Int($0) }
        return words.count == 2 ? (words[0], words[1]) : (1000, 10_000)
    }()

    /// Resident memory of this process in megabytes.
    private static var residentMegabytes: Int {
        let status = (try? String(contentsOf: URL(filePath: "/proc/self/status"), encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) / 1024
    }

    @Test func `a thousand nodes and ten thousand apps fit into a gigabyte`() throws {
        let real = ContinuousClock.now
        func report(_ what: String) {
            let seconds = (ContinuousClock.now - real).components.seconds
            print("\(what): \(seconds) s, \(Self.residentMegabytes) MB")
        }
        var world = try LabWorld(spec: Self.spec(Self.size.nodes), seed: 1)
        report("made")
        try Self.install(&world)
        report("installed")
        try Self.start(&world)
        world.advance(to: world.now + 120_000)
        report("started")
        #expect(world.status.agents.filter(\.isActive).count == Self.size.nodes - 3)
        let numbers = Array(1...Self.size.apps)
        for start in stride(from: 0, to: numbers.count, by: 250) {
            let apps = numbers[start..<min(start + 250, numbers.count)].map { number in
                #"{"id":"/app-\#(number)","cmd":"sleep 1000000","instances":1,"cpus":0.3,"mem":32}"#
            }
            let request = HTTPRequest(
                "PUT",
                "/v2/apps",
                headers: [HTTPField("Content-Type", "application/json")],
                body: Array("[\(apps.joined(separator: ","))]".utf8)
            )
            let response = world.askMarathon(request)
            #expect(response?.status == 200, "\(response?.text ?? "nobody answers")")
            world.advance(to: world.now + 20_000)
            report("\(start + apps.count) apps")
        }
        report("apps posted")
        world.advance(to: world.now + 300_000)
        report("five minutes later")
        #expect(world.machines.reduce(0) { $0 + $1.containers.count } == Self.size.apps)
        world.advance(to: world.now + 600_000)
        report("ten minutes later")
        #expect(Self.residentMegabytes < 1024)
    }

    private static func spec(_ count: Int) -> ClusterSpec {
        let here = SourcePosition(file: "cluster.yaml", line: 1, column: 1)
        func node(_ number: Int) -> NodeSpec {
            NodeSpec(
                name: Located(NodeName("n\(number)"), at: here),
                address: Located("10.\(number / 62_500 + 1).\(number / 250 % 250).\(number % 250 + 1)", at: here)
            )
        }
        return ClusterSpec(file: "cluster.yaml", cluster: Located("large", at: here), nodes: (0..<count).map(node))
    }

    private static let run = RunID("large")

    private static func perform(_ world: inout LabWorld, _ node: NodeName, _ actions: [NodeAction]) throws {
        let results = try world.perform(actions, run: run, on: node)
        let bad = results.filter { !$0.isSuccess && $0 != .pending }
        #expect(bad == [], "\(node)")
    }

    private static func install(_ world: inout LabWorld) throws {
        for machine in world.machines {
            let name = machine.node.name
            let isMaster = ["n0", "n1", "n2"].contains(name.text)
            let services: [ServiceName] = [.zooKeeper, .mesosMaster, .mesosAgent, .marathon]
            let packages = isMaster ? ["zookeeperd", "mesos", "marathon"] : ["mesos"]
            let install = NodeAction.installPackages(packages.map { PackageInstall(name: $0) }, job: "packages")
            try perform(&world, name, services.map { .service(.maskUnit($0)) } + [install])
        }
        world.advance(to: world.now + 600_000)
        for machine in world.machines {
            try perform(&world, machine.node.name, [.collect(job: "packages", seconds: 0)])
        }
    }

    private static func start(_ world: inout LabWorld) throws {
        let masters = world.machines.prefix(3).map(\.node)
        let servers = masters.map { "\($0.address):2181" }.joined(separator: ",")
        func write(_ path: String, _ text: String, _ node: NodeName) throws {
            try world.inject(.write(path: path, text: text, on: node))
        }
        let ring = masters.enumerated().map { "server.\($0 + 1)=\($1.address):2888:3888\n" }.joined()
        for (index, master) in masters.enumerated() {
            try write(
                "/etc/zookeeper/conf/zoo.cfg",
                "tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/var/lib/zookeeper\nclientPort=2181\nmaxClientCnxns=0\n"
                    + ring,
                master.name
            )
            try write("/var/lib/zookeeper/myid", "\(index + 1)\n", master.name)
            try write("/etc/mesos-master/quorum", "2\n", master.name)
            try write("/etc/mesos-master/ip", master.address + "\n", master.name)
        }
        for machine in world.machines {
            try write("/etc/mesos/zk", "zk://\(servers)/mesos\n", machine.node.name)
            try write("/etc/mesos-slave/ip", machine.node.address + "\n", machine.node.name)
        }
        for master in masters {
            try write(
                "/etc/default/marathon",
                "MARATHON_MASTER=zk://\(servers)/mesos\nMARATHON_ZK=zk://\(servers)/marathon\nMARATHON_MESOS_USER=root\nMARATHON_HOSTNAME=\(master.address)\n",
                master.name
            )
        }
        for service: ServiceName in [.zooKeeper, .mesosMaster, .marathon] {
            for master in masters {
                try perform(&world, master.name, [.service(.unmaskUnit(service)), .service(.startUnit(service))])
            }
            world.advance(to: world.now + 30_000)
        }
        for machine in world.machines.dropFirst(3) {
            try perform(
                &world,
                machine.node.name,
                [.service(.unmaskUnit(.mesosAgent)), .service(.startUnit(.mesosAgent))]
            )
        }
    }
}
