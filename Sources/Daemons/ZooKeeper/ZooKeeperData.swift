/// What a server keeps on its disk: the tree, the sessions, the epochs.
public struct ZooKeeperData: Sendable, Codable {
    public init() {}
}
