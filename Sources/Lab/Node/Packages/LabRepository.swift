public import Specs

/// A repository of packages somewhere in the world, as the declaration knows it.
///
/// What is in it is made up: of a name or address with `docker` in it the Docker packages, else what Mesosphere offers; a
/// repository that is alone has both.
public struct LabRepository: Hashable, Sendable, Codable {
    public var name: String
    public var uri: String
    /// The key its lists are signed with, as the files that hold it on a node; nil: a key that every node trusts.
    var keyText: String?
    var keyBytes: [UInt8]?
    /// Package names.
    public var offers: [String]

    /// What the distributions of the lab do not have themselves.
    static let mesosphere = ["mesos", "marathon", "mesosphere-zookeeper"]
    static let docker = ["lxc-docker", "docker-engine", "docker-ce"]

    /// Of a declaration; nil where it declares none, and the nodes' own sources have everything.
    public static func declared(by spec: ClusterSpec) -> [LabRepository]? {
        let declared = spec.other.repositories
        guard !declared.isEmpty else { return nil }
        return declared.map { repository in
            let isDocker = (repository.name.value + repository.uri.value).lowercased().contains("docker")
            return LabRepository(
                name: repository.name.value,
                uri: repository.uri.value,
                keyText: repository.keyring?.armored,
                keyBytes: repository.keyring?.bytes,
                offers: declared.count == 1 ? mesosphere + docker : isDocker ? docker : mesosphere
            )
        }
    }
}
