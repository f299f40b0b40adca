import Testing

@testable import Daemons

/// The recorded answers of three servers of 3.8.0 in every state.
@Suite struct ZooKeeperWordTests {
    /// Keys whose values hang on how long and how often a server was asked, on the machine, or on the size of files.
    private static let varying: Set = [
        "Latency min/avg/max", "Received", "Sent", "dataDirSize", "dataLogSize", "zk_packets_sent",
        "zk_packets_received", "zk_max_file_descriptor_count", "zk_open_file_descriptor_count", "zk_leader_uptime",
        "zk_uptime", "zk_global_sessions",
    ]

    /// Lines with what varies replaced by `#`; a client's line in `stat` only as such.
    private func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if line.hasPrefix(" /") { return " /#" }
            guard let end = line.firstIndex(where: { "=:\t".contains($0) }) else { return String(line) }
            return Self.varying.contains(String(line[..<end])) ? "\(line[...end])#" : String(line)
        }
    }

    private let srvr = """
        Zookeeper version: 3.8.0-${mvngit.commit.id}, built on 2024-12-29 17:54 UTC
        Latency min/avg/max: 0/0.0/0
        Received: 3
        Sent: 2
        Connections: 1
        Outstanding: 0

        """

    /// Servers 1 and 2, and 3 later, as they were recorded.
    private func three() throws -> Ensemble {
        var ensemble = Ensemble(isRecorded: true)
        try ensemble.start(1, [1, 2, 3])
        try ensemble.start(2, [1, 2, 3])
        ensemble.pass(4000)
        try ensemble.start(3, [1, 2, 3])
        ensemble.pass(4000)
        return ensemble
    }

    @Test func `srvr and stat tell followers, the leader and a late follower apart`() throws {
        var ensemble = try three()
        let tails = [
            1: "Zxid: 0x0\nMode: follower\nNode count: 5\n",
            2: "Zxid: 0x100000000\nMode: leader\nNode count: 5\nProposal sizes last/min/max: -1/-1/-1\n",
            3: "Zxid: 0x100000000\nMode: follower\nNode count: 5\n",
        ]
        for (server, tail) in tails {
            #expect(lines(ensemble.word("srvr", server) ?? "") == lines(srvr + tail))
            let clients = "Clients:\n /127.0.0.1:40842[0](queued=0,recved=1,sent=0)\n\n"
            let head = srvr.split(separator: "\n", maxSplits: 1)
            #expect(lines(ensemble.word("stat", server) ?? "") == lines("\(head[0])\n\(clients)\(head[1])\(tail)"))
            #expect(ensemble.word("ruok", server) == "imok")
            #expect(ensemble.word("isro", server) == "rw")
        }
    }

    @Test(arguments: 1...3) func `conf shows the list that the server runs with`(server: Int) throws {
        var ensemble = try three()
        let recorded = """
            clientPort=2181
            secureClientPort=-1
            dataDir=/srv/lab/n\(server)/data/version-2
            dataDirSize=594
            dataLogDir=/srv/lab/n\(server)/data/version-2
            dataLogSize=594
            tickTime=2000
            maxClientCnxns=60
            minSessionTimeout=4000
            maxSessionTimeout=40000
            clientPortListenBacklog=-1
            serverId=\(server)
            initLimit=10
            syncLimit=5
            electionAlg=3
            electionPort=3888
            quorumPort=2888
            peerType=0
            membership: \n\
            server.1=127.0.40.1:2888:3888:participant
            server.2=127.0.40.2:2888:3888:participant
            server.3=127.0.40.3:2888:3888:participant
            version=0
            """
        #expect(lines(ensemble.word("conf", server) ?? "") == lines(recorded))
    }

    @Test func `mntr of a leader is as recorded as far as it goes`() throws {
        var ensemble = try three()
        let recorded = """
            zk_version\t3.8.0-${mvngit.commit.id}, built on 2024-12-29 17:54 UTC
            zk_server_state\tleader
            zk_peer_state\tleading - broadcast
            zk_ephemerals_count\t0
            zk_num_alive_connections\t1
            zk_avg_latency\t0.0
            zk_min_proposal_size\t-1
            zk_outstanding_requests\t0
            zk_znode_count\t5
            zk_global_sessions\t0
            zk_non_mtls_remote_conn_count\t0
            zk_last_client_response_size\t-1
            zk_packets_sent\t3
            zk_packets_received\t4
            zk_max_proposal_size\t-1
            zk_max_client_response_size\t-1
            zk_synced_followers\t2
            zk_connection_drop_probability\t0.0
            zk_watch_count\t0
            zk_synced_non_voting_followers\t0
            zk_synced_observers\t0
            zk_auth_failed_count\t0
            zk_min_latency\t0
            zk_max_file_descriptor_count\t20000
            zk_approximate_data_size\t179
            zk_open_file_descriptor_count\t45
            zk_last_proposal_size\t-1
            zk_pending_syncs\t0
            zk_leader_uptime\t12527
            zk_local_sessions\t0
            zk_uptime\t12771
            zk_max_latency\t0
            zk_outstanding_tls_handshake\t0
            zk_learners\t2
            zk_min_client_response_size\t-1
            zk_non_mtls_local_conn_count\t0
            zk_quorum_size\t3
            zk_proposal_count\t0
            zk_watch_bytes\t0

            """
        #expect(lines(ensemble.word("mntr", 2) ?? "") == lines(recorded))
        // Followers leave out what only a leader knows.
        let own = ["proposal_size", "synced_", "pending_syncs", "leader_uptime", "learners"]
        let follower = recorded.split(separator: "\n").filter { line in !own.contains { line.contains($0) } }
        let keys = (ensemble.word("mntr", 1) ?? "").split(separator: "\n").map { $0.prefix { $0 != "\t" } }
        #expect(keys == follower.map { $0.prefix { $0 != "\t" } })
    }

    @Test func `a node more is counted, and its bytes`() throws {
        var ensemble = try three()
        let client = ensemble.connect("a", to: [1, 2])
        ensemble.pass(200)
        _ = ensemble.ask(client) { .create(tag: $0, path: "/mesos", data: "{}", ephemeral: false, sequential: false) }
        let text = ensemble.word("mntr", 3) ?? ""
        #expect(text.contains("zk_znode_count\t6\n"))
        #expect(text.contains("zk_approximate_data_size\t187\n"))
        #expect(text.contains("zk_global_sessions\t1\n"))
        #expect(ensemble.word("srvr", 3)?.contains("Zxid: 0x100000002\n") == true)
    }

    @Test func `a lone survivor says that it lives and serves nothing`() throws {
        var ensemble = try three()
        ensemble.stop(2)
        ensemble.stop(3)
        ensemble.pass(3000)
        for word in ["srvr", "mntr", "conf", "stat"] {
            #expect(ensemble.word(word, 1) == "This ZooKeeper instance is not currently serving requests\n")
        }
        #expect(ensemble.word("ruok", 1) == "imok")
        #expect(ensemble.word("isro", 1) == "null")
        #expect(ensemble.word("srvr", 2) == nil)
    }

    @Test func `after the leader is killed the others go on with a new epoch`() throws {
        var ensemble = try three()
        let client = ensemble.connect("a", to: [1, 3])
        ensemble.pass(200)
        for path in ["/mesos", "/a"] { #expect(ensemble.create(path, client) == .created(path: path)) }
        ensemble.stop(2)
        let spent = try #require(ensemble.pass(upTo: 2000) { !$0.leaders.isEmpty })
        #expect(200...450 ~= spent, "\(spent) ms")
        #expect(ensemble.word("srvr", 1)?.contains("Zxid: 0x100000003\nMode: follower\nNode count: 7\n") == true)
        #expect(ensemble.word("srvr", 3)?.contains("Zxid: 0x200000000\nMode: leader\nNode count: 7\n") == true)
    }

    @Test func `a standalone server has no membership`() throws {
        var ensemble = Ensemble(isRecorded: true)
        try ensemble.start(1, [], myid: "1")
        ensemble.pass(2000)
        let client = ensemble.connect("a", to: [1])
        ensemble.pass(100)
        _ = ensemble.create("/precious", client)
        _ = ensemble.create("/precious2", client)
        #expect(ensemble.word("srvr", 1)?.contains("Zxid: 0x3\nMode: standalone\nNode count: 7\n") == true)
        let conf = ensemble.word("conf", 1) ?? ""
        #expect(conf.hasSuffix("clientPortListenBacklog=-1\nserverId=0\n"))
        #expect(conf.split(separator: "\n").count == 12)
        #expect(ensemble.word("mntr", 1)?.contains("zk_approximate_data_size\t65\n") == true)
    }

    @Test func `3.4 has whole latencies, no membership and followers instead of learners`() throws {
        var ensemble = Ensemble(version: "3.4.6")
        for server in 1...3 { try ensemble.start(server, [1, 2, 3]) }
        ensemble.pass(5000)
        let leader = try #require(ensemble.leaders.first)
        let text = ensemble.word("srvr", leader) ?? ""
        #expect(
            text.hasPrefix(
                "Zookeeper version: 3.4.6-1569965, built on 02/20/2014 09:09 GMT\nLatency min/avg/max: 0/0/0\n"
            )
        )
        #expect(text.hasSuffix("Mode: leader\nNode count: 4\n"))
        #expect(ensemble.word("conf", leader)?.hasSuffix("quorumPort=2888\npeerType=0\n") == true)
        let mntr = ensemble.word("mntr", leader) ?? ""
        #expect(mntr.hasSuffix("zk_followers\t2\nzk_synced_followers\t2\nzk_pending_syncs\t0\n"))
        #expect(mntr.contains("zk_approximate_data_size\t27\n"))
    }
}
