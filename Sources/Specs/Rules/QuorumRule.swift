/// The quorum is a majority of the masters, and the masters are 2q−1 (mesos-zk-ops.md 3.1; D3, D4).
enum QuorumRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        guard let mesos = draft.spec.mesos, !draft.hasFaultyRoles else { return [] }
        let masters = draft.spec.nodes(with: .mesosMaster).count
        let (quorum, place) = (mesos.quorum.value, mesos.quorum.position)
        if masters == 0 {
            return [Diagnostic(.error, "no node has the role `mesos-master`", at: mesos.position)]
        }
        if masters.isMultiple(of: 2) {
            let where_ = draft.isFaulty("mesos.quorum") ? mesos.position : place
            let message = "\(masters) masters: an even number never initialises its log"
            return [Diagnostic(.error, message, at: where_, hint: "use 2q−1 masters: 1, 3, 5")]
        }
        guard !draft.isFaulty("mesos.quorum"), quorum > masters || masters != 2 * quorum - 1 else { return [] }
        let right = masters / 2 + 1
        let why =
            quorum < right
            ? "more masters than 2q−1 corrupt the log" : "with fewer masters than 2q−1 the log never initialises"
        let message = "quorum \(quorum) does not fit \(masters) master\(masters == 1 ? "" : "s"): \(why)"
        return [Diagnostic(.error, message, at: place, hint: "it must be \(right)")]
    }
}
