import Testing

@testable import Specs

/// The seed's cluster.yaml with something broken: a text in it, and a marked text in its place.
struct BrokenCluster: Sendable, CustomTestStringConvertible {
    let what: String
    let written: String
    let instead: String
    /// A part of the message; the hint counts as a part.
    let says: [String]

    init(_ what: String, _ written: String, _ instead: String, _ says: String...) {
        self.what = what
        self.written = written
        self.instead = instead
        self.says = says
    }

    var testDescription: String { what }
}

@Suite struct BrokenClusterTests {
    static let variants: [BrokenCluster] = [
        BrokenCluster("a misspelt key", "quorum: 2", "1️⃣quorom: 2", "unknown key `quorom`; did you mean `quorum`?"),
        BrokenCluster("an unknown section", "haproxy:\n", "1️⃣haproxi:\n", "did you mean `haproxy`?"),
        BrokenCluster("an unknown format", "version: 1", "version: 1️⃣2", "format 2 is not known"),
        BrokenCluster(
            "a duplicate key",
            "  quorum: 2",
            "  quorum: 2\n  1️⃣quorum: 2",
            "duplicate key `quorum`",
            "cluster.yaml:"
        ),
        BrokenCluster("a quorum that is no majority", "quorum: 2", "quorum: 1️⃣1", "it must be 2"),
        BrokenCluster("a quorum over the masters", "quorum: 2", "quorum: 1️⃣3", "it must be 2"),
        BrokenCluster("a quorum that is no number", "quorum: 2", "quorum: 1️⃣two", "must be a whole number"),
        BrokenCluster("a quorum with a leading zero", "quorum: 2", "quorum: 1️⃣02", "starts with a zero"),
        BrokenCluster("an address that is none", "10.16.40.11", "1️⃣10.16.40.311", "is no IP address"),
        BrokenCluster("an address given twice", "10.16.40.12", "1️⃣10.16.40.11", "belongs to `mesos-slave1`", ":16:"),
        BrokenCluster(
            "an unknown role",
            "[mesos-agent, docker]",
            "[1️⃣mesos-agnet, docker]",
            "did you mean `mesos-agent`?"
        ),
        BrokenCluster(
            "a role given twice",
            "[mesos-agent, docker]",
            "[mesos-agent, docker, 1️⃣docker]",
            "already stands at"
        ),
        BrokenCluster("a node name with an underscore", "mesos-slave1:", "1️⃣mesos_slave1:", "is no host name"),
        BrokenCluster("a server id of zero", "{1: mesos-master1", "{1️⃣0: mesos-master1", "is no server id"),
        BrokenCluster("a server id over 255", "3: mesos-master3", "1️⃣256: mesos-master3", "1 to 255"),
        BrokenCluster("a server id given twice", "2: mesos-master2", "1️⃣1: mesos-master2", "duplicate key `1`"),
        BrokenCluster("an unknown member", "1: mesos-master1", "1: 1️⃣mesos-mastr1", "did you mean `mesos-master1`?"),
        BrokenCluster(
            "a member without the role",
            "3: mesos-master3",
            "3: 1️⃣mesos-slave3",
            "lacks the role `zookeeper`"
        ),
        BrokenCluster("a znode that is relative", "zk: /mesos", "zk: 1️⃣mesos", "must start with /"),
        BrokenCluster("the root as a znode", "zk: /marathon", "zk: 1️⃣/", "is no znode to use"),
        BrokenCluster("a URL for a znode", "zk: /mesos", "zk: 1️⃣zk://10.16.40.1:2181/mesos", "only the path"),
        BrokenCluster("one znode for both", "zk: /marathon", "zk: 1️⃣/mesos", "Mesos has the znode"),
        BrokenCluster("an unknown containerizer", "[docker, mesos]", "1️⃣[docker, mesoss]", "did you mean `mesos`?"),
        BrokenCluster("a duration in other words", "5mins", "1️⃣5min", "did you mean `5mins`?"),
        BrokenCluster("Docker too new for Mesos", "docker: 1.4.1", "docker: 1️⃣1.8.0", "does not work with Mesos 0.21.1"),
        BrokenCluster("Docker too old for Mesos", "mesos: 0.21.1", "mesos: 1.4.0", "1.8.0 or later"),
        BrokenCluster("a version that is none", "mesos: 0.21.1", "mesos: 1️⃣latest", "is no version"),
        BrokenCluster(
            "an engine missing",
            "12, roles: [mesos-agent, docker]",
            "12, roles: [mesos-agent]",
            "on mesos-slave2"
        ),
        BrokenCluster("a netmask with holes", "255.255.254.0", "1️⃣255.0.254.0", "is no netmask"),
        BrokenCluster("a Marathon without port", "[localhost:8080]", "[1️⃣localhost]", "is no host and port"),
        BrokenCluster("a glob without files", "apps/*.json", "1️⃣app/*.json", "no file matches"),
        BrokenCluster("an init system that is none", "init: upstart", "init: 1️⃣sysv", "known here: systemd, upstart"),
        BrokenCluster("become with another word", "become: sudo ", "become: 1️⃣sodo ", "did you mean `sudo`?"),
        BrokenCluster(
            "a list for a mapping",
            "zookeeper:\n  ensemble: {",
            "zookeeper:\n  ensemble: 1️⃣[]\n  config: {",
            "must be a mapping, not a list"
        ),
        BrokenCluster("a key without value", "  user: erichan", "  1️⃣user:", "`ssh.user` has no value"),
        BrokenCluster("a tab", "  zk: /mesos", "1️⃣\tzk: /mesos", "spaces, not with tabs"),
        BrokenCluster(
            "an option where a user is wanted",
            "user: erichan",
            "user: 1️⃣-oProxyCommand=x",
            "not start with `-`"
        ),
        BrokenCluster("data under /tmp", "zookeeper:", "zookeeper:\n  dataDir: 1️⃣/tmp/zookeeper", "does not keep data"),
        BrokenCluster("a relative dataDir", "zookeeper:", "zookeeper:\n  dataDir: 1️⃣zookeeper", "is no absolute path"),
        BrokenCluster(
            "clientPort declared again",
            "zookeeper:",
            "zookeeper:\n  config: {1️⃣clientPort: 2181}",
            "follows from `zookeeper.ports.client`"
        ),
        BrokenCluster(
            "server.N declared again",
            "zookeeper:",
            "zookeeper:\n  config: {1️⃣server.1: x}",
            "follows from `zookeeper.ensemble`"
        ),
        BrokenCluster(
            "AdminServer on Marathon's port",
            "zookeeper:",
            "zookeeper:\n  config: {admin.enableServer: 1️⃣true}",
            "both want port 8080"
        ),
        BrokenCluster(
            "a flag that contradicts a section",
            "  agent:",
            "  master: {flags: {1️⃣quorum: 3}}\n  agent:",
            "says `3`, but `mesos.quorum` says `2` (cluster.yaml:"
        ),
        BrokenCluster(
            "a flag that a section has",
            "    containerizers",
            "    flags: {1️⃣work_dir: /data}\n    containerizers",
            "follows from `mesos.agent.workDir`"
        ),
        BrokenCluster(
            "x and no-x",
            "    containerizers",
            "    flags: {switch_user: true, 1️⃣no-switch_user: true}\n    containerizers",
            "contradicts `switch_user`"
        ),
        BrokenCluster(
            "a flag with dashes",
            "  zk: /marathon",
            "  flags: {1️⃣--ha: true}",
            "without dashes",
            "write `ha: true`"
        ),
        BrokenCluster(
            "a flag that leaves its directory",
            "  zk: /marathon",
            "  flags: {1️⃣../../x: true}",
            "is no name of a flag"
        ),
        BrokenCluster(
            "a launch timeout below the agents'",
            "  zk: /marathon",
            "  flags: {task_launch_timeout: 1️⃣60000}",
            "before the agent does"
        ),
        BrokenCluster(
            "statistics open to everyone",
            "haproxy:",
            "haproxy:\n  stats: {bind: 1️⃣10.16.40.1:9090}",
            "open to everyone"
        ),
        BrokenCluster(
            "an undefined variable",
            "  zk: /marathon",
            "  flags: {framework_name: \"m-1️⃣${var:region}\"}",
            "`vars` has no `region`"
        ),
        BrokenCluster(
            "a host key cut off",
            "{address: 10.16.40.13",
            "{hostKey: 1️⃣ssh-ed25519 AAAA, address: 10.16.40.13",
            "is cut off"
        ),
        BrokenCluster(
            "an undeclared image",
            "  libmesos/ubuntu:",
            "  libmesos/ubunto:",
            "apps/ubuntu.json:5:16",
            "did you mean `libmesos/ubunto`?"
        ),
        BrokenCluster(
            "statistics on an app's port",
            "haproxy:",
            "haproxy:\n  stats: {bind: 127.0.0.1:80}",
            "apps/nginx.json:8:54",
            "is that of HAProxy's statistics"
        ),
        BrokenCluster(
            "the password of statistics that everybody knows",
            "haproxy:",
            "haproxy:\n  stats: {bind: 127.0.0.1:9090, credentials: 1️⃣admin:admin}",
            "everybody knows"
        ),
        BrokenCluster(
            "credentials of statistics without a password",
            "haproxy:",
            "haproxy:\n  stats: {bind: 127.0.0.1:9090, credentials: 1️⃣admin}",
            "must be `user:password`"
        ),
        BrokenCluster(
            "a timeout that HAProxy does not have",
            "haproxy:",
            "haproxy:\n  timeouts: {1️⃣conect: 5s}",
            "no timeout `conect`",
            "connect"
        ),
        BrokenCluster(
            "statistics on Marathon's port",
            "haproxy:",
            "haproxy:\n  stats: {bind: 1️⃣127.0.0.1:8080}",
            "port 8080 is Marathon's on `mesos-master1`"
        ),
        BrokenCluster(
            "statistics on the port of ZooKeeper",
            "haproxy:",
            "haproxy:\n  stats: {bind: 1️⃣127.0.0.1:2181}",
            "port 2181 is ZooKeeper's"
        ),
    ]

