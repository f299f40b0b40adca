import Testing

@testable import Specs

@Suite struct RootClusterTests {
    @Test func isAcceptedWithoutErrors() throws {
        let reading = SpecReader.read("cluster.yaml", from: MemorySource(try Repository.cluster()))
        #expect(reading.errors == [])
        let spec = try reading.checked()
        #expect(spec.nodes.map(\.name.value.text).prefix(2) == ["mesos-master1", "mesos-master2"])
        #expect(spec.nodes(with: .mesosAgent).map(\.address.value) == ["10.16.40.11", "10.16.40.12", "10.16.40.13"])
        #expect(spec.zookeeper?.ensemble.map(\.id.value) == [1, 2, 3])
        #expect(spec.mesos?.quorum.value == 2)
        #expect(spec.mesos?.agent.containerizers?.value == ["docker", "mesos"])
        #expect(spec.versions.mesos?.value == "0.21.1")
        #expect(spec.ssh.become?.value == .sudo)
        #expect(spec.secretReferences == [])
    }

    /// Marathon 0.7.6 gives a launch up after one minute, the agents after five: true, and no fault.
    @Test func isWarnedOfTheShortLaunchTimeoutOfItsMarathon() throws {
        let reading = SpecReader.read("cluster.yaml", from: MemorySource(try Repository.cluster()))
        #expect(
            reading.warnings.map(\.message) == [
                "Marathon 0.7.6 gives a launch up after 60000 ms, before the agent does"
            ]
        )
    }

    @Test func definesTheThreeApps() throws {
        let reading = SpecReader.read("cluster.yaml", from: MemorySource(try Repository.cluster()))
        #expect(reading.apps.map(\.id.value) == ["/hello", "/nginx", "/ubuntu"])
        #expect(reading.apps.map { $0.container?.image?.value } == [nil, "feuyeux/nginx", "libmesos/ubuntu"])
        #expect(reading.apps.map { $0.servicePorts.map(\.value) } == [[], [80], []])
        #expect(
            reading.texts.keys.sorted() == ["apps/hello.json", "apps/nginx.json", "apps/ubuntu.json", "cluster.yaml"]
        )
    }

    @Test func dockerfileNamesOnlyFilesThatAreThere() throws {
        let added = try Repository.text("images/nginx/Dockerfile").split(separator: "\n")
            .filter { $0.hasPrefix("ADD ") }.map { $0.split(separator: " ")[1] }
        #expect(added == ["nginx/global.conf", "nginx/nginx.conf", "website"])
        for file in ["nginx/global.conf", "nginx/nginx.conf", "website/index.html"] {
            #expect(try !Repository.text("images/nginx/" + file).isEmpty)
        }
    }
}
