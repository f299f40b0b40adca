import Testing

@testable import Daemons

@Suite struct AgentsTests {
    private static func cluster(_ version: String, _ flags: [String] = []) -> MesosCluster {
        var cluster = MesosCluster(version: version)
        cluster.startMaster("m1", quorum: 1)
        cluster.run(seconds: 3)
        cluster.startAgent("a1", flags)
        cluster.run(seconds: 4)
        return cluster
    }

    @Test(arguments: MastersTests.versions)
    func `an agent registers and keeps its id over a restart`(version: String) throws {
        var cluster = Self.cluster(version)
        let id = try #require(cluster.master("m1")?.agents.keys.first)
        #expect(cluster.agent("a1")?.info.id == id)
        #expect(cluster.nodes["a1"]?.links["/var/lib/mesos/meta/slaves/latest"] == "/var/lib/mesos/meta/slaves/\(id)")
        cluster.kill("a1")
        cluster.run(seconds: 2)
        #expect(cluster.master("m1")?.agents[id]?.isConnected == false)
        cluster.startAgent("a1")
        cluster.run(seconds: 5)
        #expect(cluster.agent("a1")?.info.id == id)
        #expect(cluster.master("m1")?.agents.count == 1)
        #expect(cluster.master("m1")?.agents[id]?.isConnected == true)
    }

    /// mesos-zk-ops.md 4.1: what an agent may change between two starts without giving its id up.
    @Test(arguments: [
        ("0.21.1", ["--port=5052"], true), ("0.21.1", ["--attributes=rack:b"], false),
        ("0.21.1", ["--resources=mem:1000"], false), ("0.21.1", ["--hostname=other"], false),
        ("0.21.1", ["--executor_registration_timeout=5mins"], true), ("0.21.1", ["--no-checkpoint"], false),
        ("1.4.3", ["--port=5052"], false), ("1.4.3", ["--attributes=rack:b"], false), ("1.4.3", ["--domain={}"], false),
        ("1.4.3", ["--containerizers=mesos"], true), ("1.11.0", ["--attributes=rack:b"], false),
        ("1.11.0", ["--resources=disk:300000"], false),
        ("1.11.0", ["--resources=disk:300000", "--reconfiguration_policy=additive"], true),
        ("1.11.0", ["--resources=disk:3", "--reconfiguration_policy=additive"], false),
        ("1.11.0", ["--attributes=rack:b", "--reconfiguration_policy=additive"], true),
        ("1.11.0", ["--hostname=other", "--reconfiguration_policy=additive"], false),
    ])
    func `an agent refuses to recover as something else`(version: String, flags: [String], isFine: Bool) {
        var cluster = Self.cluster(version)
        cluster.kill("a1")
        cluster.startAgent("a1", flags)
        #expect((cluster.nodes["a1"]?.exit == nil) == isFine)
        guard let exit = cluster.nodes["a1"]?.exit else { return }
        #expect(exit.status == 1)
        #expect(exit.message.hasPrefix("Failed to perform recovery: "))
        #expect(exit.message.contains("rm -f /var/lib/mesos/meta/slaves/latest"))
        cluster.nodes["a1"]?.links = [:]
        cluster.startAgent("a1", flags)
        #expect(cluster.nodes["a1"]?.exit == nil)
    }

    @Test(arguments: [("0.21.1", false), ("1.4.3", true), ("1.11.0", true)])
    func `an agent whose machine was rebooted keeps its id from 1_4 on`(version: String, keeps: Bool) {
        var cluster = Self.cluster(version)
        let id = cluster.agent("a1")?.info.id
        for (flags, isSame) in [([], keeps), (["--attributes=rack:b"], false)] {
            cluster.kill("a1")
            cluster.nodes["a1"]?.facts.bootID += "x"
            cluster.startAgent("a1", flags)
            #expect(cluster.nodes["a1"]?.exit == nil)
            cluster.run(seconds: 80)
            #expect((cluster.agent("a1")?.info.id == id) == isSame)
        }
    }

    @Test(arguments: [
        ("cpus:4;mem:1024", "cpus(*):4; mem(*):1024; disk(*):252899; ports(*):[31000-32000]"),
        ("ports:[1-2,4-5];disk:7", "ports(*):[1-2, 4-5]; disk(*):7; cpus(*):2; mem(*):23081"),
        ("cpus(prod):1", "cpus(prod):1; mem(*):23081; disk(*):252899; ports(*):[31000-32000]"),
    ])
    func `resources that are not given are detected`(text: String, expected: String) throws {
        let facts = MesosCluster.facts("a1")
        #expect(MesosText.describe(try AgentResources.all(text, role: "*", host: facts)) == expected)
    }

    @Test func `a small machine gives half of itself`() throws {
        var facts = MesosCluster.facts("a1")
        (facts.memoryMegabytes, facts.diskMegabytes) = (1000, 8000)
        let resources = try AgentResources.all("", role: "*", host: facts)
        #expect((resources.mem, resources.disk) == (500, 4000))
    }

