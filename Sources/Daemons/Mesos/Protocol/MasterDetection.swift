extension Mesos {
    /// Finds the leading master as every part of Mesos does: the node of the lowest sequence number in ZooKeeper.
    ///
    /// The owner opens the session and hands every event of it in. Sources: mesos-zk-ops.md 3.1; mesos 1.11.0,
    /// src/master/detector/zookeeper.cpp.
    public struct MasterDetection: Hashable, Sendable, Codable {
        /// The group, `/mesos`.
        public let path: String
        /// nil while there is none, or none is known.
        public private(set) var leader: MasterInfo?
        private let firstTag: Int
        private var node: String?

        /// Requests use the tags `firstTag` to `firstTag + 2`.
        public init(path: String, firstTag: Int) {
            self.path = path
            self.firstTag = firstTag
        }

        /// - Returns: Whether `leader` has changed.
        public mutating func receive(_ event: CoordinationEvent, effects: inout [DaemonEffect]) -> Bool {
            let before = leader
            switch event {
            case .connected:
                makeGroup(&effects)
                look(&effects)
            case .childrenChanged(path): look(&effects)
            case .expired: forget()
            case .answer(firstTag, .children(let names)):
                let lowest = Self.lowest(of: names)
                if lowest == nil {
                    forget()
                } else if lowest != node || leader == nil {
                    node = lowest
                    let name = lowest ?? ""
                    effects.append(.coordinate(.get(tag: firstTag + 1, path: Self.join(path, name))))
                }
            case .answer(firstTag, .noNode):
                makeGroup(&effects)
                look(&effects)
            case .answer(firstTag + 1, .data(let text)): leader = MasterInfo(text: text)
            case .answer(firstTag + 1, .noNode):
                node = nil
                look(&effects)
            default: break
            }
            return leader != before
        }

        private func look(_ effects: inout [DaemonEffect]) {
            effects.append(.coordinate(.children(tag: firstTag, path: path, watch: true)))
        }

        /// Whoever comes first makes the group, watchers too (mesos 1.11.0, src/zookeeper/group.cpp, `create`).
        private func makeGroup(_ effects: inout [DaemonEffect]) {
            var made = ""
            for part in path.split(separator: "/") {
                made += "/\(part)"
                effects.append(
                    .coordinate(
                        .create(tag: firstTag + 2, path: made, data: "", ephemeral: false, sequential: false)
                    )
                )
            }
        }

        private mutating func forget() { (leader, node) = (nil, nil) }

        static func join(_ path: String, _ name: String) -> String { path == "/" ? "/\(name)" : "\(path)/\(name)" }

        /// JSON nodes go before the old ones, as from 0.24 on.
        static func lowest(of names: [String]) -> String? {
            for label in ["json.info_", "info_"] {
                let members = names.filter { $0.hasPrefix(label) }
                if let first = members.min(by: { $0.dropFirst(label.count) < $1.dropFirst(label.count) }) {
                    return first
                }
            }
            return nil
        }
    }
}
