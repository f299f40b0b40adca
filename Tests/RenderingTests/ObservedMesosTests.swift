import Reconciler
import Specs
import Testing

@testable import Rendering

@Suite struct ObservedMesosTests {
    private static var observed: ObservedCluster {
        let platform = Platform(os: "debian-12", initSystem: .systemd, packageManager: .apt)
        let master = ObservedMaster(
            endpoint: "http://10.0.0.1:5050",
            version: "1.11.0",
            flags: .found(["quorum": "3", "zk": "zk://•••@10.0.0.1:2181/mesos"]),
            metrics: .found(.init(isElected: true, agentsActive: 1, isLogRecovered: false))
        )
        let agent = ObservedAgent(
            endpoint: "http://10.0.0.11:5051",
            flags: .unknown("answers 401: it asks for a login"),
            metrics: .found(.init(isRegistered: false, recoveryErrors: 2))
        )
        return ObservedCluster(
            nodes: [
                "m1": .answered(ObservedNode(name: "m1", platform: .found(platform))),
                "a1": .silent(NodeAccessError(.timedOut, "no answer")),
            ],
            mesos: ObservedMesos(masters: ["m1": .found(master)], agents: ["a1": .found(agent)])
        )
    }

    private static let flags = [
        FlagColumns(
            node: "m1",
            service: .mesosMaster,
            flag: "quorum",
            declared: "2",
            onDisk: nil,
            running: "3",
            isReported: true
        )
    ]

    @Test func whatMesosTellsIsShownAlsoOfANodeThatIsSilentBySSH() {
        let text = ObservedView(Self.observed, cluster: "east", flags: Self.flags).text
        #expect(text.contains("master 1.11.0, elected, 1 agent active, log not recovered"))
        #expect(text.contains("agent of an unknown release, not registered, 2 recovery errors"))
        #expect(text.contains("mesos-master --quorum: declared 2, on disk unset, running 3 (REST)"))
    }

    @Test func theDocumentHasItInWordsOfItsOwn() {
        let document = ObservedDocument(Self.observed, cluster: "east", flags: Self.flags)
        #expect(document.mesos?.masters["m1"]?.value?.elected == true)
        #expect(document.mesos?.agents["a1"]?.value?.flags.reason == "answers 401: it asks for a login")
        #expect(document.mesos?.registered.state == "unknown")
        #expect(document.nodes.first { $0.name == "m1" }?.flags?.map(\.running) == ["3"])
    }
}
