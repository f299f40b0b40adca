import Testing

@testable import Specs

@Suite("Service ports on nodes that balance")
struct BalancedPortTests {
    /// The seed's cluster with another nginx.json and some text of cluster.yaml changed.
    private func read(nginx: String, _ edits: [(String, String)] = []) throws -> SpecReading {
        var files = try Repository.cluster()
        files["apps/nginx.json"] = nginx
        for (old, new) in edits { files["cluster.yaml"] = files["cluster.yaml"]?.replacing(old, with: new) }
        return SpecReader.read("cluster.yaml", from: MemorySource(files))
    }

    private func nginx(servicePort: Int) -> String {
        """
        {"id": "nginx", "instances": 1, "cpus": 0.25, "mem": 256, "container": {"type": "DOCKER", "docker": {
        "image": "feuyeux/nginx", "network": "BRIDGE", "portMappings": [
        {"containerPort": 80, "hostPort": 0, "servicePort": \(servicePort), "protocol": "tcp"}]}}}
        """
    }

    @Test(
        "a service port that a daemon of such a node has is refused",
        arguments: [
            (8080, "Marathon"), (5050, "the Mesos master"), (2181, "ZooKeeper"), (22, "sshd"),
        ]
    )
    func taken(port: Int, owner: String) throws {
        let reading = try read(nginx: nginx(servicePort: port))
        #expect(
            reading.errors.contains { $0.message.contains("service port \(port) is \(owner)'s on `mesos-master1`") }
        )
    }

    @Test("the same port is nobody's business where nothing balances")
    func nobodyBalances() throws {
        let reading = try read(nginx: nginx(servicePort: 8080), [(", haproxy,", ",")])
        #expect(!reading.errors.contains { $0.message.contains("service port") })
    }

    @Test("service port 0 is advised against, since Marathon then chooses by chance")
    func zero() throws {
        let reading = try read(nginx: nginx(servicePort: 0))
        let warning = reading.diagnostics.first { $0.message.contains("leaves its service port to Marathon") }
        #expect(warning?.severity == .warning && warning?.position.file == "apps/nginx.json")
    }

    @Test(
        "a port that an agent gives to tasks is told where the agent balances too",
        arguments: [(31_500, true), (9999, false)]
    )
    func agentsRange(port: Int, isTold: Bool) throws {
        let edit = ("roles: [mesos-agent, docker]}", "roles: [mesos-agent, docker, haproxy]}")
        let reading = try read(nginx: nginx(servicePort: port), [edit])
        #expect(reading.diagnostics.contains { $0.message.contains("gives to tasks") } == isTold)
    }

    @Test("the role without any Marathon to follow is refused")
    func nothingToFollow() throws {
        let text = """
            version: 1
            cluster: c
            nodes:
              lb: {address: 10.0.0.1, roles: [haproxy]}
            """
        let reading = SpecReader.read("cluster.yaml", from: MemorySource(["cluster.yaml": text]))
        #expect(reading.errors.contains { $0.message.contains("balances the apps of a Marathon, and there is none") })
        let named = text + "\nhaproxy: {marathons: [10.0.0.2:8080]}\n"
        #expect(SpecReader.read("cluster.yaml", from: MemorySource(["cluster.yaml": named])).errors.isEmpty)
    }

    @Test("one bind address for several nodes is told")
    func oneAddress() throws {
        let reading = try read(
            nginx: nginx(servicePort: 80),
            [("marathons: [localhost:8080]", "marathons: [localhost:8080]\n  bind: 10.16.40.1")]
        )
        #expect(
            reading.diagnostics.contains {
                $0.severity == .warning && $0.message.contains("starts only if it is there")
            }
        )
    }
}