    @Test(arguments: ["cpus", "cpus:a", "cpus:1:2", "ports:[2-1]"])
    func `resources that cannot be read end the agent`(text: String) {
        var cluster = MesosCluster(version: "1.11.0")
        cluster.startAgent("a1", ["--resources=\(text)"])
        #expect(cluster.nodes["a1"]?.exit?.message.hasPrefix("Failed to determine agent resources: ") == true)
    }

    private static let modern = "Client:\n Version:           20.10.24+dfsg1\n API version: 1.41\n"
    private static let ancient = "Client version: 1.6.2\nClient API version: 1.18\n"

    /// mesos-zk-ops.md 4.3.
    @Test(arguments: [
        ("0.21.1", "Docker version 1.6.2, build 7c8fca2", ancient, true, true, nil),
        (
            "0.21.1", "Docker version 20.10.24+dfsg1, build 297e128", modern, true, true,
            "Failed to create a containerizer: Could not create DockerContainerizer: Insufficient version of Docker!"
        ),
        (
            "0.21.1", "Docker version 1.6.2, build 7c8fca2", ancient, false, true,
            "Failed to create a containerizer: Could not create DockerContainerizer: Failed to execute 'docker version'"
        ),
        ("1.4.3", "Docker version 20.10.24+dfsg1, build 297e128", modern, true, true, nil),
        (
            "1.4.3", "Docker version 1.6.2, build 7c8fca2", ancient, true, true,
            "Failed to create a containerizer: Could not create DockerContainerizer: Failed to create docker: "
                + "Insufficient version '1.6.2' of Docker. Please upgrade to >=' 1.8.0'"
        ),
        ("1.11.0", "Docker version 20.10.24+dfsg1, build 297e128", modern, false, true, "Failed to perform recovery: "),
        (
            "1.11.0", "Docker version 20.10.24+dfsg1, build 297e128", modern, true, false,
            "Failed to create a containerizer: Could not create DockerContainerizer: Failed to create docker: "
                + "Failed to find a mounted cgroups hierarchy for the 'cpu' subsystem"
        ),
    ])
    func `the Docker containerizer needs a Docker it understands`(
        version: String,
        client: String,
        text: String,
        answers: Bool,
        hasHierarchy: Bool,
        words: String?
    ) {
        var cluster = MesosCluster(version: version)
        cluster.nodes["a1"] = MesosCluster.Node(facts: MesosCluster.facts("a1"))
        cluster.nodes["a1"]?.facts.docker = DockerProbe(
            clientLine: client,
            version: text,
            engineAnswers: answers,
            hasCPUHierarchy: hasHierarchy
        )
        cluster.startAgent("a1", ["--containerizers=docker,mesos"])
        #expect((cluster.nodes["a1"]?.exit == nil) == (words == nil))
        if let words { #expect(cluster.nodes["a1"]?.exit?.message.hasPrefix(words) == true) }
    }

    @Test(arguments: [("0.21.1", true), ("1.4.3", false), ("1.11.0", false)])
    func `a silent agent is given up after five pings and comes back as its release lets it`(
        version: String,
        startsOver: Bool
    ) {
        var cluster = Self.cluster(version)
        let id = cluster.agent("a1")?.info.id
        cluster.unplugged = ["a1"]
        cluster.run(seconds: 60)
        #expect(cluster.master("m1")?.agents.count == 1)
        cluster.run(seconds: 40)
        #expect(cluster.master("m1")?.agents.count == 0)
        cluster.unplugged = []
        cluster.run(seconds: 120)
        if startsOver {
            #expect(cluster.nodes["a1"]?.exit?.status == 0)
            cluster.startAgent("a1")
            cluster.run(seconds: 5)
        }
        #expect(cluster.master("m1")?.agents.count == 1)
        #expect((cluster.agent("a1")?.info.id == id) == !startsOver)
    }

    @Test func `an agent that says it is elsewhere is shut down`() {
        var cluster = Self.cluster("1.4.3")
        cluster.kill("a1")
        cluster.nodes["a1"]?.facts.hostname = "moved.test"
        for file in cluster.nodes["a1"]?.files.keys.map({ $0 }) ?? [] where file.hasSuffix("slave.info") {
            let text = cluster.nodes["a1"]?.files[file] ?? ""
            cluster.nodes["a1"]?.files[file] = text.split(separator: "a1.test").joined(separator: "moved.test")
        }
        cluster.startAgent("a1")
        cluster.run(seconds: 5)
        #expect(cluster.nodes["a1"]?.exit?.status == 0)
        #expect(cluster.nodes["a1"]?.links == [:])
    }

    @Test func `agents find the next leader and keep their ids`() {
        var cluster = MesosCluster(version: "1.11.0")
        for name in ["m1", "m2", "m3"] { cluster.startMaster(name) }
        cluster.run(seconds: 5)
        for number in 1...5 { cluster.startAgent("a\(number)") }
        cluster.run(seconds: 5)
        let ids = cluster.master("m1")?.agents.keys.sorted()
        #expect(ids?.count == 5)
        cluster.kill("m1")
        cluster.run(seconds: 20)
        #expect(cluster.master("m2")?.agents.keys.sorted() == ids)
        #expect(cluster.master("m2")?.recoveredAgents.isEmpty == true)
    }
}
