internal import Specs

/// What this node's ZooKeeper server says of itself, asked at the node's declared address.
///
/// `srvr` is the base, since it alone is answered everywhere; `conf` and `mntr` add to it where they may
/// (mesos-zk-ops.md 2.4).
enum ZooKeeperFact: Fact {
    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] {
        // Also where it must not run: whether it may be stopped there hangs on what it is.
        ["srvr", "conf", "mntr"].compactMap { request($0, node, spec) }
    }

    private static func request(_ word: String, _ node: NodeSpec, _ spec: ClusterSpec) -> FactRequest? {
        spec.zookeeper.map { .fourLetterWord(word, address: node.address.value, port: $0.ports.client) }
    }

    static func read(_ answers: Answers, into observed: inout ObservedNode) {
        func text(_ word: String) -> Observation<String>? {
            request(word, answers.node, answers.spec).flatMap { request in
                answers.value(of: request) { if case .text(let text) = $0 { text } else { nil } }
            }
        }
        guard let srvr = text("srvr") else { return }
        observed.zooKeeper = ZooKeeperWords.server(srvr: srvr, conf: text("conf"), mntr: text("mntr"))
    }
}
