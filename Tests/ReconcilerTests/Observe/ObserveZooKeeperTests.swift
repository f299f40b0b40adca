import Reconciler
import Specs
import Testing

@Suite struct ObserveZooKeeperTests {
    private func server(_ answers: [String: FactAnswer]) throws -> Observation<ZooKeeperServer> {
        let requests = Dictionary(
            uniqueKeysWithValues: answers.map {
                (FactRequest.fourLetterWord($0.key, address: "10.0.0.1", port: 2181), $0.value)
            }
        )
        return try ObserveSample.observed("m1", answers: requests).zooKeeper
    }

    private func text(_ name: String) throws -> FactAnswer { .text(try ObserveSample.fixture(name)) }

    static let members = [1: "127.0.40.1:2888:3888", 2: "127.0.40.2:2888:3888", 3: "127.0.40.3:2888:3888"]

    @Test func aFollowerTellsItsModeItsIdAndItsList() throws {
        let seen = try server([
            "srvr": text("3.8.0-server1-srvr.txt"), "conf": text("3.8.0-server1-conf.txt"),
            "mntr": text("3.8.0-server1-mntr.txt"),
        ])
        let expected = ZooKeeperServer(
            mode: .follower,
            version: "3.8.0",
            zxid: 0,
            nodeCount: 5,
            serverID: 1,
            members: Self.members
        )
        #expect(seen == .found(expected))
    }

    @Test(arguments: [("3.8.0-server2-mntr.txt", 2), ("3.8.0-one-down-server3-mntr.txt", 1)])
    func aLeaderCountsItsSyncedFollowers(name: String, count: Int) throws {
        let seen = try server(["srvr": text("3.8.0-server2-srvr.txt"), "mntr": text(name)])
        #expect(seen.value?.mode == .leader)
        #expect(seen.value?.zxid == 0x1_0000_0000)
        #expect(seen.value?.syncedFollowers == count)
    }

    @Test func version34HasNoListAndTellsItsId() throws {
        let seen = try server(["srvr": text("3.4.6-leader-srvr.txt"), "conf": text("3.4.6-leader-conf.txt")])
        let expected = ZooKeeperServer(
            mode: .leader,
            version: "3.4.6",
            zxid: 0x5_0000_00a3,
            nodeCount: 41,
            serverID: 2,
            members: nil
        )
        #expect(seen == .found(expected))
    }

    @Test func aStandaloneServerIsNoMember() throws {
        let seen = try server(["srvr": text("3.8.0-standalone-srvr.txt"), "conf": text("3.8.0-standalone-conf.txt")])
        #expect(seen.value?.mode == .standalone)
        #expect(seen.value?.serverID == 0)
        #expect(seen.value?.zxid == 5)
    }

    @Test func withoutQuorumItIsUpAndNotServing() throws {
        let seen = try server([
            "srvr": text("3.8.0-no-quorum-srvr.txt"), "conf": text("3.8.0-no-quorum-conf.txt"),
            "mntr": text("3.8.0-no-quorum-mntr.txt"),
        ])
        #expect(seen == .found(ZooKeeperServer(mode: .notServing)))
    }

    @Test func wordsThatAreNotAllowedTakeNothingAway() throws {
        let refused = FactAnswer.text("conf is not executed because it is not in the whitelist.\n")
        let seen = try server(["srvr": text("3.8.0-server1-srvr.txt"), "conf": refused, "mntr": refused])
        #expect(seen.value?.mode == .follower)
        #expect(seen.value?.members == nil)
    }

    @Test func aServerThatDoesNotAllowSrvrIsAliveByMntrOrUnknown() throws {
        let refused = FactAnswer.text("srvr is not executed because it is not in the whitelist.\n")
        let monitored = try server(["srvr": refused, "mntr": text("3.8.0-server2-mntr.txt")])
        #expect(monitored.value?.mode == .leader)
        let alone = try server(["srvr": refused])
        #expect(
            alone == .unknown("the server is alive and does not allow srvr: add it to 4lw.commands.whitelist")
        )
    }

    @Test(arguments: ["", "HTTP/1.1 400 Bad Request\n\n", "Mode: notServing\n", "Mode: king\n"])
    func whatIsNoZooKeeperIsUnknown(answer: String) throws {
        guard case .unknown = try server(["srvr": .text(answer)]) else {
            Testing.Issue.record("\(answer) was taken for a server")
            return
        }
    }

    @Test func nobodyListeningIsAbsentAndSilenceIsUnknown() throws {
        let (nobody, silence) = (try server([:]), try server(["srvr": .unknown(reason: "timed out")]))
        #expect(nobody == .absent)
        #expect(silence == .unknown("timed out"))
    }
}