    @Test(arguments: variants) func isReportedAtItsPlace(variant: BrokenCluster) throws {
        var files = try Repository.cluster()
        let text = try #require(files["cluster.yaml"])
        let range = try #require(text.firstRange(of: variant.written), "the file has no such text")
        let marked = MarkedText(text.replacingCharacters(in: range, with: variant.instead))
        files["cluster.yaml"] = marked.text
        let reading = SpecReader.read("cluster.yaml", from: MemorySource(files))
        #expect(reading.spec == nil)
        let fault = reading.errors.first { error in
            variant.says.allSatisfy(error.description.contains)
                && (marked.marks.isEmpty || error.position == marked.marks[0])
        }
        #expect(fault != nil, "\(reading.errors) at \(marked.marks)")
    }

    @Test func oneFaultHidesNoOther() throws {
        var files = try Repository.cluster()
        var text = try #require(files["cluster.yaml"])
        let edits = [
            ("become: sudo", "become: 1️⃣doas"), ("mesos: 0.21.1", "mesos: 2️⃣newest"),
            ("10.16.40.12", "3️⃣10.16.40.11"), ("255.255.254.0", "4️⃣255.0.254.0"),
            ("2: mesos-master2", "5️⃣two: mesos-master2"), ("zk: /mesos", "zk: 6️⃣mesos"), ("quorum: 2", "quorum: 7️⃣3"),
            ("5mins", "8️⃣5min"), ("[apps/*.json]", "[apps/*.json]\n9️⃣wacth: {}"),
        ]
        for (written, instead) in edits {
            let range = try #require(text.firstRange(of: written))
            text.replaceSubrange(range, with: instead)
        }
        let marked = MarkedText(text)
        files["cluster.yaml"] = marked.text
        let reading = SpecReader.read("cluster.yaml", from: MemorySource(files))
        #expect(reading.errors.map(\.position) == marked.marks, "\(reading.errors)")
    }
}

extension String {
    func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}
